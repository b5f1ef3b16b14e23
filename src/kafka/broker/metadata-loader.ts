import type { Context } from "../protocol/context.ts";
import type { ResponseBody } from "../protocol/messages.ts";
import type { MetadataRecord } from "../protocol/metadata-records.ts";
import { type Broker, onMetadataRecords } from "./broker.ts";
import { sendToController } from "./node-to-controller-channel.ts";

/**
 * How a broker learns what the controller has decided: it fetches the metadata log from the active controller, one request at a time.
 * Models the fetching side of org.apache.kafka.raft.KafkaRaftClient for an observer and org.apache.kafka.image.loader.MetadataLoader.
 * Left out: the broker's own copy of the log on disk; a broker that starts again fetches from the beginning (a snapshot).
 */
export interface MetadataLoader {
  fetching: boolean;
}

/** How long the controller keeps a fetch to which it has nothing to say. */
const MAX_WAIT_MS = 500;

export function createMetadataLoader(): MetadataLoader {
  return { fetching: false };
}

/** The process starts: fetching begins and never ends. */
export function startMetadataLoader(broker: Broker, context: Context): void {
  broker.metadataLoader.fetching = false;
  fetch(broker, context);
}

/** What the broker knew before time began, or a snapshot from the controller. Afterwards the image's offset is `endOffset`. */
export function loadSnapshot(broker: Broker, records: MetadataRecord[], endOffset: number, context: Context): void {
  const all = [...removedConfigs(broker, records), ...records];
  // Each record that is applied moves the offset on by one.
  broker.image.offset = endOffset - all.length;
  onMetadataRecords(broker, all, context);
}

/** The channel retries until a controller answers, so there is always a fetch under way. */
export function onMetadataReply(broker: Broker, _tag: string, reply: ResponseBody | null, context: Context): void {
  broker.metadataLoader.fetching = false;
  if (reply !== null && reply.api === "MetadataFetch" && reply.error === "NONE") {
    if (reply.snapshotEndOffset !== -1) loadSnapshot(broker, reply.records, reply.snapshotEndOffset, context);
    else if (reply.records.length > 0) onMetadataRecords(broker, reply.records, context);
  }
  fetch(broker, context);
}

function fetch(broker: Broker, context: Context): void {
  if (broker.metadataLoader.fetching) return;
  broker.metadataLoader.fetching = true;
  sendToController(
    broker,
    "metadata",
    { api: "MetadataFetch", brokerId: broker.id, fetchOffset: broker.image.offset, maxWaitMs: MAX_WAIT_MS },
    "metadata",
    context,
  );
}

/** A snapshot says nothing of configs that were removed meanwhile. */
function removedConfigs(broker: Broker, records: readonly MetadataRecord[]): MetadataRecord[] {
  const kept = new Set<string>();
  for (const record of records) if (record.type === "ConfigRecord") kept.add(`${record.scope}:${record.resource}\n${record.key}`);
  const removed: MetadataRecord[] = [];
  for (const [resource, configs] of Object.entries(broker.image.configs)) {
    const [scope, ...name] = resource.split(":");
    for (const key of Object.keys(configs)) {
      if (kept.has(`${resource}\n${key}`)) continue;
      removed.push({ type: "ConfigRecord", scope: scope as "topic" | "broker" | "group", resource: name.join(":"), key, value: null });
    }
  }
  return removed;
}
