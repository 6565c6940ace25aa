import type { Context } from '../../kernel/context.ts';
import { originsOf } from '../people/merge.ts';
import { rootOf } from '../people/root.ts';
import { type EventRow, eventRowsSql, type TimelineEvent, timelineEvent } from '../people/timeline-event.ts';

/** How often the person's events are looked at while the stream is at work, and while nothing is heard of it. */
const LOOK_MS = 400;
const QUIET_LOOK_MS = 2000;

/** Events received longer ago than this are not news; those of the last are compared with what was seen. */
const WINDOW_MS = 10 * 60_000;

/** Events told at a time. */
const SHOWN = 100;

/**
 * Tells each event that comes to a person, whichever of its identities it comes by, also those merged into it while it
 * is followed. It reads the events store, so what is told can be found on the timeline too. Returns how to stop.
 */
export function followPerson(
  context: Pick<Context, 'records' | 'events'>,
  personId: number,
  heard: () => number,
  tell: (event: TimelineEvent) => void,
): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let seen: Set<string> | null = null;
  let lastHeard = -1;
  let lookedAt = 0;

  const look = async () => {
    const now = heard();
    if (now === lastHeard && Date.now() - lookedAt < QUIET_LOOK_MS) return;
    const rows = await recentEvents(context, personId);
    if (stopped) return;
    const first = seen === null;
    const fresh = rows.filter((row) => !seen?.has(row.event_id));
    seen = new Set(rows.map((row) => row.event_id));
    lastHeard = now;
    lookedAt = Date.now();
    if (!first) for (const row of fresh.reverse()) tell(timelineEvent(row));
  };
  const again = async () => {
    try {
      await look();
    } catch {
      // A store is away: looked again when it may be back.
      lookedAt = Date.now();
    }
    if (!stopped) timer = setTimeout(again, LOOK_MS);
  };
  void again();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function recentEvents({ records, events }: Pick<Context, 'records' | 'events'>, personId: number) {
  const root = await rootOf(records.pool, personId);
  if (root === null) return [];
  const origins = (await originsOf(records.pool, [root])).map((origin) => origin.id);
  const where = `origin_id IN {origins:Array(UInt64)} AND received_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')`;
  return events.query<EventRow>(eventRowsSql(where, 'received_at DESC, timestamp DESC, event_id DESC', String(SHOWN)), {
    origins,
    since: Date.now() - WINDOW_MS,
  });
}
