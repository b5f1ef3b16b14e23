/**
 * The handlers inside one immer draft: how the dashboard comes from one frame to the next.
 *
 * What changes seldom (metadata, controllers, coordinators, the scenario's own spec) is drafted by immer. What nearly every event reads and writes
 * is thawed beside the draft, in the shapes below, and joined with it at the end (see thaw.ts). Handlers see no difference.
 */
import { produce } from "immer";
import type { World } from "../kafka/cluster/world.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Progress } from "../scenario/progress.ts";
import { attachRun, type ScenarioRun } from "./scenario-run.ts";
import { type RunLimit, run as runEvents } from "./simulation.ts";
import {
  copied,
  each,
  fields,
  kept,
  lazily,
  listOfKept,
  type Shape,
  sameOr,
  settleField,
  tailCopied,
  thawField,
  whenRead,
} from "./thaw.ts";

/** A client knows the whole cluster; it reads of it what it needs. */
const metadata = fields({
  cache: fields({ topics: each(each(copied)), leadBy: whenRead(each(copied)), available: whenRead(each(copied)) }),
  lastSeenLeaderEpochs: whenRead(copied),
  settings: kept,
});

/** Batches never change once they are in a log. */
const log = fields({ segments: each(fields({ batches: listOfKept })) });

const image = fields({ brokers: each(copied), partitions: whenRead(each(copied)), topics: each(copied), configs: each(copied) });

const brokerShapes: Readonly<Record<string, Shape>> = {
  image,
  costs: kept,
  settings: kept,
  controllers: kept,
  configs: kept,
  logs: each(log),
  partitions: each(fields({ settings: kept })),
  fetchers: each(fields({ partitions: each(copied) })),
  connections: each(fields({ session: fields({ partitions: each(copied) }) })),
  clientConnections: each(copied),
  purgatory: fields({ produces: each(copied), fetches: each(copied) }),
};

/** What of a broker is drafted. */
const draftedOfBroker = ["alterPartitions", "producerIds", "coordinators", "channels", "lifecycle", "metadataLoader"];

const worldShapes: Readonly<Record<string, Shape>> = {
  nodes: each(copied),
  network: fields({ connections: each(copied), endpoints: each(copied), links: copied }),
  producers: each(fields({ producer: fields({ metadata, accumulator: fields({ batches: each(copied) }) }) })),
  consumers: each(fields({ consumer: fields({ network: fields({ metadata }) }) })),
};

const lane = fields({ regular: tailCopied });

const ledgerShape = fields({
  producers: each(copied),
  partitions: each(
    fields({ chunks: tailCopied, lanes: each(lane), replicas: each(fields({ branch: each(copied) })), groups: each(copied) }),
  ),
});

type Fields = Record<string, unknown>;

interface State {
  world: World;
  ledger: Ledger;
  progress: Progress;
}

/** Handles what is due, as `run` of simulation.ts does; what the run held before stays as it was. Returns the number of events handled. */
export function runInDraft(run: ScenarioRun, limit: RunLimit): number {
  const { simulation } = run;
  const before: State = { world: simulation.world, ledger: simulation.ledger, progress: run.progress };
  const brokers = brokersShape(before);
  const ledger = ledgerShape.thaw(before.ledger) as Ledger;
  const progress = copied.thaw(before.progress) as Progress;
  const world = {} as Fields;
  let handled = 0;
  const after = produce(before, (draft) => {
    for (const key of Object.keys(before.world)) {
      const base = (before.world as unknown as Fields)[key];
      if (key === "brokers") world[key] = brokers.thaw(base, draft.world);
      else world[key] = worldShapes[key] === undefined ? draft.world[key as keyof World] : worldShapes[key].thaw(base);
    }
    attachRun(run, world as unknown as World, ledger, progress);
    handled = runEvents(simulation, limit);
    brokers.leave();
  });
  const settled: Fields = {};
  for (const key of Object.keys(world)) {
    const base = (before.world as unknown as Fields)[key];
    if (key === "brokers") settled[key] = brokers.settle(base, world[key], after.world);
    else settled[key] = worldShapes[key] === undefined ? after.world[key as keyof World] : worldShapes[key].settle(base, world[key]);
  }
  attachRun(
    run,
    sameOr(before.world, settled) as World,
    ledgerShape.settle(before.ledger, ledger) as Ledger,
    copied.settle(before.progress, progress) as Progress,
  );
  return handled;
}

/** Brokers are partly thawed, partly drafted: each when it is first read. */
function brokersShape({ world: { brokers: base } }: State) {
  let drafts: Record<string, Fields> = {};
  let drafted: Record<string, Fields> = {};
  const opened: Record<string, { work: Fields; given: Fields }> = {};
  const shape = lazily(
    (broker, id) => {
      const work: Fields = {};
      const given: Fields = {};
      for (const key of Object.keys(broker as Fields)) {
        const value = (broker as Fields)[key];
        if (draftedOfBroker.includes(key)) {
          given[key] = drafts[id]![key];
          work[key] = given[key];
        } else if (typeof value === "object" && value !== null) thawField(work, key, value, brokerShapes[key] ?? copied);
        else work[key] = value;
      }
      opened[id] = { work, given };
      return work;
    },
    (broker, thawed, id) => {
      const work = thawed as Fields;
      for (const key of Object.keys(work)) {
        if (!draftedOfBroker.includes(key)) settleField(work, key, (broker as Fields | undefined)?.[key], brokerShapes[key] ?? copied);
        else work[key] = drafted[id]?.[key] ?? work[key];
      }
      return sameOr(broker, work);
    },
  );
  return {
    thaw(_: unknown, draft: World): unknown {
      drafts = draft.brokers as unknown as Record<string, Fields>;
      return shape.thaw(base);
    },
    /** Within the draft: what was exchanged as a whole is given to immer, which knows what of it is drafted. */
    leave(): void {
      for (const id of Object.keys(opened)) {
        const { work, given } = opened[id]!;
        for (const key of Object.keys(given)) if (work[key] !== given[key]) drafts[id]![key] = work[key];
      }
    },
    settle(_: unknown, work: unknown, after: World): unknown {
      drafted = after.brokers as unknown as Record<string, Fields>;
      return shape.settle(base, work);
    },
  };
}
