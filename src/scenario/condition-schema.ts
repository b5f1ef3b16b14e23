import { z } from "zod";

/** A condition on the state of the cluster: of `when`, and of each expectation. Everything that it names must be so. */

const bound = z.number().optional();
const bounds = z
  .strictObject({ min: bound, max: bound, above: bound, below: bound, not: bound })
  .refine(
    (given) => Object.values(given).some((one) => one !== undefined),
    "a number is needed, or one of the bounds min, max, above, below, not",
  )
  .refine(
    ({ min, max, above, below }) => Math.max(min ?? -Infinity, above ?? -Infinity) <= Math.min(max ?? Infinity, below ?? Infinity),
    "no number is within these bounds",
  );
const matcher = z
  .union([z.number(), bounds])
  .meta({ id: "number-or-bounds", description: "A number, or bounds: {min, max} with them, {above, below} without them, {not}." });
export type Matcher = z.infer<typeof matcher>;

const ids = z.array(z.number().int()).meta({ description: "Brokers, in any order." });
const some = matcher.optional();
const producerName = z.string().optional().meta({ description: "Only this producer's records." });
const groupName = z.string().optional().meta({ description: "Only what this group did." });

export const ledgerFields = [
  "sent",
  "pending",
  "acknowledged",
  "failed",
  "readable",
  "lost",
  "duplicated",
  "reordered",
  "failedYetReadable",
  "gone",
  "processedOnce",
  "processedMoreThanOnce",
  "skipped",
  "notProcessed",
] as const;

export const statisticFields = [
  "recordsPerSecond",
  "latencyP50Ms",
  "latencyP99Ms",
  "consumptionP50Ms",
  "consumptionP99Ms",
  "recordsPerBatch",
  "produceRequests",
  "retries",
  "blockedSends",
  "unknownOffsets",
] as const;

const partition = z.strictObject({
  of: z.string().meta({ description: "The partition's name: orders-0." }),
  leader: some,
  leaderEpoch: some,
  isr: ids.optional(),
  elr: ids.optional(),
  highWatermark: some,
  logEndOffset: some,
});

const group = z.strictObject({
  of: z.string().meta({ description: "The group's name." }),
  state: z.enum(["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"]).optional(),
  generation: some,
  members: some,
  lag: some,
  coordinator: some,
  unassignedMembers: some,
});

const broker = z.strictObject({
  of: z.number().int().meta({ description: "The broker's number." }),
  state: z.enum(["up", "down", "hung"]).optional(),
  fenced: z.boolean().optional(),
  leaders: some,
});

const ledger = z.strictObject({
  producer: producerName,
  group: groupName,
  ...(Object.fromEntries(ledgerFields.map((field) => [field, some])) as Record<
    (typeof ledgerFields)[number],
    z.ZodOptional<typeof matcher>
  >),
});

const statistics = z.strictObject({
  producer: producerName,
  group: groupName,
  ...(Object.fromEntries(statisticFields.map((field) => [field, some])) as Record<
    (typeof statisticFields)[number],
    z.ZodOptional<typeof matcher>
  >),
});

const trace = z.strictObject({
  type: z.string().meta({ description: "A type of trace event, see TRACE.md." }),
  where: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .meta({ description: "Fields of the event that must be so." }),
  count: matcher.default({ min: 1 }).meta({ description: "How many such events so far." }),
});

export const conditionShape = {
  partition: partition.optional().meta({ description: "A partition as the controller and its leader know it." }),
  group: group.optional().meta({ description: "A consumer group." }),
  broker: broker.optional().meta({ description: "A broker." }),
  controller: z.strictObject({ active: matcher }).optional().meta({ description: "Which controller is active (-1: none)." }),
  ledger: ledger.optional().meta({ description: "What became of the records." }),
  statistics: statistics.optional().meta({ description: "Throughput, latency and what producers did." }),
  trace: trace.optional().meta({ description: "Events of the trace." }),
};

export const whenSchema = z
  .strictObject(conditionShape)
  .meta({ id: "condition", description: "What must be so: everything that it names." });
export type Condition = z.infer<typeof whenSchema>;
