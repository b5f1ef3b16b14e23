import { configDefinitions } from "../../kafka/protocol/config-catalogue.ts";
import type { Configs } from "../../kafka/protocol/config-reader.ts";
import { groupConfigValue } from "../../kafka/protocol/group-settings.ts";
import { topicConfigValue } from "../../kafka/protocol/topic-settings.ts";
import { isRoutine } from "../../trace/routine.ts";
import { alertOf, sentenceOf } from "../../trace/sentences.ts";
import type { Alert, Frame } from "../session.ts";
import type { Target } from "../target.ts";
import { type Language, wordsIn } from "../words.ts";
import { type BrokersView, brokersView } from "./broker-rows.ts";
import { detailView } from "./detail-view.ts";
import { type EventRow, type EventTeller, eventRows } from "./event-rows.ts";
import type { ConfigTarget, FrameViews, KnownNames } from "./frame-views.ts";
import { type GroupView, groupNamesOf, groupView } from "./group-view.ts";
import type { HeaderAlert } from "./header-view.ts";
import { isInternalTopic } from "./internal-topics.ts";
import { type LedgerView, ledgerView } from "./ledger-view.ts";
import { type PartitionsView, partitionsView } from "./partition-rows.ts";
import { type ProducerView, producerView } from "./producer-view.ts";

const eventsShown = 400;

/** Makes the views of one screen, once a frame. */
export function createViewsOf(language: Language): (frame: Frame) => FrameViews {
  const words = wordsIn(language);
  const teller: EventTeller = (event) => ({
    text: sentenceOf(event, language),
    severity: alertOf(event, language)?.severity ?? (isRoutine(event) ? "faint" : "plain"),
  });
  let lastFrame: Frame | null = null;
  let lastViews: FrameViews | null = null;
  return (frame) => {
    if (lastViews !== null && lastFrame === frame) return lastViews;
    lastFrame = frame;
    lastViews = viewsOfFrame(frame);
    return lastViews;
  };

  function viewsOfFrame(frame: Frame): FrameViews {
    const { world, ledger, now } = frame;
    return {
      header: {
        title: frame.title,
        seed: frame.seed,
        now,
        paused: frame.paused,
        speed: frame.speed,
        reachedSpeed: frame.reachedSpeed,
        rates: frame.rates,
        alert: foremost(frame.alerts),
        narration: frame.narration,
      },
      ledger: once((): LedgerView => ledgerView(ledger)),
      brokers: once((): BrokersView => brokersView(world, now)),
      partitions: remembered((filter: string): PartitionsView => partitionsView(world, filter)),
      producer: remembered((name: string | null): ProducerView | null => producerView(world, name, now, words)),
      group: remembered((name: string | null): GroupView | null => groupView(world, name, now)),
      producerNames: Object.keys(world.producers),
      groupNames: groupNamesOf(world),
      events: remembered((filter: string, everything: boolean): readonly EventRow[] =>
        eventRows(everything ? frame.events : frame.notable, everything, filter, teller, eventsShown),
      ),
      detail: (target) => detailView(frame, target, language, teller),
      configs: (target) => configTarget(frame, target),
      get names() {
        return knownNames(frame);
      },
    };
  }
}

const ranks = { bad: 3, warn: 2, good: 1, info: 1 };

/** What follows within so short a time is one thing to the eye. */
const INSTANT_MS = 100;

/** Of the alerts of the newest instant the most severe one, and of equals the first: the others follow from it. */
function foremost(alerts: readonly Alert[]): HeaderAlert | null {
  const newest = alerts[alerts.length - 1];
  if (newest === undefined) return null;
  let best = newest;
  let count = 0;
  for (let index = alerts.length - 1; index >= 0 && alerts[index]!.at >= newest.at - INSTANT_MS; index--) {
    count += 1;
    if (ranks[alerts[index]!.severity] >= ranks[best.severity]) best = alerts[index]!;
  }
  return { ...best, newestSeq: newest.seq, others: count - 1 };
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    if (made === null) made = { value: make() };
    return made.value;
  };
}

/** Keeps the answer to the last question: within a frame the same one is asked several times. */
function remembered<A extends readonly unknown[], T>(make: (...args: A) => T): (...args: A) => T {
  let last: { args: A; value: T } | null = null;
  return (...args) => {
    if (last === null || args.some((arg, index) => arg !== last!.args[index])) last = { args, value: make(...args) };
    return last.value;
  };
}

function knownNames({ world }: Frame): KnownNames {
  return {
    nodes: Object.keys(world.nodes),
    brokers: Object.keys(world.brokers),
    topics: Object.keys(world.quorum.image.topics).filter((topic) => !isInternalTopic(topic)),
    groups: groupNamesOf(world),
    producers: Object.keys(world.producers),
    consumers: Object.keys(world.consumers),
  };
}

function configTarget({ world }: Frame, target: Target): ConfigTarget | null {
  const { image, staticConfigs } = world.quorum;
  const clusterWide: Configs = { ...staticConfigs, ...image.configs["broker:"] };
  switch (target.kind) {
    case "broker":
      return {
        scope: "broker",
        name: target.row.id,
        set: { ...image.configs[`broker:${target.row.id}`] },
        inherited: { ...world.brokers[target.row.id]?.configs, ...image.configs["broker:"] },
      };
    case "partition":
      return {
        scope: "topic",
        name: target.row.topic,
        set: { ...image.configs[`topic:${target.row.topic}`] },
        inherited: effectiveValues("topic", (key) => topicConfigValue(key, {}, clusterWide)),
      };
    case "producer":
      return { scope: "producer", name: target.view.name, set: { ...world.producers[target.view.name]?.configs }, inherited: {} };
    case "member":
      return { scope: "consumer", name: target.row.name, set: { ...world.consumers[target.row.name]?.configs }, inherited: {} };
    case "group":
      return {
        scope: "group",
        name: target.group.name,
        set: { ...image.configs[`group:${target.group.name}`] },
        inherited: effectiveValues("group", (key) => groupConfigValue(key, {}, clusterWide)),
      };
    default:
      return null;
  }
}

function effectiveValues(scope: "topic" | "group", read: (key: string) => string | null): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { key } of configDefinitions(scope)) {
    const value = read(key);
    if (value !== null) values[key] = value;
  }
  return values;
}
