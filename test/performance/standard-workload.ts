/** The workload by which throughput is measured: design section 4. */
export const standardWorkload = JSON.stringify({
  title: "standard workload",
  seed: 1,
  end: "1h",
  kafka: { brokers: 3 },
  topics: [{ name: "orders", partitions: 12, replicationFactor: 3, configs: { "retention.ms": 60_000, "segment.ms": 10_000 } }],
  producers: [
    {
      name: "p1",
      topic: "orders",
      rate: 100_000,
      valueSize: 100,
      configs: { acks: "all", "enable.idempotence": true, "batch.size": 65_536, "linger.ms": 10 },
    },
  ],
  groups: [{ name: "billing", topics: ["orders"], members: 3, configs: { "auto.offset.reset": "earliest" } }],
});

/** A thousand records a second for hours, kept for a minute: memory must stay flat. */
export const longWorkload = JSON.stringify({
  title: "long workload",
  seed: 1,
  end: "10h",
  kafka: { brokers: 3, configs: { "log.retention.check.interval.ms": 10_000 } },
  topics: [{ name: "orders", partitions: 6, replicationFactor: 3, configs: { "retention.ms": 60_000, "segment.ms": 10_000 } }],
  producers: [{ name: "p1", topic: "orders", rate: 1000, valueSize: 100 }],
  groups: [{ name: "billing", topics: ["orders"], members: 3, configs: { "auto.offset.reset": "earliest" } }],
});
