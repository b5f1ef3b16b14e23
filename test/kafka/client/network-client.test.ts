import { expect, test } from "vitest";
import { addTopic, bootstrap, createMetadata, type Metadata, requestUpdate, updateMetadata } from "../../../src/kafka/client/metadata.ts";
import {
  beginPoll,
  type ClientResponse,
  createNetworkClient,
  endPoll,
  inFlightRequestCount,
  type NetworkClient,
  onConnectionEvent,
  POLL_RETURN,
  ready,
  send,
} from "../../../src/kafka/client/network-client.ts";
import type { Context } from "../../../src/kafka/protocol/context.ts";
import type { RequestBody, ResponseBody } from "../../../src/kafka/protocol/messages.ts";
import { silentContext } from "../../golden/sender-trace/silent-context.ts";

interface Lab {
  client: NetworkClient;
  metadata: Metadata;
  context: Context & { now: number };
  written: { connection: number; correlationId: number; api: string }[];
  closed: number[];
  connects: string[];
  /** When the poll was last asked to return. */
  returns: { at: number; payload: unknown }[];
}

const heartbeat = { api: "Heartbeat", groupId: "g", generationId: 1, memberId: "m", groupInstanceId: null } as const satisfies RequestBody;
const beaten = { api: "Heartbeat", error: "NONE" } as const satisfies ResponseBody;

function createLab(maxInFlight = 5): Lab {
  const context = silentContext({ int31: () => 0, below: () => 0, jitter: () => 1 });
  const metadata = createMetadata({
    chanceStream: "m",
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1000,
    metadataMaxAgeMs: 300_000,
    metadataMaxIdleMs: null,
  });
  bootstrap(metadata, 1);
  addTopic(metadata, "t", 0);
  const response = {
    api: "Metadata",
    throttleTimeMs: 0,
    brokers: [
      { nodeId: 1, rack: null },
      { nodeId: 2, rack: null },
    ],
    controllerId: 1,
    topics: [],
  } as const;
  updateMetadata(
    metadata,
    { topics: [], requestVersion: metadata.requestVersion, isPartialUpdate: false },
    { ...response, brokers: [...response.brokers], topics: [] },
    0,
  );
  const client = createNetworkClient("c1", ["1"], {
    chanceStream: "n",
    reconnectBackoffMs: 50,
    reconnectBackoffMaxMs: 1000,
    socketConnectionSetupTimeoutMs: 10_000,
    socketConnectionSetupTimeoutMaxMs: 30_000,
    maxInFlightRequestsPerConnection: maxInFlight,
    requestTimeoutMs: 30_000,
    metadataRecoveryStrategy: "none",
    metadataRecoveryRebootstrapTriggerMs: 300_000,
  });
  client.lateMs = 0;
  const lab: Lab = { client, metadata, context, written: [], closed: [], connects: [], returns: [] };
  Object.assign(context, {
    schedule: (at: number, _phase: number, _node: string, type: string, payload: unknown) =>
      type === POLL_RETURN && lab.returns.push({ at, payload }),
    transport: {
      connect: (_from: string, to: string) => lab.connects.push(to) - 1,
      sendRequest: (connection: number, _from: string, correlationId: number, body: RequestBody) =>
        lab.written.push({ connection, correlationId, api: body.api }),
      sendResponse() {},
      close: (connection: number) => lab.closed.push(connection),
    },
  });
  return lab;
}

function poll(lab: Lab, timeoutMs = 0): ClientResponse[] {
  beginPoll(lab.client, lab.metadata, timeoutMs, lab.context);
  return endOfPoll(lab);
}

function endOfPoll(lab: Lab): ClientResponse[] {
  const last = lab.returns.at(-1)!;
  lab.context.now = Math.max(lab.context.now, last.at);
  return endPoll(lab.client, lab.metadata, last.payload, lab.context)!;
}

function respond(lab: Lab, connection: number, correlationId: number, body: ResponseBody): void {
  onConnectionEvent(lab.client, "response", { connection, peer: "1", correlationId, body, sizeBytes: 0 }, lab.context);
}

function connectTo(lab: Lab, nodeId: number): number {
  ready(lab.client, lab.metadata, nodeId, lab.context);
  const connection = lab.connects.length - 1;
  onConnectionEvent(lab.client, "connected", { connection, peer: String(nodeId) }, lab.context);
  poll(lab);
  poll(lab);
  respond(lab, connection, lab.written.at(-1)!.correlationId, { api: "ApiVersions", error: "NONE" });
  poll(lab);
  return connection;
}

function sendHeartbeat(lab: Lab, nodeId: number): number {
  return send(lab.client, { nodeId, body: { ...heartbeat }, expectResponse: true, tag: nodeId, contents: [], sizeBytes: 10 }, lab.context);
}

