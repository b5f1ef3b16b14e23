/** Everything known of what is selected: the inspector, and the third column of wide screens. */

import { isUpdateRequested } from "../../kafka/client/metadata.ts";
import { connectionsOf } from "../../kafka/client/network-client.ts";
import { availableBytes } from "../../kafka/producer/buffer-pool.ts";
import type { TraceEvent } from "../../kafka/protocol/trace-events.ts";
import { eventOf } from "../../trace/causes.ts";
import { isRoutine } from "../../trace/routine.ts";
import { bytes, clockTime, count, duration, fixedDuration } from "../quantities.ts";
import type { Frame } from "../session.ts";
import type { Target } from "../target.ts";
import { type Language, type Words, wordsIn } from "../words.ts";
import { eventSections } from "./event-detail.ts";
import type { EventTeller } from "./event-rows.ts";
import type { DetailFact, DetailSection, DetailView } from "./frame-views.ts";
import { isInternalTopic } from "./internal-topics.ts";
import { connectionState } from "./producer-view.ts";

export function detailView(frame: Frame, target: Target, language: Language, teller: EventTeller): DetailView {
  const words = wordsIn(language);
  const memorable = frame.notable;
  switch (target.kind) {
    case "broker":
      return {
        title: `${words.node} ${target.row.id}`,
        sections: [...brokerSections(frame, target.row.id), recent(memorable, target.row.id, words, teller)],
      };
    case "controller":
      return {
        title: `${words.controllers} ${target.mark.id}`,
        sections: [...controllerSections(frame, target.mark.id), recent(memorable, target.mark.id, words, teller)],
      };
    case "partition":
      return {
        title: target.row.id,
        sections: [...partitionSections(frame, target.row.id), recentOf(memorable, target.row.id, words, teller)],
      };
    case "producer": {
      const { view, deque } = target;
      const batches: DetailSection[] = deque === null ? [] : [{ title: `${deque.id}: batches`, facts: batchFacts(deque.batches) }];
      return {
        title: `${words.producer} ${view.name}`,
        sections: [...batches, ...producerSections(frame, view.name), recent(memorable, view.name, words, teller)],
      };
    }
    case "member":
      return {
        title: `${words.member} ${target.row.name}`,
        sections: [...memberSections(frame, target.row.name), ...groupSections(target), recent(memorable, target.row.name, words, teller)],
      };
    case "group":
      return { title: `${words.group} ${target.group.name}`, sections: groupSections(target) };
    case "event": {
      const event = eventOf(frame.events, target.row.seq) ?? eventOf(frame.notable, target.row.seq);
      return {
        title: `${words.event} ${target.row.seq}`,
        sections:
          event === null ? [{ title: "", facts: [fact("", target.row.text)] }] : eventSections(frame, event, language, words, teller),
      };
    }
    case "nothing":
      return { title: words.inspector, sections: [{ title: "", facts: [fact("", words.nothingSelected)] }] };
  }
}

function fact(label: string, value: string | number, isBad = false): DetailFact {
  return { label, value: String(value), isBad };
}

