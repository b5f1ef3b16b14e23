import { describe, expect, test } from "vitest";
import { placeReplicas, type UsableBroker } from "../../../src/kafka/controller/replica-placer.ts";
import type { Chance } from "../../../src/kernel/chance.ts";

/** The generator of Kafka's own tests (MockRandom), with java.util.Random's way to a bounded number. */
function kafkaTestChance(): Chance {
  let state = 17n;
  const next31 = (): number => {
    state = BigInt.asUintN(64, state * 2862933555777941757n + 3037000493n);
    return Number(state >> 33n);
  };
  const below = (_stream: string, bound: number): number => {
    const drawn = next31();
    return (bound & (bound - 1)) === 0 ? Number((BigInt(bound) * BigInt(drawn)) >> 31n) : drawn % bound;
  };
  return { int31: next31, below, jitter: () => 1 };
}

function live(...ids: number[]): UsableBroker[] {
  return ids.map((id) => ({ id, rack: null, fenced: false }));
}

function place(brokers: UsableBroker[], partitions: number, replicationFactor: number): unknown {
  return placeReplicas(brokers, partitions, replicationFactor, kafkaTestChance());
}

describe("replicas", () => {
  test("are striped over the brokers and reshuffled after as many partitions as brokers (case 63)", () => {
    expect(place(live(0, 3, 2, 1), 5, 3)).toMatchObject({
      replicas: [
        [2, 3, 0],
        [3, 0, 1],
        [0, 1, 2],
        [1, 2, 3],
        [1, 0, 2],
      ],
    });
  });

  test("go to a fenced broker only when the live ones are used up (case 64)", () => {
    const brokers = [...live(3), { id: 1, rack: null, fenced: true }, ...live(2)];
    expect(place(brokers, 4, 3)).toMatchObject({
      replicas: [
        [3, 2, 1],
        [2, 3, 1],
        [3, 2, 1],
        [2, 3, 1],
      ],
    });
  });

  test("avoid a fenced broker that is not needed", () => {
    const brokers = [...live(3), { id: 1, rack: null, fenced: true }, ...live(0, 4, 2)];
    expect(place(brokers, 5, 4)).toMatchObject({
      replicas: [
        [3, 4, 0, 2],
        [4, 0, 2, 3],
        [0, 2, 3, 4],
        [2, 3, 4, 0],
        [0, 4, 3, 2],
      ],
    });
  });

  test("are spread over racks, and never lead from a rack without a live broker", () => {
    const rack = (id: number, fenced = false): UsableBroker => ({ id, rack: String(Math.floor(id / 10)), fenced });
    expect(place([rack(11), rack(10), rack(30), rack(31), rack(21), rack(20, true)], 3, 4)).toMatchObject({
      replicas: [
        [11, 21, 31, 10],
        [21, 30, 10, 20],
        [31, 11, 21, 30],
      ],
    });
    const half = [rack(11), rack(10), rack(30, true), rack(31, true), rack(20, true), rack(21, true), rack(41), rack(40, true)];
    expect(place(half, 3, 4)).toMatchObject({
      replicas: [
        [41, 11, 21, 30],
        [10, 20, 31, 41],
        [41, 21, 30, 11],
      ],
    });
  });

  test("of one live broker alone all lead there", () => {
    expect(place([...live(0), { id: 1, rack: null, fenced: true }], 3, 1)).toMatchObject({ replicas: [[0], [0], [0]] });
  });

  test("cannot be placed without enough brokers", () => {
    expect(place([{ id: 1, rack: null, fenced: true }], 1, 1)).toMatchObject({ refusal: "All brokers are currently fenced." });
    expect(place(live(1, 2), 1, 3)).toMatchObject({
      refusal: "The target replication factor of 3 cannot be reached because only 2 broker(s) are registered.",
    });
    expect(place(live(1, 2), 1, 0)).toMatchObject({ refusal: "Invalid replication factor 0: the replication factor must be positive." });
  });
});
