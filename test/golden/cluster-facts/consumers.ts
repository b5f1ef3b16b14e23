import type { Simulation } from "../../../src/engine/simulation.ts";
import type { ConsumerClient } from "../../../src/kafka/application/consumer-application.ts";
import type { GroupSpec } from "../../../src/kafka/protocol/cluster-spec.ts";
import { decodeAssignment } from "../../../src/kafka/protocol/consumer-protocol.ts";
import type { RecordListener } from "../../../src/kafka/protocol/record-listener.ts";
import type { TraceEvent, TraceFields } from "../../../src/kafka/protocol/trace-events.ts";
import { asRuns } from "./id-runs.ts";
import type { ClusterFactsInput, Step } from "./input.ts";

/** Longer than any case: the application is busy for ever. */
const FOR_EVER_MICROS = 1e12;
const OFFSETS_PARTITION = "__consumer_offsets-0";

interface Member {
  name: string;
  owned: string[];
  /** What it reported last. */
  generation: number;
  /** What its listener got, and what it noted, since the last look. */
  callbacks: { text: string; count: string }[];
  assignments: number;
  /** Ids in the order in which it processed them. */
  processed: number[];
  /** null: it never hangs. */
  hangAfter: number | null;
  hangs: boolean;
  /** 0: it goes on at once. */
  stallMs: number;
  isStalled: boolean;
}

/** The consumers of a case: what their listeners got, what they processed, and how their group looks from its coordinator. */
export class Consumers {
  private readonly simulation: Simulation;
  private readonly members: Record<string, Member> = {};
  private readonly idsBetween: (topicPartition: string, from: number, to: number) => number[];

  constructor(simulation: Simulation, idsBetween: (topicPartition: string, from: number, to: number) => number[]) {
    this.simulation = simulation;
    this.idsBetween = idsBetween;
    const { context } = simulation;
    context.records = this.listening(context.records);
  }

  private listening(inner: RecordListener): RecordListener {
    return {
      ...inner,
      processed: (group, name, topicPartition, from, to, at) => {
        inner.processed(group, name, topicPartition, from, to, at);
        const member = this.members[name]!;
        if (!member.isStalled) return;
        member.isStalled = false;
        this.client(name).processing.perRecordMicros = 0;
        note(member, "stalled done");
      },
    };
  }

  private client(name: string): ConsumerClient {
    return this.simulation.world.consumers[name]!;
  }

  join({ as, hangAfter }: Step): void {
    const told = { owned: [], generation: -1, callbacks: [], assignments: 0, processed: [] };
    this.members[as!] = { name: as!, ...told, hangAfter: hangAfter ?? null, hangs: false, stallMs: 0, isStalled: false };
  }

  stall({ as, ms }: Step): void {
    this.members[as!]!.stallMs = ms!;
  }

  onClosed(name: string): void {
    note(this.members[name]!, "closed ok");
  }

  onTrace({ type, node, fields }: TraceEvent): void {
    if (type === "offsets-committed") {
      const { member } = fields as TraceFields["offsets-committed"];
      const name = Object.keys(this.members).find((one) => this.client(one).consumer?.coordinator.memberId === member);
      if (name !== undefined) note(this.members[name]!, "commit ok");
      return;
    }
    const member = this.members[node];
    if (member === undefined) return;
    switch (type) {
      case "assignment-received": {
        const { generation, partitions } = fields as TraceFields["assignment-received"];
        member.generation = generation;
        member.assignments += 1;
        noteCall(
          member,
          "assigned",
          partitions.filter((partition) => !member.owned.includes(partition)),
        );
        member.owned = [...partitions];
        return;
      }
      case "partitions-revoked":
      case "partitions-lost": {
        const { partitions } = fields as TraceFields["partitions-lost"];
        if (type === "partitions-revoked") member.generation = (fields as TraceFields["partitions-revoked"]).generation;
        noteCall(member, type === "partitions-lost" ? "lost" : "revoked", partitions);
        member.owned = member.owned.filter((partition) => !partitions.includes(partition));
        return;
      }
      case "commit-failed":
        return note(member, `commit ${(fields as TraceFields["commit-failed"]).error}`);
      case "consumer-failed":
        return note(member, `died ${(fields as TraceFields["consumer-failed"]).error}`);
      case "records-returned":
        return this.onReturned(member, fields as TraceFields["records-returned"]);
      default:
    }
  }

