import type { Events } from '../../kernel/events.ts';
import { type EventRow, timelineEvent } from '../people/timeline-event.ts';

/** An event as it leaves. docs/exports.md says what each field is. */
export interface LeavingEvent {
  id: string;
  type: string;
  /** Milliseconds since 1970. */
  at: number;
  originId: number;
  context: Record<string, unknown>;
  data: Record<string, unknown>;
}

interface Row extends EventRow {
  user_id: string;
  anonymous_id: string;
  account_id: string | number;
}

const COLUMNS = `event_id, message_id, type, name, channel, contact, source_id, origin_id, person_id, account_id,
  user_id, anonymous_id, context, revenue_minor, currency, url, path, title, referrer, channel_group, campaign_source,
  campaign_medium, campaign_name, browser, os, device, country, locale,
  toUnixTimestamp64Milli(timestamp) AS at, toUnixTimestamp64Milli(received_at) AS received,
  toUnixTimestamp64Milli(session_start) AS session, toJSONString(properties) AS properties`;

/** The events with these IDs, by ID; `at` and `originId` say where they lie. What is not stored is not in the map. */
export async function readLeaving(
  events: Events,
  wanted: readonly { eventId: string; originId: number; at: number }[],
): Promise<Map<string, LeavingEvent>> {
  if (wanted.length === 0) return new Map();
  const rows = await events.query<Row>(
    `SELECT * FROM (SELECT ${COLUMNS} FROM events
       WHERE origin_id IN {origins:Array(UInt64)}
         AND timestamp >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
         AND timestamp <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')
         AND event_id IN {ids:Array(UUID)}
       SETTINGS output_format_json_quote_64bit_integers = 0)`,
    {
      origins: [...new Set(wanted.map((one) => one.originId))],
      ids: wanted.map((one) => one.eventId),
      from: Math.min(...wanted.map((one) => one.at)),
      to: Math.max(...wanted.map((one) => one.at)),
    },
  );
  return new Map(rows.map((row) => [row.event_id, leavingEvent(row)]));
}

function leavingEvent(row: Row): LeavingEvent {
  const { originId, ...event } = timelineEvent(row);
  const data = {
    ...event,
    userId: row.user_id || null,
    anonymousId: row.anonymous_id || null,
    accountId: Number(row.account_id) === 0 ? null : String(row.account_id),
  };
  return {
    id: event.id,
    type: event.type,
    at: Number(row.at),
    originId: Number(originId),
    context: event.context,
    data,
  };
}

/** The body of a webhook: `{ type, timestamp, data }`. The person is the one it counts for when it is sent. */
export function eventBody(event: LeavingEvent, personId: number | undefined): string {
  return JSON.stringify({
    type: `event.${event.type}`,
    timestamp: new Date(event.at).toISOString(),
    data: { ...event.data, personId: String(personId ?? event.originId) },
  });
}

export function testBody(at: Date): string {
  return JSON.stringify({
    type: 'throughline.test',
    timestamp: at.toISOString(),
    data: { message: 'A test from Throughline. No customer did anything.' },
  });
}

export function erasedBody(persons: readonly (string | number)[], at: Date): string {
  return JSON.stringify({
    type: 'person.erased',
    timestamp: at.toISOString(),
    data: { personIds: persons.map(String) },
  });
}
