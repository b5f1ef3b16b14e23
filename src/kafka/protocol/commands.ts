/**
 * Everything that a person, a key, the palette or a scenario's timeline may do to the system: plain data, typed and documented once.
 * A node is named by its id as text: brokers and controllers by number, clients by name.
 */
export interface Commands {
  /** SIGKILL: the process is gone, its connections are reset, its log stays on disk. */
  kill: { node: string };
  /** SIGTERM: a broker hands its leaders over first (controlled shutdown); a consumer leaves its group; a producer closes. */
  stop: { node: string };
  start: { node: string };
  /** SIGSTOP: hangs; its connections stay open and nothing is answered. */
  pause: { node: string };
  resume: { node: string };
  /** Cuts a link: both directions, or only from `from` to `to`. */
  "cut-link": { from: string; to: string; oneWay: boolean };
  "slow-link": { from: string; to: string; oneWay: boolean; latencyMs: number; bandwidthBytesPerSecond: number | null };
  "heal-link": { from: string; to: string };
  /** Cuts every link of a node. */
  isolate: { node: string };
  /** Heals every link of a node. */
  rejoin: { node: string };
  /** All logs of a broker are gone; it must be down. */
  "lose-disk": { broker: number };
  "alter-topic-config": { topic: string; key: string; value: string | null };
  /** broker null: the cluster-wide default. */
  "alter-broker-config": { broker: number | null; key: string; value: string | null };
  "alter-group-config": { group: string; key: string; value: string | null };
  /** Kept for the client's next start; `restart` closes it and makes it anew with the changed config at once. */
  "alter-client-config": { client: string; key: string; value: string | null; restart: boolean };
  "create-topic": { topic: string; partitions: number; replicationFactor: number; configs: Record<string, string> };
  "add-partitions": { topic: string; partitions: number };
  "elect-leader": { topic: string; partition: number; kind: "preferred" | "unclean" };
  /** Only what is given changes. */
  "change-load": { producer: string; recordsPerSecond: number };
  "add-consumer": { group: string; name: string | null; configs: Record<string, string> };
  "add-producer": { like: string; name: string | null; configs: Record<string, string> };
  /** The member closes in order and is gone. */
  "remove-consumer": { consumer: string };
  /** A follower or leader rejoins: Kafka's Consumer.enforceRebalance. */
  "trigger-rebalance": { group: string };
}

export type CommandType = keyof Commands;
export type Command = { [T in CommandType]: { type: T } & Commands[T] }[CommandType];

interface CommandDocumentation {
  about: { en: string; ko: string };
  /** An example as one would type it into the palette. */
  example: string;
}

export const commandDocumentation: Record<CommandType, CommandDocumentation> = {
  kill: { about: { en: "kill a node (SIGKILL)", ko: "노드 강제 종료 (SIGKILL)" }, example: "kill 2" },
  stop: { about: { en: "stop a node in order (SIGTERM)", ko: "노드 정상 종료 (SIGTERM)" }, example: "stop 2" },
  start: { about: { en: "start a node that is down", ko: "꺼진 노드 시작" }, example: "start 2" },
  pause: { about: { en: "hang a node (SIGSTOP)", ko: "노드 멈춤 (SIGSTOP)" }, example: "pause c1" },
  resume: { about: { en: "let a hanging node go on (SIGCONT)", ko: "멈춘 노드 재개 (SIGCONT)" }, example: "resume c1" },
  "cut-link": { about: { en: "cut the link between two nodes", ko: "두 노드 사이 링크 차단" }, example: "cut-link 1 2" },
  "slow-link": { about: { en: "slow the link between two nodes", ko: "두 노드 사이 링크 지연" }, example: "slow-link 1 2 200" },
  "heal-link": { about: { en: "heal the link between two nodes", ko: "두 노드 사이 링크 복구" }, example: "heal-link 1 2" },
  isolate: { about: { en: "cut every link of a node", ko: "노드 고립" }, example: "isolate 3" },
  rejoin: { about: { en: "heal every link of a node", ko: "노드 고립 해제" }, example: "rejoin 3" },
  "lose-disk": { about: { en: "wipe the disk of a broker that is down", ko: "꺼진 브로커의 디스크 유실" }, example: "lose-disk 1" },
  "alter-topic-config": {
    about: { en: "change a topic's config", ko: "토픽 설정 변경" },
    example: "alter-topic-config orders min.insync.replicas 2",
  },
  "alter-broker-config": {
    about: { en: "change a broker's config (* = all)", ko: "브로커 설정 변경 (* = 전체)" },
    example: "alter-broker-config * unclean.leader.election.enable true",
  },
  "alter-group-config": {
    about: { en: "change a group's config", ko: "그룹 설정 변경" },
    example: "alter-group-config billing consumer.session.timeout.ms 50000",
  },
  "alter-client-config": {
    about: { en: "change a client's config; it restarts with it", ko: "클라이언트 설정 변경 후 재시작" },
    example: "alter-client-config p1 acks 1",
  },
  "create-topic": { about: { en: "create a topic", ko: "토픽 생성" }, example: "create-topic payments 6 3" },
  "add-partitions": { about: { en: "raise a topic's partition count", ko: "파티션 추가" }, example: "add-partitions orders 12" },
  "elect-leader": {
    about: { en: "elect a partition's preferred or an unclean leader", ko: "리더 선출 (preferred 또는 unclean)" },
    example: "elect-leader orders 0 preferred",
  },
  "change-load": { about: { en: "change a producer's records per second", ko: "프로듀서 부하 변경" }, example: "change-load p1 2000" },
  "add-consumer": { about: { en: "add a member to a group", ko: "그룹에 컨슈머 추가" }, example: "add-consumer billing" },
  "add-producer": { about: { en: "add a producer like another one", ko: "프로듀서 추가" }, example: "add-producer p1" },
  "remove-consumer": { about: { en: "close a consumer; it leaves its group", ko: "컨슈머 제거" }, example: "remove-consumer c3" },
  "trigger-rebalance": { about: { en: "make a member of a group rejoin", ko: "리밸런스 유발" }, example: "trigger-rebalance billing" },
};
