import { type ConfigScope, configDefinition } from "../../src/kafka/protocol/config-catalogue.ts";

interface Input {
  scope: ConfigScope;
  key: string;
}

export function runCase({ scope, key }: Input): unknown {
  const definition = configDefinition(scope, key);
  if (definition === undefined) return null;
  const { order, type, required, default: defaultValue, validator, importance, internal, brokerKeys } = definition;
  const output = { order, type, required, default: defaultValue, validator, importance, internal };
  return scope === "topic" ? { ...output, brokerKeys: brokerKeys.map((broker) => [broker.key, broker.factor]) } : output;
}
