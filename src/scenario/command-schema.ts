import { z } from "zod";
import { type Commands, type CommandType, commandDocumentation } from "../kafka/protocol/commands.ts";

/** A command as a timeline says it: `do: kill`, and its fields beside it. The same catalogue as protocol/commands.ts. */

const node = z
  .union([z.number().int(), z.string()])
  .transform(String)
  .meta({ id: "node", description: "A broker's or controller's number, or a client's name." });
const topic = z.string().meta({ description: "A topic's name." });
const groupName = z.string().meta({ description: "A group's name." });
const key = z.string().meta({ description: "Kafka's key." });
const value = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .transform((given) => (given === null ? null : String(given)))
  .meta({ description: "The new value; null takes the key away." });
const configs = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .transform((values) => Object.fromEntries(Object.entries(values).map(([name, given]) => [name, String(given)])))
  .default({})
  .meta({ id: "command-configs", description: "Kafka's own keys with their values." });
const whole = z.number().int();
const oneWay = z.boolean().default(false).meta({ description: "Only from `from` to `to`." });
const newName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,59}$/, "a name begins with a letter and goes on with letters, digits, '.', '_' or '-', 60 at most")
  .nullable()
  .default(null)
  .meta({ description: "Its name; null: the next that is free." });

/** The fields of each command. The type sees to it that they are exactly those of the catalogue, and read into its types. */
const fields = {
  kill: { node },
  stop: { node },
  start: { node },
  pause: { node },
  resume: { node },
  "cut-link": { from: node, to: node, oneWay },
  "slow-link": {
    from: node,
    to: node,
    oneWay,
    latencyMs: whole.min(1).max(3_600_000).meta({ description: "One way, milliseconds." }),
    bandwidthBytesPerSecond: z.number().min(1).max(1e12).nullable().default(null).meta({ description: "null: no limit." }),
  },
  "heal-link": { from: node, to: node },
  isolate: { node },
  rejoin: { node },
  "lose-disk": { broker: whole },
  "alter-topic-config": { topic, key, value },
  "alter-broker-config": {
    broker: whole.nullable().default(null).meta({ description: "A broker's number; null: all of them." }),
    key,
    value,
  },
  "alter-group-config": { group: groupName, key, value },
  "alter-client-config": {
    client: z.string().meta({ description: "A producer's or consumer's name." }),
    key,
    value,
    restart: z.boolean().default(true).meta({ description: "Close it and make it anew at once; false: the next start takes the value." }),
  },
  "create-topic": { topic, partitions: whole.min(1).max(10_000), replicationFactor: whole.min(1).max(100), configs },
  "add-partitions": { topic, partitions: whole.min(1).max(10_000).meta({ description: "How many there are afterwards." }) },
  "elect-leader": { topic, partition: whole.min(0), kind: z.enum(["preferred", "unclean"]) },
  "change-load": { producer: z.string(), recordsPerSecond: z.number().min(0).max(10_000_000) },
  "add-consumer": { group: groupName, name: newName, configs },
  "add-producer": { like: z.string().meta({ description: "The producer whose configs and load it takes." }), name: newName, configs },
  "remove-consumer": { consumer: z.string() },
  "trigger-rebalance": { group: groupName },
} satisfies { [T in CommandType]: { [F in keyof Commands[T]]: z.ZodType<Commands[T][F]> } };

export const commandTypes = Object.keys(fields) as CommandType[];

/** A command with its type as `do`, as the timeline's entries hold it. */
export type TimelineCommand = { [T in CommandType]: { do: T } & Commands[T] }[CommandType];

/** One schema a command, in the order of `commandTypes`; `trigger` is what every entry may have beside the command. */
export function commandSchemas<T extends z.ZodRawShape>(trigger: T): z.ZodObject[] {
  return commandTypes.map((type) => {
    const { about, example } = commandDocumentation[type];
    const say = z.literal(type).meta({ description: `${about.en}. In the palette: ${example}` });
    return z.strictObject({ do: say, ...fields[type], ...trigger }).meta({ title: type, description: about.en });
  });
}