function brokerSections(frame: Frame, id: string): DetailSection[] {
  const { world, now } = frame;
  const broker = world.brokers[id];
  const node = world.nodes[id];
  if (broker === undefined || node === undefined) return [];
  const registration = world.quorum.image.brokers[id];
  const contact = world.quorum.heartbeats.brokers[id];
  const { lifecycle } = broker;
  const names = Object.keys(broker.partitions).filter((name) => !isInternalTopic(name));
  const leads = names.filter((name) => broker.partitions[name]!.role === "leader");
  return [
    {
      title: `Broker ${id}`,
      facts: [
        fact("process", node.isolated ? `${node.state}, cut off` : node.state, node.state !== "up" || node.isolated),
        fact("since", clockTime(node.sinceMs)),
        fact("lifecycle", lifecycle.state),
        fact("incarnation", lifecycle.incarnation),
        fact("broker epoch", registration?.brokerEpoch ?? lifecycle.brokerEpoch),
        fact("registered", registration === undefined ? "no" : registration.fenced ? "fenced" : "unfenced", registration?.fenced === true),
        fact(
          "last heartbeat",
          contact === undefined
            ? "none"
            : `${duration(now - contact.lastContactMs)} ago of ${fixedDuration(world.quorum.heartbeats.sessionTimeoutMs)}`,
        ),
        fact("metadata offset", `${broker.image.offset} of ${world.quorum.image.offset}`, broker.image.offset < world.quorum.image.offset),
        fact("rack", broker.rack ?? "none"),
        fact("busy", broker.busyUntilMicros > now * 1000 ? `${Math.ceil((broker.busyUntilMicros - now * 1000) / 1000)} ms more` : "no"),
      ],
    },
    {
      title: "Partitions",
      facts: [
        fact("leads", leads.join(" ") || "none"),
        fact("follows", names.filter((name) => !leads.includes(name)).join(" ") || "none"),
        fact("log", bytes(Object.values(broker.logs).reduce((sum, log) => sum + log.sizeBytes, 0))),
      ],
    },
    {
      title: "Requests",
      facts: [
        fact("connections", Object.keys(broker.connections).length),
        fact(
          "queued",
          Object.values(broker.connections).reduce((sum, connection) => sum + connection.queue.length, 0),
        ),
        fact("waiting for acks=all", Object.keys(broker.purgatory.produces).length),
        fact("waiting fetches", Object.keys(broker.purgatory.fetches).length),
      ],
    },
    {
      title: "Configs set",
      facts: configFacts({ ...broker.configs, ...world.quorum.image.configs["broker:"], ...world.quorum.image.configs[`broker:${id}`] }),
    },
  ];
}

function controllerSections(frame: Frame, id: string): DetailSection[] {
  const { quorum, nodes } = frame.world;
  const node = nodes[id];
  const isActive = String(quorum.activeController) === id;
  return [
    {
      title: `Controller ${id}`,
      facts: [
        fact("process", node?.state ?? "unknown", node?.state !== "up"),
        fact("active", isActive ? "yes" : `no (${quorum.activeController < 0 ? "nobody is" : quorum.activeController})`),
        fact("controller epoch", quorum.controllerEpoch),
        fact("metadata offset", quorum.image.offset),
        fact("takes over after", fixedDuration(quorum.failoverMs)),
      ],
    },
    {
      title: "Registered brokers",
      facts: Object.keys(quorum.image.brokers).map((broker) =>
        fact(broker, quorum.image.brokers[broker]!.fenced ? "fenced" : "unfenced", quorum.image.brokers[broker]!.fenced),
      ),
    },
  ];
}

function partitionSections(frame: Frame, topicPartition: string): DetailSection[] {
  const { world, now } = frame;
  const registration = world.quorum.image.partitions[topicPartition];
  if (registration === undefined) return [];
  const leader = world.brokers[registration.leader]?.partitions[topicPartition];
  const topic = topicPartition.slice(0, topicPartition.lastIndexOf("-"));
  const replicas = registration.replicas.map((id): DetailSection => {
    const broker = world.brokers[id];
    const log = broker?.logs[topicPartition];
    const partition = broker?.partitions[topicPartition];
    const remote = leader?.remotes.find((candidate) => candidate.brokerId === id);
    const facts = [
      fact("role", partition?.role ?? "none"),
      fact("offsets", log === undefined ? "no log" : `start ${log.logStartOffset}, HW ${log.highWatermark}, LEO ${log.logEndOffset}`),
      fact("size", log === undefined ? "0" : `${bytes(log.sizeBytes)} in ${log.segments.length} segments`),
      fact(
        "leader epochs",
        log?.epochs
          .map((entry) => `${entry.epoch}@${entry.startOffset}`)
          .slice(-6)
          .join(" ") ?? "",
      ),
    ];
    if (remote !== undefined) {
      const caughtUp = remote.lastCaughtUpTimeMs < 0 ? "never" : `${duration(now - remote.lastCaughtUpTimeMs)} ago`;
      facts.push(fact("leader sees", `LEO ${remote.logEndOffset}, caught up ${caughtUp}`));
    }
    return { title: `Replica ${id}${registration.isr.includes(id) ? "" : " (out of the ISR)"}`, facts };
  });
  return [
    {
      title: topicPartition,
      facts: [
        fact("leader", registration.leader < 0 ? "none" : registration.leader, registration.leader < 0),
        fact("leader epoch", registration.leaderEpoch),
        fact("partition epoch", registration.partitionEpoch),
        fact("replicas", registration.replicas.join(", ")),
        fact("ISR", registration.isr.join(", ") || "empty", registration.isr.length < registration.replicas.length),
        fact("ELR", registration.elr.join(", ") || "empty"),
        fact("min.insync.replicas", leader?.settings.minInsyncReplicas ?? "?"),
        fact(
          "leader asks for",
          leader?.pendingIsr === null || leader?.pendingIsr === undefined
            ? "no change"
            : `${leader.pendingIsr.kind} to ${leader.pendingIsr.isr.join(", ")}`,
        ),
        fact("produces that wait", leader?.waitingProduces.length ?? 0),
      ],
    },
    ...replicas,
    { title: "Topic configs set", facts: configFacts(world.quorum.image.configs[`topic:${topic}`] ?? {}) },
  ];
}

