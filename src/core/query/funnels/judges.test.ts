import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judgeOf } from './judges.ts';
import { anyOrder, attempted, firstEntry, longestChain, type Mark, type Verdict } from './oracle.testing.ts';
import type { Rules } from './rules.ts';

const MINUTE = 60_000;

/** `A0 B50 X51 AB60`: letters are steps, X and Y exclusions, numbers minutes. */
function sequence(text: string, unit = MINUTE): Mark[] {
  return text.split(' ').map((word) => {
    const [, letters, at] = /^([A-Z]+)([\d.]+)$/.exec(word)!;
    return {
      at: Number(at) * unit,
      steps: [...letters!].flatMap((letter) => (letter < 'X' ? [letter.charCodeAt(0) - 65] : [])),
      exclusions: [...letters!].flatMap((letter) => (letter < 'X' ? [] : [letter.charCodeAt(0) - 88])),
    };
  });
}

function rules(some: Partial<Rules> & { steps: number; windowMs: number }): Rules {
  return { optional: 0, forbidden: new Array<number>(some.steps).fill(0), way: 'ordered', ...some };
}

/** Exclusion `index` between two steps. */
function forbidding(steps: number, exclusions: [from: number, to: number][]): number[] {
  return Array.from({ length: steps }, (_, place) =>
    exclusions.reduce((bits, [from, to], index) => bits | (place >= from && place < to ? 1 << (steps + index) : 0), 0),
  );
}

function judged(marks: readonly Mark[], of: Rules): Verdict {
  const sorted = [...marks].sort((a, b) => a.at - b.at);
  const judge = judgeOf(of);
  const masks = sorted.map(({ steps, exclusions }) =>
    [...steps, ...exclusions.map((one) => of.steps + one)].reduce((bits, bit) => bits | (1 << bit), 0),
  );
  judge.judge(
    Float64Array.from(sorted, (mark) => mark.at),
    Uint32Array.from(masks),
    0,
    sorted.length,
  );
  const { level, left, taken, arrivals } = judge.judgement;
  const done: Record<number, number> = {};
  for (let step = 0; step < of.steps; step++) if ((taken >>> step) & 1) done[step] = arrivals[step]!;
  return left ? { level: 0, left, done: {} } : { level, left, done };
}

/** Steps reached, as the tables of docs/funnels.md count them; 0 for who left. */
const reached = (text: string, of: Rules, unit?: number) => {
  const { level, left } = judged(sequence(text, unit), of);
  return left ? 0 : level + 1;
};

/** Events of a few moments; an exclusion is seldom a step too. */
const arbitraryMarks = (steps: number, exclusions: number, latest: number): fc.Arbitrary<Mark[]> => {
  const at = fc.integer({ min: 0, max: latest });
  const step = fc.integer({ min: 0, max: steps - 1 });
  const one = step.map((only) => [only]);
  const several = fc.uniqueArray(step, { maxLength: 3 });
  const exclusion = fc.integer({ min: 0, max: Math.max(0, exclusions - 1) }).map((only) => [only]);
  const none = fc.constant<number[]>([]);
  const mark = fc.oneof(
    { weight: 12, arbitrary: fc.record({ at, steps: one, exclusions: none }) },
    { weight: 3, arbitrary: fc.record({ at, steps: several, exclusions: none }) },
    { weight: exclusions > 0 ? 3 : 0, arbitrary: fc.record({ at, steps: none, exclusions: exclusion }) },
    { weight: exclusions > 0 ? 1 : 0, arbitrary: fc.record({ at, steps: several, exclusions: exclusion }) },
  );
  return fc.array(mark, { maxLength: 9 });
};

const plain = fc.integer({ min: 2, max: 4 }).chain((steps) =>
  fc.record({
    steps: fc.constant(steps),
    window: fc.integer({ min: 1, max: 12 }),
    marks: arbitraryMarks(steps, 0, 14),
  }),
);

const withAll = fc.integer({ min: 2, max: 5 }).chain((steps) =>
  fc.record({
    steps: fc.constant(steps),
    windowMs: fc.integer({ min: 1, max: 12 }),
    optional: fc.integer({ min: 0, max: 31 }).map((bits) => bits & (2 ** steps - 1) & ~1 & ~(1 << (steps - 1))),
    exclusions: fc.array(
      fc
        .integer({ min: 0, max: steps - 2 })
        .chain((from) => fc.tuple(fc.constant(from), fc.integer({ min: from + 1, max: steps - 1 }))),
      { maxLength: 2 },
    ),
    way: fc.constantFrom('ordered' as const, 'strict' as const),
    marks: arbitraryMarks(steps, 2, 14),
  }),
);

describe('the discriminating sequences, with a window of 60 minutes', () => {
  const posthog = (steps: number) => rules({ steps, windowMs: 60 * MINUTE });
  const mixpanel = (steps: number) => ({ ...posthog(steps), way: 'mixpanel' as const });
  for (const [text, steps, ph, mp] of [
    ['A0 A30 B45 C75', 3, 3, 2],
    ['A0 B50 C100', 3, 2, 2],
    ['A0 A61 B70', 2, 2, 1],
  ] as const) {
    it(`${text} reaches step ${ph} in PostHog's way`, () => assert.equal(reached(text, posthog(steps)), ph));
    it(`${text} reaches step ${mp} in Mixpanel's way`, () => assert.equal(reached(text, mixpanel(steps)), mp));
  }
});

