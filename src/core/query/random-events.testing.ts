import fc from 'fast-check';
import type { Context } from '../../kernel/context.ts';
import { override, removeEvents, storeEvents, type TestEvent } from './events.testing.ts';

/** People of one run: further runs have others, so that merges of one say nothing of the next. */
const PEOPLE = 7;
let run = 0;

const HOUR = 3_600_000;

export interface RandomEvent extends Omit<TestEvent, 'person' | 'at'> {
  /** From 0. */
  who: number;
  /** Half hours since the beginning: several events have the same time. */
  at: number;
}

/** Events of a few people, names and values, with ties in time, over `hours` from a moment. */
export const randomEvents = (hours: number, names: readonly string[] = ['Viewed', 'Bought']) =>
  fc.array(
    fc.record({
      who: fc.nat(PEOPLE - 1),
      name: fc.constantFrom(...names),
      at: fc.nat(hours * 2),
      account: fc.constantFrom(0, 0, 1, 2),
      session: fc.constantFrom(undefined, '2026-03-27T10:00:00Z', '2026-03-29T09:00:00Z'),
      device: fc.constantFrom('', 'mobile', 'desktop'),
      properties: fc.constantFrom<object>(
        {},
        { plan: 'x', amount: 3 },
        { plan: 'y', amount: 5.5 },
        { plan: 'z', amount: '7' },
        { plan: '中', amount: 'much' },
        { plan: "o'k`%\\", amount: -2 },
        { plan: 'x', amount: 0 },
        { plan: 'w' },
      ),
    }),
    // Without `size`, most of them would have very few.
    { maxLength: 60, size: 'max' },
  ) as fc.Arbitrary<RandomEvent[]>;

/** Whom some people are merged into: from the first to the second; folded ones stand in the events themselves. */
export const randomMerges = fc.record({
  folded: fc.option(fc.tuple(fc.nat(PEOPLE - 1), fc.nat(PEOPLE - 1)), { nil: undefined }),
  merged: fc.option(fc.tuple(fc.nat(PEOPLE - 1), fc.nat(PEOPLE - 1)), { nil: undefined }),
});

export interface Stored {
  events: TestEvent[];
  /** Whom an origin counts for, as it stands. */
  personOf(origin: number): number;
  /** Merges a person into another, or undoes it. */
  merge(): Promise<void>;
  undo(): Promise<void>;
}

/** Stores events in place of all that was there. */
export async function storeRandom(
  context: Context,
  random: readonly RandomEvent[],
  merges: { folded?: [number, number] | undefined; merged?: [number, number] | undefined },
  start: number,
): Promise<Stored> {
  const base = ++run * 100;
  const folded = merges.folded && ([base + merges.folded[0], base + merges.folded[1]] as const);
  const merged = merges.merged && ([base + merges.merged[0], base + merges.merged[1]] as const);
  const events = random.map(({ who, at, ...event }): TestEvent => {
    const person = base + who;
    return {
      ...event,
      person,
      at: start + (at * HOUR) / 2,
      ...(folded && person === folded[0] ? { countsFor: folded[1] } : {}),
    };
  });
  await removeEvents(context);
  await storeEvents(context, events);
  let standing = false;
  return {
    events,
    personOf: (origin) =>
      standing && merged && origin === merged[0] ? merged[1] : folded && origin === folded[0] ? folded[1] : origin,
    async merge() {
      if (!merged || merged[0] === merged[1]) return;
      await override(context, merged[0], merged[1]);
      standing = true;
    },
    async undo() {
      if (!merged || merged[0] === merged[1]) return;
      await override(context, merged[0], merged[0]);
      standing = false;
    },
  };
}
