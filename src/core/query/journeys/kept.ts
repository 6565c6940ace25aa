/** A journey: nodes in the order walked, and the milliseconds between each and the one before. */
export interface Journey {
  nodes: Uint16Array;
  gaps: Float32Array;
  length: number;
  reached: boolean;
  person: number;
  /** Two halves of a hash of the nodes. */
  high: number;
  low: number;
}

export const emptyJourney = (depth: number): Journey => ({
  nodes: new Uint16Array(depth),
  gaps: new Float32Array(depth),
  length: 0,
  reached: false,
  person: 0,
  high: 0,
  low: 0,
});

/**
 * Journeys kept compactly, so that they can be looked at once more without being read again; up to a limit, beyond which
 * nothing is kept.
 */
export class Kept {
  #nodes = new Uint16Array(1024);
  #gaps = new Float32Array(1024);
  #heads = new Uint8Array(256);
  #hashes = new Uint32Array(512);
  #people: Float64Array | null;
  #filled = 0;
  #journeys = 0;
  readonly #limit: number;
  over = false;

  constructor(limit: number, withPeople: boolean) {
    this.#limit = limit;
    this.#people = withPeople ? new Float64Array(256) : null;
  }

  add({ nodes, gaps, length, reached, person, high, low }: Journey): void {
    if (this.over) return;
    if (this.#filled + length > this.#limit) {
      this.over = true;
      this.#nodes = new Uint16Array(0);
      this.#gaps = new Float32Array(0);
      this.#heads = new Uint8Array(0);
      this.#hashes = new Uint32Array(0);
      return;
    }
    if (this.#filled + length > this.#nodes.length) {
      this.#nodes = larger(this.#nodes, new Uint16Array(this.#nodes.length * 2));
      this.#gaps = larger(this.#gaps, new Float32Array(this.#gaps.length * 2));
    }
    if (this.#journeys === this.#heads.length) {
      this.#heads = larger(this.#heads, new Uint8Array(this.#heads.length * 2));
      this.#hashes = larger(this.#hashes, new Uint32Array(this.#hashes.length * 2));
      if (this.#people) this.#people = larger(this.#people, new Float64Array(this.#people.length * 2));
    }
    for (let index = 0; index < length; index++) {
      this.#nodes[this.#filled + index] = nodes[index]!;
      this.#gaps[this.#filled + index] = gaps[index]!;
    }
    this.#heads[this.#journeys] = length * 2 + (reached ? 1 : 0);
    this.#hashes[2 * this.#journeys] = high;
    this.#hashes[2 * this.#journeys + 1] = low;
    if (this.#people) this.#people[this.#journeys] = person;
    this.#filled += length;
    this.#journeys++;
  }

  /** The journey given to `see` is only valid during the call. */
  replay(depth: number, see: (journey: Journey) => void): void {
    const journey = emptyJourney(depth);
    let at = 0;
    for (let index = 0; index < this.#journeys; index++) {
      const head = this.#heads[index]!;
      journey.length = head >>> 1;
      journey.reached = (head & 1) === 1;
      journey.person = this.#people?.[index] ?? 0;
      journey.high = this.#hashes[2 * index]!;
      journey.low = this.#hashes[2 * index + 1]!;
      for (let step = 0; step < journey.length; step++) {
        journey.nodes[step] = this.#nodes[at + step]!;
        journey.gaps[step] = this.#gaps[at + step]!;
      }
      at += journey.length;
      see(journey);
    }
  }
}

function larger<List extends Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array>(
  from: List,
  to: List,
): List {
  to.set(from);
  return to;
}
