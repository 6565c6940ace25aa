/** How many of two groups have something. */
export interface Counts {
  withConverted: number;
  withDropped: number;
  withoutConverted: number;
  withoutDropped: number;
}

export interface Odds {
  /** How many times the odds to convert are higher with it; half is added to each count where one is zero. */
  oddsRatio: number;
  /** The interval in which it lies with 95 % confidence (Woolf's, of the logarithm). */
  low: number;
  high: number;
  /** How many times the share who convert is higher with it; null where nobody without it converts. */
  lift: number | null;
  /** How probable so large a difference is by chance: two-sided, Fisher's exact test where counts are small. */
  p: number;
}

const Z_95 = 1.959963984540054;
/** Below this expected count the normal approximation is not good enough (Cochran's rule). */
const SMALL = 5;

export function oddsOf({ withConverted: a, withDropped: b, withoutConverted: c, withoutDropped: d }: Counts): Odds {
  const more = a === 0 || b === 0 || c === 0 || d === 0 ? 0.5 : 0;
  const [e, f, g, h] = [a + more, b + more, c + more, d + more];
  const log = Math.log(e) + Math.log(h) - Math.log(f) - Math.log(g);
  const spread = Z_95 * Math.sqrt(1 / e + 1 / f + 1 / g + 1 / h);
  const total = a + b + c + d;
  const least = (Math.min(a + b, c + d) * Math.min(a + c, b + d)) / total;
  return {
    oddsRatio: Math.exp(log),
    low: Math.exp(log - spread),
    high: Math.exp(log + spread),
    lift: c === 0 || a + b === 0 ? null : a / (a + b) / (c / (c + d)),
    p: least < SMALL ? fisher(a, b, c, d) : twoProportions(a, a + b, c, c + d),
  };
}

/** The two-sided z-test of two proportions, with the pooled variance. */
export function twoProportions(some: number, of: number, others: number, ofOthers: number): number {
  const pooled = (some + others) / (of + ofOthers);
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / of + 1 / ofOthers));
  if (spread === 0) return 1;
  return erfc(Math.abs(some / of - others / ofOthers) / spread / Math.SQRT2);
}

/** Fisher's exact test: the probability of all tables with these margins that are no more probable than this one. */
export function fisher(a: number, b: number, c: number, d: number): number {
  const [row, column, total] = [a + b, a + c, a + b + c + d];
  const low = Math.max(0, row + column - total);
  const high = Math.min(row, column);
  const chosen = (of: number, some: number) => logFactorial(of) - logFactorial(some) - logFactorial(of - some);
  const all = chosen(total, column);
  const probability = (x: number) => Math.exp(chosen(row, x) + chosen(total - row, column - x) - all);
  const limit = probability(a) * (1 + 1e-7);
  let sum = 0;
  for (let x = low; x <= high; x++) {
    const one = probability(x);
    if (one <= limit) sum += one;
  }
  return Math.min(1, sum);
}

/**
 * Benjamini and Hochberg (1995): for each p-value the least share of false discoveries at which it would still count as a
 * discovery, in the order given.
 */
export function falseDiscovery(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => ps[b]! - ps[a]!);
  const qs = new Array<number>(ps.length);
  let least = 1;
  for (const [place, index] of order.entries()) {
    least = Math.min(least, (ps[index]! * ps.length) / (ps.length - place));
    qs[index] = least;
  }
  return qs;
}

const exact: number[] = [0];

/** ln n!: added up to 1,000, then Stirling's series, whose error is below 1e-15 there. */
function logFactorial(n: number): number {
  if (n > 1000) return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3);
  for (let next = exact.length; next <= n; next++) exact.push(exact[next - 1]! + Math.log(next));
  return exact[n]!;
}

/** The complementary error function of a number that is not negative: Taylor's series, then Lentz' continued fraction. */
export function erfc(x: number): number {
  if (x < 2.5) {
    let [term, sum] = [x, x];
    for (let n = 1; Math.abs(term) > 1e-17 * sum && n < 200; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}
