/** Those who met something and those who did not, in one stratum, and how many of each went on. */
export interface Stratum {
  met: number;
  metOn: number;
  not: number;
  notOn: number;
}

export interface Loss {
  /** Conversions that are missing: more than those who met it would have had at the rate of those who did not. */
  lost: number;
  standardError: number;
  met: number;
  /** Shares that went on: of those who met it, and what would have been expected of them. */
  rate: number;
  expected: number;
  /** Two-sided. */
  p: number;
}

/**
 * The conversions missing among those who met something, against others of the same stratum: the sum over strata of
 * n₁ (p₀ − p₁), standardised to those who met it. Null where no stratum has both. The variance is that of two binomials a
 * stratum, with one success and one failure added to each (Agresti and Caffo, 2000).
 */
export function lossOf(strata: readonly Stratum[]): Loss | null {
  let [lost, variance, met, metOn, expected] = [0, 0, 0, 0, 0];
  for (const stratum of strata) {
    if (stratum.met === 0 || stratum.not === 0) continue;
    const [p1, p0] = [stratum.metOn / stratum.met, stratum.notOn / stratum.not];
    const [q1, q0] = [(stratum.metOn + 1) / (stratum.met + 2), (stratum.notOn + 1) / (stratum.not + 2)];
    lost += stratum.met * (p0 - p1);
    variance += stratum.met ** 2 * ((q1 * (1 - q1)) / (stratum.met + 2) + (q0 * (1 - q0)) / (stratum.not + 2));
    met += stratum.met;
    metOn += stratum.metOn;
    expected += stratum.met * p0;
  }
  if (met === 0) return null;
  const standardError = Math.sqrt(variance);
  const p = standardError === 0 ? 1 : 2 * (1 - normal(Math.abs(lost) / standardError));
  return { lost, standardError, met, rate: metOn / met, expected: expected / met, p };
}

/** The standard normal distribution function (Abramowitz and Stegun 7.1.26; error below 1.5e-7). */
export function normal(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const erf = 1 - poly * Math.exp(-z * z);
  return x >= 0 ? (1 + erf) / 2 : (1 - erf) / 2;
}

/** Each p-value as the smallest share of false findings at which it would stand (Benjamini and Hochberg, 1995). */
export function adjusted(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => ps[b]! - ps[a]!);
  const q = new Array<number>(ps.length);
  let least = 1;
  order.forEach((index, place) => {
    least = Math.min(least, (ps[index]! * ps.length) / (ps.length - place));
    q[index] = least;
  });
  return q;
}
