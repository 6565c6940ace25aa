import { hash } from 'node:crypto';

/** Pseudo-random draws (mulberry32) that are the same for the same words: what is made up of them is made up alike every time. */
export class Chance {
  #state: number;

  constructor(words: string) {
    this.#state = Number.parseInt(hash('sha256', words).slice(0, 8), 16) | 0;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  yes(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }

  /** One of the values, each as often as its weight says. */
  weighted<T>(list: readonly (readonly [value: T, weight: number])[]): T {
    let left = this.next() * list.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of list) {
      left -= weight;
      if (left < 0) return value;
    }
    return list.at(-1)![0];
  }

  /** One of the words, each as often as its weight says. */
  of<Word extends string | number>(weights: Partial<Record<Word, number>>): Word {
    return this.weighted(Object.entries<number>(weights as Record<string, number>)) as Word;
  }

  /** Around `median`, never below zero and with a long tail upwards; `spread` 0.4 is that of load times. */
  around(median: number, spread: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(spread * normal);
  }
}
