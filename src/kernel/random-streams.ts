import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { JumpableRandomGenerator } from "pure-rand/types/JumpableRandomGenerator";

/** Named streams of one seed: an extra draw by one part never shifts the draws of another. */
export interface RandomStreams {
  readonly seed: number;
  readonly generators: Map<string, JumpableRandomGenerator>;
}

export function createRandomStreams(seed: number): RandomStreams {
  return { seed, generators: new Map() };
}

/** Uniform in 0..2147483647. */
export function drawInt31(streams: RandomStreams, stream: string): number {
  let generator = streams.generators.get(stream);
  if (generator === undefined) {
    generator = xoroshiro128plus(streams.seed ^ hashOfName(stream));
    // The first outputs of near seeds resemble each other; a few are thrown away.
    for (let i = 0; i < 8; i++) generator.next();
    streams.generators.set(stream, generator);
  }
  return generator.next() & 0x7fffffff;
}

export function cloneRandomStreams(streams: RandomStreams): RandomStreams {
  const generators = new Map<string, JumpableRandomGenerator>();
  for (const [name, generator] of streams.generators) generators.set(name, xoroshiro128plusFromState(generator.getState()));
  return { seed: streams.seed, generators };
}

/** The states as plain data, in the order of their names, for comparing two moments. */
export function randomStatesOf(streams: RandomStreams): [string, readonly number[]][] {
  const states = [...streams.generators].map(([name, generator]): [string, readonly number[]] => [name, generator.getState()]);
  return states.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function hashOfName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash | 0;
}
