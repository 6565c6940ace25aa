/** 95 % of a normal distribution lie within so many standard errors. */
const Z = 1.959963984540054;

export interface Interval {
  share: number;
  low: number;
  high: number;
}

/** A share with its 95 % interval (Wilson 1927), which keeps within 0 and 1 also of few; null of none. */
export function wilson(hits: number, of: number): Interval | null {
  if (of === 0) return null;
  const share = hits / of;
  const z2 = (Z * Z) / of;
  const centre = (share + z2 / 2) / (1 + z2);
  const half = (Z * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of))) / (1 + z2);
  return { share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
