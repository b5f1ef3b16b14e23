import type { Context } from "../protocol/context.ts";
import type { RequestBody, ResponseOf } from "../protocol/messages.ts";
import type { NetworkClient } from "./client-state.ts";
import { failedUpdate, type Metadata, nextMetadataRequest, rebootstrap, timeToNextUpdateMs, updateMetadata } from "./metadata.ts";
import { leadersAsText } from "./metadata-cache.ts";
import { canConnect, canSendRequest, handOver, initiateConnect, leastLoadedNode } from "./requests.ts";

/** Metadata refreshes within the poll. Models NetworkClient.DefaultMetadataUpdater. */

/** Sends a Metadata request if one is due and a node is there for it. Returns when to look again. */
export function maybeUpdate(client: NetworkClient, metadata: Metadata, context: Context): number {
  const waitForFetchMs = client.metadataFetch === null ? 0 : client.settings.requestTimeoutMs;
  const waitMs = Math.max(timeToNextUpdateMs(metadata, context), waitForFetchMs);
  if (waitMs > 0) return waitMs;
  client.metadataAttemptStartMs ??= context.now;
  let found = leastLoadedNode(client, metadata, context);
  const mayRebootstrap = client.settings.metadataRecoveryStrategy === "rebootstrap";
  if (mayRebootstrap && found.nodeId === null && !found.atLeastOneConnectionReady) {
    rebootstrap(metadata);
    client.metadataAttemptStartMs = context.now;
    found = leastLoadedNode(client, metadata, context);
  }
  if (found.nodeId === null) return client.settings.reconnectBackoffMs;
  return maybeUpdateFrom(client, metadata, found.nodeId, context);
}

function maybeUpdateFrom(client: NetworkClient, metadata: Metadata, nodeId: number, context: Context): number {
  if (canSendRequest(client, nodeId, context.now)) {
    const request = nextMetadataRequest(metadata, context.now);
    const body: RequestBody = { api: "Metadata", topics: request.topics === null ? null : request.topics.slice() };
    handOver(client, { nodeId, body, expectResponse: true, tag: null, contents: [], sizeBytes: 60 }, true, context);
    client.metadataFetch = request;
    return client.settings.requestTimeoutMs;
  }
  for (const other of metadata.cache.nodeIds)
    if (client.connections[other]?.state === "CONNECTING") return client.settings.reconnectBackoffMs;
  if (canConnect(client, nodeId, context.now)) {
    initiateConnect(client, nodeId, context);
    return client.settings.reconnectBackoffMs;
  }
  return Number.MAX_SAFE_INTEGER;
}

export function failMetadataFetch(client: NetworkClient, metadata: Metadata, nowMs: number): void {
  failedUpdate(metadata, nowMs);
  client.metadataFetch = null;
}

export function handleMetadataResponse(
  client: NetworkClient,
  metadata: Metadata,
  body: ResponseOf<"Metadata">,
  cause: number,
  context: Context,
): void {
  if (body.brokers.length === 0) failedUpdate(metadata, context.now);
  else {
    updateMetadata(metadata, client.metadataFetch!, body, context.now);
    client.metadataAttemptStartMs = null;
    if (context.tracing) {
      const fields = { brokers: metadata.cache.nodeIds.slice(), leaders: leadersAsText(metadata.cache), by: "Metadata", partitions: [] };
      context.trace("metadata-updated", client.name, fields, cause);
    }
  }
  client.metadataFetch = null;
}
