import type { Rules } from './rules.ts';

/** An event as the oracle reads it: steps and exclusions by number. */
export interface Mark {
  at: number;
  steps: number[];
  exclusions: number[];
}

export interface Verdict {
  level: number;
  left: boolean;
  /** Steps done, and when. */
  done: Record<number, number>;
}

const NOBODY: Verdict = { level: -1, left: false, done: {} };

/** Every way to give different events, in the order of their times, to the steps 0, 1, 2 …: the chains of a plain funnel. */
function* chains(marks: readonly Mark[], steps: number, window: number): Generator<Mark[]> {
  function* longer(chain: Mark[]): Generator<Mark[]> {
    if (chain.length > 0) yield chain;
    if (chain.length === steps) return;
    for (const mark of marks) {
      if (chain.includes(mark) || !mark.steps.includes(chain.length)) continue;
      if (chain.length > 0 && (mark.at < chain.at(-1)!.at || mark.at - chain[0]!.at > window)) continue;
      yield* longer([...chain, mark]);
    }
  }
  yield* longer([]);
}

/** The longest chain; of these the first to be complete; of these the latest to begin. */
export function longestChain(marks: readonly Mark[], steps: number, window: number) {
  let best: Mark[] | null = null;
  for (const chain of chains(marks, steps, window)) {
    const better =
      !best ||
      chain.length > best.length ||
      (chain.length === best.length &&
        (chain.at(-1)!.at < best.at(-1)!.at || (chain.at(-1)!.at === best.at(-1)!.at && chain[0]!.at > best[0]!.at)));
    if (better) best = chain;
  }
  return best && { level: best.length - 1, entry: best[0]!.at, arrival: best.at(-1)!.at };
}

interface Tried {
  entry: number;
  place: number;
  newest: number;
  done: Record<number, number>;
  struck: boolean;
  over: boolean;
}

/** The rules of docs/funnels.md word by word, over attempts as objects; every assignment of a moment's events is tried. */
export function attempted(marks: readonly Mark[], rules: Rules): Verdict {
  const { steps, windowMs } = rules;
  const optional = (step: number) => ((rules.optional >>> step) & 1) === 1;
  const mayFollow = (step: number, place: number) => {
    for (let between = place + 1; between < step; between++) if (!optional(between)) return false;
    return step > place;
  };
  const forbids = (place: number, exclusion: number) => ((rules.forbidden[place]! >>> (steps + exclusion)) & 1) === 1;
  const all: Tried[] = [];
  for (const at of [...new Set(marks.map((mark) => mark.at))].sort((a, b) => a - b)) {
    const moment = marks.filter((mark) => mark.at === at);
    const going = () => all.filter((one) => !one.over && at - one.entry <= windowMs);
    for (const one of going().filter((one) => one.struck)) {
      for (let step = one.place + 1; step < steps; step++)
        if (mayFollow(step, one.place) && moment.some((mark) => mark.steps.includes(step))) {
          one.place = step;
          one.over = true;
          break;
        }
    }
    const stood = new Map(all.map((one) => [one, one.place]));
    const waiting = new Set<Tried>(going().filter((one) => !one.struck));
    waiting.add({ entry: at, place: -1, newest: at, done: {}, struck: false, over: false });
    for (let step = steps - 1; step >= 0; step--) {
      const able = [...waiting].flatMap((one) => {
        const path = bestPath(one.place, step, moment, optional);
        return path ? [{ one, path, back: [one.place, ...path].reverse() }] : [];
      });
      able.sort((a, b) => {
        const differs = a.back.findIndex((step, index) => index < b.back.length && step !== b.back[index]);
        return differs >= 0 ? b.back[differs]! - a.back[differs]! : b.one.entry - a.one.entry;
      });
      const first = able[0];
      if (!first) continue;
      waiting.delete(first.one);
      if (first.one.place === -1) all.push(first.one);
      for (const taken of first.path) first.one.done[taken] = at;
      first.one.place = step;
      first.one.newest = at;
    }
    for (const one of going())
      if (going().some((other) => !other.struck && other.entry > one.entry && other.place >= one.place))
        one.over = true;
    for (const one of all)
      if (
        at - one.entry <= windowMs &&
        one.newest < at &&
        moment.some((mark) => mark.exclusions.some((exclusion) => forbids(one.place, exclusion)))
      )
        one.struck = true;
    if (rules.way === 'strict')
      for (const one of going())
        if (
          one.entry < at &&
          moment.some((mark) => !mark.steps.some((step) => step >= stood.get(one)! && step <= one.place))
        )
          one.over = true;
    if (all.some((one) => !one.struck && one.place === steps - 1)) break;
  }
  if (all.length === 0) return NOBODY;
  const furthest = Math.max(...all.map((one) => one.place));
  const counted = all.filter((one) => one.place === furthest && !one.struck).sort((a, b) => a.newest - b.newest)[0];
  return counted ? { level: furthest, left: false, done: counted.done } : { level: furthest, left: true, done: {} };
}

