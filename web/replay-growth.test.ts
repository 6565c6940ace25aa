import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GrowthView, IndexView } from './src/pages/replay/calls.ts';
import { askAfter, askEvery, grownIndex } from './src/pages/replay/grow.ts';

const chunk = (n: number): GrowthView['chunks'][number] => ({
  ...{ n, fromMs: n * 10, toMs: n * 10 + 9, events: 1, snapshots: n % 3 === 0 ? [n * 10] : [] },
  ...{ pages: [{ ms: n * 10, url: `/${n}`, title: 'Page' }], clicks: [], errors: [], dropped: [], signals: [] },
});
const empty: IndexView = {
  ...{ fromMs: 0, toMs: 0, chunks: [], gaps: [], snapshots: [] },
  ...{ pages: [], clicks: [], errors: [], dropped: [], signals: [] },
};
const answer = (there: readonly number[], after: number) => ({
  ...{ fromMs: 0, toMs: Math.max(0, ...there) * 10 + 9 },
  chunks: there.filter((n) => n > after).map(chunk),
});

test('an index that grows is the one that the server would give, in whatever order chunks come', () => {
  const orders = fc
    .uniqueArray(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 16 })
    .chain((came) => fc.tuple(fc.constant(came), fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 16 })));
  fc.assert(
    fc.property(orders, ([came, steps]) => {
      let index = empty;
      for (let at = 0, step = 0; at < came.length; step++) {
        at += steps[step] ?? 1;
        const there = came.slice(0, at).toSorted((a, b) => a - b);
        index = grownIndex(index, answer(there, askAfter(index)));
        assert.deepEqual(
          index.chunks.map(({ n }) => n),
          there,
        );
        const last = there.at(-1)!;
        assert.deepEqual(
          index.gaps.toSorted((a, b) => a - b),
          Array.from({ length: last }, (_, n) => n).filter((n) => !there.includes(n)),
        );
        assert.deepEqual(
          index.snapshots,
          there.filter((n) => n % 3 === 0).map((n) => n * 10),
        );
        assert.deepEqual(
          index.pages.map(({ ms }) => ms).toSorted((a, b) => a - b),
          there.map((n) => n * 10),
        );
      }
    }),
  );
});

test('what never came is not waited for with every question', () => {
  const index = grownIndex(empty, answer([0, ...Array.from({ length: 40 }, (_, n) => n + 2)], -1));
  assert.deepEqual(index.gaps, [1]);
  assert.equal(askAfter(index), 41);
});

test('a live recording is asked for more often, one that may go on now and then, and an old one never', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  const often = askEvery({ state: 'live', endedAt: '2026-11-22T11:59:00Z' }, now);
  const seldom = askEvery({ state: 'finished', endedAt: '2026-11-22T11:45:00Z' }, now);
  assert.ok(often && seldom && often < seldom);
  assert.equal(askEvery({ state: 'finished', endedAt: '2026-11-22T11:15:00Z' }, now), false);
});
