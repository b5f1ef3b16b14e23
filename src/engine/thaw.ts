/**
 * Parts of a frame that handlers change all the time, as plain copies instead of drafts.
 * A read through a draft costs a hundred times a plain one, and nearly every event reads and writes the same few small objects. So those are
 * copied when they are first read in a frame, changed in place as in a bare run, and compared with the last frame when it is over:
 * what is equal is again the very same object, so frames share what has not changed just as if all had been drafted.
 *
 * A shape says how far a copy reaches, so that a frame costs what was touched in it and not what there is.
 */
export interface Shape {
  /** What handlers may change, for something of the last frame, which stays as it is. */
  thaw(base: unknown): unknown;
  /** What the next frame holds in its place: `base` itself if nothing has changed. */
  settle(base: unknown, thawed: unknown): unknown;
}

type Plain = Record<string, unknown>;

/** All of it at once: for what is small. */
export const copied: Shape = { thaw: copyOf, settle: share };

/** Never changed in place, only exchanged: it need not be copied at all. */
export const kept: Shape = { thaw: (base) => base, settle: (_, thawed) => thawed };

/** A list of things that are never changed in place. */
export const listOfKept: Shape = {
  thaw: (base) => (base as unknown[]).slice(),
  settle: (base, thawed) => (Array.isArray(base) && sameMembers(base, thawed as unknown[]) ? base : thawed),
};

/** A list that is changed at its end: all before its last member are never changed in place. */
export const tailCopied: Shape = {
  thaw(base) {
    const list = (base as unknown[]).slice();
    if (list.length > 0) list[list.length - 1] = copyOf(list[list.length - 1]);
    return list;
  },
  settle(base, thawed) {
    const list = thawed as unknown[];
    if (!Array.isArray(base)) return list;
    const last = base.length - 1;
    if (last >= 0 && last < list.length) list[last] = share(base[last], list[last]);
    return sameMembers(base, list) ? base : list;
  },
};

/** A record or list of which few members are touched in a frame: each is thawed when it is first read. */
export function each(member: Shape): Shape {
  return lazily(
    (base) => member.thaw(base),
    (base, thawed) => member.settle(base, thawed),
  );
}

/** An object of which some fields have a shape of their own; the others are copied. */
export function fields(shapes: Readonly<Record<string, Shape>>): Shape {
  return {
    thaw(base) {
      if (!isObject(base)) return base;
      const work: Plain = { ...(base as Plain) };
      for (const key in work) {
        const value = work[key];
        if (isObject(value)) work[key] = (shapes[key] ?? copied).thaw(value);
      }
      return work;
    },
    settle(base, thawed) {
      if (!isObject(thawed)) return thawed;
      const work = thawed as Plain;
      const before = isObject(base) && !Array.isArray(base) ? (base as Plain) : null;
      for (const key in work) {
        const value = work[key];
        if (isObject(value)) work[key] = (shapes[key] ?? copied).settle(before?.[key], value);
      }
      return before !== null && sameFields(before, work) ? before : work;
    },
  };
}

/** What stands behind the proxy of a record. */
interface Lazy {
  base: Plain | unknown[];
  work: Plain | unknown[];
}

const OPENED = Symbol("opened");

/** As `each`, with functions that also learn the member's key. */
export function lazily(
  thaw: (base: unknown, key: string) => unknown,
  settle: (base: unknown, thawed: unknown, key: string) => unknown,
): Shape {
  return {
    thaw(base) {
      if (!isObject(base)) return base;
      const before = base as Plain;
      const work: Plain = Array.isArray(base) ? (base.slice() as unknown as Plain) : { ...before };
      const lazy: Lazy = { base: before, work };
      return new Proxy(work, {
        get(_, key) {
          const value = work[key as string];
          if (typeof value !== "object" || value === null) return key === OPENED ? lazy : value;
          if (value !== before[key as string]) return value;
          const thawed = thaw(value, key as string);
          work[key as string] = thawed;
          return thawed;
        },
      });
    },
    settle(base, thawed) {
      if (!isObject(thawed)) return thawed;
      const lazy = (thawed as { [OPENED]?: Lazy })[OPENED];
      const work = (lazy === undefined ? thawed : lazy.work) as Plain;
      const before = (isObject(base) && Array.isArray(base) === Array.isArray(work) ? base : null) as Plain | null;
      for (const key in work) {
        const value = work[key];
        if (isObject(value) && value !== before?.[key]) work[key] = settle(before?.[key], value, key);
      }
      if (before === null) return work;
      return (Array.isArray(work) ? sameMembers(before as unknown as unknown[], work) : sameFields(before, work)) ? before : work;
    },
  };
}

/** `before` if `after` has the very same fields. */
export function sameOr(before: unknown, after: unknown): unknown {
  return isObject(before) && isObject(after) && sameFields(before as Plain, after as Plain) ? before : after;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function copyOf(value: unknown): unknown {
  if (!isObject(value)) return value;
  if (Array.isArray(value)) {
    const list = value.slice();
    for (let i = 0; i < list.length; i++) if (isObject(list[i])) list[i] = copyOf(list[i]);
    return list;
  }
  const copy: Plain = { ...(value as Plain) };
  for (const key in copy) if (isObject(copy[key])) copy[key] = copyOf(copy[key]);
  return copy;
}

/** `after` with all that equals `before` replaced by it: `before` itself if all does. */
function share(before: unknown, after: unknown): unknown {
  if (before === after || !isObject(after) || !isObject(before)) return after;
  if (Array.isArray(after)) {
    if (!Array.isArray(before)) return after;
    for (let i = Math.min(before.length, after.length) - 1; i >= 0; i--) if (isObject(after[i])) after[i] = share(before[i], after[i]);
    return sameMembers(before, after) ? before : after;
  }
  const [old, work] = [before as Plain, after as Plain];
  for (const key in work) if (isObject(work[key])) work[key] = share(old[key], work[key]);
  return sameFields(old, work) ? old : work;
}

function sameMembers(before: readonly unknown[], after: readonly unknown[]): boolean {
  if (before.length !== after.length) return false;
  for (let i = after.length - 1; i >= 0; i--) if (before[i] !== after[i]) return false;
  return true;
}

/** Equal also in the order of the keys, by which a record is walked. */
function sameFields(before: Plain, after: Plain): boolean {
  const names = Object.keys(after);
  const old = Object.keys(before);
  if (names.length !== old.length) return false;
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    if (name !== old[i] || before[name] !== after[name]) return false;
  }
  return true;
}
