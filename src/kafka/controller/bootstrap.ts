import { brokerSettings } from "../protocol/broker-settings.ts";
import type { ClusterSpec } from "../protocol/cluster-spec.ts";
import type { Context } from "../protocol/context.ts";
import type { MetadataRecord } from "../protocol/metadata-records.ts";
import { activate } from "./activation.ts";
import { imageAsRecords } from "./metadata-log.ts";
import { writeRecords } from "./metadata-writer.ts";
import type { ControllerQuorum } from "./quorum-state.ts";
import { createTopicFrom } from "./topic-control.ts";

/** The cluster as it is found when time begins: everyone registered and unfenced, all topics made, every replica in the ISR, all epochs 0. */
export function bootstrapQuorum(quorum: ControllerQuorum, spec: ClusterSpec, context: Context): void {
  const quiet: Context = untraced(context);
  activate(quorum, spec.controllers[0]!, quiet);
  const records: MetadataRecord[] = [];
  for (const { id, rack } of spec.brokers) {
    const brokerEpoch = quorum.log.endOffset + records.length;
    quorum.registrationOffsets[id] = brokerEpoch;
    // The first incarnation of broker-lifecycle.ts.
    records.push({
      type: "RegisterBrokerRecord",
      brokerId: id,
      incarnationId: `${id}#1`,
      brokerEpoch,
      rack,
      fenced: false,
      inControlledShutdown: false,
    });
  }
  writeRecords(quorum, records, { kind: "clean", reason: "", config: "" }, quiet);
  for (const topic of [...spec.topics, ...internalTopics(spec)]) {
    const { error, message } = createTopicFrom(quorum, topic, quiet);
    if (error !== "NONE") throw new Error(`topic ${topic.name}: ${error}: ${message}`);
  }
  const { endOffset } = quorum.log;
  for (const { id } of spec.brokers) {
    quorum.heartbeats.brokers[id] = {
      fenced: false,
      lastContactMs: context.now,
      metadataOffset: endOffset - 1,
      controlledShutdownOffset: -1,
    };
    quorum.fetchedOffsets[id] = endOffset;
  }
}

/** What the brokers know when time begins: a snapshot for loadSnapshot of metadata-loader.ts; fresh objects at each call. */
export function metadataSnapshot(quorum: ControllerQuorum): { records: MetadataRecord[]; endOffset: number } {
  return { records: imageAsRecords(quorum.image), endOffset: quorum.log.endOffset };
}

/** Kafka makes it when the first group asks for its coordinator; here it is there from the beginning. */
function internalTopics(spec: ClusterSpec): ClusterSpec["topics"] {
  const name = "__consumer_offsets";
  if (spec.topics.some((topic) => topic.name === name)) return [];
  const settings = brokerSettings(spec.brokerConfigs);
  const replicationFactor = Math.min(settings.offsetsTopicReplicationFactor, spec.brokers.length);
  const configs = { "cleanup.policy": "compact", "segment.bytes": String(settings.offsetsTopicSegmentBytes) };
  return [{ name, partitions: settings.offsetsTopicNumPartitions, replicationFactor, assignment: null, configs }];
}

/** What was there before time began has no cause and is no event. */
function untraced(context: Context): Context {
  return {
    now: context.now,
    chance: context.chance,
    records: context.records,
    transport: context.transport,
    tracing: false,
    cause: -1,
    causeOfSilence: (node, observer, sinceMs) => context.causeOfSilence(node, observer, sinceMs),
    schedule: (at, phase, node, type, payload) => context.schedule(at, phase, node, type, payload),
    trace: () => -1,
  };
}
