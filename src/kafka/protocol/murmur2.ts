/**
 * The hash by which a producer spreads keys over partitions.
 * Models org.apache.kafka.common.utils.Utils.murmur2 and BuiltInPartitioner.partitionForKey.
 */

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** Kafka's murmur2 of the serialized key: a signed 32-bit number. */
export function murmur2(key: Uint8Array): number {
  const length = key.length;
  let hash = SEED ^ length;
  const wholeWords = length & ~3;
  for (let i = 0; i < wholeWords; i += 4) {
    hash = mixWord(hash, key[i]! | (key[i + 1]! << 8) | (key[i + 2]! << 16) | (key[i + 3]! << 24));
  }
  switch (length & 3) {
    case 3:
      return finish(Math.imul(hash ^ (key[wholeWords + 2]! << 16) ^ (key[wholeWords + 1]! << 8) ^ key[wholeWords]!, M));
    case 2:
      return finish(Math.imul(hash ^ (key[wholeWords + 1]! << 8) ^ key[wholeWords]!, M));
    case 1:
      return finish(Math.imul(hash ^ key[wholeWords]!, M));
    default:
      return finish(hash);
  }
}

/** Kafka's murmur2 of a text in UTF-8; a text of ASCII, as most keys are, is hashed without making bytes. */
export function murmur2OfText(key: string): number {
  const length = key.length;
  let seen = 0;
  for (let i = 0; i < length; i++) seen |= key.charCodeAt(i);
  if (seen > 0x7f) return murmur2(utf8.encode(key));

  let hash = SEED ^ length;
  const wholeWords = length & ~3;
  for (let i = 0; i < wholeWords; i += 4) {
    hash = mixWord(hash, key.charCodeAt(i) | (key.charCodeAt(i + 1) << 8) | (key.charCodeAt(i + 2) << 16) | (key.charCodeAt(i + 3) << 24));
  }
  if (wholeWords === length) return finish(hash);
  for (let i = length - 1; i >= wholeWords; i--) hash ^= key.charCodeAt(i) << ((i & 3) << 3);
  return finish(Math.imul(hash, M));
}

/** The partition of a keyed record, among all partitions of the topic, leaderless ones too. */
export function partitionForKey(hash: number, partitionCount: number): number {
  return (hash & 0x7fffffff) % partitionCount;
}

const utf8 = new TextEncoder();

function mixWord(hash: number, word: number): number {
  let k = Math.imul(word, M);
  k = Math.imul(k ^ (k >>> 24), M);
  return Math.imul(hash, M) ^ k;
}

function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 13), M);
  return mixed ^ (mixed >>> 15);
}
