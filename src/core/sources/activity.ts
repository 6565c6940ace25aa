import type { Context } from '../../kernel/context.ts';

/** How long counts hold: they come from a scan of two columns, and a page is asked for often. */
const HOLD_MS = 5000;
/** A count that takes longer is given up; what was known before is shown. */
const QUERY_SECONDS = 5;

export interface Activity {
  eventCount: number;
  lastEventAt: Date | null;
}

const NONE: Activity = { eventCount: 0, lastEventAt: null };
const held = new WeakMap<object, Map<number, { activity: Activity; until: number }>>();

/** How many stored events each source has and when the last one was received; one query for all that are asked for. */
export async function activityOf(context: Context, ids: readonly number[]): Promise<Map<number, Activity>> {
  const known = held.get(context.events) ?? new Map<number, { activity: Activity; until: number }>();
  held.set(context.events, known);
  const now = Date.now();
  const stale = ids.filter((id) => (known.get(id)?.until ?? 0) <= now);
  if (stale.length > 0) {
    const fresh = await count(context, stale).catch(() => null);
    for (const id of stale) {
      const activity = fresh ? (fresh.get(id) ?? NONE) : (known.get(id)?.activity ?? NONE);
      known.set(id, { activity, until: Date.now() + HOLD_MS });
    }
  }
  return new Map(ids.map((id) => [id, known.get(id)?.activity ?? NONE]));
}

async function count(context: Context, ids: readonly number[]): Promise<Map<number, Activity>> {
  const rows = await context.events.query<{ source_id: number; events: string; last: string }>(
    `SELECT source_id, count() AS events, toUnixTimestamp64Milli(max(received_at)) AS last
     FROM events WHERE source_id IN {ids:Array(UInt32)} GROUP BY source_id`,
    { ids },
    { seconds: QUERY_SECONDS },
  );
  return new Map(
    rows.map((row) => [row.source_id, { eventCount: Number(row.events), lastEventAt: new Date(Number(row.last)) }]),
  );
}
