/**
 * Gives events of one moment to steps, each event to one step at most: a matching that grows a step at a time by
 * augmenting paths, and never gives a step up again.
 */
export class StepMatching {
  readonly #steps: number;
  /** The events that may be given, by index into the moment's, and their masks. */
  readonly #offered: number[] = [];
  readonly #masks: number[] = [];
  readonly #takenBy: number[] = [];
  #seen: boolean[] = [];

  /** More candidates than steps are never needed for any step, so a moment of a million events is cut down to few. */
  constructor(masks: Uint32Array, from: number, to: number, steps: number) {
    this.#steps = steps;
    const room = new Array<number>(steps).fill(steps);
    for (let index = from; index < to; index++) {
      const mask = masks[index]!;
      let wanted = false;
      for (let step = 0; step < steps; step++)
        if ((mask >>> step) & 1 && room[step]! > 0) {
          room[step]!--;
          wanted = true;
        }
      if (wanted) {
        this.#offered.push(index);
        this.#masks.push(mask);
        this.#takenBy.push(-1);
      }
    }
  }

  clear(): void {
    this.#takenBy.fill(-1);
  }

  /** Whether one more step can be given an event beside those that have one; if so, it is. */
  take(step: number): boolean {
    this.#seen = new Array<boolean>(this.#offered.length).fill(false);
    return this.#augment(step);
  }

  /** The event that a step was given; −1 for none. */
  eventOf(step: number): number {
    const place = this.#takenBy.indexOf(step);
    return place < 0 ? -1 : this.#offered[place]!;
  }

  /** How many different steps the events can be at once. */
  size(): number {
    this.clear();
    let size = 0;
    for (let step = 0; step < this.#steps; step++) if (this.take(step)) size++;
    return size;
  }

  #augment(step: number): boolean {
    for (let place = 0; place < this.#offered.length; place++) {
      if (this.#seen[place] || ((this.#masks[place]! >>> step) & 1) === 0) continue;
      this.#seen[place] = true;
      const holder = this.#takenBy[place]!;
      if (holder < 0 || this.#augment(holder)) {
        this.#takenBy[place] = step;
        return true;
      }
    }
    return false;
  }
}
