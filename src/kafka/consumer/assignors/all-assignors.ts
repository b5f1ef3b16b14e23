import type { Assignor } from "./assignor.ts";
import { rangeAssignor } from "./range-assignor.ts";
import { roundRobinAssignor } from "./round-robin-assignor.ts";
import { cooperativeStickyAssignor, stickyAssignor } from "./sticky-assignor.ts";

const assignors: Readonly<Record<string, Assignor>> = {
  range: rangeAssignor,
  roundrobin: roundRobinAssignor,
  sticky: stickyAssignor,
  "cooperative-sticky": cooperativeStickyAssignor,
};

/** By the name that stands in JoinGroup; undefined: there is none of that name. */
export function assignorOf(name: string): Assignor | undefined {
  return assignors[name];
}
