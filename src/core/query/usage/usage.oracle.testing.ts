import type { TestEvent } from '../events.testing.ts';

interface Window {
  from: number;
  to: number;
}

/** The people of a window, as plainly as can be. */
const peopleIn = (events: readonly TestEvent[], personOf: (origin: number) => number, { from, to }: Window) =>
  new Set(
    events
      .filter((event) => new Date(event.at).getTime() >= from && new Date(event.at).getTime() < to)
      .map((event) => personOf(event.person)),
  );

/** For each window who is new, returning, resurrecting, dormant; `windows` has the one before the first in front. */
export function oracleLifecycle(events: readonly TestEvent[], personOf: (origin: number) => number, windows: Window[]) {
  const everybody = [...new Set(events.map((event) => personOf(event.person)))];
  return windows.slice(1).map((window, index) => {
    const here = peopleIn(events, personOf, window);
    const just = peopleIn(events, personOf, windows[index]!);
    const ever = peopleIn(events, personOf, { from: Number.NEGATIVE_INFINITY, to: window.from });
    const who = (keep: (person: number) => boolean) => everybody.filter(keep).sort((a, b) => a - b);
    return {
      new: who((person) => here.has(person) && !ever.has(person)),
      returning: who((person) => here.has(person) && just.has(person)),
      resurrecting: who((person) => here.has(person) && ever.has(person) && !just.has(person)),
      dormant: who((person) => !here.has(person) && just.has(person)),
    };
  });
}

/** Each person, and on how many windows they were active. */
export function oracleStickiness(
  events: readonly TestEvent[],
  personOf: (origin: number) => number,
  windows: Window[],
) {
  const active = new Map<number, number>();
  for (const window of windows)
    for (const person of peopleIn(events, personOf, window)) active.set(person, (active.get(person) ?? 0) + 1);
  return active;
}

/** The people of each so-many days that end with a day; `days` has those before the period in front. */
export function oracleActive(
  events: readonly TestEvent[],
  personOf: (origin: number) => number,
  days: Window[],
  length: number,
  first: number,
) {
  return days
    .slice(first)
    .map((day, index) =>
      [...peopleIn(events, personOf, { from: days[first + index - length + 1]!.from, to: day.to })].sort(
        (a, b) => a - b,
      ),
    );
}
