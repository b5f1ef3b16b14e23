/** A partition's name, "orders-3": the key by which every room knows it. Models org.apache.kafka.common.TopicPartition. */
export function topicPartitionOf(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

export function topicOf(topicPartition: string): string {
  return topicPartition.slice(0, topicPartition.lastIndexOf("-"));
}

export function partitionOf(topicPartition: string): number {
  return Number(topicPartition.slice(topicPartition.lastIndexOf("-") + 1));
}

/** By topic (in order of code units), then by number: the order in which samsa walks where Kafka walks a hash table. */
export function compareTopicPartitions(a: string, b: string): number {
  const topicA = topicOf(a);
  const topicB = topicOf(b);
  if (topicA !== topicB) return topicA < topicB ? -1 : 1;
  return partitionOf(a) - partitionOf(b);
}
