import type { Sentences } from "./sentences-en.ts";
import { by, commandDetails, duration, list, nodeName, recordsOf } from "./words.ts";

const name = (id: string | number): string => nodeName(String(id), "ko");
const records = (ids: readonly number[]): string => recordsOf(ids, "ko");

/** Subject, colon, what happened: so no particle depends on how a name ends. */
export const korean: Sentences = {
  command: (f) => `명령: ${f.command} ${commandDetails(f.target, f.details)}`.trimEnd(),
  narration: (f) => f.text,
  "node-killed": (_f, node) => `${name(node)}: 강제 종료됨`,
  "node-stopped": (_f, node) => `${name(node)}: 정상 종료됨`,
  "node-started": (_f, node) => `${name(node)}: 시작됨`,
  "node-paused": (_f, node) => `${name(node)}: 멈춤`,
  "node-resumed": (f, node) => `${name(node)}: 재개됨${f.held > 0 ? `, 밀린 일 ${f.held}건` : ""}`,
  "disk-lost": (_f, node) => `${name(node)}: 디스크 유실, 모든 로그가 사라짐`,
  "link-changed": (f) =>
    `링크 ${f.from} → ${f.to}: ${f.cut ? "차단됨" : `연결, ${f.latencyMs} ms${f.bandwidthBytesPerSecond > 0 ? `, ${f.bandwidthBytesPerSecond} B/s` : ""}`}`,
  "connection-lost": (f, node) => `${name(node)}: ${f.peer} 쪽 연결이 아무것도 전달하지 않음`,
  connected: (f, node) => `${name(node)}: ${f.peer}에 연결됨`,
  disconnected: (f, node) => `${name(node)}: ${f.peer}와 연결 끊김 (${f.reason})`,
  "request-sent": (f, node) => `${name(node)}: ${f.peer}에 ${f.api} 요청 (${f.sizeBytes} B)`,
  "response-received": (f, node) =>
    `${name(node)}: ${f.peer}에서 ${f.api} 응답${f.error === "NONE" || f.error === "" ? "" : `: ${f.error}`}`,
  "request-timed-out": (f, node) => `${name(node)}: ${f.peer}의 ${f.api} 응답을 ${duration(f.waitedMs)} 기다리다 포기${by(f.config)}`,
  "metadata-updated": (f, node) => `${name(node)}: 새 메타데이터, 브로커 ${list(f.brokers, "없음")}`,
  "send-blocked": (f, node) => `${name(node)}: 레코드 ${f.recordId}의 send() 대기, ${f.waitsFor}${by(f.config)}`,
  "send-unblocked": (f, node) => `${name(node)}: 레코드 ${f.recordId}의 send() 재개, ${duration(f.waitedMs)} 대기`,
  "batch-created": (f, node) => `${name(node)}: ${f.topicPartition} 배치 ${f.batch} 생성`,
  "batch-closed": (f, node) =>
    `${name(node)}: ${f.topicPartition} 배치 ${f.batch} 닫힘, 레코드 ${f.records}개 ${f.sizeBytes} B (${f.reason})`,
  "batch-drained": (f, node) =>
    `${name(node)}: ${f.topicPartition} 배치 ${f.batch} 전송 → ${f.peer}, 레코드 ${f.records}개${f.attempt > 0 ? `, 재시도 ${f.attempt}` : ""}`,
  "batch-retried": (f, node) => `${name(node)}: ${f.topicPartition} 배치 ${f.batch} ${duration(f.backoffMs)} 뒤 재시도, ${f.error}`,
  "batch-split": (f, node) => `${name(node)}: ${f.topicPartition} 배치 ${f.batch} 분할, ${f.into.length}개`,
  "batch-completed": (f, node) =>
    `${name(node)}: ${f.topicPartition} ${records(f.ids)} 확인 응답${f.baseOffset < 0 ? ", 오프셋 없음" : `, 오프셋 ${f.baseOffset}`}, ${duration(f.latencyMs)}`,
  "batch-failed": (f, node) => `${name(node)}: ${f.topicPartition} ${records(f.ids)} 실패, ${f.error}${by(f.config)}`,
  "record-failed": (f, node) => `${name(node)}: 레코드 ${f.recordId}의 send() 실패, ${f.error}${by(f.config)}`,
  "send-threw": (f, node) => `${name(node)}: 레코드 ${f.recordId}의 send() 예외, ${f.error}`,
  "producer-id-assigned": (f, node) => `${name(node)}: 프로듀서 ID ${f.producerId}, 에포크 ${f.producerEpoch}`,
  "producer-epoch-bumped": (f, node) => `${name(node)}: 프로듀서 에포크 ${f.producerEpoch}로 증가, ${f.reason}`,
  "produce-appended": (f, node) =>
    `${name(node)}: ${f.topicPartition}에 ${f.producer} ${records(f.ids)} 추가, 오프셋 ${f.baseOffset} (acks=${f.acks === -1 ? "all" : f.acks})`,
  "produce-duplicate": (f, node) => `${name(node)}: ${f.producer}의 ${f.topicPartition} 배치가 이미 있음, 오프셋 ${f.baseOffset}`,
  "produce-refused": (f, node) => `${name(node)}: ${f.producer}의 ${f.topicPartition} 배치 거부, ${f.error}${by(f.config)}`,
  "produce-waiting": (f, node) => `${name(node)}: ${f.topicPartition} ISR ${list(f.isr, "없음")}의 오프셋 ${f.requiredOffset} 도달 대기`,
  "produce-expired": (f, node) => `${name(node)}: ${f.topicPartition} ISR이 제때 따라오지 못함${by(f.config)}`,
  "replica-appended": (f, node) => `${name(node)}: ${f.topicPartition}을(를) ${f.leader}에서 오프셋 ${f.logEndOffset}까지 복제`,
  "high-watermark": (f, node) => `${name(node)}: ${f.topicPartition} 하이 워터마크 ${f.offset}`,
  truncated: (f, node) => `${name(node)}: ${f.topicPartition} 절단 ${f.previousLogEndOffset} → ${f.offset}, 리더 ${f.leader} 기준`,
  "records-deleted": (f, node) =>
    `${name(node)}: ${f.topicPartition} 시작 오프셋 ${f.logStartOffset} (${f.reason}${f.config === "" ? "" : `, ${f.config}`})`,
  "isr-shrink-requested": (f, node) => `${name(node)}: ${f.topicPartition} ISR에서 ${list(f.removed, "없음")} 제외 요청${by(f.config)}`,
  "isr-expand-requested": (f, node) => `${name(node)}: ${f.topicPartition} ISR에 ${list(f.added, "없음")} 추가 요청`,
  "isr-changed": (f) => `${f.topicPartition} ISR: ${list(f.previousIsr, "없음")} → ${list(f.isr, "없음")}`,
  "alter-partition-refused": (f) => `${f.topicPartition} ISR 변경 거부: ${f.error}`,
  "leader-elected": (f) =>
    f.leader === -1
      ? `${f.topicPartition}: 리더 없음${by(f.config)}`
      : `${f.topicPartition}: 새 리더 브로커 ${f.leader}${f.previousLeader === -1 ? "" : ` (이전 ${f.previousLeader})`}, 에포크 ${f.leaderEpoch}${f.kind === "unclean" ? ", unclean" : ""}${by(f.config)}`,
  "became-leader": (f, node) => `${name(node)}: ${f.topicPartition} 리더, 오프셋 ${f.epochStartOffset}부터, 에포크 ${f.leaderEpoch}`,
  "became-follower": (f, node) => `${name(node)}: ${f.topicPartition}에서 ${f.leader} 팔로우, 에포크 ${f.leaderEpoch}`,
  "became-offline": (f, node) => `${name(node)}: ${f.topicPartition} 리더를 모름`,
  "broker-registered": (f) => `브로커 ${f.brokerId}: 등록됨, 펜싱 상태`,
  "broker-unfenced": (f) => `브로커 ${f.brokerId}: 펜싱 해제`,
  "broker-fenced": (f) =>
    `브로커 ${f.brokerId}: 펜싱됨${f.silentMs > 0 ? `, ${duration(f.silentMs)} 동안 하트비트 없음` : ""}${by(f.config)}`,
  "broker-shutting-down": (f) => `브로커 ${f.brokerId}: 정상 종료 요청`,
  "controller-changed": (f) =>
    f.controllerId === -1 ? "활성 컨트롤러 없음" : `컨트롤러 ${f.controllerId}: 활성, 에포크 ${f.controllerEpoch}`,
  "topic-created": (f) => `토픽 ${f.topic}: 생성됨, 파티션 ${f.partitions}개, RF ${f.replicationFactor}`,
  "config-changed": (f) =>
    `설정 ${f.scope} ${f.resource === "" ? "전체" : f.resource}: ${f.key} ${f.value === "" ? "제거" : `= ${f.value}`}`,
  "coordinator-loaded": (f, node) => `${name(node)}: ${f.topicPartition} 코디네이터, 레코드 ${f.records}개 재생`,
  "coordinator-unloaded": (f, node) => `${name(node)}: ${f.topicPartition} 코디네이터 아님`,
  "group-state": (f) => `그룹 ${f.group}: ${f.state}, 세대 ${f.generation}${f.reason === "" ? "" : `, ${f.reason}`}`,
  "member-joined": (f) => `${f.clientId}: 그룹 ${f.group} 참여`,
  "member-left": (f) => `${f.member}: 그룹 ${f.group} 탈퇴${f.reason === "" ? "" : `, ${f.reason}`}`,
  "member-expired": (f) => `${f.member}: 그룹 ${f.group}에서 제거, ${duration(f.silentMs)} 동안 소식 없음${by(f.config)}`,
  "assignment-received": (f, node) => `${name(node)}: ${list(f.partitions, "파티션 없음")} 할당 (그룹 ${f.group}, 세대 ${f.generation})`,
  "partitions-revoked": (f, node) => `${name(node)}: ${list(f.partitions, "파티션 없음")} 반납 (그룹 ${f.group})`,
  "partitions-lost": (f, node) => `${name(node)}: ${list(f.partitions, "파티션 없음")} 상실 (그룹 ${f.group}), ${f.reason}`,
  "poll-interval-exceeded": (f, node) => `${name(node)}: 제때 poll()하지 않아 그룹 ${f.group} 탈퇴${by(f.config)}`,
  "offsets-committed": (f) =>
    `그룹 ${f.group}: 커밋 ${f.partitions.map((partition, index) => `${partition} ${f.offsets[index]}`).join(", ")}`,
  "commit-failed": (f, node) => `${name(node)}: 그룹 ${f.group} 커밋 거부, ${f.error}`,
  "position-reset": (f, node) => `${name(node)}: ${f.topicPartition} 위치를 오프셋 ${f.offset}로 재설정 (auto.offset.reset=${f.policy})`,
  "consumer-failed": (f, node) => `${name(node)}: 종료, ${f.error}${by(f.config)}`,
  "records-returned": (f, node) => `${name(node)}: poll() 반환 ${f.topicPartition} ${f.from}–${f.to - 1}`,
  "record-lost": (f) =>
    `${f.producer} ${records(f.ids)}: ${f.topicPartition}에서 유실, 확인 응답되었으나 리더가 될 수 있는 복제본에 없음${by(f.config)}`,
  "record-recovered": (f) => `${f.producer} ${records(f.ids)}: ${f.topicPartition}에 복구됨`,
  "record-duplicated": (f) => `${f.producer} ${records(f.ids)}: ${f.topicPartition}에 중복`,
  "record-reordered": (f) => `${f.producer} ${records(f.ids)}: ${f.topicPartition}에서 더 새로운 레코드 뒤에 있음`,
  "record-failed-yet-readable": (f) => `${f.producer} ${records(f.ids)}: 실패했으나 ${f.topicPartition}에서 읽을 수 있음`,
  "workload-changed": (f, node) => `${name(node)}: 초당 레코드 ${f.recordsPerSecond}개 전송`,
};