function batchFacts(
  batches: readonly {
    id: string;
    records: number;
    sizeBytes: number;
    attempts: number;
    ageMs: number;
    deliveryLeftMs: number;
    baseSequence: number | null;
    phase: { kind: string };
  }[],
): DetailFact[] {
  if (batches.length === 0) return [fact("", "none")];
  return batches.map((batch) =>
    fact(
      `#${batch.id}`,
      [
        batch.phase.kind,
        `${batch.records} records`,
        bytes(batch.sizeBytes),
        `age ${duration(batch.ageMs)}`,
        `delivery ${duration(batch.deliveryLeftMs)}`,
        batch.baseSequence === null ? "" : `seq ${batch.baseSequence}`,
        batch.attempts > 1 ? `attempt ${batch.attempts}` : "",
      ]
        .filter((part) => part !== "")
        .join(", "),
      batch.attempts > 1,
    ),
  );
}

function producerSections(frame: Frame, name: string): DetailSection[] {
  const { world, now } = frame;
  const client = world.producers[name];
  if (client === undefined) return [];
  const { producer, load } = client;
  const sections: DetailSection[] = [
    {
      title: "Application",
      facts: [
        fact("process", client.status, client.status !== "running"),
        fact("thread", client.thread.state),
        fact(
          "load",
          load.workload.records === null
            ? `${load.recordsPerSecond} records/s, ${load.workload.mode}`
            : `${load.workload.records.length} listed records`,
        ),
        fact("sent in all", count(load.sentInAll)),
      ],
    },
  ];
  if (producer === null) return [...sections, { title: "Configs set", facts: configFacts(client.configs) }];
  const { settings, statistics, accumulator, transactionManager, networkClient, metadata, sender } = producer;
  sections.push(
    {
      title: "Producer",
      facts: [
        fact("memory", `${bytes(accumulator.pool.totalBytes - availableBytes(accumulator.pool))} of ${bytes(accumulator.pool.totalBytes)}`),
        fact("batches not done", accumulator.incompleteCount),
        fact(
          "call",
          producer.call === null
            ? "none"
            : producer.call.kind === "send" && producer.call.waitsFor !== "nothing"
              ? `send() waits for ${producer.call.waitsFor}`
              : producer.call.kind,
        ),
        fact("sender", sender.thread.at),
        fact(
          "last round",
          `drained ${sender.lastRound.drainedBatches}, then polls ${fixedDuration(Math.min(sender.lastRound.pollTimeoutMs, 9_007_199_254_740_991))}`,
        ),
        fact("metadata", isUpdateRequested(metadata) ? "update wanted" : "up to date"),
        fact("acks", settings.acks === -1 ? "all" : settings.acks),
        fact("retries", settings.retries === 2147483647 ? "until delivery.timeout.ms" : settings.retries),
        fact("delivery.timeout.ms", fixedDuration(settings.deliveryTimeoutMs)),
      ],
    },
    {
      title: "Counts",
      facts: [
        fact("records sent", count(statistics.recordsSent)),
        fact("acknowledged", count(statistics.recordsAcknowledged)),
        fact("failed", count(statistics.recordsFailed), statistics.recordsFailed > 0),
        fact("retried", count(statistics.recordsRetried), statistics.recordsRetried > 0),
        fact("requests", count(statistics.requestsSent)),
        fact("last error", statistics.lastError ?? "none", statistics.lastError !== null),
      ],
    },
  );
  if (transactionManager !== null) {
    const sequences = Object.keys(transactionManager.partitions).map((topicPartition) => {
      const entry = transactionManager.partitions[topicPartition]!;
      return fact(
        topicPartition,
        `next ${entry.nextSequence}, acked ${entry.lastAckedSequence}, in flight ${entry.inFlightBatches.length}`,
      );
    });
    sections.push({
      title: "Idempotence",
      facts: [
        fact("state", transactionManager.state),
        fact("producer id", `${transactionManager.producerId}, epoch ${transactionManager.producerEpoch}`),
        ...sequences,
      ],
    });
  }
  sections.push({
    title: "Connections",
    facts: connectionsOf(networkClient).map((connection) => {
      const { state, leftMs } = connectionState(connection, now);
      const left = leftMs === null ? "" : ` ${duration(leftMs)}`;
      return fact(
        connection.nodeId < 0 ? `${connection.peer} (bootstrap)` : connection.peer,
        `${state}${left}, ${connection.inFlight.length} in flight`,
        connection.state === "DISCONNECTED" && leftMs !== null,
      );
    }),
  });
  return [...sections, { title: "Configs set", facts: configFacts(client.configs) }];
}

