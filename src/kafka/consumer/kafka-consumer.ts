export interface KafkaConsumer {
  readonly nodeId: string;
}
