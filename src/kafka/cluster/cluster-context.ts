import { type Chance, seededChance } from "../../kernel/chance.ts";
import type { Phase } from "../../kernel/event.ts";
import { addEvent, type Kernel } from "../../kernel/kernel.ts";
import { close, connect, sendRequest, sendResponse } from "../network/network.ts";
import type { ConnectionId, Context, NodeId, Transport } from "../protocol/context.ts";
import type { RequestBody, ResponseBody } from "../protocol/messages.ts";
import type { RecordListener } from "../protocol/record-listener.ts";
import type { TraceEvent, TraceFields, TraceType } from "../protocol/trace-events.ts";
import { causeOfSilence } from "./silences.ts";
import type { World } from "./world.ts";

/** Where trace events go; null: the run is not traced and builds none. */
export type TraceSink = ((event: TraceEvent) => void) | null;

/**
 * The context of every handler. One object serves a whole run, since one is needed for every event and making it anew costs more
 * than most handlers; `world` is exchanged for a draft while a frame is being made.
 */
export class ClusterContext implements Context, Transport {
  readonly kernel: Kernel;
  readonly chance: Chance;
  readonly transport: Transport;
  world: World;
  records: RecordListener;
  sink: TraceSink;
  cause = -1;
  /** Why the command that was run last could not be done, in words for a person; null when it was done. */
  refusal: string | null = null;

  constructor(kernel: Kernel, world: World, records: RecordListener, sink: TraceSink) {
    this.kernel = kernel;
    this.chance = seededChance(kernel.random);
    this.transport = this;
    this.world = world;
    this.records = records;
    this.sink = sink;
  }

  get now(): number {
    return this.kernel.now;
  }

  get tracing(): boolean {
    return this.sink !== null;
  }

  causeOfSilence(node: NodeId, observer: NodeId, sinceMs: number): number {
    return causeOfSilence(this.world, node, observer, sinceMs);
  }

  schedule(at: number, phase: Phase, node: NodeId, type: string, payload: unknown): void {
    const life = this.world.nodes[node]?.life ?? 0;
    const { kernel } = this;
    addEvent(kernel, { at, phase, seq: kernel.seq++, life, node, type, payload, cause: this.cause });
  }

  trace<T extends TraceType>(type: T, node: NodeId, fields: TraceFields[T], cause: number = this.cause): number {
    const seq = this.kernel.traceSeq++;
    this.sink?.({ at: this.kernel.now, seq, cause, node, type, fields });
    return seq;
  }

  connect(from: NodeId, to: NodeId): ConnectionId {
    return connect(this.world.network, from, to, this);
  }

  sendRequest(connection: ConnectionId, from: NodeId, correlationId: number, body: RequestBody): void {
    sendRequest(this.world.network, connection, from, correlationId, body, this);
  }

  sendResponse(connection: ConnectionId, from: NodeId, correlationId: number, body: ResponseBody): void {
    sendResponse(this.world.network, connection, from, correlationId, body, this);
  }

  close(connection: ConnectionId, from: NodeId): void {
    close(this.world.network, connection, from, this);
  }
}