test("a connection is ready only after ApiVersions has been answered", () => {
  const lab = createLab();
  expect(ready(lab.client, lab.metadata, 1, lab.context)).toBe(false);
  onConnectionEvent(lab.client, "connected", { connection: 0, peer: "1" }, lab.context);
  poll(lab);
  expect(lab.client.connections[1]!.state).toBe("CHECKING_API_VERSIONS");
  poll(lab);
  respond(lab, 0, 0, { api: "ApiVersions", error: "NONE" });
  poll(lab);
  expect(ready(lab.client, lab.metadata, 1, lab.context)).toBe(true);
});

test("one request a connection is handed over in a round, because the one before is not written until the poll", () => {
  const lab = createLab();
  connectTo(lab, 1);
  sendHeartbeat(lab, 1);
  expect(ready(lab.client, lab.metadata, 1, lab.context)).toBe(false);
  poll(lab);
  expect(ready(lab.client, lab.metadata, 1, lab.context)).toBe(true);
});

test("two answers of one connection come in two polls, those of two connections in one", () => {
  const lab = createLab();
  const one = connectTo(lab, 1);
  const two = connectTo(lab, 2);
  const correlations = [0, 1].map(() => {
    const correlationId = sendHeartbeat(lab, 1);
    poll(lab);
    return correlationId;
  });
  const other = sendHeartbeat(lab, 2);
  poll(lab);
  respond(lab, one, correlations[0]!, beaten);
  respond(lab, one, correlations[1]!, beaten);
  respond(lab, two, other, beaten);
  expect(poll(lab).map(({ correlationId }) => correlationId)).toEqual([correlations[0], other]);
  expect(poll(lab).map(({ correlationId }) => correlationId)).toEqual([correlations[1]]);
});

test("when the oldest request times out the connection closes and the younger ones fail with it", () => {
  const lab = createLab();
  const connection = connectTo(lab, 1);
  sendHeartbeat(lab, 1);
  poll(lab);
  lab.context.now += 20_000;
  sendHeartbeat(lab, 1);
  poll(lab);
  lab.context.now += 10_001;
  const responses = poll(lab);
  expect(responses.map(({ wasTimedOut, wasDisconnected }) => [wasTimedOut, wasDisconnected])).toEqual([
    [true, true],
    [true, true],
  ]);
  expect(lab.closed).toEqual([connection]);
  expect(inFlightRequestCount(lab.client)).toBe(0);
});

test("an idle client notices a request timeout only at its second sleep, unless its clock is late as real ones are", () => {
  for (const [lateMs, noticedAtMs] of [
    [0, 60_000],
    [1, 30_001],
  ] as const) {
    const lab = createLab();
    connectTo(lab, 1);
    lab.client.lateMs = lateMs;
    sendHeartbeat(lab, 1);
    const sentAtMs = lab.context.now;
    let responses = poll(lab);
    while (responses.length === 0) responses = poll(lab, 300_000);
    expect(lab.context.now - sentAtMs).toBe(noticedAtMs);
  }
});

test("nothing is sent while a metadata refresh is due", () => {
  const lab = createLab();
  connectTo(lab, 1);
  lab.context.now += 1_000;
  requestUpdate(lab.metadata);
  expect(ready(lab.client, lab.metadata, 1, lab.context)).toBe(false);
  poll(lab);
  expect(lab.written.at(-1)!.api).toBe("Metadata");
  expect(ready(lab.client, lab.metadata, 1, lab.context)).toBe(true);
});

test("a lost connection is tried again after a backoff that doubles", () => {
  const lab = createLab();
  const waits: number[] = [];
  for (let i = 0; i < 4; i++) {
    ready(lab.client, lab.metadata, 1, lab.context);
    onConnectionEvent(lab.client, "disconnected", { connection: lab.connects.length - 1, peer: "1", reason: "refused" }, lab.context);
    lab.metadata.needFullUpdate = false;
    poll(lab);
    lab.metadata.needFullUpdate = false;
    const before = lab.context.now;
    const count = lab.connects.length;
    while (lab.connects.length === count) {
      lab.context.now += 1;
      ready(lab.client, lab.metadata, 1, lab.context);
    }
    waits.push(lab.context.now - before);
    onConnectionEvent(lab.client, "disconnected", { connection: lab.connects.length - 1, peer: "1", reason: "refused" }, lab.context);
    lab.metadata.needFullUpdate = false;
    poll(lab);
    lab.metadata.needFullUpdate = false;
    lab.context.now += 5_000;
  }
  expect(waits).toEqual([50, 200, 800, 1000]);
});