  /** The application processes records as soon as it has them; then it may stall, or hang in the midst of them. */
  private onReturned(member: Member, { topicPartition, from, to }: TraceFields["records-returned"]): void {
    const ids = this.idsBetween(topicPartition, from, to);
    const left = member.hangAfter === null ? ids.length : member.hangAfter - member.processed.length;
    member.processed.push(...ids.slice(0, Math.max(0, left)));
    const { processing } = this.client(member.name);
    if (member.hangAfter !== null && left <= ids.length && !member.hangs) {
      member.hangs = true;
      note(member, `hangs after ${member.hangAfter}`);
      processing.perRecordMicros = FOR_EVER_MICROS;
    } else if (member.stallMs > 0) {
      processing.perRecordMicros = Math.ceil((member.stallMs * 1000) / ids.length);
      member.stallMs = 0;
      member.isStalled = true;
    }
  }

  hasHappened({ member: name, kind, count = 1 }: { member: string; kind: string; count?: number }): boolean {
    const member = this.members[name]!;
    if (kind === "hangs") return member.hangs;
    if (kind === "assigned") return member.assignments >= count;
    if (kind === "record") return member.processed.length >= count;
    throw new Error(`the driver does not know the event ${kind}`);
  }

  private coordinator() {
    const { world } = this.simulation;
    const { leader } = world.quorum.image.partitions[OFFSETS_PARTITION]!;
    return world.brokers[leader]?.coordinators.shards[OFFSETS_PARTITION]?.shard;
  }

  isGroup({ id, state, members }: { id: string; state: string; members: number }): boolean {
    const group = this.coordinator()?.groups[id];
    return group !== undefined && group.state.toUpperCase() === state && group.members.length === members;
  }

  /** `group g` and `group g members`. */
  groupFacts(id: string): [string, unknown][] {
    const group = this.coordinator()!.groups[id]!;
    const assigned = group.members.map(({ clientId, assignment }): [string, string[]] => [
      clientId,
      decodeAssignment(assignment).toSorted(),
    ]);
    const partitionsPerMember = assigned.map(([, partitions]) => partitions.length).sort((a, b) => a - b);
    return [
      [`group ${id}`, { type: "classic", state: group.state, assignor: group.protocolName, partitionsPerMember }],
      [`group ${id} members`, Object.fromEntries(assigned.map(([name, partitions]) => [name, partitions.join(" ")]))],
    ];
  }

  /** What each listener got since the last look; a member of which there is nothing to tell is not named. */
  callbackFacts(): [string, unknown][] {
    const facts: [string, unknown][] = [];
    for (const member of Object.values(this.members)) {
      if (member.callbacks.length === 0) continue;
      facts.push([`callbackCounts ${member.name}`, member.callbacks.map(({ count }) => count)]);
      facts.push([`callbacks ${member.name}`, member.callbacks.map(({ text }) => text)]);
      member.callbacks = [];
    }
    return facts;
  }

  processedFacts(acked: readonly number[]): [string, unknown][] {
    const all = Object.values(this.members).flatMap(({ processed }) => processed);
    const distinct = new Set(all);
    const twice = [...distinct].filter((id) => all.indexOf(id) !== all.lastIndexOf(id));
    const by = Object.values(this.members).filter(({ processed }) => processed.length > 0);
    return [
      ["processed", { distinct: distinct.size, twice: asRuns(twice), never: asRuns(acked.filter((id) => !distinct.has(id))) }],
      ["processed by", Object.fromEntries(by.map(({ name, processed }) => [name, asRuns(processed)]))],
    ];
  }

  committed(group: string): Record<string, number> {
    const offsets = this.coordinator()?.offsets[group] ?? {};
    return Object.fromEntries(Object.entries(offsets).map(([topicPartition, { offset }]) => [topicPartition, offset]));
  }
}

function note(member: Member, text: string): void {
  member.callbacks.push({ text, count: text });
}

function noteCall(member: Member, call: string, partitions: readonly string[]): void {
  member.callbacks.push({
    text: `${call} [${partitions.toSorted().join(" ")}] @${member.generation}`,
    count: `${call} ${partitions.length}`,
  });
}

/** A group for each that is joined; its members are added as they join. */
export function groupsOf({ steps, consumerConfig = {} }: ClusterFactsInput): GroupSpec[] {
  const groups: Record<string, GroupSpec> = {};
  for (const { do: what, group, topics, commit = "none" } of steps) {
    if (what !== "join") continue;
    const configs = Object.fromEntries(
      Object.entries({ "enable.auto.commit": false, ...consumerConfig }).map(([key, value]) => [key, String(value)]),
    );
    groups[group!] ??= { name: group!, topics: [...topics!], configs, members: [], processing: { perRecordMicros: 0, commit } };
  }
  return Object.values(groups);
}
