import { giveCommand, run, type Simulation, simulationOf } from "../../../src/engine/simulation.ts";
import { scheduleCommand } from "../../../src/kafka/cluster/commands.ts";
import { createWorld, startCluster } from "../../../src/kafka/cluster/start-cluster.ts";
import type { ClusterSpec, ProducerSpec } from "../../../src/kafka/protocol/cluster-spec.ts";
import type { Command } from "../../../src/kafka/protocol/commands.ts";
import { createKernel } from "../../../src/kernel/kernel.ts";
import { createLedger } from "../../../src/ledger/ledger.ts";
import { Clients } from "./clients.ts";
import { Consumers, groupsOf } from "./consumers.ts";
import { asRuns, runsInOrder } from "./id-runs.ts";
import type { ClusterFactsInput, DriverOutput, Fact, Seen, Step } from "./input.ts";

/** The only controller of the real cluster. */
const CONTROLLER = 101;
/** How often the real cluster was looked at, and how long after `until` was so. */
const LOOK_MS = 40;
const AFTERWARDS_MS = 130;
/** A JVM took 3 to 10 s to start; samsa's processes take none, so the step does. */
const START_MS = 3500;
/** A JVM took half a second and more to end after its controlled shutdown. */
const STOP_MS = 500;
/** Until a fresh consumer has read everything: a follower that becomes leader may need replica.fetch.wait.max.ms to know its high watermark. */
const CONSUMER_MS = 600;
const WARM_MS = 5000;
const PATIENCE_MS = 25_000;
/** What a producer that nobody waits for is given in all. */
const OUTCOME_MS = 200_000;

/** Does to samsa's cluster what was done to the real one, and looks at the same things. Knows producers and classic groups, not transactions. */
export function runClusterFacts(input: ClusterFactsInput): DriverOutput {
  return new Driver(input).run();
}

class Driver {
  private readonly input: ClusterFactsInput;
  private readonly simulation: Simulation;
  private readonly clients: Clients;
  private readonly consumers: Consumers;
  private readonly facts: Fact[] = [];
  private readonly changes: Record<string, Seen[]> = {};
  private readonly subjects: string[];
  private step!: Step;
  private last: Record<string, { text: string; since: number }> = {};

  constructor(input: ClusterFactsInput) {
    this.input = input;
    const spec = specOf(input);
    this.simulation = simulationOf(createKernel(1), createWorld(spec), createLedger(), (event) => this.consumers?.onTrace(event));
    this.clients = new Clients(this.simulation);
    this.consumers = new Consumers(this.simulation, (topicPartition, from, to) => this.idsIn(topicPartition, from, to));
    this.subjects = [
      "brokers",
      ...input.topics.flatMap(({ name, assignment }) => Object.keys(assignment).map((partition) => `${name}-${partition}`)),
    ];
    startCluster(this.simulation.context);
  }

  run(): DriverOutput {
    this.advance(WARM_MS);
    for (const subject of this.subjects) this.last[subject] = { text: JSON.stringify(this.stateOf(subject)), since: this.now };
    for (const step of this.input.steps) {
      this.step = step;
      this.act(step);
      if (step.until !== undefined) this.waitFor(step);
      if (step.forMs !== undefined) this.advance(step.forMs);
      this.closeChanges();
      for (const sight of step.see ?? []) this.see(sight);
    }
    return { facts: this.facts, changes: this.changes };
  }

  private get now(): number {
    return this.simulation.kernel.now;
  }

  /** Time goes on in steps of a look, so that states that come and go are seen. */
  private advance(ms: number): void {
    const end = this.now + ms;
    do {
      run(this.simulation, { untilMs: Math.min(end, this.now + 5), events: Number.POSITIVE_INFINITY });
      if (this.step !== undefined) this.noteChanges();
    } while (this.now < end);
  }

  private note(fact: string, value: unknown): void {
    this.facts.push({ step: this.step.step, fact, value });
  }

  private noteAll(facts: readonly [string, unknown][]): void {
    for (const [fact, value] of facts) this.note(fact, value);
  }

  private noteChanges(): void {
    for (const subject of this.subjects) {
      const value = this.stateOf(subject);
      const text = JSON.stringify(value);
      const last = this.last[subject]!;
      if (text === last.text) continue;
      this.lasted(subject, last.since);
      (this.changes[`${this.step.step} changes of ${subject}`] ??= []).push({ value, lastedMs: -1 });
      this.last[subject] = { text, since: this.now };
    }
  }

  /** The state that ends now, if it began in this step. */
  private lasted(subject: string, since: number): void {
    const open = this.changes[`${this.step.step} changes of ${subject}`]?.at(-1);
    if (open !== undefined && open.lastedMs < 0) open.lastedMs = this.now - since;
  }

  private closeChanges(): void {
    for (const subject of this.subjects) {
      const open = this.changes[`${this.step.step} changes of ${subject}`]?.at(-1);
      if (open !== undefined) open.lastedMs = Number.POSITIVE_INFINITY;
    }
  }

