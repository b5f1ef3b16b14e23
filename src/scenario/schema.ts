import { z } from "zod";
import { commandSchemas, type TimelineCommand } from "./command-schema.ts";
import { type Condition, conditionShape, whenSchema } from "./condition-schema.ts";
import { duration } from "./duration.ts";

/** The scenario file, format of design section 3. JSON Schema for editors is made from it (scenarios/scenario.schema.json). */

const localised = z
  .union([z.string(), z.strictObject({ en: z.string(), ko: z.string().optional() })])
  .transform((text) =>
    typeof text === "string" ? { en: oneLine(text), ko: oneLine(text) } : { en: oneLine(text.en), ko: oneLine(text.ko ?? text.en) },
  )
  .meta({ id: "text", description: "A text, or one for each language: {en: ..., ko: ...}." });

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

const configs = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .refine((values) => Object.keys(values).length <= 300, "too many configs: at most 300")
  .transform((values) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)])))
  .meta({ id: "configs", description: "Kafka's own keys with their values." });

const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,59}$/, "a name begins with a letter and goes on with letters, digits, '.', '_' or '-', 60 at most");
const topicName = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,249}$/, "a topic's name has letters, digits, '.', '_' and '-' only, 249 at most")
  .refine((text) => text !== "." && text !== "..", "a topic can't be named '.' or '..'");
const wholeNumber = z.number().int();

const broker = z.strictObject({
  id: wholeNumber.min(1).max(1000),
  rack: z.string().optional(),
  configs: configs.optional(),
  perRequestMicros: wholeNumber.min(0).max(1_000_000).optional().meta({ description: "Work for each request, microseconds." }),
  perKilobyteMicros: wholeNumber.min(0).max(1_000_000).optional().meta({ description: "Work for each KiB, microseconds." }),
});

const kafka = z.strictObject({
  brokers: z
    .union([wholeNumber.min(1).max(100), z.array(broker).min(1).max(100)])
    .default(3)
    .meta({ description: "How many (their numbers are 1, 2, ...), or a list." }),
  controllers: wholeNumber.min(1).max(9).default(3).meta({ description: "How many; their numbers are 101, 102, ..." }),
  controllerFailover: duration.default(2000).meta({ description: "From the loss of the active controller to the next one." }),
  racks: z.array(z.string()).min(1).max(100).optional().meta({ description: "Racks dealt to the brokers in turn." }),
  configs: configs.default({}).meta({ description: "Configs of all brokers and controllers, by Kafka's own keys." }),
});

const topic = z.strictObject({
  name: topicName,
  partitions: wholeNumber.min(1).max(10_000).default(1),
  replicationFactor: wholeNumber.min(1).max(100).default(3),
  assignment: z
    .array(z.array(wholeNumber).min(1).max(100))
    .min(1)
    .max(10_000)
    .optional()
    .meta({ description: "Replicas of each partition, the preferred leader first." }),
  configs: configs.default({}),
});

const valueSize = wholeNumber.min(0).max(100_000_000).default(100).meta({ description: "Bytes of a value." });

const explicitRecord = z.strictObject({
  at: duration,
  key: z.string().nullable().default(null),
  partition: wholeNumber.min(0).nullable().default(null).meta({ description: "null: the partitioner chooses." }),
  valueSize,
  count: wholeNumber.min(1).max(100_000).default(1).meta({ description: "How many such records at once." }),
});

const producer = z.strictObject({
  name,
  topic: topicName,
  configs: configs.default({}),
  start: duration.default(0).meta({ description: "When its process starts." }),
  rate: z.number().min(0).max(10_000_000).default(0).meta({ description: "Records a virtual second." }),
  count: wholeNumber.min(0).nullable().default(null).meta({ description: "Records in all; null: without end." }),
  valueSize,
  keys: z.enum(["none", "sequential", "random", "zipf"]).default("none").meta({ description: "How keys are made; none: null keys." }),
  keyCount: wholeNumber.min(1).max(1_000_000).default(100).meta({ description: "How many different keys." }),
  mode: z.enum(["async", "sync"]).default("async").meta({ description: "async: send() with a callback; sync: send().get()." }),
  records: z.array(explicitRecord).max(10_000).optional().meta({ description: "An explicit list instead of a rate." }),
});

