import { type Judge, type Judgement, newJudgement, type Rules } from './rules.ts';

/** Milliseconds within which two events count as simultaneous, in either order. */
const SIMULTANEOUS_MS = 2000;

/**
 * Mixpanel's way: a subject has one attempt, which begins with its first event of the first step. Each further step is the
 * earliest event not used yet that can be it, reaching two seconds back behind the step before.
 */
export function firstEntryJudge({ steps, windowMs, forbidden }: Rules): Judge {
  const judgement: Judgement = newJudgement(steps);
  const stepBits = 2 ** steps - 1;
  return {
    judgement,
    judge(times, masks, from, to) {
      judgement.level = -1;
      judgement.left = false;
      judgement.taken = 0;
      let until = 0;
      let at = 0;
      for (let step = 0; step < steps; step++) {
        let index = step === 0 ? from : lowerBound(times, from, to, at - SIMULTANEOUS_MS);
        while (index < to && (step === 0 || times[index]! <= until)) {
          if ((masks[index]! >>> step) & 1 && !used(judgement, step, index)) break;
          index++;
        }
        const found = index < to && (step === 0 || times[index]! <= until);
        if (step > 0 && forbidden[step - 1] !== 0) {
          const bits = forbidden[step - 1]!;
          const end = found ? times[index]! : until + 1;
          if (happens(times, masks, lowerBound(times, from, to, at), to, at, end, bits & ~stepBits)) {
            judgement.left = true;
            return;
          }
        }
        if (!found) return;
        at = times[index]!;
        if (step === 0) until = at + windowMs;
        judgement.level = step;
        judgement.taken |= 1 << step;
        // A step that came up to two seconds before the one it follows is done when that one is.
        judgement.arrivals[step] = step === 0 ? at : Math.max(at, judgement.arrivals[step - 1]!);
        judgement.events[step] = index;
      }
    },
  };
}

function used({ events }: Judgement, steps: number, index: number): boolean {
  for (let step = 0; step < steps; step++) if (events[step] === index) return true;
  return false;
}

/** Whether one of the bits is set between two times, both excluded. */
function happens(
  times: Float64Array,
  masks: Uint32Array,
  from: number,
  to: number,
  after: number,
  before: number,
  bits: number,
): boolean {
  for (let index = from; index < to && times[index]! < before; index++)
    if ((masks[index]! & bits) !== 0 && times[index]! > after) return true;
  return false;
}

/** The first of the sorted times that is not before a moment. */
function lowerBound(times: Float64Array, from: number, to: number, at: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
