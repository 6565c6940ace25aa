import type { Sequence, Walk, Walker } from '../walk/walk.ts';
import { HeavyHitters } from './heavy.ts';
import { emptyJourney, type Journey, Kept } from './kept.ts';
import { hash, nodesOf, stops } from './nodes.ts';
import type { JourneyOptions } from './options.ts';
import { type Second, Tally, type Wanted } from './tally.ts';

/** Bits of an event's code; the rest is its station. */
export const START = 1;
export const END = 2;
export const FLAGS = 4;

/** Whole sequences shown, and those of which it is tried out how frequent they really are. */
export const PATHS_SHOWN = 50;
const CANDIDATES = 1000;
/** Stations of `other` that are named. */
const NAMED = 10;

export interface StepCounts {
  /** The nodes shown, largest first; at the end of a journey always. */
  shown: number[];
  counts: number[];
  stopped: number;
  other: { count: number; different: number; more: boolean; largest: { node: number; count: number }[] };
}

export interface JourneyCounts {
  journeys: number;
  people: number;
  reached: number;
  /** In the order walked: from the start on, or from the end back. */
  steps: StepCounts[];
  wanted: Wanted;
  /** How often a sequence may occur that is not among those looked at. */
  missed: number;
  /** Null where there was too much to keep: the events are to be read once more. */
  second: Second | null;
}

export const journeyWalk: Walk<JourneyOptions, JourneyCounts> = { begin: (options) => new JourneyWalker(options) };

class JourneyWalker implements Walker<JourneyCounts> {
  readonly #options: JourneyOptions;
  readonly #nodes: ReturnType<typeof nodesOf>;
  readonly #journey: Journey;
  readonly #counts: Uint32Array;
  readonly #people = new People();
  readonly #paths = new HeavyHitters();
  readonly #kept: Kept;
  readonly #tally: Tally | null;
  readonly #at: Float64Array;
  #journeys = 0;
  #reached = 0;

  constructor(options: JourneyOptions) {
    this.#options = options;
    this.#nodes = nodesOf(options.stations);
    this.#journey = emptyJourney(options.depth);
    this.#at = new Float64Array(options.depth);
    this.#counts = new Uint32Array(options.depth * this.#nodes.count);
    this.#kept = new Kept(options.keep, options.collect !== undefined);
    this.#tally = options.wanted ? new Tally(options, options.wanted) : null;
  }

  subject(of: Sequence): void {
    const { idle } = this.#options;
    this.#journey.person = of.person;
    let from = 0;
    for (let index = 1; index <= of.length; index++) {
      if (index < of.length && (idle === null || of.times[index]! - of.times[index - 1]! <= idle)) continue;
      this.#run(of, from, index);
      from = index;
    }
  }

