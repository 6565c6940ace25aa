/** How many identifiers are remembered, a batch more or less, before the older half is forgotten. */
const GENERATION = 200_000;
const MOVED_LIMIT = 500_000;

/** The person an identifier first belonged to, and the person that one counted for when it was read. */
export interface Known {
  origin: number;
  root: number;
}

/**
 * What the stream remembers of who is who, so that most events need no query. Two generations: what is used moves to the
 * young one, the old one is dropped when the young one is full. Merges are followed through `moved`.
 */
export class IdentityCache {
  #young = new Map<string, number | Known>();
  #old = new Map<string, number | Known>();
  readonly #moved = new Map<number, number>();

  get(key: string): Known | undefined {
    let found = this.#young.get(key);
    if (found === undefined) {
      found = this.#old.get(key);
      if (found === undefined) return undefined;
      this.#put(key, found);
    }
    const known = typeof found === 'number' ? { origin: found, root: found } : found;
    return this.#moved.size === 0 ? known : { origin: known.origin, root: this.rootOf(known.root) };
  }

  set(key: string, known: Known): void {
    this.#put(key, known.origin === known.root ? known.origin : known);
  }

  /**
   * Forgets the older half where there is too much. Only between batches: within one, what its earlier events decided has
   * to be known to its later ones, since it is not in the store yet.
   */
  makeRoom(): void {
    if (this.#moved.size > MOVED_LIMIT) this.clear();
    if (this.#young.size < GENERATION) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** From now on, whoever counted for `from` counts for `into`. */
  merge(from: number, into: number): void {
    this.#moved.set(from, into);
  }

  rootOf(person: number): number {
    let root = person;
    for (let next = this.#moved.get(root); next !== undefined; next = this.#moved.get(root)) root = next;
    return root;
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#moved.clear();
  }

  #put(key: string, value: number | Known): void {
    this.#young.set(key, value);
  }
}
