import { describe, expect, test } from "vitest";
import { cutLink, healLink, isolate, linkState, rejoin, slowLink } from "../../../src/kafka/network/link-commands.ts";
import {
  close,
  connect,
  isDeliverable,
  onNetworkEvent,
  onNodeDown,
  onNodeUp,
  sendRequest,
  sendResponse,
  setHung,
} from "../../../src/kafka/network/network.ts";
import type { RequestBody, ResponseBody } from "../../../src/kafka/protocol/messages.ts";
import { networkOfNodes, runUntil, type TestNetwork, takeDeliveries } from "./network-of-nodes.ts";

const request: RequestBody = { api: "Metadata", topics: [] };
const response: ResponseBody = { api: "ApiVersions", error: "NONE" };

function connected(test: TestNetwork): number {
  const id = connect(test.network, "p1", "1", test.context);
  runUntil(test, test.context.now + 10);
  takeDeliveries(test);
  return id;
}

describe("a connection", () => {
  test("is accepted after one way and established after a round trip", () => {
    const net = networkOfNodes(["p1", "1"], 3);
    connect(net.network, "p1", "1", net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual(["3 1 accepted", "6 p1 connected"]);
  });

  test("to a node whose process is down is refused after a round trip and forgotten", () => {
    const net = networkOfNodes(["p1"], 3);
    connect(net.network, "p1", "1", net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual(["6 p1 disconnected refused"]);
    expect(net.network.connections).toEqual({});
  });

  test("to a process that has not opened its port yet is refused", () => {
    const net = networkOfNodes(["p1", "1"]);
    onNetworkEvent(net.network, "network-listen", { node: "1", listening: false }, net.context);
    connect(net.network, "p1", "1", net.context);
    runUntil(net, 10);
    expect(takeDeliveries(net)).toEqual(["2 p1 disconnected refused"]);
  });

  test("to a node that hangs is accepted by its kernel, which answers nothing else", () => {
    const net = networkOfNodes(["p1", "1"]);
    setHung(net.network, "1", true);
    connect(net.network, "p1", "1", net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual(["2 p1 connected"]);
  });

  test("carries requests and answers in order, and its end after them", () => {
    const net = networkOfNodes(["p1", "1"]);
    const id = connected(net);
    sendRequest(net.network, id, "p1", 1, request, net.context);
    sendRequest(net.network, id, "p1", 2, request, net.context);
    close(net.network, id, "p1", net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual(["11 1 request #1", "11 1 request #2", "11 1 disconnected closedByPeer"]);
    expect(net.network.connections).toEqual({});
  });

  test("never lets a message overtake an older one, though the link has become faster", () => {
    const net = networkOfNodes(["p1", "1"]);
    const id = connected(net);
    slowLink(net.network, "p1", "1", true, 200, null, net.context);
    sendRequest(net.network, id, "p1", 1, request, net.context);
    healLink(net.network, "p1", "1", net.context);
    sendRequest(net.network, id, "p1", 2, request, net.context);
    runUntil(net, 1000);
    expect(takeDeliveries(net)).toEqual(["210 1 request #1", "210 1 request #2"]);
  });

  test("does not deliver to an end that has closed", () => {
    const net = networkOfNodes(["p1", "1"]);
    const id = connected(net);
    sendResponse(net.network, id, "1", 1, response, net.context);
    close(net.network, id, "p1", net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual(["11 1 disconnected closedByPeer"]);
  });

  test("given up before it was established leaves nothing behind", () => {
    const net = networkOfNodes(["p1", "1"]);
    const id = connect(net.network, "p1", "1", net.context);
    close(net.network, id, "p1", net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual([]);
    expect(net.network.connections).toEqual({});
  });
});

describe("when a process dies", () => {
  test("what it had sent still arrives, then its peers see the end; what was on its way to it is gone", () => {
    const net = networkOfNodes(["p1", "1"]);
    const id = connected(net);
    sendRequest(net.network, id, "p1", 7, request, net.context);
    sendResponse(net.network, id, "1", 6, response, net.context);
    onNodeDown(net.network, "1", net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual(["11 p1 response #6", "11 p1 disconnected closedByPeer"]);
    expect(net.network.connections).toEqual({});
  });

  test("a request to connect that reaches it too late is refused", () => {
    const net = networkOfNodes(["p1", "1"], 5);
    connect(net.network, "p1", "1", net.context);
    onNodeDown(net.network, "1", net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual(["10 p1 disconnected refused"]);
  });

  test("and starts again, a connection of its earlier life stays dead", () => {
    const net = networkOfNodes(["p1", "1"]);
    const id = connected(net);
    onNodeDown(net.network, "1", net.context);
    onNodeUp(net.network, "1");
    sendRequest(net.network, id, "p1", 1, request, net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual(["11 p1 disconnected closedByPeer"]);
  });

  test("while its link is cut, its peer hears nothing of it", () => {
    const net = networkOfNodes(["p1", "1"]);
    connected(net);
    cutLink(net.network, "1", "p1", true, net.context);
    onNodeDown(net.network, "1", net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual([]);
  });
});

describe("a node that hangs", () => {
  test("finds the request of a connection that was closed meanwhile when it goes on", () => {
    const net = networkOfNodes(["p1", "1"]);
    const id = connected(net);
    setHung(net.network, "1", true);
    sendRequest(net.network, id, "p1", 1, request, net.context);
    close(net.network, id, "p1", net.context);
    runUntil(net, 100);
    setHung(net.network, "1", false);
    const held = { connection: id, peer: "p1", correlationId: 1, body: request, sizeBytes: 0 };
    expect(isDeliverable(net.network, "request", held, "1")).toBe(true);
    sendResponse(net.network, id, "1", 1, response, net.context);
    expect(isDeliverable(net.network, "disconnected", { connection: id, peer: "p1", reason: "closedByPeer" }, "1")).toBe(true);
    expect(net.network.connections).toEqual({});
    runUntil(net, 200);
    expect(takeDeliveries(net)).toEqual([]);
  });
});

describe("a cut link", () => {
  test("loses what is in transit, and when it heals the connection is reset and new ones work", () => {
    const net = networkOfNodes(["p1", "1"]);
    const id = connected(net);
    sendRequest(net.network, id, "p1", 1, request, net.context);
    cutLink(net.network, "p1", "1", false, net.context);
    runUntil(net, 20);
    healLink(net.network, "1", "p1", net.context);
    sendRequest(net.network, id, "p1", 2, request, net.context);
    connect(net.network, "p1", "1", net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual(["20 p1 disconnected reset", "20 1 disconnected reset", "21 1 accepted", "22 p1 connected"]);
  });

  test("in one direction lets the other one through", () => {
    const net = networkOfNodes(["p1", "1"]);
    const id = connected(net);
    cutLink(net.network, "1", "p1", true, net.context);
    sendRequest(net.network, id, "p1", 1, request, net.context);
    runUntil(net, 20);
    sendResponse(net.network, id, "1", 1, response, net.context);
    runUntil(net, 100);
    expect(takeDeliveries(net)).toEqual(["11 1 request #1"]);
  });

  test("gives a request to connect no answer, not even a refusal", () => {
    const net = networkOfNodes(["p1"]);
    cutLink(net.network, "p1", "1", false, net.context);
    const id = connect(net.network, "p1", "1", net.context);
    runUntil(net, 1000);
    expect(takeDeliveries(net)).toEqual([]);
    close(net.network, id, "p1", net.context);
    expect(net.network.connections).toEqual({});
  });

  test("that nobody can tell the server of leaves no connection behind once the client has given up", () => {
    const net = networkOfNodes(["p1", "1"]);
    const id = connected(net);
    cutLink(net.network, "p1", "1", false, net.context);
    close(net.network, id, "p1", net.context);
    runUntil(net, 100);
    expect(net.network.connections).toEqual({});
  });

  test("of a node that is isolated stays cut when the single link is healed", () => {
    const net = networkOfNodes(["1", "2"]);
    isolate(net.network, "1", net.context);
    healLink(net.network, "1", "2", net.context);
    expect(linkState(net.network, "2", "1").cut).toBe(true);
    rejoin(net.network, "1", net.context);
    expect(linkState(net.network, "2", "1").cut).toBe(false);
  });
});

describe("a bandwidth", () => {
  test("is shared by all connections of a pair, in whole microseconds", () => {
    const net = networkOfNodes(["p1", "1"], 1, 1_000_000);
    const a = connect(net.network, "p1", "1", net.context);
    const b = connect(net.network, "p1", "1", net.context);
    runUntil(net, 10);
    takeDeliveries(net);
    const big: RequestBody = { api: "Metadata", topics: new Array(415).fill("t") };
    sendRequest(net.network, a, "p1", 1, big, net.context);
    sendRequest(net.network, b, "p1", 1, big, net.context);
    runUntil(net, 100);
    // 10,000 bytes take 10 ms each.
    expect(takeDeliveries(net)).toEqual(["21 1 request #1", "31 1 request #1"]);
  });
});
