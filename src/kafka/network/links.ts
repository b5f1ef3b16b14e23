import type { NodeId } from "../protocol/context.ts";

/** Links: one for each ordered pair of nodes. Only those that differ from the default, or have a bandwidth to share, are kept. */
export interface Links {
  readonly defaults: LinkDefaults;
  /** By linkKey. */
  byKey: Record<string, Link>;
  /** Nodes of which every link is cut. */
  isolated: Record<NodeId, boolean>;
}

export interface LinkDefaults {
  /** One way, whole milliseconds, at least 1. */
  readonly latencyMs: number;
  readonly bandwidthBytesPerSecond: number | null;
}

export interface Link {
  from: NodeId;
  to: NodeId;
  latencyMs: number;
  /** null: no limit. */
  bandwidthBytesPerSecond: number | null;
  cut: boolean;
  /** When the last byte that was given to it has left, in whole microseconds; all connections of the pair share it. */
  busyUntilMicros: number;
}

/** What a screen shows of a link. */
export interface LinkState {
  latencyMs: number;
  bandwidthBytesPerSecond: number | null;
  cut: boolean;
  slowed: boolean;
}

export function createLinks(defaults: LinkDefaults): Links {
  return {
    defaults: { latencyMs: Math.max(1, defaults.latencyMs), bandwidthBytesPerSecond: defaults.bandwidthBytesPerSecond },
    byKey: {},
    isolated: {},
  };
}

export function linkKey(from: NodeId, to: NodeId): string {
  return `${from}>${to}`;
}

export function isCut(links: Links, from: NodeId, to: NodeId): boolean {
  return links.isolated[from] === true || links.isolated[to] === true || links.byKey[linkKey(from, to)]?.cut === true;
}

export function stateOfLink(links: Links, from: NodeId, to: NodeId): LinkState {
  const link = links.byKey[linkKey(from, to)];
  const latencyMs = link?.latencyMs ?? links.defaults.latencyMs;
  const bandwidthBytesPerSecond = link === undefined ? links.defaults.bandwidthBytesPerSecond : link.bandwidthBytesPerSecond;
  const slowed = latencyMs !== links.defaults.latencyMs || bandwidthBytesPerSecond !== links.defaults.bandwidthBytesPerSecond;
  return { latencyMs, bandwidthBytesPerSecond, cut: isCut(links, from, to), slowed };
}

/** The link of a pair, to be changed; made of the defaults if it had none of its own. */
export function ownLink(links: Links, from: NodeId, to: NodeId): Link {
  const key = linkKey(from, to);
  links.byKey[key] ??= {
    from,
    to,
    latencyMs: links.defaults.latencyMs,
    bandwidthBytesPerSecond: links.defaults.bandwidthBytesPerSecond,
    cut: false,
    busyUntilMicros: 0,
  };
  return links.byKey[key];
}

/** When a message given to the link now arrives; a link with a bandwidth is busy with it until its last byte has left. */
export function arrivalOf(links: Links, key: string, sizeBytes: number, now: number): number {
  let link = links.byKey[key];
  if (link === undefined) {
    if (links.defaults.bandwidthBytesPerSecond === null) return now + links.defaults.latencyMs;
    const separator = key.indexOf(">");
    link = ownLink(links, key.slice(0, separator), key.slice(separator + 1));
  }
  if (link.bandwidthBytesPerSecond === null) return now + link.latencyMs;
  link.busyUntilMicros = Math.max(link.busyUntilMicros, now * 1000) + Math.ceil((sizeBytes * 1_000_000) / link.bandwidthBytesPerSecond);
  return Math.ceil(link.busyUntilMicros / 1000) + link.latencyMs;
}
