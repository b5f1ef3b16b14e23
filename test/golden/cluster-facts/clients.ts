import type { Simulation } from "../../../src/engine/simulation.ts";
import { changeLoad, type ProducerClient, setProgram } from "../../../src/kafka/application/producer-application.ts";
import type { ProgramStep } from "../../../src/kafka/application/producer-program.ts";
import { recordFieldsBytes } from "../../../src/kafka/application/producer-workload.ts";
import { BEGIN, OPERATOR } from "../../../src/kafka/cluster/commands.ts";
import type { ErrorName } from "../../../src/kafka/protocol/errors.ts";
import { murmur2OfText } from "../../../src/kafka/protocol/murmur2.ts";
import type { RecordListener } from "../../../src/kafka/protocol/record-listener.ts";
import { Phase } from "../../../src/kernel/event.ts";
import { addEvent } from "../../../src/kernel/kernel.ts";
import { asRuns } from "./id-runs.ts";
import type { Step } from "./input.ts";

interface Sent {
  id: number;
  topic: string;
  /** null: pending. */
  outcome: "acked" | string | null;
  offset: number;
}

/** The producers of a case: sends with ids of the case's own, and what became of each. */
export class Clients {
  private readonly simulation: Simulation;
  /** By producer, in the order of its send() calls: samsa's id of a record is its place here. */
  private readonly sent: Record<string, Sent[]> = {};

  constructor(simulation: Simulation) {
    this.simulation = simulation;
    const { context } = simulation;
    context.records = this.listening(context.records);
  }

  private listening(inner: RecordListener): RecordListener {
    return {
      ...inner,
      acknowledged: (producer, topicPartition, ids, baseOffset, at) => {
        let offset = baseOffset;
        this.forEach(producer, ids, (record) => Object.assign(record, { outcome: "acked", offset: baseOffset < 0 ? -1 : offset++ }));
        inner.acknowledged(producer, topicPartition, ids, baseOffset, at);
      },
      failed: (producer, topicPartition, ids, error, at) => {
        this.forEach(producer, ids, (record) => Object.assign(record, { outcome: exceptionOf(error) }));
        inner.failed(producer, topicPartition, ids, error, at);
      },
    };
  }

  private forEach(producer: string, ids: readonly number[], act: (record: Sent) => void): void {
    for (let i = 0; i < ids.length; i += 2) for (let n = 0; n < ids[i + 1]!; n++) act(this.sent[producer]![ids[i]! + n]!);
  }

  produce(step: Step): void {
    const { context, kernel, world } = this.simulation;
    const name = step.as!;
    const client = world.producers[name]!;
    const steps: ProgramStep[] = [];
    for (let n = 0; n < step.count!; n++) steps.push(this.send(step, n));
    if (step.noFlush !== true) steps.push({ do: "flush", at: kernel.now });
    if (client.status === "not-started") {
      setProgram(client, steps);
      addEvent(kernel, {
        at: kernel.now,
        phase: Phase.Command,
        seq: kernel.seq++,
        life: 0,
        node: OPERATOR,
        type: BEGIN,
        payload: { node: name },
        cause: -1,
      });
    } else {
      client.thread.program!.push(...steps);
      changeLoad(client, 0, context);
    }
  }

  private send({ as, topic, from = 0, perSecond, bytes, partition }: Step, n: number): ProgramStep {
    const id = from + n;
    const key = String(id);
    (this.sent[as!] ??= []).push({ id, topic: topic!, outcome: null, offset: -1 });
    const at = this.simulation.kernel.now + (perSecond === undefined ? 0 : Math.floor((n * 1000) / perSecond));
    const explicit = partition === undefined ? -1 : Number(partition);
    return {
      do: "send",
      at,
      topic: topic!,
      partition: explicit,
      keyHash: murmur2OfText(key),
      fieldsBytes: recordFieldsBytes(key.length, bytes ?? key.length),
      count: 1,
    };
  }

  isDone(name: string): boolean {
    const client: ProducerClient = this.simulation.world.producers[name]!;
    return client.thread.state === "ended" && this.sent[name]!.every(({ outcome }) => outcome !== null);
  }

  /** What became of these ids. */
  outcomes({ as, from = 0, count }: Step): Record<string, unknown> {
    const records = this.sent[as!]!.filter(({ id }) => id >= from && id < from + count!);
    const byOutcome: Record<string, number[]> = {};
    for (const { id, outcome } of records) (byOutcome[outcome ?? "pending"] ??= []).push(id);
    const told: Record<string, unknown> = { sent: records.length };
    for (const [outcome, ids] of Object.entries(byOutcome)) told[outcome] = asRuns(ids);
    if (byOutcome.acked !== undefined)
      told.offsets = asRuns(records.filter(({ outcome }) => outcome === "acked").map(({ offset }) => offset));
    return told;
  }

  /** The case's id of a record by samsa's. */
  idOf(producer: string, place: number): number {
    return this.sent[producer]![place]!.id;
  }

  /** Ids of a topic, by whether they were acknowledged. */
  idsOf(topic: string, acked: boolean): number[] {
    return Object.values(this.sent)
      .flat()
      .filter((record) => record.topic === topic && (record.outcome === "acked") === acked)
      .map(({ id }) => id);
  }

  acked(): number[] {
    const all = Object.values(this.sent).flat();
    return all.filter(({ outcome }) => outcome === "acked").map(({ id }) => id);
  }
}

/** The name of the exception that a callback gets. */
function exceptionOf(error: ErrorName | string): string {
  if (error.endsWith("Exception")) return error;
  const names: Record<string, string> = {
    REQUEST_TIMED_OUT: "TimeoutException",
    NOT_ENOUGH_REPLICAS: "NotEnoughReplicasException",
    NETWORK_EXCEPTION: "NetworkException",
  };
  return names[error] ?? error;
}
