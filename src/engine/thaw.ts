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
  readonly whenRead?: boolean;
}

export type Plain = Record<string, unknown>;

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

/** A field of fields() that is seldom read and large: it is thawed only when it is. */
export function whenRead(shape: Shape): Shape {
  return { ...shape, whenRead: true };
}

/** An object of which some fields have a shape of their own; the others are copied. */
export function fields(shapes: Readonly<Record<string, Shape>>): Shape {
  return {
    thaw(base) {
      if (!isObject(base)) return base;
      const work: Plain = { ...(base as Plain) };
      for (const key in work) {
        const value = work[key];
        if (isObject(value)) thawField(work, key, value, shapes[key] ?? copied);
      }
      return work;
    },
    settle(base, thawed) {
      if (!isObject(thawed)) return thawed;
      const work = thawed as Plain;
      const before = isObject(base) && !Array.isArray(base) ? (base as Plain) : null;
      for (const key in work) settleField(work, key, before?.[key], shapes[key] ?? copied);
      return before !== null && sameFields(before, work) ? before : work;
    },
  };
}

export function thawField(work: Plain, key: string, base: object, shape: Shape): void {
  if (shape.whenRead !== true) {
    work[key] = shape.thaw(base);
    return;
  }
  const put = (value: unknown): void => {
    Object.defineProperty(work, key, { value, writable: true, enumerable: true, configurable: true });
  };
  const get = (): unknown => {
    const thawed = shape.thaw(base);
    put(thawed);
    return thawed;
  };
  Object.defineProperty(work, key, { get, set: put, enumerable: true, configurable: true });
}

export function settleField(work: Plain, key: string, base: unknown, shape: Shape): void {
  if (shape.whenRead === true && Object.getOwnPropertyDescriptor(work, key)!.get !== undefined) {
    Object.defineProperty(work, key, { value: base, writable: true, enumerable: true, configurable: true });
    return;
  }
  const value = work[key];
  if (isObject(value)) work[key] = shape.settle(base, value);
}

/** What stands behind the proxy of a record or list. */
interface Opened {
  work: Plain;
  /** The keys of the members that were thawed. */
  keys: string[];
  /** A member was put in or taken out. */
  isWritten: boolean;
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
      return proxyOf(base as Plain, thaw);
    },
    settle(base, thawed) {
      if (!isObject(thawed)) return thawed;
      const opened = (thawed as { [OPENED]?: Opened })[OPENED];
      const work = opened === undefined ? (thawed as Plain) : opened.work;
      const before = (isObject(base) && Array.isArray(base) === Array.isArray(work) ? base : null) as Plain | null;
      const keys = opened === undefined || opened.isWritten || before === null ? Object.keys(work) : opened.keys;
      let isSame = true;
      for (const key of keys) {
        const value = work[key];
        if (!isObject(value) || value === before?.[key]) continue;
        work[key] = settle(before?.[key], value, key);
        if (work[key] !== before?.[key]) isSame = false;
      }
      if (before === null) return work;
      if (keys === opened?.keys) return isSame ? before : work;
      return (Array.isArray(work) ? sameMembers(before as unknown as unknown[], work) : sameFields(before, work)) ? before : work;
    },
  };
}

function proxyOf(base: Plain, thaw: (base: unknown, key: string) => unknown): object {
  const work: Plain = Array.isArray(base) ? (base.slice() as unknown as Plain) : { ...base };
  const opened: Opened = { work, keys: [], isWritten: false };
  return new Proxy(work, {
    get(_, name) {
      const key = name as string;
      const value = work[key];
      if (typeof value !== "object" || value === null) return name === OPENED ? opened : value;
      if (value !== base[key]) return value;
      const thawed = thaw(value, key);
      work[key] = thawed;
      opened.keys.push(key);
      return thawed;
    },
    set(_, key, value) {
      opened.isWritten = true;
      work[key as string] = value;
      return true;
    },
    deleteProperty(_, key) {
      opened.isWritten = true;
      return delete work[key as string];
    },
  });
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
