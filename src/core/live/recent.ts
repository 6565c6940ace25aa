import type { Context } from '../../kernel/context.ts';
import { type EventRow, eventRowsSql, timelineEvent } from '../people/timeline-event.ts';
import type { LiveEvent } from '../stream/live-feed.ts';
import { feedOf, type LiveItem } from './feed.ts';

/** How far back the events store is asked, and how long it may take: this screen is about now. */
const WINDOW_MS = 60 * 60_000;
const SECONDS = 2;

/** An event stored in the last hour may have happened earlier; this much earlier it is still looked for. */
const EARLIER_MS = 24 * 60 * 60_000;

/** The last events and drops, newest first: what this process saw, and before that what the events store has. */
export async function recentItems(context: Context, limit: number): Promise<LiveItem[]> {
  const feed = feedOf(context);
  const items = await feed.recent(limit);
  if (items.length >= limit) return items;
  const known = new Set(items.map((item) => ('step' in item ? '' : item.id)));
  const stored = (await storedEvents(context, limit)).filter((event) => !known.has(event.id));
  return [...items, ...(await feed.names(stored))].slice(0, limit);
}

async function storedEvents({ events }: Context, limit: number): Promise<LiveEvent[]> {
  const where = `received_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
    AND timestamp >= fromUnixTimestamp64Milli({happened:Int64}, 'UTC')`;
  const since = Date.now() - WINDOW_MS;
  try {
    const rows = await events.query<EventRow>(
      eventRowsSql(where, 'received_at DESC', String(limit)),
      { since, happened: since - EARLIER_MS },
      { seconds: SECONDS },
    );
    return rows.map((row) => ({ ...timelineEvent(row), personId: String(row.person_id) }));
  } catch {
    // Too much to look through in time: the screen fills as events arrive.
    return [];
  }
}