describe("a funnel in PostHog's way", () => {
  const hour = (steps: number, more: Partial<Rules> = {}) => rules({ steps, windowMs: 60 * MINUTE, ...more });

  it('counts a step at the very end of the window', () => {
    assert.equal(reached('A0 B60', hour(2)), 2);
    assert.equal(reached('A0 B60.001', hour(2)), 1);
  });

  it('counts events of one moment in any order, and none of them twice', () => {
    assert.equal(reached('B5 A5', hour(2)), 2);
    assert.equal(reached('C5 B5 A5', hour(3)), 3);
    assert.equal(reached('AB5', hour(2)), 1);
    assert.equal(reached('AB5 AB5', hour(2)), 2);
  });

  it('takes an event for the step that leads further where it could be two', () => {
    assert.equal(reached('A0 AB5 C5', hour(3)), 3);
    assert.equal(reached('A0 BC5 B5', hour(3)), 3);
  });

  it('measures from the latest entry that leads as far', () => {
    assert.deepEqual(judged(sequence('A0 A30 B45 C75'), hour(3)).done, {
      0: 30 * MINUTE,
      1: 45 * MINUTE,
      2: 75 * MINUTE,
    });
  });

  it('lets a person leave whose furthest attempt an exclusion stopped, and not one who tried again', () => {
    const without = hour(3, { forbidden: forbidding(3, [[0, 1]]) });
    assert.equal(reached('A0 X5 B10 C20', without), 0);
    assert.equal(reached('A0 X5', without), 0);
    assert.equal(reached('A0 B10 X15 C20', without), 3);
    assert.equal(reached('A0 X5 A10 B15 C20', without), 3);
    assert.equal(reached('A0 X5 B10 A20', without), 0);
    assert.equal(reached('A0 X61', without), 1);
  });

  it('does without optional steps, and counts them where they were done', () => {
    const coupon = hour(3, { optional: 0b010 });
    assert.deepEqual(Object.keys(judged(sequence('A0 C20'), coupon).done), ['0', '2']);
    assert.deepEqual(Object.keys(judged(sequence('A0 B1 A2 C20'), coupon).done), ['0', '1', '2']);
  });

  it('ends a strict attempt with any other event, but not with the same step again', () => {
    const strict = hour(3, { way: 'strict' });
    const other: Mark = { at: 7 * MINUTE, steps: [], exclusions: [] };
    assert.equal(reached('A0 B5 C10', strict), 3);
    assert.equal(reached('A0 A1 B5 B6 C10', strict), 3);
    assert.equal(judged([...sequence('A0 B5 C10'), other], strict).level, 1);
    assert.equal(reached('A0 C3 B5', strict), 1);
  });

  it('finds the same as trying every chain of different events', () => {
    fc.assert(
      fc.property(plain, ({ steps, window, marks }) => {
        const found = judged(marks, rules({ steps, windowMs: window }));
        const best = longestChain(marks, steps, window);
        assert.equal(found.level, best ? best.level : -1);
        if (best) assert.deepEqual([found.done[0], found.done[best.level]], [best.entry, best.arrival]);
      }),
      { numRuns: 20_000 },
    );
  });

  it('finds the same as following every attempt, with exclusions, optional steps and strict order', () => {
    fc.assert(
      fc.property(withAll, ({ steps, windowMs, optional, exclusions, way, marks }) => {
        const of = rules({ steps, windowMs, optional, way, forbidden: forbidding(steps, exclusions) });
        const expected = attempted(marks, of);
        assert.deepEqual(judged(marks, of), expected.left ? { ...expected, level: 0 } : expected);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('a funnel in any order', () => {
  it('finds the same as trying every window', () => {
    fc.assert(
      fc.property(plain, ({ steps, window, marks }) => {
        const of = rules({ steps, windowMs: window, way: 'any' });
        assert.deepEqual(judged(marks, of), anyOrder(marks, of));
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a funnel in Mixpanel's way", () => {
  it('counts a step up to two seconds before the one it follows', () => {
    const of = rules({ steps: 2, windowMs: 10_000, way: 'mixpanel' });
    assert.equal(reached('B3 A5', of, 1000), 2);
    assert.equal(reached('B2.999 A5', of, 1000), 1);
    assert.deepEqual(judged(sequence('B3 A5', 1000), of).done, { 0: 5000, 1: 5000 });
  });

  it('finds the same as following the first entry', () => {
    fc.assert(
      fc.property(withAll, ({ steps, windowMs, exclusions, marks }) => {
        const slow = marks.map((mark) => ({ ...mark, at: mark.at * 700 }));
        const of = rules({
          steps,
          windowMs: windowMs * 700,
          way: 'mixpanel',
          forbidden: forbidding(steps, exclusions),
        });
        // Of several events of one moment that could be a step the first as they stand is taken; equal times keep their order.
        const expected = firstEntry(slow, of);
        assert.deepEqual(judged(slow, of), expected.left ? { ...expected, level: 0 } : expected);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('a subject with a million events', () => {
  it('is judged without looking at them again and again', () => {
    const count = 1_000_000;
    for (const way of ['ordered', 'strict', 'any', 'mixpanel'] as const) {
      const times = Float64Array.from({ length: count }, (_, index) => Math.floor(index / 3));
      const masks = Uint32Array.from({ length: count }, (_, index) => [1, 3, 2, 8, 2][index % 5]!);
      const judge = judgeOf(rules({ steps: 4, windowMs: count, way }));
      judge.judge(times, masks, 0, count);
      assert.equal(judge.judgement.level, way === 'any' ? 2 : 1, way);
    }
    const oneMoment = new Float64Array(count);
    const judge = judgeOf(rules({ steps: 4, windowMs: 10 }));
    judge.judge(
      oneMoment,
      Uint32Array.from({ length: count }, (_, index) => (index % 15) + 1),
      0,
      count,
    );
    assert.equal(judge.judgement.level, 3);
  });
});