  private act(step: Step): void {
    const node = step.controller ? String(CONTROLLER) : String(step.broker);
    switch (step.do) {
      case "produce":
        this.clients.produce(step);
        if (step.background) return;
        this.waitUntil(() => this.clients.isDone(step.as!), OUTCOME_MS);
        return this.note(`produce ${step.as}`, this.clients.outcomes(step));
      case "produced":
        this.waitUntil(() => this.clients.isDone(step.as!), OUTCOME_MS);
        return this.note(`produced ${step.as}`, this.clients.outcomes(step));
      case "wait":
        return this.advance(step.ms ?? 0);
      case "kill":
      case "pause":
      case "resume":
        return this.command({ type: step.do, node });
      case "start":
        if (step.noWait) return scheduleCommand(this.simulation.context, this.now + START_MS, { type: "start", node });
        this.advance(START_MS);
        return this.command({ type: "start", node });
      case "stop":
        this.command({ type: "stop", node });
        this.note(
          "process exited",
          this.waitUntil(() => this.simulation.world.nodes[node]!.state === "down", PATIENCE_MS),
        );
        this.advance(STOP_MS);
        return;
      case "elect": {
        const [, topic, partition] = /^(.*)-(\d+)$/.exec(String(step.partition))!;
        this.command({ type: "elect-leader", topic: topic!, partition: Number(partition), kind: step.type! });
        const { refusal } = this.simulation.context;
        return this.note("elect", { result: refusal === null ? "ok" : refusal.split(":")[0] });
      }
      case "join": {
        this.consumers.join(step);
        const configs = Object.fromEntries(Object.entries(step.config ?? {}).map(([key, value]) => [key, String(value)]));
        return this.command({ type: "add-consumer", group: step.group!, name: step.as!, configs });
      }
      case "leave":
        this.command({ type: "stop", node: step.as! });
        this.waitUntil(() => this.simulation.world.nodes[step.as!]!.state === "down", PATIENCE_MS);
        return this.consumers.onClosed(step.as!);
      case "stall":
        return this.consumers.stall(step);
      case "killClient":
        return this.command({ type: "kill", node: step.as! });
      case "txn":
        throw new Error("not yet: transactions");
      default:
        throw new Error(`the driver does not know the step ${step.do}`);
    }
  }

  private command(command: Command): void {
    giveCommand(this.simulation, command);
    this.advance(0);
    const { refusal } = this.simulation.context;
    if (refusal?.includes("group.protocol=consumer")) throw new Error("not yet: groups of the consumer protocol");
    if (refusal !== null && command.type !== "elect-leader") throw new Error(`${command.type}: ${refusal}`);
  }

  private waitFor({ until, timeoutMs = PATIENCE_MS }: Step): void {
    if (!this.waitUntil(() => Object.entries(until!).every(([subject, wanted]) => this.holds(subject, wanted)), timeoutMs))
      this.note("NOT reached", true);
    this.advance(AFTERWARDS_MS);
  }

  private waitUntil(holds: () => boolean, patienceMs: number): boolean {
    const end = this.now + patienceMs;
    while (!holds()) {
      if (this.now >= end) return false;
      this.advance(LOOK_MS);
    }
    return true;
  }

  private holds(subject: string, wanted: unknown): boolean {
    if (subject === "hw")
      return Object.entries(wanted as Record<string, number>).every(([name, offset]) => this.leaderLog(name)?.highWatermark === offset);
    if (subject === "group") return this.consumers.isGroup(wanted as { id: string; state: string; members: number });
    if (subject === "event") return this.consumers.hasHappened(wanted as { member: string; kind: string; count?: number });
    const state = this.stateOf(subject);
    return Object.entries(wanted as Record<string, unknown>).every(
      ([field, value]) => JSON.stringify(state[field]) === JSON.stringify(value),
    );
  }

  private stateOf(subject: string): Record<string, unknown> {
    const { image } = this.simulation.world.quorum;
    if (subject === "brokers") {
      const unfenced = Object.entries(image.brokers).filter(([, { fenced }]) => !fenced);
      return { unfenced: unfenced.map(([id]) => Number(id)).sort((a, b) => a - b) };
    }
    const { leader, leaderEpoch, isr, elr, lastKnownElr } = image.partitions[subject]!;
    const state: Record<string, unknown> = { leader, leaderEpoch, isr: [...isr].sort((a, b) => a - b) };
    if (elr.length > 0) state.elr = [...elr].sort((a, b) => a - b);
    if (lastKnownElr.length > 0) state.lastKnownElr = [...lastKnownElr];
    return state;
  }

  private leaderLog(topicPartition: string) {
    const { world } = this.simulation;
    const { leader } = world.quorum.image.partitions[topicPartition]!;
    return world.nodes[leader]?.state === "up" ? world.brokers[leader]?.logs[topicPartition] : undefined;
  }