const member = z.strictObject({
  name,
  configs: configs.default({}).meta({ description: "Over the group's configs." }),
  start: duration.default(0).meta({ description: "When its process starts." }),
});

const group = z.strictObject({
  name: z.string().min(1).max(249),
  topics: z.array(topicName).min(1).max(1000),
  protocol: z.enum(["classic"]).default("classic"),
  members: z
    .union([wholeNumber.min(0).max(500), z.array(member).max(500)])
    .default(1)
    .meta({ description: "How many (their names are c1, c2, ...), or a list." }),
  configs: configs.default({}),
  processing: z
    .strictObject({
      perRecordMicros: wholeNumber
        .min(0)
        .max(3_600_000_000)
        .default(0)
        .meta({ description: "Time that the application takes for a record, microseconds." }),
      commit: z
        .enum(["auto", "after", "before", "none"])
        .default("auto")
        .meta({ description: "auto: enable.auto.commit; after, before: commitSync after or ahead of processing; none." }),
    })
    .default({ perRecordMicros: 0, commit: "auto" })
    .meta({ description: "What the application does with what poll() returns." }),
});

const network = z.strictObject({
  latency: duration
    .default(1)
    .refine((ms) => ms >= 1, "a link takes at least 1 ms")
    .meta({ description: "One way, between any two nodes." }),
  bandwidthBytesPerSecond: z.number().min(1000).max(1e12).nullable().default(null).meta({ description: "Of each link; null: no limit." }),
});

const trigger = {
  at: duration.optional().meta({ description: "Not before this virtual time." }),
  when: whenSchema.optional().meta({ description: "When this comes true, from `at` on." }),
  delay: duration.optional().meta({ description: "So long after `at`, or after `when` came true." }),
  say: localised.optional().meta({ description: "A line of narration." }),
};
interface Trigger {
  at?: number | undefined;
  when?: Condition | undefined;
  delay?: number | undefined;
  say?: Localised | undefined;
}
/** A step that only narrates, or one that does a command. */
export type TimelineEntry = Trigger & (TimelineCommand | { do?: never });
/** The ways to be a step: narration first, then one a command in the order of `commandTypes`. */
export const stepSchemas = [
  z.strictObject(trigger).meta({ title: "narration", description: "A step that only says something." }),
  ...commandSchemas(trigger),
] as const;
const timelineEntry = z.union(stepSchemas) as unknown as z.ZodType<TimelineEntry>;

const span = z.union([z.literal(true), z.strictObject({ from: duration.default(0), to: duration.optional() })]).optional();
const expectation = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "an expectation's name has small letters, digits and '-', 60 at most"),
  about: localised.optional(),
  at: z
    .union([z.literal("end"), duration], {
      error: ({ input }) => `${JSON.stringify(input)?.slice(0, 60)} is no time: write end, 500ms, 1.5s, 2m or 1h`,
    })
    .optional()
    .meta({ description: "It is so at this time, or at the end (the default)." }),
  within: z
    .strictObject({ from: duration.default(0), to: duration })
    .optional()
    .meta({ description: "It comes true within this time." }),
  always: span.meta({ description: "It is so all the time: true, or {from, to}." }),
  never: span.meta({ description: "It is never so: true, or {from, to}." }),
  ...conditionShape,
});

const flip = z.strictObject({
  about: localised.optional(),
  set: configs.meta({ description: "Overrides as for --set." }),
  breaks: z.string().meta({ description: "The expectation that fails with them." }),
});

export const scenarioSchema = z.strictObject({
  title: localised,
  description: localised.default({ en: "", ko: "" }),
  seed: wholeNumber.min(0).max(2147483647).default(1).meta({ description: "All chance comes from it." }),
  end: duration.default(30_000).meta({ description: "When the run is over." }),
  kafka: kafka.default({ brokers: 3, controllers: 3, controllerFailover: 2000, configs: {} }),
  topics: z.array(topic).min(1).max(1000),
  producers: z.array(producer).max(500).default([]),
  groups: z.array(group).max(100).default([]),
  network: network.default({ latency: 1, bandwidthBytesPerSecond: null }),
  timeline: z.array(timelineEntry).max(5000).default([]),
  expect: z.array(expectation).max(500).default([]),
  flip: flip.optional(),
});

export type ScenarioFile = z.infer<typeof scenarioSchema>;
export type Localised = z.infer<typeof localised>;
