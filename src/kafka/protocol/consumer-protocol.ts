/**
 * What members and leader of a classic group tell each other through the coordinator, as text that the coordinator need not understand.
 * Models org.apache.kafka.clients.consumer.internals.ConsumerProtocol. Left out: versions, the binary encoding.
 */
export const consumerProtocolType = "consumer";

export interface Subscription {
  topics: string[];
  /** Empty under EAGER. */
  ownedPartitions: string[];
  /** -1: it never had an assignment. */
  generationId: number;
  rackId: string | null;
  /** The sticky assignor's memory; "" for the others. */
  userData: string;
}

export function encodeSubscription(subscription: Subscription): string {
  return JSON.stringify([
    subscription.topics,
    subscription.ownedPartitions,
    subscription.generationId,
    subscription.rackId,
    subscription.userData,
  ]);
}

/** null: this is no subscription. */
export function decodeSubscription(text: string): Subscription | null {
  const fields = parseArray(text);
  if (fields === null || fields.length !== 5) return null;
  const [topics, ownedPartitions, generationId, rackId, userData] = fields as [string[], string[], number, string | null, string];
  if (!Array.isArray(topics) || !Array.isArray(ownedPartitions)) return null;
  return { topics, ownedPartitions, generationId, rackId, userData };
}

export function encodeAssignment(partitions: readonly string[]): string {
  return JSON.stringify(partitions);
}

/** "" and anything else that is no assignment: nothing assigned. */
export function decodeAssignment(text: string): string[] {
  return (parseArray(text) as string[] | null) ?? [];
}

function parseArray(text: string): unknown[] | null {
  if (text.charCodeAt(0) !== 0x5b) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
