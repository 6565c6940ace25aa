import { z } from 'zod';
import type { Params } from '../../kernel/events.ts';
import { decodeCursor, encodeCursor, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { originsOf } from './merge.ts';
import type { Stores } from './overrides.ts';
import { rootOf } from './root.ts';
import { type EventRow, eventRowsSql, type TimelineEvent, timelineEvent } from './timeline-event.ts';

/** Several values of a filter, parted by commas. */
const several = z
  .string()
  .max(2000)
  .transform((text) => text.split(',').filter((value) => value !== ''))
  .optional();

const time = z.iso.datetime({ offset: true }).or(z.iso.date()).optional();

export const timelineQuery = pageQuery.extend({
  name: z.string().max(500).optional(),
  /** Names of events that are left out: what is measured many times a visit hides the rest. */
  without: several,
  channel: several,
  contact: z.enum(['direct', 'indirect']).optional(),
  /** From this time on. */
  from: time,
  /** Before this time. */
  to: time,
  /** Text in the event's name, page or properties, in any case. */
  q: z.string().max(200).optional(),
});
export type TimelineQuery = z.output<typeof timelineQuery>;

/** An event's ID is of a UUID's shape, not of a UUID's version: it may be made from a sender's own message ID. */
const Position = z.tuple([z.int(), z.guid()]);

/**
 * A person's events over all that was merged into it, newest first; those of the same time in the order of their IDs. A
 * cursor is the place of the last event given, so pages neither repeat nor skip one, whatever arrives meanwhile.
 * Refuses with 404 where there is no such person.
 */
export async function timeline(
  stores: Stores,
  personId: number,
  query: TimelineQuery,
): Promise<{ items: TimelineEvent[]; nextCursor: string | null }> {
  const root = await rootOf(stores.records.pool, personId);
  if (root === null) throw refuse.notFound('There is no such person.');
  const origins = (await originsOf(stores.records.pool, [root])).map((origin) => origin.id);
  const { where, params } = conditions(origins, query);
  const sql = eventRowsSql(where, 'timestamp DESC, event_id DESC', '{limit:UInt32}');
  const rows = await stores.events.query<EventRow>(sql, { ...params, limit: query.limit + 1 });
  const shown = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(timelineEvent),
    nextCursor: last ? encodeCursor([Number(last.at), last.event_id]) : null,
  };
}

function conditions(origins: readonly number[], query: TimelineQuery): { where: string; params: Params } {
  const where = ['origin_id IN {origins:Array(UInt64)}'];
  const params: Record<string, string | number | readonly (string | number)[]> = { origins };
  const after = decodeCursor(query.cursor, Position);
  if (after) {
    const at = "fromUnixTimestamp64Milli({cursorAt:Int64}, 'UTC')";
    where.push(`timestamp <= ${at}`, `(timestamp < ${at} OR event_id < {cursorId:UUID})`);
    Object.assign(params, { cursorAt: after[0], cursorId: after[1] });
  }
  if (query.name) {
    where.push('name = {name:String}');
    params.name = query.name;
  }
  if (query.without && query.without.length > 0) {
    where.push('name NOT IN {without:Array(String)}');
    params.without = query.without;
  }
  if (query.channel && query.channel.length > 0) {
    where.push('channel IN {channels:Array(String)}');
    params.channels = query.channel;
  }
  if (query.contact) {
    where.push('contact = {contact:String}');
    params.contact = query.contact;
  }
  if (query.from) {
    where.push("timestamp >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')");
    params.from = Date.parse(query.from);
  }
  if (query.to) {
    where.push("timestamp < fromUnixTimestamp64Milli({to:Int64}, 'UTC')");
    params.to = Date.parse(query.to);
  }
  if (query.q?.trim()) {
    where.push(
      "positionCaseInsensitiveUTF8(concat(name, '\\n', title, '\\n', url, '\\n', toJSONString(properties)), {q:String}) > 0",
    );
    params.q = query.q.trim();
  }
  return { where: where.join(' AND '), params };
}