function memberSections(frame: Frame, name: string): DetailSection[] {
  const client = frame.world.consumers[name];
  if (client === undefined) return [];
  const { consumer } = client;
  const sections: DetailSection[] = [
    {
      title: "Application",
      facts: [
        fact("process", client.status, client.status !== "running"),
        fact("thread", client.thread.state),
        fact("processing", `${client.processing.perRecordMicros} µs a record, commit ${client.processing.commit}`),
        ...(client.failure === "" ? [] : [fact("failed with", client.failure, true)]),
      ],
    },
  ];
  if (consumer !== null) {
    const { coordinator } = consumer;
    sections.push(
      {
        title: "Membership",
        facts: [
          fact("state", coordinator.state),
          fact("member id", coordinator.memberId || "none"),
          fact("generation", coordinator.generationId),
          fact("coordinator", coordinator.coordinatorId < 0 ? "unknown" : coordinator.coordinatorId, coordinator.coordinatorId < 0),
          fact("rejoins", coordinator.rejoinNeeded ? coordinator.rejoinReason || "yes" : "no"),
          fact("records returned", count(client.recordsReturned)),
        ],
      },
      {
        title: "Partitions",
        facts: Object.values(consumer.subscription.assigned).map((partition) =>
          fact(
            partition.topicPartition,
            `position ${partition.position}, committed ${partition.committed}, HW ${partition.highWatermark}, ${partition.fetchState}`,
          ),
        ),
      },
    );
  }
  return [...sections, { title: "Configs set", facts: configFacts(client.configs) }];
}

function groupSections(target: Extract<Target, { kind: "member" | "group" }>): DetailSection[] {
  const { group } = target;
  return [
    {
      title: `Group ${group.name}`,
      facts: [
        fact("state", group.state),
        fact("generation", group.generation),
        fact("coordinator", group.coordinator ?? "none", group.coordinator === null),
        fact("assignor", group.assignor ?? "none"),
        fact("members", group.members.map((member) => member.name).join(" ") || "none"),
        fact("lag", count(group.lag)),
      ],
    },
  ];
}

function configFacts(configs: Readonly<Record<string, string>>): DetailFact[] {
  const facts = Object.keys(configs).map((key) => fact(key, configs[key]!));
  return facts.length === 0 ? [fact("", "Kafka's defaults")] : facts;
}

const recentEvents = 12;

function recent(events: readonly TraceEvent[], node: string, words: Words, teller: EventTeller): DetailSection {
  return section(
    events.filter((event) => event.node === node && !isRoutine(event)),
    words,
    teller,
  );
}

function recentOf(events: readonly TraceEvent[], topicPartition: string, words: Words, teller: EventTeller): DetailSection {
  return section(
    events.filter((event) => (event.fields as { topicPartition?: string }).topicPartition === topicPartition && !isRoutine(event)),
    words,
    teller,
  );
}

function section(events: readonly TraceEvent[], words: Words, teller: EventTeller): DetailSection {
  const facts = events.slice(-recentEvents).map((event) => fact(clockTime(event.at), teller(event).text));
  return { title: words.events, facts: facts.length === 0 ? [fact("", words.noEvents)] : facts };
}
