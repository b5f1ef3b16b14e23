import { ClusterContext } from "../../../src/kafka/cluster/cluster-context.ts";
import { runCommand } from "../../../src/kafka/cluster/commands.ts";
import { createWorld, startCluster } from "../../../src/kafka/cluster/start-cluster.ts";
import { transition } from "../../../src/kafka/cluster/transition.ts";
import type { World } from "../../../src/kafka/cluster/world.ts";
import type { ClusterSpec } from "../../../src/kafka/protocol/cluster-spec.ts";
import type { Command } from "../../../src/kafka/protocol/commands.ts";
import type { RecordListener } from "../../../src/kafka/protocol/record-listener.ts";
import type { TraceEvent } from "../../../src/kafka/protocol/trace-events.ts";
import { createKernel, takeNext } from "../../../src/kernel/kernel.ts";

/** A real cluster without clients: three controllers (101 to 103), three brokers, links of 1 ms, one topic "t" with replicas [1,2,3]. */
export interface ClusterOfBrokers {
  world: World;
  context: ClusterContext;
  traces: TraceEvent[];
}

const IGNORE: RecordListener = new Proxy({}, { get: () => () => undefined }) as RecordListener;

export function clusterOfBrokers(configs: Record<string, string> = {}, controllers: number[] = [101, 102, 103]): ClusterOfBrokers {
  const broker = (id: number) => ({ id, rack: null, configs: {}, costs: { perRequestMicros: 0, perKilobyteMicros: 0 } });
  const spec: ClusterSpec = {
    seed: 1,
    controllers,
    controllerFailoverMs: 2000,
    brokers: [broker(1), broker(2), broker(3)],
    brokerConfigs: { "offsets.topic.num.partitions": "1", ...configs },
    topics: [{ name: "t", partitions: 1, replicationFactor: 3, assignment: [[1, 2, 3]], configs: {} }],
    producers: [],
    groups: [],
    network: { latencyMs: 1, bandwidthBytesPerSecond: null },
  };
  const traces: TraceEvent[] = [];
  const world = createWorld(spec);
  const context = new ClusterContext(createKernel(spec.seed), world, IGNORE, (event) => traces.push(event));
  startCluster(context);
  return { world, context, traces };
}

export function runUntil({ context }: ClusterOfBrokers, untilMs: number): void {
  for (let event = takeNext(context.kernel, untilMs); event !== undefined; event = takeNext(context.kernel, untilMs))
    transition(context, event);
  context.kernel.now = untilMs;
}

export function give({ context }: ClusterOfBrokers, command: Command): void {
  runCommand(context, command);
}

/** When the first event of this type about this broker (since `after`) happened; -1: it did not. */
export function whenTraced({ traces }: ClusterOfBrokers, type: string, brokerId: number, after = 0): number {
  const found = traces.find(
    (event) => event.type === type && event.at >= after && "brokerId" in event.fields && event.fields.brokerId === brokerId,
  );
  return found?.at ?? -1;
}

export function leaderOf({ world }: ClusterOfBrokers): string {
  const { leader, leaderEpoch, isr } = world.quorum.image.partitions["t-0"]!;
  return `leader ${leader} epoch ${leaderEpoch} isr ${isr.join(",")}`;
}
