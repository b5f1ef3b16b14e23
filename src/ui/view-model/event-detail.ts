/** One event: what it says, why it happened, which configs decided, and all its fields. */
import { configDefinition, configScopes } from "../../kafka/protocol/config-catalogue.ts";
import type { TraceEvent } from "../../kafka/protocol/trace-events.ts";
import { eventOf, isTelling } from "../../trace/causes.ts";
import { sentenceOf } from "../../trace/sentences.ts";
import { clockTime } from "../quantities.ts";
import type { Frame } from "../session.ts";
import type { Language, Words } from "../words.ts";
import type { EventTeller } from "./event-rows.ts";
import type { DetailFact, DetailSection } from "./frame-views.ts";

export function eventSections(frame: Frame, event: TraceEvent, language: Language, words: Words, teller: EventTeller): DetailSection[] {
  const { chain, isWhole } = chainIn(frame, event);
  const configs = decidingConfigs(frame, chain);
  const fields = event.fields as Readonly<Record<string, unknown>>;
  return [
    { title: "", facts: [{ label: "", value: teller(event).text }] },
    ...whySection(chain.slice(1), isWhole, language, words),
    ...(configs.length === 0 ? [] : [{ title: words.decidedBy, facts: configs }]),
    {
      title: `${words.whatItSays} ${event.type}`,
      facts: [
        { label: "at", value: clockTime(event.at) },
        { label: "node", value: event.node === "" ? words.none : event.node },
        ...Object.keys(fields).map((name) => ({ label: name, value: fieldText(name, fields[name], words) })),
      ],
    },
  ];
}

/** An event and what led to it, as far as it is kept; causes are kept longer than other events. */
export function chainIn(frame: Frame, event: TraceEvent): { chain: TraceEvent[]; isWhole: boolean } {
  const chain = [event];
  let last = event;
  while (last.cause >= 0 && last.cause < last.seq) {
    const cause = eventOf(frame.notable, last.cause) ?? eventOf(frame.events, last.cause);
    if (cause === null) return { chain, isWhole: false };
    chain.push(cause);
    last = cause;
  }
  return { chain, isWhole: true };
}

export function whySection(causes: readonly TraceEvent[], isWhole: boolean, language: Language, words: Words): DetailSection[] {
  const told = causes.filter((cause, index) => index === causes.length - 1 || isTelling(cause));
  const facts: DetailFact[] = told.map((cause) => ({ label: clockTime(cause.at), value: sentenceOf(cause, language) }));
  if (!isWhole) facts.push({ label: "", value: words.causesGone });
  else if (facts.length === 0) facts.push({ label: "", value: words.noCause });
  return [{ title: words.why, facts }];
}

/** The configs that the events of the chain name, each with the value that holds. */
export function decidingConfigs(frame: Frame, chain: readonly TraceEvent[]): DetailFact[] {
  const facts: DetailFact[] = [];
  for (const event of chain) {
    const { config } = event.fields as { config?: string };
    if (config === undefined || config === "") continue;
    for (const key of config.split(/[\s,]+/)) {
      if (key === "" || facts.some((known) => known.label === key)) continue;
      facts.push({ label: key, value: valueOf(frame, event, key) });
    }
  }
  return facts;
}

function valueOf({ world }: Frame, event: TraceEvent, key: string): string {
  const { image, staticConfigs } = world.quorum;
  const { topicPartition = "", group = "", producer = "" } = event.fields as { topicPartition?: string; group?: string; producer?: string };
  const topic = topicPartition.slice(0, Math.max(0, topicPartition.lastIndexOf("-")));
  const places = [
    world.producers[event.node]?.configs,
    world.consumers[event.node]?.configs,
    world.producers[producer]?.configs,
    image.configs[`group:${group}`],
    image.configs[`topic:${topic}`],
    image.configs[`broker:${event.node}`],
    image.configs["broker:"],
    world.brokers[event.node]?.configs,
    staticConfigs,
  ];
  for (const place of places) {
    const value = place?.[key];
    if (value !== undefined) return value;
  }
  for (const scope of configScopes) {
    const definition = configDefinition(scope, key);
    if (definition !== undefined && definition.default !== null) return definition.default;
  }
  return "";
}

/** Runs of record ids are pairs of first and count. */
function fieldText(name: string, value: unknown, words: Words): string {
  if (name === "ids" && Array.isArray(value)) {
    const runs: string[] = [];
    for (let index = 0; index + 1 < value.length; index += 2) {
      const [first, length] = [Number(value[index]), Number(value[index + 1])];
      runs.push(length === 1 ? `${first}` : `${first}-${first + length - 1}`);
    }
    return runs.join(", ");
  }
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  return text === "" ? words.none : text;
}
