/** Sequences told apart at most; a power of two, of which half is filled. */
const ROOM = 2 ** 18;
const SMALL = 1024;

/**
 * Counts how often each of very many sequences occurs, in bounded memory. As long as there is room it is exact; then all
 * counts are lowered until half of them are gone (as Misra and Gries do), and `error` says by how much a count may be too
 * low.
 */
export class HeavyHitters {
  #keys = new Uint32Array(2 * 2048);
  #counts = new Uint32Array(2048);
  #filled = 0;
  error = 0;

  add(high: number, low: number, count = 1): void {
    const mask = this.#counts.length - 1;
    let at = low & mask;
    while (this.#counts[at]! > 0) {
      if (this.#keys[2 * at] === high && this.#keys[2 * at + 1] === low) {
        this.#counts[at]! += count;
        return;
      }
      at = (at + 1) & mask;
    }
    this.#keys[2 * at] = high;
    this.#keys[2 * at + 1] = low;
    this.#counts[at] = count;
    if (++this.#filled * 2 > this.#counts.length) this.#makeRoom();
  }

  /** The most frequent, at most `limit`, and of the next one how often it occurs at most. */
  top(limit: number): { list: { high: number; low: number; count: number }[]; next: number } {
    const list: { high: number; low: number; count: number }[] = [];
    const least = this.#nth(limit);
    for (let at = 0; at < this.#counts.length; at++) {
      const count = this.#counts[at]!;
      if (count > 0 && count >= least) list.push({ high: this.#keys[2 * at]!, low: this.#keys[2 * at + 1]!, count });
    }
    list.sort((a, b) => b.count - a.count || a.high - b.high || a.low - b.low);
    const next = list.length > limit ? list[limit]!.count : least > 1 ? least - 1 : 0;
    return { list: list.slice(0, limit), next: next + this.error };
  }

  #makeRoom(): void {
    const lower = this.#counts.length < ROOM ? 0 : Math.max(1, this.#nth(this.#filled >>> 1));
    this.error += lower;
    const [keys, counts] = [this.#keys, this.#counts];
    const size = lower === 0 ? counts.length * 2 : counts.length;
    this.#keys = new Uint32Array(2 * size);
    this.#counts = new Uint32Array(size);
    this.#filled = 0;
    for (let at = 0; at < counts.length; at++) {
      const count = counts[at]!;
      if (count > lower) this.add(keys[2 * at]!, keys[2 * at + 1]!, count - lower);
    }
  }

  /** The count of the n-th most frequent; 0 where there are fewer. */
  #nth(n: number): number {
    // Most are small: counted by size, the few large ones sorted.
    const sizes = new Uint32Array(SMALL);
    const large: number[] = [];
    for (const count of this.#counts) {
      if (count >= SMALL) large.push(count);
      else if (count > 0) sizes[count]!++;
    }
    if (n <= large.length) return large.sort((a, b) => b - a)[n - 1]!;
    let before = large.length;
    for (let size = SMALL - 1; size > 0; size--) {
      before += sizes[size]!;
      if (before >= n) return size;
    }
    return 0;
  }
}
