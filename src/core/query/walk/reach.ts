import type { Events } from '../../../kernel/events.ts';
import type { Sequences } from './sequences.ts';

/** From this share of the events on, their own order (a person's together, by time) is quicker to walk than less reading. */
const MOST = 0.25;

/**
 * At most how many events a walk reads, and whether that is a large part of all. Asks only what the engine knows without
 * reading columns: how many there are, from when to when, and how many have the names.
 */
export async function reachOf(
  events: Events,
  { scope, span, names }: Pick<Sequences, 'scope' | 'span' | 'names'>,
): Promise<{ events: number; most: boolean }> {
  const [all] = await events.query<{ events: string; first: string; last: string }>(
    `SELECT count() AS events, toUnixTimestamp64Milli(min(timestamp)) AS first,
       toUnixTimestamp64Milli(max(timestamp)) AS last FROM events`,
  );
  const count = Number(all!.events);
  if (count === 0) return { events: 0, most: false };
  const [first, last] = [Number(all!.first), Number(all!.last)];
  const covered = Math.min(last, span.to) - Math.max(first, span.from);
  if (names === undefined) return { events: count, most: covered >= (last - first) / 2 };
  const { sql, params } = scope.statement(`SELECT count() AS events FROM events AS e WHERE ${names}`);
  const [named] = await events.query<{ events: string }>(sql, params);
  const some = Number(named!.events);
  return { events: some, most: some >= count * MOST && covered >= (last - first) / 2 };
}
