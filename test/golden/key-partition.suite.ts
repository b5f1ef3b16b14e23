import { murmur2, partitionForKey } from "../../src/kafka/protocol/murmur2.ts";

interface Input {
  keyHex: string;
  partitions: number;
}

export function runCase(input: Input): unknown {
  const hash = murmur2(Uint8Array.from(Buffer.from(input.keyHex, "hex")));
  return { murmur2: hash, partition: partitionForKey(hash, input.partitions) };
}
