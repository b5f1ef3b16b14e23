import { z } from "zod";

/** A command as a timeline says it: `do: kill`, and its fields beside it. The same catalogue as protocol/commands.ts. */

const node = z.union([z.number().int(), z.string()]).transform(String).meta({ description: "A broker's or controller's number, or a client's name." });
const key = z.string();
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]).transform((given) => (given === null ? null : String(given)));
const configs = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .transform((values) => Object.fromEntries(Object.entries(values).map(([name, given]) => [name, String(given)])))
  .default({});
const whole = z.number().int();

function command<T extends string, S extends z.ZodRawShape>(type: T, shape: S) {
  return z.strictObject({ do: z.literal(type), ...shape });
}

export const commandSchemas = [
  command("kill", { node }),
  command("stop", { node }),
  command("start", { node }),
  command("pause", { node }),
  command("resume", { node }),
  command("cut-link", { from: node, to: node, oneWay: z.boolean().default(false) }),
  command("slow-link", {
    from: node,
    to: node,
    oneWay: z.boolean().default(false),
    latencyMs: whole.min(1).max(3_600_000),
    bandwidthBytesPerSecond: z.number().min(1).nullable().default(null),
  }),
  command("heal-link", { from: node, to: node }),
  command("isolate", { node }),
  command("rejoin", { node }),
  command("lose-disk", { broker: whole }),
  command("alter-topic-config", { topic: z.string(), key, value }),
  command("alter-broker-config", { broker: whole.nullable().default(null), key, value }),
  command("alter-group-config", { group: z.string(), key, value }),
  command("alter-client-config", { client: z.string(), key, value, restart: z.boolean().default(true) }),
  command("create-topic", { topic: z.string(), partitions: whole.min(1), replicationFactor: whole.min(1), configs }),
  command("add-partitions", { topic: z.string(), partitions: whole.min(1) }),
  command("elect-leader", { topic: z.string(), partition: whole.min(0), kind: z.enum(["preferred", "unclean"]) }),
  command("change-load", { producer: z.string(), recordsPerSecond: z.number().min(0) }),
  command("add-consumer", { group: z.string(), name: z.string().nullable().default(null), configs }),
  command("add-producer", { like: z.string(), name: z.string().nullable().default(null), configs }),
  command("remove-consumer", { consumer: z.string() }),
  command("trigger-rebalance", { group: z.string() }),
] as const;