  private see(sight: string): void {
    const [what, subject = ""] = sight.split(":") as [string, string?];
    if (what === "brokers") this.note("brokers", this.stateOf("brokers"));
    else if (what === "state") this.note(`state ${subject}`, this.stateOf(subject));
    else if (what === "offsets") this.note(`offsets ${subject}`, this.offsets(subject));
    else if (what === "records") {
      this.advance(CONSUMER_MS);
      this.note(`records ${subject}`, this.records(subject));
    } else if (what === "callbacks") this.noteAll(this.consumers.callbackFacts());
    else if (what === "group") this.noteAll(this.consumers.groupFacts(subject));
    else if (what === "processed") this.noteAll(this.consumers.processedFacts(this.clients.acked()));
    else if (what === "committed") this.note(`committed ${subject}`, this.consumers.committed(subject));
    else throw new Error(`the driver does not know the sight ${sight}`);
  }

  private offsets(topicPartition: string): Record<string, unknown> {
    const { world } = this.simulation;
    const log = this.leaderLog(topicPartition);
    const answering = Object.keys(world.brokers).filter(
      (id) => world.nodes[id]!.state === "up" && world.brokers[id]!.logs[topicPartition] !== undefined,
    );
    const logEnd = Object.fromEntries(answering.map((id) => [id, world.brokers[id]!.logs[topicPartition]!.logEndOffset]));
    if (log === undefined) return { logEnd };
    return { earliest: log.logStartOffset, highWatermark: log.highWatermark, lastStableOffset: log.highWatermark, logEnd };
  }

  /** What a fresh consumer reads of a topic's partitions from the beginning. */
  private records(topic: string): Record<string, unknown> {
    const partitions = this.subjects.filter((subject) => subject.startsWith(`${topic}-`));
    const read = partitions.map((partition) => this.idsIn(partition));
    const ids = read.flat();
    const distinct = new Set(ids);
    const acked = this.clients.idsOf(topic, true);
    const inOrder = read.every((one) => one.every((id, index) => index === 0 || id > one[index - 1]!));
    return {
      readable: ids.length,
      distinct: distinct.size,
      acked: acked.length,
      duplicates: asRuns(ids.filter((id, index) => ids.indexOf(id) !== index)),
      ackedButMissing: asRuns(acked.filter((id) => !distinct.has(id))),
      failedButReadable: asRuns(this.clients.idsOf(topic, false).filter((id) => distinct.has(id))),
      inOrder,
      ...(inOrder ? {} : { order: runsInOrder(ids) }),
    };
  }

  /** What a consumer gets of these offsets. */
  private idsIn(topicPartition: string, from = 0, to = Number.POSITIVE_INFINITY): number[] {
    const log = this.leaderLog(topicPartition);
    const ids: number[] = [];
    for (const { batches } of log?.segments ?? []) {
      for (const batch of batches) {
        let offset = batch.baseOffset;
        for (let i = 0; i < batch.ids.length; i += 2) {
          for (let n = 0; n < batch.ids[i + 1]!; n++, offset++) {
            if (offset < from || offset >= to || offset >= log!.highWatermark) continue;
            ids.push(this.clients.idOf(batch.producer, batch.ids[i]! + n));
          }
        }
      }
    }
    return ids;
  }
}

/** Broker 3 coordinates everything. */
const offsetsTopic: ClusterFactsInput["topics"][number] = {
  name: "__consumer_offsets",
  assignment: { 0: [3, 1, 2] },
  configs: { "cleanup.policy": "compact", "segment.bytes": "104857600" },
};

function specOf(input: ClusterFactsInput): ClusterSpec {
  const { brokers, configs, topics, steps } = input;
  const names = [...new Set(steps.filter((step) => step.do === "produce").map(({ as }) => as!))];
  return {
    seed: 1,
    controllers: [CONTROLLER],
    controllerFailoverMs: 2000,
    brokers: Array.from({ length: brokers }, (_, index) => ({
      id: index + 1,
      rack: null,
      configs: {},
      costs: { perRequestMicros: 50, perKilobyteMicros: 2 },
    })),
    brokerConfigs: { ...configs },
    topics: [...topics, offsetsTopic].map(({ name, assignment, configs: own }) => ({
      name,
      partitions: Object.keys(assignment).length,
      replicationFactor: Object.values(assignment)[0]!.length,
      assignment: Object.values(assignment).map((replicas) => replicas.slice()),
      configs: { ...own },
    })),
    producers: names.map((name) => producerSpec(name, steps)),
    groups: groupsOf(input),
    network: { latencyMs: 1, bandwidthBytesPerSecond: null },
  };
}

function producerSpec(name: string, steps: readonly Step[]): ProducerSpec {
  const { config = {}, topic } = steps.find((step) => step.do === "produce" && step.as === name)!;
  return {
    name,
    configs: Object.fromEntries(Object.entries(config).map(([key, value]) => [key, String(value)])),
    // It begins when it is first named.
    startAtMs: 1_000_000_000,
    workload: {
      topic: topic!,
      recordsPerSecond: 0,
      count: null,
      valueSizeBytes: 0,
      keys: "none",
      keyCount: 1,
      mode: "async",
      records: null,
    },
  };
}
