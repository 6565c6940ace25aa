import { wilson } from '../wilson.ts';

/** 95 %, two-sided. */
const Z = 1.959963984540054;

/** A value and the interval in which it lies with 95 % confidence. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** A share of successes, with Wilson's interval. Null of nothing. */
export function share(successes: number, of: number): Estimate | null {
  const found = wilson(successes, of);
  return found && { value: found.share, low: found.low, high: found.high };
}

/**
 * Promoters less detractors, as shares of all, from -1 to 1. The interval is the adjusted Wald one: three answers are
 * added, three quarters of one to each end and the rest between (Rocks 2016; Sauro and Lewis). Where all say the same it
 * would end before the value itself, and is drawn out to it.
 */
export function netShare(promoters: number, detractors: number, of: number): Estimate | null {
  if (of === 0) return null;
  const n = of + 3;
  const [p, d] = [(promoters + 0.75) / n, (detractors + 0.75) / n];
  const half = Z * Math.sqrt((p + d - (p - d) ** 2) / n);
  const value = (promoters - detractors) / of;
  return {
    value,
    low: Math.max(-1, Math.min(value, p - d - half)),
    high: Math.min(1, Math.max(value, p - d + half)),
  };
}

/** A mean of numbers between two bounds, with Student's interval; with one number alone it may be anywhere. */
export function mean(counts: ReadonlyMap<number, number>, bounds: { low: number; high: number }): Estimate | null {
  let [n, sum, squares] = [0, 0, 0];
  for (const [value, times] of counts) {
    n += times;
    sum += value * times;
  }
  if (n === 0) return null;
  const value = sum / n;
  if (n === 1) return { value, ...bounds };
  for (const [one, times] of counts) squares += times * (one - value) ** 2;
  const half = student(n - 1) * Math.sqrt(squares / (n - 1) / n);
  return { value, low: Math.max(bounds.low, value - half), high: Math.min(bounds.high, value + half) };
}

/** First values of Student's t at 97.5 %, by degrees of freedom from 1; after them Cornish and Fisher's expansion. */
const T = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281];

export function student(freedom: number): number {
  if (freedom <= T.length) return T[freedom - 1]!;
  const [z3, z5, z7] = [Z ** 3, Z ** 5, Z ** 7];
  return (
    Z +
    (z3 + Z) / (4 * freedom) +
    (5 * z5 + 16 * z3 + 3 * Z) / (96 * freedom ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * Z) / (384 * freedom ** 3)
  );
}
