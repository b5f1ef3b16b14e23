/** A set of ids as the recordings write it: "0-9,12", in ascending order. */
export function asRuns(ids: Iterable<number>): string {
  return runsInOrder([...new Set(ids)].sort((a, b) => a - b));
}

/** Ids in the order in which they stand: "0,5,4,3,2,1,6-10". */
export function runsInOrder(ids: readonly number[]): string {
  const runs: string[] = [];
  for (let first = 0; first < ids.length; ) {
    let last = first;
    while (last + 1 < ids.length && ids[last + 1] === ids[last]! + 1) last += 1;
    runs.push(first === last ? String(ids[first]) : `${ids[first]}-${ids[last]}`);
    first = last + 1;
  }
  return runs.join(",");
}
