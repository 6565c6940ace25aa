import { type Estimate, mean, netShare, share } from './interval.ts';
import type { ScoreOf } from './schema.ts';

/** Answers of one place: how often each score was given on each scale. */
export class Tally {
  /** By the top of the scale, then by score. */
  readonly scales = new Map<number, Map<number, number>>();
  answers = 0;

  add(score: number, scale: number, times: number): void {
    const counts = this.scales.get(scale) ?? new Map<number, number>();
    this.scales.set(scale, counts.set(score, (counts.get(score) ?? 0) + times));
    this.answers += times;
  }

  /** The scale of most answers, the larger of two as common; null where nothing was answered. */
  scale(): number | null {
    let [found, most] = [null as number | null, 0];
    for (const [scale, counts] of this.scales) {
      const times = sum(counts.values());
      if (times > most || (times === most && scale > (found ?? 0))) [found, most] = [scale, times];
    }
    return found;
  }

  /** How often each score was given, moved onto one scale where there are several. */
  onto(scale: number, of: ScoreOf): Map<number, number> {
    const counts = new Map<number, number>();
    for (const [own, given] of this.scales)
      for (const [score, times] of given) {
        const moved = own === scale ? score : moveOnto(score, own, scale, lowest(of));
        counts.set(moved, (counts.get(moved) ?? 0) + times);
      }
    return counts;
  }
}

/** Where scales begin: "how likely" at 0, the others at 1. */
export const lowest = (of: ScoreOf) => (of === 'nps' ? 0 : 1);

/** Where a score of one scale lies on another. */
export function moveOnto(score: number, own: number, scale: number, low: number): number {
  if (own <= low) return score;
  return Math.round((low + ((score - low) * (scale - low)) / (own - low)) * 100) / 100;
}

/** The two best answers of a scale. */
export const isSatisfied = (score: number, scale: number) => score > scale - 2;
export const isPromoter = (score: number) => score >= 9;
export const isDetractor = (score: number) => score <= 6;

/** What a tally comes to, on a scale. Null where nothing was answered. */
export function scoreOf(tally: Tally, of: ScoreOf, scale: number): Estimate | null {
  if (of === 'csat') {
    // Each answer on its own scale: satisfied is satisfied.
    let satisfied = 0;
    for (const [own, counts] of tally.scales)
      for (const [score, times] of counts) if (isSatisfied(score, own)) satisfied += times;
    return share(satisfied, tally.answers);
  }
  const counts = tally.onto(scale, of);
  if (of !== 'nps') return mean(counts, { low: lowest(of), high: scale });
  let [promoters, detractors] = [0, 0];
  for (const [score, times] of counts) {
    if (isPromoter(score)) promoters += times;
    else if (isDetractor(score)) detractors += times;
  }
  return netShare(promoters, detractors, tally.answers);
}

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, one) => total + one, 0);
