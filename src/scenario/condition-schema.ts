import { z } from "zod";

/** A condition on the state of the cluster: of `when`, and of each expectation. Everything that it names must be so. */

const matcher = z
  .union([
    z.number(),
    z.strictObject({ min: z.number().optional(), max: z.number().optional(), above: z.number().optional(), below: z.number().optional(), not: z.number().optional() }),
  ])
  .meta({ description: "A number, or bounds: {min, max} with them, {above, below} without them, {not}." });
export type Matcher = z.infer<typeof matcher>;

const ids = z.array(z.number().int());

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
  leader: matcher.optional(),
  leaderEpoch: matcher.optional(),
  isr: ids.optional(),
  elr: ids.optional(),
  highWatermark: matcher.optional(),
  logEndOffset: matcher.optional(),
});

const group = z.strictObject({
  of: z.string(),
  state: z.enum(["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"]).optional(),
  generation: matcher.optional(),
  members: matcher.optional(),
  lag: matcher.optional(),
  coordinator: matcher.optional(),
  unassignedMembers: matcher.optional(),
});

const broker = z.strictObject({
  of: z.number().int(),
  state: z.enum(["up", "down", "hung"]).optional(),
  fenced: z.boolean().optional(),
  leaders: matcher.optional(),
});

const ledger = z.strictObject({
  producer: z.string().optional(),
  group: z.string().optional(),
  ...(Object.fromEntries(ledgerFields.map((field) => [field, matcher.optional()])) as Record<(typeof ledgerFields)[number], z.ZodOptional<typeof matcher>>),
});

const statistics = z.strictObject({
  producer: z.string().optional(),
  group: z.string().optional(),
  ...(Object.fromEntries(statisticFields.map((field) => [field, matcher.optional()])) as Record<(typeof statisticFields)[number], z.ZodOptional<typeof matcher>>),
});

const trace = z.strictObject({
  type: z.string(),
  where: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  count: matcher.default({ min: 1 }),
});

export const conditionShape = {
  partition: partition.optional(),
  group: group.optional(),
  broker: broker.optional(),
  controller: z.strictObject({ active: matcher }).optional(),
  ledger: ledger.optional(),
  statistics: statistics.optional(),
  trace: trace.optional(),
};

export const whenSchema = z.strictObject(conditionShape);
export type Condition = z.infer<typeof whenSchema>;
