import type { StepMatching } from './matching-steps.ts';

/** An attempt as an object, where several events of one moment could each be several steps. */
export interface Attempt {
  /** Where it stood before the moment, and where it stands after it; −1 before the first step. */
  from: number;
  place: number;
  entry: number;
  taken: number;
  arrivals: number[];
  events: number[];
}

/**
 * Lets attempts go as far as different events of one moment can take them, and gives those that moved. Of those that can
 * come to a step, the one goes that has the furthest step before it, and of these the latest to have begun. An attempt
 * may begin in the moment too.
 */
export function moveTogether(
  standing: readonly Attempt[],
  matching: StepMatching,
  steps: number,
  requiredBefore: readonly number[],
  at: number,
): Attempt[] {
  const fresh: Attempt = { from: -1, place: -1, entry: at, taken: 0, arrivals: [], events: [] };
  const waiting = new Set([...standing, fresh]);
  const moved: Attempt[] = [];
  for (let step = steps - 1; step >= 0; step--) {
    let [chosen, chosenPath]: [Attempt | null, Path] = [null, []];
    for (const attempt of waiting) {
      if (attempt.place >= step) continue;
      const path = pathTo(step, attempt.place, matching, requiredBefore);
      if (!path) continue;
      if (!chosen || goesFirst(attempt, path, chosen, chosenPath)) [chosen, chosenPath] = [attempt, path];
    }
    if (!chosen) continue;
    waiting.delete(chosen);
    for (const { step, event } of chosenPath) {
      chosen.taken |= 1 << step;
      chosen.arrivals[step] = at;
      chosen.events[step] = event;
    }
    chosen.place = step;
    moved.push(chosen);
  }
  return moved;
}

type Path = { step: number; event: number }[];

/** The furthest step before the one they come to decides, then the one before that; then the later entry. */
function goesFirst(one: Attempt, path: Path, other: Attempt, otherPath: Path): boolean {
  const back = [...path.map(({ step }) => step).reverse(), one.place];
  const otherBack = [...otherPath.map(({ step }) => step).reverse(), other.place];
  for (let index = 0; index < Math.min(back.length, otherBack.length); index++)
    if (back[index] !== otherBack[index]) return back[index]! > otherBack[index]!;
  return one.entry > other.entry;
}

/** The steps done on the way from one to another: all that must be, and of the optional ones as many as there are events. */
function pathTo(step: number, from: number, matching: StepMatching, requiredBefore: readonly number[]): Path | null {
  matching.clear();
  const taken = [step];
  for (let required = requiredBefore[step]!; required > from; required = requiredBefore[required]!)
    taken.push(required);
  for (const one of taken) if (!matching.take(one)) return null;
  for (let one = from + 1; one < step; one++) if (!taken.includes(one) && matching.take(one)) taken.push(one);
  return taken.sort((a, b) => a - b).map((one) => ({ step: one, event: matching.eventOf(one) }));
}
