import { topicOf } from "../../protocol/topic-partition.ts";
import { type AssignableTopic, type AssignorMember, compareText } from "./assignor.ts";
import { type RackInfo, rackInfoOf } from "./rack-info.ts";

/** What the sticky assignors start from. Members are walked in ascending order of their ids, where Kafka walks a hash map. */
export interface StickyInput {
  /** Only topics that somebody subscribes to and that have partitions, ascending. */
  readonly topics: readonly AssignableTopic[];
  readonly members: readonly AssignorMember[];
  readonly memory: ReadonlyMap<string, StickyMemory>;
  readonly maxGeneration: number;
  /** Member to the partitions that it may claim. */
  readonly owned: Map<string, string[]>;
  /** Claimed by two members in one generation: nobody keeps them. */
  readonly doublyClaimed: ReadonlySet<string>;
  readonly sameSubscriptions: boolean;
  readonly racks: RackInfo;
}

/** What a member says it had, and in which generation; null: it does not say. */
export interface StickyMemory {
  readonly partitions: readonly string[];
  readonly generation: number | null;
}

const DEFAULT_GENERATION = -1;

export function stickyInputOf(
  allTopics: readonly AssignableTopic[],
  allMembers: readonly AssignorMember[],
  memoryOf: (member: AssignorMember) => StickyMemory,
): StickyInput {
  const members = allMembers.slice().sort((a, b) => compareText(a.memberId, b.memberId));
  const topics = allTopics.filter(
    (topic) => topic.partitions > 0 && members.some(({ subscription }) => subscription.topics.includes(topic.name)),
  );
  const known = new Set(topics.map((topic) => topic.name));
  const memory = new Map<string, StickyMemory>();
  const owned = new Map<string, string[]>();
  const owners = new Map<string, AssignorMember>();
  const doublyClaimed = new Set<string>();
  let maxGeneration = DEFAULT_GENERATION;
  for (const member of members) {
    const own = memoryOf(member);
    memory.set(member.memberId, own);
    const generation = own.generation ?? DEFAULT_GENERATION;
    maxGeneration = Math.max(maxGeneration, generation);
    owned.set(member.memberId, []);
    for (const topicPartition of own.partitions) {
      if (known.has(topicOf(topicPartition))) claim(member, generation, topicPartition, owned, owners, doublyClaimed);
    }
  }
  return {
    topics,
    members,
    memory,
    maxGeneration,
    owned,
    doublyClaimed,
    sameSubscriptions: haveSameSubscriptions(members),
    racks: rackInfoOf(topics, members),
  };
}

/** The higher generation wins; the other member's is read from its subscription, whatever its memory says. */
function claim(
  member: AssignorMember,
  generation: number,
  topicPartition: string,
  owned: Map<string, string[]>,
  owners: Map<string, AssignorMember>,
  doublyClaimed: Set<string>,
): void {
  const other = owners.get(topicPartition);
  if (other === undefined) {
    owned.get(member.memberId)!.push(topicPartition);
    owners.set(topicPartition, member);
    return;
  }
  const otherGeneration = other.subscription.generationId;
  if (generation < otherGeneration) return;
  if (generation === otherGeneration) doublyClaimed.add(topicPartition);
  else owned.get(member.memberId)!.push(topicPartition);
  owned.set(
    other.memberId,
    owned.get(other.memberId)!.filter((name) => name !== topicPartition),
  );
  owners.set(topicPartition, member);
}

function haveSameSubscriptions(members: readonly AssignorMember[]): boolean {
  let first: ReadonlySet<string> = new Set();
  for (const { subscription } of members) {
    if (first.size === 0) first = new Set(subscription.topics);
    else if (subscription.topics.length !== first.size || !subscription.topics.every((topic) => first.has(topic))) return false;
  }
  return true;
}