/** The steps done in a moment on the way to one: all that must be done, then as many optional ones, the first before others. */
function bestPath(place: number, step: number, moment: Mark[], optional: (step: number) => boolean): number[] | null {
  const between = Array.from({ length: Math.max(0, step - place - 1) }, (_, index) => place + 1 + index);
  if (step <= place) return null;
  const choices = subsets(between)
    .filter((chosen) => between.every((one) => optional(one) || chosen.includes(one)))
    .map((chosen) => [...chosen, step])
    .filter((path) => assignable(path, moment));
  const rank = (path: number[]) => between.map((one) => (path.includes(one) ? '1' : '0')).join('');
  return choices.sort((a, b) => (rank(a) < rank(b) ? 1 : -1))[0] ?? null;
}

const subsets = (list: number[]): number[][] =>
  list.length === 0 ? [[]] : subsets(list.slice(1)).flatMap((rest) => [[list[0]!, ...rest], rest]);

function assignable(path: number[], moment: Mark[]): boolean {
  if (path.length === 0) return true;
  // Events that can be the same steps are as good as one another: one of each kind is tried.
  const kinds = new Map(moment.map((mark) => [mark.steps.join(), mark]));
  return [...kinds.values()].some(
    (mark) =>
      mark.steps.includes(path[0]!) &&
      assignable(
        path.slice(1),
        moment.filter((other) => other !== mark),
      ),
  );
}

/** In whatever order: every window that ends with an event, every set of different events for different steps. */
export function anyOrder(marks: readonly Mark[], { steps, windowMs }: Rules): Verdict {
  const most = (within: readonly Mark[]): number => {
    // Of events that can be the same steps no more are needed than there are steps.
    const alike = Map.groupBy(within, (mark) => mark.steps.join());
    const some = [...alike.values()].flatMap((of) => (of[0]!.steps.length === 0 ? [] : of.slice(0, steps)));
    const chosen = subsets(Array.from({ length: steps }, (_, step) => step)).filter((one) => assignable(one, some));
    return Math.max(...chosen.map((one) => one.length));
  };
  const times = [...new Set(marks.map((mark) => mark.at))].sort((a, b) => a - b);
  const inside = (from: number, to: number) => marks.filter((mark) => mark.at >= from && mark.at <= to);
  const best = Math.max(0, ...times.map((to) => most(inside(to - windowMs, to))));
  if (best === 0) return NOBODY;
  const end = times.find((to) => most(inside(to - windowMs, to)) === best)!;
  const start = times.filter((from) => from <= end && most(inside(from, end)) === best).at(-1)!;
  const done: Record<number, number> = {};
  for (let count = 1; count <= best; count++)
    done[count - 1] = times.find((to) => to >= start && most(inside(start, to)) >= count)!;
  return { level: best - 1, left: false, done };
}

/** Mixpanel's way, a step after the other. */
export function firstEntry(marks: readonly Mark[], { steps, windowMs, forbidden }: Rules): Verdict {
  const sorted = [...marks].sort((a, b) => a.at - b.at);
  const entry = sorted.find((mark) => mark.steps.includes(0));
  if (!entry) return NOBODY;
  const used = [entry];
  const done: Record<number, number> = { 0: entry.at };
  for (let step = 1; ; step++) {
    const last = used.at(-1)!;
    const next =
      step === steps
        ? undefined
        : sorted.find(
            (mark) =>
              !used.includes(mark) &&
              mark.steps.includes(step) &&
              mark.at >= last.at - 2000 &&
              mark.at <= entry.at + windowMs,
          );
    const hit = sorted.some(
      (mark) =>
        mark.at > last.at &&
        (next ? mark.at < next.at : mark.at <= entry.at + windowMs) &&
        mark.exclusions.some((exclusion) => ((forbidden[step - 1]! >>> (steps + exclusion)) & 1) === 1),
    );
    if (hit) return { level: step - 1, left: true, done: {} };
    if (!next) return { level: step - 1, left: false, done };
    used.push(next);
    done[step] = Math.max(next.at, done[step - 1]!);
  }
}
