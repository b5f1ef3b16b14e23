import { z } from "zod";
import { conditionShape, whenSchema } from "./condition-schema.ts";
import { duration } from "./duration.ts";
import { commandSchemas } from "./command-schema.ts";

/** The scenario file, format of design section 3. JSON Schema for editors is made from it (scenarios/scenario.schema.json). */

export const localised = z
  .union([z.string(), z.strictObject({ en: z.string(), ko: z.string().optional() })])
  .transform((text) => (typeof text === "string" ? { en: text, ko: text } : { en: text.en, ko: text.ko ?? text.en }))
  .meta({ description: "A text, or one for each language: {en: ..., ko: ...}." });

export const configs = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .transform((values) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)])))
  .meta({ description: "Kafka's own keys with their values." });

const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]*$/, "a name begins with a letter and goes on with letters, digits, '.', '_' or '-'")
  .max(60);
const topicName = z
  .string()
  .regex(/^[A-Za-z0-9._-]+$/, "a topic's name has letters, digits, '.', '_' and '-' only")
  .max(249)
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
  brokers: z.union([wholeNumber.min(1).max(100), z.array(broker).min(1).max(100)]).default(3),
  controllers: wholeNumber.min(1).max(9).default(3),
  controllerFailover: duration.default(2000).meta({ description: "From the loss of the active controller to the next one." }),
  racks: z.array(z.string()).min(1).optional().meta({ description: "Racks dealt to the brokers in turn." }),
  configs: configs.default({}),
});

const topic = z.strictObject({
  name: topicName,
  partitions: wholeNumber.min(1).max(10_000).default(1),
  replicationFactor: wholeNumber.min(1).max(100).default(3),
  assignment: z.array(z.array(wholeNumber).min(1)).min(1).optional().meta({ description: "Replicas of each partition, the preferred leader first." }),
  configs: configs.default({}),
});

const explicitRecord = z.strictObject({
  at: duration,
  key: z.string().nullable().default(null),
  partition: wholeNumber.min(0).nullable().default(null),
  valueSize: wholeNumber.min(0).max(100_000_000).default(100),
  count: wholeNumber.min(1).max(100_000).default(1),
});

const producer = z.strictObject({
  name,
  topic: topicName,
  configs: configs.default({}),
  start: duration.default(0),
  rate: z.number().min(0).max(10_000_000).default(0).meta({ description: "Records a virtual second." }),
  count: wholeNumber.min(0).nullable().default(null).meta({ description: "Records in all; null: without end." }),
  valueSize: wholeNumber.min(0).max(100_000_000).default(100),
  keys: z.enum(["none", "sequential", "random", "zipf"]).default("none"),
  keyCount: wholeNumber.min(1).max(1_000_000).default(100),
  mode: z.enum(["async", "sync"]).default("async").meta({ description: "async: send() with a callback; sync: send().get()." }),
  records: z.array(explicitRecord).optional().meta({ description: "An explicit list instead of a rate." }),
});

const member = z.strictObject({ name, configs: configs.default({}), start: duration.default(0) });

const group = z.strictObject({
  name: z.string().min(1).max(249),
  topics: z.array(topicName).min(1),
  protocol: z.enum(["classic"]).default("classic"),
  members: z.union([wholeNumber.min(0).max(500), z.array(member)]).default(1),
  configs: configs.default({}),
  processing: z
    .strictObject({
      perRecordMicros: wholeNumber.min(0).max(3_600_000_000).default(0),
      commit: z.enum(["auto", "after", "before", "none"]).default("auto"),
    })
    .default({ perRecordMicros: 0, commit: "auto" }),
});

const network = z.strictObject({
  latency: duration.default(1).refine((ms) => ms >= 1, "a link takes at least 1 ms"),
  bandwidthBytesPerSecond: z.number().min(1000).nullable().default(null),
});

const trigger = { at: duration.optional(), when: whenSchema.optional(), delay: duration.optional(), say: localised.optional() };
const timelineEntry = z.union([z.strictObject(trigger), ...commandSchemas.map((command) => z.strictObject({ ...trigger, ...command.shape }))]);

const expectation = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "an expectation's name has small letters, digits and '-'"),
  about: localised.optional(),
  at: z.union([z.literal("end"), duration]).optional(),
  within: z.strictObject({ from: duration.default(0), to: duration }).optional(),
  always: z.union([z.literal(true), z.strictObject({ from: duration.default(0), to: duration.optional() })]).optional(),
  never: z.union([z.literal(true), z.strictObject({ from: duration.default(0), to: duration.optional() })]).optional(),
  ...conditionShape,
});

const flip = z.strictObject({
  about: localised.optional(),
  set: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).meta({ description: "Overrides as for --set." }),
  breaks: z.string().meta({ description: "The expectation that fails with them." }),
});

export const scenarioSchema = z.strictObject({
  title: localised,
  description: localised.default({ en: "", ko: "" }),
  seed: wholeNumber.min(0).max(2147483647).default(1),
  end: duration.default(30_000),
  kafka: kafka.default({ brokers: 3, controllers: 3, controllerFailover: 2000, configs: {} }),
  topics: z.array(topic).min(1),
  producers: z.array(producer).default([]),
  groups: z.array(group).default([]),
  network: network.default({ latency: 1, bandwidthBytesPerSecond: null }),
  timeline: z.array(timelineEntry).default([]),
  expect: z.array(expectation).default([]),
  flip: flip.optional(),
});

export type ScenarioFile = z.infer<typeof scenarioSchema>;
export type TimelineEntry = ScenarioFile["timeline"][number];
export type ExpectationEntry = ScenarioFile["expect"][number];
export type Localised = z.infer<typeof localised>;
