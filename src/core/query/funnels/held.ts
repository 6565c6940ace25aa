import { type Judge, type Judgement, newJudgement } from './rules.ts';

/**
 * Judges a subject's events for each value of what is held by themselves, and keeps what came furthest. Events without a
 * value (NaN) are not looked at. Where only a struck attempt came furthest, the subject leaves, as with one value.
 */
export function bestByValue(judge: Judge, steps: number) {
  const judgement: Judgement = newJudgement(steps);
  // Further, then sooner, then later begun; and where all that is equal, whatever the order of the values is.
  const isBetter = (found: Judgement): boolean => {
    if (found.level !== judgement.level) return found.level > judgement.level;
    const last = found.arrivals[found.level]! - judgement.arrivals[found.level]!;
    const begun = found.arrivals[0]! - judgement.arrivals[0]!;
    if (last !== 0 || begun !== 0) return last < 0 || (last === 0 && begun > 0);
    if (found.taken !== judgement.taken) return found.taken > judgement.taken;
    for (let step = 1; step < found.level; step++) {
      const differs = (found.taken >>> step) & 1 ? found.arrivals[step]! - judgement.arrivals[step]! : 0;
      if (differs !== 0) return differs < 0;
    }
    return false;
  };
  return {
    judgement,
    judge(times: Float64Array, masks: Uint32Array, held: Float64Array, length: number): void {
      judgement.level = -1;
      judgement.left = false;
      judgement.taken = 0;
      const order = Uint32Array.from({ length }, (_, index) => index).filter((index) => !Number.isNaN(held[index]!));
      order.sort((a, b) => held[a]! - held[b]! || a - b);
      const sortedTimes = Float64Array.from(order, (index) => times[index]!);
      const sortedMasks = Uint32Array.from(order, (index) => masks[index]!);
      let leftAt = -1;
      for (let from = 0; from < order.length; ) {
        let to = from + 1;
        while (to < order.length && held[order[to]!] === held[order[from]!]) to++;
        judge.judge(sortedTimes, sortedMasks, from, to);
        const found = judge.judgement;
        if (found.left) leftAt = Math.max(leftAt, found.level);
        else if (found.level >= 0 && isBetter(found)) {
          judgement.level = found.level;
          judgement.taken = found.taken;
          judgement.arrivals.set(found.arrivals);
          for (let step = 0; step < steps; step++) judgement.events[step] = order[found.events[step]!] ?? 0;
        }
        from = to;
      }
      judgement.left = leftAt > judgement.level;
    },
  };
}
