/** The share of points that are told although nothing happened, where nothing else is asked for. */
const FALSE_ALARMS = 0.01;
/** Seasons before the first point that is expected anything of; no more than MOST_SEASONS are looked at. */
const LEAST_SEASONS = 3;
const MOST_SEASONS = 8;
/** Errors of the model that its interval is read from, the latest. */
const ERRORS_KEPT = 500;

export interface Expected {
  low: number;
  high: number;
}

/** How many points have to lie before the one that is judged: less says nothing about a rate so small. */
export function historyNeeded(season: number, falseAlarms = FALSE_ALARMS): number {
  return (LEAST_SEASONS + 1) * season + Math.ceil(1 / falseAlarms);
}

/**
 * Between which values each point of a series is expected, from those before it alone; null where too few are. A point is
 * expected as the median of the same hour (or day) of the last seasons, moved by how much the last whole season lay above
 * its own. The interval is as wide as the model's errors so far: of points like those before it, at most the given share
 * lies outside of it. Counts are compared by their square roots, whose errors are as large for few as for many.
 */
export function expected(
  values: readonly number[],
  season: number,
  falseAlarms = FALSE_ALARMS,
  from = 0,
): (Expected | null)[] {
  const counts = values.every((value) => value >= 0);
  const ahead = (value: number) => (counts ? Math.sqrt(value + 0.375) : value);
  const back = (value: number) => (counts ? Math.max(0, Math.max(0, value) ** 2 - 0.375) : value);
  const points = values.map(ahead);
  /** How far each lay from the median of its like: what the level has moved by. */
  const raw: (number | null)[] = [];
  const errors: number[] = [];
  const least = Math.ceil(1 / falseAlarms) - 1;
  return points.map((point, at) => {
    const before: number[] = [];
    for (let k = 1; k <= MOST_SEASONS && at - k * season >= 0; k++) before.push(points[at - k * season]!);
    if (before.length < LEAST_SEASONS) {
      raw.push(null);
      return null;
    }
    const like = median(before);
    const level = raw.slice(-Math.max(season, 7)).filter((one) => one !== null);
    raw.push(point - like);
    if (level.length < Math.max(season, 7)) return null;
    const centre = like + median(level);
    const kept = errors.slice(-ERRORS_KEPT);
    errors.push(Math.abs(point - centre));
    if (kept.length < least || at < from) return null;
    const sorted = usual(kept.sort((a, b) => a - b));
    const width = sorted[Math.min(sorted.length, Math.ceil((sorted.length + 1) * (1 - falseAlarms))) - 1]!;
    return { low: back(centre - width), high: back(centre + width) };
  });
}

/**
 * Errors without those that were alarms beyond doubt, so that one bad day does not hide the next: what lies over ten times
 * the median is nothing that chance makes of a hundred points.
 */
function usual(sorted: number[]): number[] {
  const most = 10 * sorted[sorted.length >> 1]!;
  const end = most > 0 ? sorted.findLastIndex((error) => error <= most) + 1 : sorted.length;
  return sorted.slice(0, end);
}

/** Whether a value lies outside by more than what rounding does. */
export const isOutside = (value: number, { low, high }: Expected): boolean => {
  const slack = 1e-9 * Math.max(1, Math.abs(value));
  return value < low - slack || value > high + slack;
};

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
