/** Numbers as people read them: never more digits than the eye needs, and as few changes a second as possible. */

export function count(value: number): string {
  const whole = Math.round(value);
  if (Math.abs(whole) < 100_000) return grouped(whole);
  if (Math.abs(whole) < 1_000_000) return `${Math.trunc(whole / 1000)}k`;
  if (Math.abs(whole) < 1_000_000_000) return `${oneDecimal(whole / 1_000_000)}M`;
  return `${oneDecimal(whole / 1_000_000_000)}G`;
}

/** In at most five columns where every one counts: 9,999, 14.0k, 186k. */
export function shortCount(value: number): string {
  const whole = Math.round(value);
  return whole < 10_000 || whole >= 100_000 ? count(whole) : `${(whole / 1000).toFixed(1)}k`;
}

/** Every digit, in groups of three. */
export function grouped(whole: number): string {
  const digits = String(Math.abs(whole));
  let text = "";
  for (let index = 0; index < digits.length; index++) {
    if (index > 0 && (digits.length - index) % 3 === 0) text += ",";
    text += digits[index];
  }
  return whole < 0 ? `-${text}` : text;
}

export function rate(perSecond: number): string {
  if (perSecond < 10) return oneDecimal(perSecond);
  if (perSecond < 1000) return String(Math.round(perSecond));
  if (perSecond < 1_000_000) return `${oneDecimal(perSecond / 1000)}k`;
  return `${oneDecimal(perSecond / 1_000_000)}M`;
}

const byteUnits = ["B", "KB", "MB", "GB", "TB"];

export function bytes(value: number): string {
  const [amount, unit] = scaledBytes(value, unitOf(value));
  return `${amount} ${unit}`;
}

/** "1.2 of 32 MB": both in the unit of the whole. */
export function bytesOf(part: number, whole: number, of: string): string {
  const unit = unitOf(whole);
  return `${scaledBytes(part, unit)[0]} ${of} ${scaledBytes(whole, unit).join(" ")}`;
}

/** 340, 6.1k, 16.0k, 1.2M. */
export function compactBytes(value: number): string {
  if (value < 1000) return String(value);
  if (value < 1024 * 1000) return `${(value / 1024).toFixed(1)}k`;
  return `${(value / 1024 / 1024).toFixed(1)}M`;
}

function unitOf(value: number): number {
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < byteUnits.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return unit;
}

function scaledBytes(value: number, unit: number): [string, string] {
  const scaled = value / 1024 ** unit;
  const text = unit === 0 || scaled >= 100 || Number.isInteger(scaled) ? String(Math.round(scaled)) : oneDecimal(scaled);
  return [text, byteUnits[unit]!];
}

function oneDecimal(value: number): string {
  const tenths = Math.round(value * 10);
  return tenths % 10 === 0 && Math.abs(tenths) >= 1000 ? String(tenths / 10) : (tenths / 10).toFixed(1);
}

/**
 * A span of time that counts up or down, in steps of `grainMs` so that the screen stays calm:
 * 62 ms, 3.4 s, 1:52, 2:05:03.
 */
export function duration(ms: number, grainMs = 1): string {
  const stepped = Math.max(0, grainMs > 1 ? Math.ceil(ms / grainMs) * grainMs : Math.round(ms));
  if (stepped < 1000 && grainMs < 100) return `${stepped} ms`;
  if (stepped < 60_000) return `${(Math.round(stepped / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(stepped / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** A span of time that a config fixes: 5 ms, 30 s, 2 min. */
export function fixedDuration(ms: number): string {
  if (ms >= 9_007_199_254_740_991) return "∞";
  if (ms < 1000) return `${ms} ms`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`;
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return `${Number((ms / 1000).toFixed(1))} s`;
}

/** Virtual time: 0:21.480, 1:02:03.004. Digits finer than the grain are left out. */
export function clockTime(ms: number, grainMs = 1): string {
  const whole = Math.floor(ms / 1000);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const millis = String(Math.floor(ms % 1000)).padStart(3, "0");
  const fraction = grainMs >= 100 ? millis.slice(0, 1) : millis;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}.${fraction}`;
}

/** The finest step of time worth showing at a speed: a tenth of a second of real time, at least 1 ms. */
export function grainAt(speed: number): number {
  if (speed >= 0.5) return 100;
  return speed >= 0.05 ? 10 : 1;
}

/** A speed: 1/20, 1, 5. */
export function speedText(speed: number, times: string): string {
  return speed >= 0.6 || speed <= 0 ? `${times}${Number(speed.toFixed(1))}` : `1/${grouped(Math.round(1 / speed))}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
