import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expected, historyNeeded, isOutside } from './anomaly.ts';

/** Numbers that look random and are the same each time. */
function random(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
type Random = () => number;

const normal = (next: Random) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
/** Knuth's for few; for many the normal that it becomes. */
function poisson(mean: number, next: Random): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(next)));
  const limit = Math.exp(-mean);
  let [count, product] = [0, next()];
  while (product > limit) {
    count++;
    product *= next();
  }
  return count;
}
/** Poisson whose mean itself varies: as much again as its square. */
const overdispersed = (mean: number, next: Random) => poisson(mean * Math.exp(0.25 * normal(next) - 0.03125), next);
const WEEK = [1, 1.1, 1.05, 1, 1.3, 0.6, 0.4];

const STATIONARY: Record<string, (at: number, next: Random) => number> = {
  'large counts': (_, next) => poisson(400, next),
  'small counts': (_, next) => poisson(4, next),
  'counts that vary more than chance': (_, next) => overdispersed(120, next),
  'counts with a weekly season': (at, next) => poisson(200 * WEEK[at % 7]!, next),
  'counts with a weekly season that vary more than chance': (at, next) => overdispersed(300 * WEEK[at % 7]!, next),
  'sums that may be negative': (_, next) => 50 * normal(next),
};

describe('the model of what is expected', () => {
  for (const falseAlarms of [0.01, 0.05]) {
    for (const [name, make] of Object.entries(STATIONARY)) {
      test(`is wrong as often as it says (${falseAlarms * 100} %) about ${name}`, () => {
        let [judged, alarms] = [0, 0];
        for (let run = 0; run < 12; run++) {
          const next = random(run * 7919 + 17);
          const values = Array.from({ length: 700 }, (_, at) => make(at, next));
          for (const [at, interval] of expected(values, 7, falseAlarms).entries()) {
            if (!interval) continue;
            judged++;
            if (isOutside(values[at]!, interval)) alarms++;
          }
        }
        assert.ok(judged > 5000, String(judged));
        const rate = alarms / judged;
        assert.ok(rate <= falseAlarms * 1.5, `${rate} of ${judged}`);
        // Few different values have ties, which only make it rarer.
        assert.ok(rate >= falseAlarms * (name === 'small counts' ? 0.2 : 0.5), `${rate} of ${judged}`);
      });
    }
  }

  test('tells a drop to the half, by days and by hours, and is not led astray by an earlier outlier', () => {
    const next = random(5);
    const days = Array.from({ length: 200 }, (_, at) => poisson(200 * WEEK[at % 7]!, next));
    days[150] = 5000;
    days.push(poisson(100 * WEEK[200 % 7]!, next));
    assert.ok(isOutside(days.at(-1)!, expected(days, 7).at(-1)!));
    const hour = (at: number) =>
      20 + 60 * Math.max(0, Math.sin(((at % 24) / 24) * 2 * Math.PI)) + (at % 168 > 120 ? 0 : 40);
    const hours = Array.from({ length: 1206 }, (_, at) => poisson(hour(at), next));
    hours.push(poisson(hour(1206) / 2, next));
    const interval = expected(hours, 168).at(-1)!;
    assert.ok(isOutside(hours.at(-1)!, interval), `${hours.at(-1)} in ${interval.low} to ${interval.high}`);
  });

  test('follows a slow growth without an alarm at its end', () => {
    const next = random(11);
    let [judged, alarms] = [0, 0];
    const values = Array.from({ length: 600 }, (_, at) => poisson((200 + at) * WEEK[at % 7]!, next));
    for (const [at, interval] of expected(values, 7).entries()) {
      if (!interval) continue;
      judged++;
      if (isOutside(values[at]!, interval)) alarms++;
    }
    assert.ok(alarms / judged <= 0.025, `${alarms} of ${judged}`);
  });

  test('expects nothing before it has seen enough, and something from then on', () => {
    for (const [season, rate] of [
      [7, 0.01],
      [7, 0.05],
      [168, 0.01],
    ] as const) {
      const needed = historyNeeded(season, rate);
      const values = Array.from({ length: needed + 1 }, (_, at) => 100 + (at % season));
      const intervals = expected(values, season, rate);
      assert.ok(intervals[needed], `${season} ${rate}`);
      assert.equal(intervals[needed - Math.ceil(season / 2) - 10], null);
    }
  });

  test('has the same answer whatever comes after', () => {
    const next = random(3);
    const values = Array.from({ length: 250 }, () => poisson(80, next));
    assert.deepEqual(expected(values, 7).slice(0, 200), expected(values.slice(0, 200), 7));
  });
});
