import type { TimelineEvent } from '../../wire.ts';
import { dayOf } from '../../zone.ts';

/** Events of one session that stand together on the line; `start` is null for events outside any session. */
export type Stretch = {
  key: string;
  start: string | null;
  events: TimelineEvent[];
  /** How many of them are the session's own: others may have happened in between. */
  own: number;
  /** When it began: the session's start, or its oldest event where that came in late and is older still. */
  begun: string;
  /** From then to its newest event here, in milliseconds. */
  milliseconds: number;
};

export type Day = { key: string; at: string; stretches: Stretch[] };

function lengthOf({ start, begun, events }: Pick<Stretch, 'start' | 'begun' | 'events'>): number {
  const newest = events[0]?.timestamp ?? begun;
  return start === null ? 0 : Math.max(0, Date.parse(newest) - Date.parse(begun));
}

/** True when the session goes on, on the same day, below this place of the list. */
function goesOn(events: TimelineEvent[], from: number, day: string, session: string): boolean {
  for (let index = from; index < events.length; index += 1) {
    const event = events[index];
    if (!event || dayOf(event.timestamp) !== day) return false;
    if (event.sessionStart !== null) return event.sessionStart === session;
  }
  return false;
}

/**
 * Days with their sessions, in the order of the events (newest first). What happens outside any session while one
 * goes on (an e-mail opened during a visit) stays in its place, within that session.
 */
export function groupByDay(events: TimelineEvent[]): Day[] {
  const days: Day[] = [];
  for (const [index, event] of events.entries()) {
    const key = dayOf(event.timestamp);
    let day = days.at(-1);
    if (day?.key !== key) {
      day = { key, at: event.timestamp, stretches: [] };
      days.push(day);
    }
    const last = day.stretches.at(-1);
    const same = last !== undefined && last.start === event.sessionStart;
    const between =
      last !== undefined &&
      last.start !== null &&
      event.sessionStart === null &&
      goesOn(events, index + 1, key, last.start);
    if (last && (same || between)) {
      last.events.push(event);
      if (same) last.own += 1;
      if (same && event.timestamp < last.begun) last.begun = event.timestamp;
      last.milliseconds = lengthOf(last);
    } else {
      const start = event.sessionStart;
      const begun = start !== null && start < event.timestamp ? start : event.timestamp;
      const stretch = { key: `${start ?? 'none'} ${event.id}`, start, events: [event], own: 1, begun, milliseconds: 0 };
      day.stretches.push({ ...stretch, milliseconds: lengthOf(stretch) });
    }
  }
  return days;
}
