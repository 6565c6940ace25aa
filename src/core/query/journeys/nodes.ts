import type { Journey } from './kept.ts';

/**
 * A node is a station (the last of them: the rest), a station at the journey's end (so many further), or, after both,
 * where a journey went no further.
 */
export const nodesOf = (stations: number) => {
  const told = stations + 1;
  return { rest: stations, ends: told, stop: told * 2, count: told * 2 + 1 };
};

/** What of a walk's options says where journeys end. */
export interface Followed {
  depth: number;
  start: boolean;
  end: boolean;
}

/** Whether it went no further than its last node, though further steps are looked at. */
export function stops({ length, reached }: Journey, { depth, start, end }: Followed): boolean {
  return length < depth && !(start && end && reached);
}

/** Sets the two halves of a journey's hash: 64 bits of its nodes. */
export function hash(journey: Journey): void {
  const { nodes, length } = journey;
  let [high, low] = [length + 0x9e3779b9, 0x85ebca6b];
  for (let step = 0; step < length; step++) {
    const node = nodes[step]! + 1;
    high = Math.imul(high ^ node, 0x01000193) + (high >>> 13);
    low = Math.imul((low << 5) ^ (low >>> 27) ^ node, 0xcc9e2d51);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b);
  low = Math.imul(low ^ (low >>> 15), 0xc2b2ae35);
  journey.high = (high ^ (high >>> 13)) >>> 0;
  journey.low = (low ^ (low >>> 16)) >>> 0;
}
