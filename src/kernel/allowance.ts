/** How many keys are counted at a time in one process; the longest unused are forgotten first. */
const KEYS_LIMIT = 50_000;

/** Counts tries by a key in this process: so many at once, and as many again over the given time. */
export class Allowance {
  #most: number;
  #perMs: number;
  #kept = new Map<string, { left: number; at: number }>();

  constructor(most: number, seconds: number) {
    this.#most = most;
    this.#perMs = most / (seconds * 1000);
  }

  /** Seconds to wait; 0 where the try is allowed, which is then counted. */
  take(key: string, now = Date.now()): number {
    const known = this.#kept.get(key) ?? { left: this.#most, at: now };
    const left = Math.min(this.#most, known.left + (now - known.at) * this.#perMs);
    this.#kept.delete(key);
    this.#kept.set(key, { left: left >= 1 ? left - 1 : left, at: now });
    if (this.#kept.size > KEYS_LIMIT) this.#kept.delete(this.#kept.keys().next().value!);
    return left >= 1 ? 0 : Math.ceil((1 - left) / this.#perMs / 1000);
  }

  /** Gives a try back that did not count. */
  giveBack(key: string): void {
    const known = this.#kept.get(key);
    if (known) known.left = Math.min(this.#most, known.left + 1);
  }
}
