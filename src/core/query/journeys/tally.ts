import type { Journey } from './kept.ts';
import { nodesOf, stops } from './nodes.ts';
import type { JourneyOptions } from './options.ts';

/** What is looked at once it is known which nodes are shown, and which sequences are frequent. */
export interface Wanted {
  shown: number[][];
  candidates: [number, number][];
}

/** In place of counting: the people whose journeys have a node at a step, and perhaps another at the next. */
export interface Collect {
  /** As walked. `null` stands for the nodes that are not shown. */
  at: { step: number; node: number | null }[];
  after: number;
  limit: number;
}

export interface Second {
  /** Nodes are given by their place among those shown; `other` and `stop` come after them. */
  links: { step: number; from: number; to: number; count: number; medianMs: number | null }[];
  paths: { nodes: number[]; count: number; reached: number }[];
  collected: number[];
}

/** Of a 32-bit floating point number: its exponent and the first four bits after the point, from one millisecond on. */
const SHIFT = 19;
const ONE = 127 << 4;
const SPREAD = 41 * 16;

/** The second look at journeys: links between the nodes shown, whole sequences, people. */
export class Tally {
  readonly #options: JourneyOptions;
  readonly #nodes: ReturnType<typeof nodesOf>;
  /** Of each step and node: its place among those shown. */
  readonly #places: Uint16Array[];
  readonly #widths: number[];
  readonly #links: Uint32Array[];
  readonly #spreads: (Uint32Array | null)[][];
  readonly #paths = new Map<number, { low: number; nodes: number[]; count: number; reached: number }[]>();
  readonly #number = new Float32Array(1);
  readonly #bits = new Uint32Array(this.#number.buffer);
  #collected: number[] = [];

  constructor(options: JourneyOptions, { shown, candidates }: Wanted) {
    this.#options = options;
    this.#nodes = nodesOf(options.stations);
    const { count, stop } = this.#nodes;
    this.#places = shown.map((nodes) => {
      const places = new Uint16Array(count).fill(nodes.length);
      for (const [place, node] of nodes.entries()) places[node] = place;
      places[stop] = nodes.length + 1;
      return places;
    });
    this.#widths = shown.map((nodes) => nodes.length + 2);
    const pairs = this.#widths.slice(1).map((width, step) => width * this.#widths[step]!);
    this.#links = pairs.map((size) => new Uint32Array(size));
    this.#spreads = pairs.map((size) => Array<Uint32Array | null>(size).fill(null));
    for (const [high, low] of candidates)
      this.#paths.set(high, [...(this.#paths.get(high) ?? []), { low, nodes: [], count: 0, reached: 0 }]);
  }

  add(journey: Journey): void {
    if (this.#options.collect) {
      this.#collect(journey);
      return;
    }
    const { nodes, gaps, length } = journey;
    for (let step = 1; step < length; step++) this.#link(step, nodes[step - 1]!, nodes[step]!, gaps[step]!);
    if (stops(journey, this.#options)) this.#link(length, nodes[length - 1]!, this.#nodes.stop, -1);
    const path = this.#paths.get(journey.high)?.find(({ low }) => low === journey.low);
    if (!path) return;
    if (path.count === 0) path.nodes = [...nodes.subarray(0, length)];
    path.count++;
    if (journey.reached) path.reached++;
  }

  result(): Second {
    const links = this.#links.flatMap((counts, step) => {
      const width = this.#widths[step + 1]!;
      const found: Second['links'] = [];
      for (const [at, count] of counts.entries()) {
        if (count === 0) continue;
        const medianMs = medianOf(this.#spreads[step]![at]!);
        found.push({ step, from: Math.floor(at / width), to: at % width, count, medianMs });
      }
      return found;
    });
    const paths = [...this.#paths.values()].flat().filter(({ count }) => count > 0);
    return {
      links,
      paths: paths.map(({ nodes, count, reached }) => ({ nodes, count, reached })),
      collected: this.#smallest(),
    };
  }

  /** A gap below zero is none. */
  #link(step: number, from: number, to: number, gap: number): void {
    const width = this.#widths[step]!;
    const at = this.#places[step - 1]![from]! * width + this.#places[step]![to]!;
    this.#links[step - 1]![at]!++;
    if (gap < 0) return;
    const spreads = this.#spreads[step - 1]!;
    let spread = spreads[at]!;
    if (!spread) {
      spread = new Uint32Array(SPREAD + 1);
      spreads[at] = spread;
    }
    this.#number[0] = gap;
    spread[gap < 1 ? 0 : Math.min(SPREAD, (this.#bits[0]! >>> SHIFT) - ONE + 1)]!++;
  }

  #collect(journey: Journey): void {
    const { at, after, limit } = this.#options.collect!;
    if (journey.person <= after) return;
    for (const { step, node } of at) {
      const stopped = step === journey.length && stops(journey, this.#options);
      if (step >= journey.length && !stopped) return;
      const here = stopped ? this.#nodes.stop : journey.nodes[step]!;
      if (node === null ? this.#places[step]![here] !== this.#widths[step]! - 2 : here !== node) return;
    }
    this.#collected.push(journey.person);
    if (this.#collected.length > limit * 4 + 10_000) this.#collected = this.#smallest();
  }

  #smallest(): number[] {
    const { collect } = this.#options;
    return [...new Set(Float64Array.from(this.#collected).sort())].slice(0, collect?.limit ?? 0);
  }
}

/** The middle of the sixteenth of an octave in which the median lies, the lower one of an even number. */
function medianOf(spread: Uint32Array | null): number | null {
  if (!spread) return null;
  const number = spread.reduce((sum, count) => sum + count, 0);
  let before = 0;
  for (let at = 0; at <= SPREAD; at++) {
    before += spread[at]!;
    if (before * 2 < number) continue;
    if (at === 0) return 0;
    const [octave, part] = [Math.floor((at - 1) / 16), (at - 1) % 16];
    return 2 ** octave * (1 + (part + 0.5) / 16);
  }
  return null;
}
