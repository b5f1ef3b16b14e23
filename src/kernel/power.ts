/**
 * Powers and logarithms by additions, multiplications and divisions alone, in one fixed order: IEEE 754 fixes the result of those to the last bit,
 * so every machine agrees, which Math.pow and Math.log do not promise. These are the methods of fdlibm, which Java's StrictMath also uses.
 * Left out of power: negative bases and exponents of 2^31 and more.
 *
 * After fdlibm 5.3, Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
 * Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice is preserved.
 */

/** The natural logarithm: -Infinity for 0, NaN for negative numbers. */
export function naturalLog(x: number): number {
  if (x === 0) return -Infinity;
  if (!(x > 0)) return NaN;
  if (x === Infinity) return Infinity;

  // x = 2^k * (1 + f), with 1 + f between sqrt(2) / 2 and sqrt(2).
  let k = 0;
  if (x < SMALLEST_NORMAL) {
    k -= 54;
    x *= 2 ** 54;
  }
  let high = highWord(x);
  k += (high >> 20) - 1023;
  high &= 0xfffff;
  const carry = (high + 0x95f64) & 0x100000;
  x = withHighWord(x, high | (carry ^ 0x3ff00000));
  k += carry >> 20;
  const f = x - 1;

  if ((0xfffff & (2 + high)) < 3) {
    // |f| < 2^-20: the series' first terms are enough.
    if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + k * LN2_LOW;
    const r = f * f * (0.5 - 0.33333333333333333 * f);
    return k === 0 ? f - r : k * LN2_HIGH - (r - k * LN2_LOW - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const r = z * (LG1 + w * (LG3 + w * (LG5 + w * LG7))) + w * (LG2 + w * (LG4 + w * LG6));
  if (((high - 0x6147a) | (0x6b851 - high)) > 0) {
    const halfSquare = 0.5 * f * f;
    if (k === 0) return f - (halfSquare - s * (halfSquare + r));
    return k * LN2_HIGH - (halfSquare - (s * (halfSquare + r) + k * LN2_LOW) - f);
  }
  if (k === 0) return f - s * (f - r);
  return k * LN2_HIGH - (s * (f - r) - k * LN2_LOW - f);
}

/** base to the power of exponent, for a base of 0 or more. */
export function power(base: number, exponent: number): number {
  if (exponent === 0 || base === 1) return 1;
  if (!(base >= 0) || Number.isNaN(exponent)) return NaN;
  if (base === 0 || base === Infinity) return exponent > 0 ? base : 1 / base;
  if (exponent === 1) return base;
  if (exponent === -1) return 1 / base;
  if (exponent === 2) return base * base;
  if (exponent === 0.5) return Math.sqrt(base);
  if (Math.abs(exponent) >= 2 ** 31) return exponent > 0 === base > 1 ? Infinity : 0;
  return twoToTheProduct(base, exponent);
}

/** 2^(exponent * log2(base)), with the logarithm and the product in two parts (high and low) each. */
function twoToTheProduct(base: number, exponent: number): number {
  let n = 0;
  let x = base;
  if (x < SMALLEST_NORMAL) {
    x *= 2 ** 53;
    n -= 53;
  }
  let high = highWord(x);
  n += (high >> 20) - 1023;
  const mantissa = high & 0xfffff;
  high = mantissa | 0x3ff00000;
  let near = 0;
  if (mantissa > 0x3988e) {
    if (mantissa < 0xbb67a) near = 1;
    else {
      n += 1;
      high -= 0x100000;
    }
  }
  x = withHighWord(x, high);
  const pivot = near === 0 ? 1 : 1.5;

  // ss = (x - pivot) / (x + pivot), in two parts.
  let u = x - pivot;
  let v = 1 / (x + pivot);
  const ss = u * v;
  const sHigh = withoutLowWord(ss);
  let tHigh = fromHighWord(((high >> 1) | 0x20000000) + 0x80000 + (near << 18));
  let tLow = x - (tHigh - pivot);
  const sLow = v * (u - sHigh * tHigh - sHigh * tLow);

  // log(x) of the mantissa.
  let square = ss * ss;
  let r = square * square * (L1 + square * (L2 + square * (L3 + square * (L4 + square * (L5 + square * L6)))));
  r += sLow * (sHigh + ss);
  square = sHigh * sHigh;
  tHigh = withoutLowWord(3 + square + r);
  tLow = r - (tHigh - 3 - square);
  u = sHigh * tHigh;
  v = sLow * tHigh + tLow * ss;
  let pHigh = withoutLowWord(u + v);
  let pLow = v - (pHigh - u);
  const zHigh = CP_HIGH * pHigh;
  const zLow = CP_LOW * pHigh + pLow * CP + (near === 0 ? 0 : DP_LOW);
  const dpHigh = near === 0 ? 0 : DP_HIGH;
  const log2High = withoutLowWord(zHigh + zLow + dpHigh + n);
  const log2Low = zLow - (log2High - n - dpHigh - zHigh);

  const exponentHigh = withoutLowWord(exponent);
  pLow = (exponent - exponentHigh) * log2High + exponent * log2Low;
  pHigh = exponentHigh * log2High;
  let z = pLow + pHigh;
  if (z > 1024 || (z === 1024 && pLow + OVERFLOW_BORDER > z - pHigh)) return Infinity;
  if (z < -1075 || (z === -1075 && pLow <= z - pHigh)) return 0;

  // 2^(whole + rest).
  const whole = nearestInteger(z);
  pHigh -= whole;
  const t = withoutLowWord(pLow + pHigh);
  u = t * LN2_SHORT_HIGH;
  v = (pLow - (t - pHigh)) * LN2 + t * LN2_SHORT_LOW;
  z = u + v;
  const w = v - (z - u);
  const zz = z * z;
  const t1 = z - zz * (P1 + zz * (P2 + zz * (P3 + zz * (P4 + zz * P5))));
  r = (z * t1) / (t1 - 2) - (w + z * w);
  return timesPowerOfTwo(1 - (r - z), whole);
}

/** Rounds halves away from zero; what lies within a half is 0. */
function nearestInteger(z: number): number {
  const size = Math.abs(z);
  if (size <= 0.5) return 0;
  return z < 0 ? -Math.floor(size + 0.5) : Math.floor(size + 0.5);
}

/** x * 2^n. Exact while the result is a normal number, rounded once otherwise. */
function timesPowerOfTwo(x: number, n: number): number {
  const high = highWord(x) + n * 0x100000;
  if (high >> 20 > 0) return withHighWord(x, high);
  return withHighWord(x, high + 54 * 0x100000) * 2 ** -54;
}

const words = new DataView(new ArrayBuffer(8));

function highWord(x: number): number {
  words.setFloat64(0, x);
  return words.getInt32(0);
}

function withHighWord(x: number, high: number): number {
  words.setFloat64(0, x);
  words.setInt32(0, high);
  return words.getFloat64(0);
}

function withoutLowWord(x: number): number {
  words.setFloat64(0, x);
  words.setInt32(4, 0);
  return words.getFloat64(0);
}

function fromHighWord(high: number): number {
  words.setInt32(0, high);
  words.setInt32(4, 0);
  return words.getFloat64(0);
}

const SMALLEST_NORMAL = 2 ** -1022;
const LN2 = 6.93147180559945286227e-1;
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const LN2_SHORT_HIGH = 6.93147182464599609375e-1;
const LN2_SHORT_LOW = -1.90465429995776804525e-9;
/** Of (log(1 + s) - log(1 - s)) / s - 2. */
const LG1 = 6.66666666666673513e-1;
const LG2 = 3.999999999940941908e-1;
const LG3 = 2.857142874366239149e-1;
const LG4 = 2.222219843214978396e-1;
const LG5 = 1.818357216161805012e-1;
const LG6 = 1.531383769920937332e-1;
const LG7 = 1.479819860511658591e-1;
/** log2(1.5) in two parts. */
const DP_HIGH = 5.84962487220764160156e-1;
const DP_LOW = 1.35003920212974897128e-8;
const L1 = 5.99999999999994648725e-1;
const L2 = 4.28571428578550184252e-1;
const L3 = 3.33333329818377432918e-1;
const L4 = 2.72728123808534006489e-1;
const L5 = 2.30660745775561754067e-1;
const L6 = 2.06975017800338417784e-1;
const P1 = 1.66666666666666019037e-1;
const P2 = -2.77777777770155933842e-3;
const P3 = 6.61375632143793436117e-5;
const P4 = -1.6533902205465251539e-6;
const P5 = 4.13813679705723846039e-8;
/** 2 / (3 * ln 2), whole and in two parts. */
const CP = 9.61796693925975554329e-1;
const CP_HIGH = 9.61796700954437255859e-1;
const CP_LOW = -7.02846165095275826516e-9;
/** -(1024 - log2(the largest double + half its last place)). */
const OVERFLOW_BORDER = 8.0085662595372944372e-17;
