/** Topics of Kafka itself; the screen hides them, as Kafka's own tools do. Takes a topic or a topic-partition. */
export function isInternalTopic(name: string): boolean {
  return name.startsWith("__consumer_offsets") || name.startsWith("__transaction_state");
}