  result(): JourneyCounts {
    const steps = Array.from({ length: this.#options.depth }, (_, step) => this.#step(step));
    const { list, next } = this.#paths.top(CANDIDATES);
    const enough = this.#paths.error === 0 ? (list[PATHS_SHOWN - 1]?.count ?? 0) : 0;
    const candidates = list.filter(({ count }) => count >= enough);
    const wanted = {
      shown: steps.map(({ shown }) => shown),
      candidates: candidates.map(({ high, low }) => [high, low] as [number, number]),
    };
    let second = this.#tally?.result() ?? null;
    if (!this.#tally && !this.#kept.over) {
      const tally = new Tally(this.#options, wanted);
      this.#kept.replay(this.#options.depth, (journey) => tally.add(journey));
      second = tally.result();
    }
    const [journeys, people, reached] = [this.#journeys, this.#people.count, this.#reached];
    return { journeys, people, reached, steps, wanted, missed: this.#paths.error === 0 ? 0 : next, second };
  }

  /** One visit, or what lies between two pauses: at most one journey. */
  #run(of: Sequence, from: number, to: number): void {
    const { start, end } = this.#options;
    const journey = this.#journey;
    journey.length = 0;
    journey.reached = false;
    const found = !start && end ? this.#backward(of, from, to) : this.#forward(of, from, to);
    if (!found) return;
    hash(journey);
    if (this.#tally) {
      this.#tally.add(journey);
      return;
    }
    this.#journeys++;
    if (journey.reached) this.#reached++;
    this.#people.add(journey.person);
    const { nodes, length } = journey;
    const { stop, count } = this.#nodes;
    for (let step = 0; step < length; step++) this.#counts[step * count + nodes[step]!]!++;
    if (stops(journey, this.#options)) this.#counts[length * count + stop]!++;
    this.#paths.add(journey.high, journey.low);
    this.#kept.add(journey);
  }

  /** From the start on, until the end or as many stations as are followed. */
  #forward({ times, codes }: Sequence, from: number, to: number): boolean {
    const { start, end, fold, depth, reachedOnly } = this.#options;
    const { nodes, gaps } = this.#journey;
    let first = from;
    if (start) {
      while (first < to && (codes[first]! & START) === 0) first++;
      if (first === to) return false;
    }
    let [length, before, at] = [0, -1, 0];
    for (let index = first; index < to; index++) {
      const code = codes[index]!;
      const station = code >>> 2;
      const ends = end && index > first && (code & END) !== 0;
      if (!ends && fold && station === before) continue;
      before = station;
      if (ends) this.#journey.reached = true;
      if (length < depth) {
        nodes[length] = ends ? station + this.#nodes.ends : station;
        gaps[length] = length === 0 ? 0 : times[index]! - at;
        at = times[index]!;
        length++;
      }
      if (ends || (length === depth && !end)) break;
    }
    this.#journey.length = length;
    return !(reachedOnly && start && end) || this.#journey.reached;
  }

  /** From the first end back. The gap of a station is the time to the one after it. */
  #backward({ times, codes }: Sequence, from: number, to: number): boolean {
    const { fold, depth } = this.#options;
    const { nodes, gaps } = this.#journey;
    let last = from;
    while (last < to && (codes[last]! & END) === 0) last++;
    if (last === to) return false;
    const at = this.#at;
    nodes[0] = (codes[last]! >>> 2) + this.#nodes.ends;
    gaps[0] = 0;
    at[0] = times[last]!;
    let [length, before] = [1, -1];
    for (let index = last - 1; index >= from; index--) {
      const station = codes[index]! >>> 2;
      // Of several in a row the first is the one that time is counted from.
      if (fold && station === before) length--;
      else if (length === depth) break;
      before = station;
      nodes[length] = station;
      at[length] = times[index]!;
      gaps[length] = at[length - 1]! - times[index]!;
      length++;
    }
    this.#journey.length = length;
    return true;
  }

  #step(step: number): StepCounts {
    const { rest, ends, stop, count } = this.#nodes;
    const counts = this.#counts.subarray(step * count, (step + 1) * count);
    const nodes: number[] = [];
    for (let node = 0; node < stop; node++) if (counts[node]! > 0 && node !== rest) nodes.push(node);
    nodes.sort((a, b) => counts[b]! - counts[a]! || a - b);
    const shown = nodes.filter((node, index) => index < this.#options.top || node >= ends);
    const others = nodes.filter((node, index) => index >= this.#options.top && node < ends);
    const sum = others.reduce((before, node) => before + counts[node]!, 0);
    return {
      shown,
      counts: shown.map((node) => counts[node]!),
      stopped: counts[stop]!,
      other: {
        count: sum + counts[rest]!,
        different: others.length,
        more: counts[rest]! > 0,
        largest: others.slice(0, NAMED).map((node) => ({ node, count: counts[node]! })),
      },
    };
  }
}

/** How many different numbers, a bit each. */
class People {
  readonly #pages = new Map<number, Uint32Array>();
  count = 0;

  add(person: number): void {
    const page = Math.floor(person / 2 ** 20);
    let bits = this.#pages.get(page);
    if (!bits) {
      bits = new Uint32Array(2 ** 15);
      this.#pages.set(page, bits);
    }
    const at = person - page * 2 ** 20;
    const bit = 1 << (at & 31);
    if ((bits[at >>> 5]! & bit) !== 0) return;
    bits[at >>> 5]! |= bit;
    this.count++;
  }
}
