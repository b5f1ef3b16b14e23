/** All partitions of all topics, one after the other, to the members in turn. Models org.apache.kafka.clients.consumer.RoundRobinAssignor. */
import { topicPartitionOf } from "../../protocol/topic-partition.ts";
import { type AssignableTopic, type Assignor, type AssignorMember, compareMembers } from "./assignor.ts";

export const roundRobinAssignor: Assignor = { name: "roundrobin", rebalanceProtocols: ["EAGER"], assign };

function assign(topics: readonly AssignableTopic[], members: readonly AssignorMember[]): Record<string, string[]> {
  const assignment: Record<string, string[]> = {};
  for (const member of members) assignment[member.memberId] = [];
  const sorted = members.slice().sort(compareMembers);
  let turn = 0;
  for (const topic of topics) {
    if (!sorted.some((member) => member.subscription.topics.includes(topic.name))) continue;
    for (let partition = 0; partition < topic.partitions; partition++) {
      while (!sorted[turn % sorted.length]!.subscription.topics.includes(topic.name)) turn += 1;
      assignment[sorted[turn % sorted.length]!.memberId]!.push(topicPartitionOf(topic.name, partition));
      turn += 1;
    }
  }
  return assignment;
}
