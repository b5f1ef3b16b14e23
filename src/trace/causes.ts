import type { TraceEvent, TraceFields } from "../kafka/protocol/trace-events.ts";
import { sentenceOf } from "./sentences.ts";
import { clock, type Language } from "./words.ts";

/** "Why": from an effect along its causes to the command that began it all. */

/** The event with a number; events are in order of seq, and the oldest may have been dropped. */
export function eventOf(events: readonly TraceEvent[], seq: number): TraceEvent | null {
  const guess = events[seq - (events[0]?.seq ?? 0)];
  if (guess?.seq === seq) return guess;
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  const found = events[low];
  return found?.seq === seq ? found : null;
}

/** The event and its causes, the effect first, the root last. */
export function chainOf(events: readonly TraceEvent[], seq: number): TraceEvent[] {
  const chain: TraceEvent[] = [];
  let event = eventOf(events, seq);
  while (event !== null) {
    chain.push(event);
    // A cause is always older, so this ends.
    event = event.cause >= 0 && event.cause < event.seq ? eventOf(events, event.cause) : null;
  }
  return chain;
}

/** What makes a chain long without saying more: the ways by which a message went. */
const silent = new Set(["request-sent", "response-received", "connected", "batch-created", "batch-closed", "metadata-updated"]);

export function isTelling(event: TraceEvent): boolean {
  return !silent.has(event.type);
}

/** A chain in short sentences with their times, effect first. */
export function wordChain(chain: readonly TraceEvent[], language: Language): string[] {
  const told = chain.filter((event, index) => index === 0 || index === chain.length - 1 || isTelling(event));
  return told.map((event, index) => `${index === 0 ? "" : "← "}${clock(event.at)} ${sentenceOf(event, language)}`);
}

export type AskedFate = "lost" | "recovered" | "duplicated" | "reordered" | "failed-yet-readable" | "failed" | "acknowledged";

/** The newest event that gave a record this fate, and its causes. */
export function whyRecord(events: readonly TraceEvent[], producer: string, id: number, fate: AskedFate): TraceEvent[] {
  const event = events.findLast((candidate) => givesFate(candidate, producer, id, fate));
  return event === undefined ? [] : chainOf(events, event.seq);
}

function givesFate(event: TraceEvent, producer: string, id: number, fate: AskedFate): boolean {
  const fields = event.fields as { producer?: string; ids?: number[]; recordId?: number };
  if (fate === "failed" && event.type === "record-failed") return event.node === producer && fields.recordId === id;
  const type = fate === "failed" ? "batch-failed" : fate === "acknowledged" ? "batch-completed" : `record-${fate}`;
  if (event.type !== type || (fields.producer ?? event.node) !== producer) return false;
  return holds(fields.ids ?? [], id);
}

function holds(ids: readonly number[], id: number): boolean {
  for (let i = 0; i < ids.length; i += 2) if (id >= ids[i]! && id < ids[i]! + ids[i + 1]!) return true;
  return false;
}

const fateWords: Record<AskedFate, Record<Language, string>> = {
  lost: { en: "lost", ko: "유실" },
  recovered: { en: "back", ko: "복구" },
  duplicated: { en: "duplicated", ko: "중복" },
  reordered: { en: "out of order", ko: "순서 바뀜" },
  "failed-yet-readable": { en: "failed, yet readable", ko: "실패했으나 읽을 수 있음" },
  failed: { en: "failed", ko: "실패" },
  acknowledged: { en: "acknowledged", ko: "확인 응답" },
};

/** Why a record has this fate: what it is, who had appended it and with what promise, and the chain to the root. Empty: nothing is known. */
export function explainRecord(events: readonly TraceEvent[], producer: string, id: number, fate: AskedFate, language: Language): string[] {
  const chain = whyRecord(events, producer, id, fate);
  const effect = chain[0];
  if (effect === undefined) return [];
  const headline =
    language === "ko" ? `${producer} 레코드 ${id}: ${fateWords[fate].ko}` : `Record ${id} of ${producer}: ${fateWords[fate].en}.`;
  const appends = events
    .filter((event) => event.seq < effect.seq && isAppend(event, producer, id))
    .map((event) => `${clock(event.at)} ${appendSentence(event as TraceEvent<"produce-appended">, id, language)}`);
  return [headline, ...appends, ...wordChain(chain, language)];
}

function isAppend(event: TraceEvent, producer: string, id: number): boolean {
  if (event.type !== "produce-appended") return false;
  const fields = event.fields as TraceFields["produce-appended"];
  return fields.producer === producer && holds(fields.ids, id);
}

function appendSentence(event: TraceEvent<"produce-appended">, id: number, language: Language): string {
  const { topicPartition, baseOffset, ids, acks } = event.fields;
  let offset = baseOffset;
  for (let i = 0; i < ids.length; i += 2) {
    if (id >= ids[i]! && id < ids[i]! + ids[i + 1]!) {
      offset += id - ids[i]!;
      break;
    }
    offset += ids[i + 1]!;
  }
  const promise = acks === -1 ? "all" : String(acks);
  if (language === "ko") return `브로커 ${event.node}: 리더로서 ${topicPartition}에 추가, 오프셋 ${offset}, acks=${promise}`;
  return `Broker ${event.node} led ${topicPartition} and appended it (offset ${offset}, acks=${promise}).`;
}
