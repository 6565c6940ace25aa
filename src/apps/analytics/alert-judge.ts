import type { Report } from '../../core/query/report.ts';
import type { Line, Point, Rule } from './alert-series.ts';
import { seasonOf } from './alert-series.ts';
import { type Expected, expected, historyNeeded, isOutside } from './anomaly.ts';

/** What was found of one point. */
export interface Finding {
  state: 'ok' | 'firing' | 'nodata';
  point: Point | null;
  /** The point before, where the rule compares with it. */
  change: number | null;
  expected: Expected | null;
  /** Why nothing could be found. */
  said: string;
}

/** How long after its end a point is judged at the earliest: what happened in it takes a moment to arrive. */
const SETTLED_MS = 5 * 60_000;

/** The points that may be judged: none that is under way, or that has only just ended. */
const whole = (points: readonly Point[], now: number) =>
  points.filter((point) => !point.partial && (point.to === null || point.to <= now - SETTLED_MS));

/** Without the time before anything was ever counted: that nothing was recorded yet is no history. */
function begun(points: readonly Point[]): Point[] {
  const first = points.findIndex(({ value }) => value !== null && value !== 0);
  return first < 0 ? [] : points.slice(first);
}

/** Judges the newest whole point. */
export function judge(report: Report, line: Line, rule: Rule, now: number): Finding {
  const points = rule.is === 'anomaly' ? begun(whole(line.points, now)) : whole(line.points, now);
  return (
    judged(report, points, rule, Math.max(0, points.length - 1)).at(-1) ??
    nothing('Nothing has been counted yet that is over and could be judged.')
  );
}

/** What would have been found of each whole point that ended after `since`, the earliest first. */
export function judgeAll(report: Report, line: Line, rule: Rule, now: number, since: number): Finding[] {
  const points = rule.is === 'anomaly' ? begun(whole(line.points, now)) : whole(line.points, now);
  const from = points.findIndex(({ to }) => to !== null && to > since);
  return from < 0 ? [] : judged(report, points, rule, from);
}

/** How often it went from all right to an alarm. */
export function timesFired(findings: readonly Finding[]): number {
  let before: Finding['state'] = 'ok';
  let times = 0;
  for (const { state } of findings) {
    if (state === 'firing' && before !== 'firing') times++;
    before = state;
  }
  return times;
}

function judged(report: Report, points: readonly Point[], rule: Rule, from: number): Finding[] {
  const model =
    rule.is === 'anomaly'
      ? expected(
          // Nothing happened where a count has no value.
          points.map(({ value }) => value ?? 0),
          seasonOf(report),
          rule.falseAlarms,
          from,
        )
      : [];
  const one = (point: Point, offset: number): Finding => {
    const at = from + offset;
    const { value } = point;
    if (value === null) return { ...nothing('The report has no number there.'), point };
    const found = { point, change: null, expected: null, said: '' };
    switch (rule.is) {
      case 'above':
        return { ...found, state: value > rule.limit ? 'firing' : 'ok' };
      case 'below':
        return { ...found, state: value < rule.limit ? 'firing' : 'ok' };
      case 'change': {
        const before = points[at - 1]?.value ?? null;
        if (before === null || before === 0)
          return { ...nothing('There is nothing before it to compare with.'), point };
        const change = value / before - 1;
        const more = change >= rule.share - 1e-12 && rule.direction !== 'less';
        const less = change <= -rule.share + 1e-12 && rule.direction !== 'more';
        return { ...found, change, state: more || less ? 'firing' : 'ok' };
      }
      case 'anomaly': {
        const interval = model[at] ?? null;
        if (!interval) {
          const needed = historyNeeded(seasonOf(report), rule.falseAlarms);
          return {
            ...nothing(`Not enough history yet: ${needed} whole points are needed before the one that is judged.`),
            point,
          };
        }
        return { ...found, expected: interval, state: isOutside(value, interval) ? 'firing' : 'ok' };
      }
    }
  };
  return points.slice(from).map(one);
}

const nothing = (said: string): Finding => ({ state: 'nodata', point: null, change: null, expected: null, said });
