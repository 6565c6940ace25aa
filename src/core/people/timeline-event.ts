import { z } from 'zod';

export const Money = z.object({ currency: z.string(), amountMinor: z.number() });
export type Money = z.infer<typeof Money>;

/** One event on a person's timeline, as the API and the live screens show it. */
export const TimelineEvent = z.object({
  id: z.string(),
  messageId: z.string(),
  type: z.string(),
  name: z.string(),
  channel: z.string(),
  contact: z.string(),
  timestamp: z.string(),
  receivedAt: z.string(),
  sourceId: z.string(),
  originId: z.string(),
  sessionStart: z.string().nullable(),
  properties: z.record(z.string(), z.unknown()),
  context: z.record(z.string(), z.unknown()),
  revenue: Money.nullable(),
  page: z.object({ url: z.string(), path: z.string(), title: z.string(), referrer: z.string() }).nullable(),
  campaign: z.object({ channelGroup: z.string(), source: z.string(), medium: z.string(), name: z.string() }).nullable(),
  device: z.object({ browser: z.string(), os: z.string(), type: z.string() }).nullable(),
  country: z.string().nullable(),
  locale: z.string().nullable(),
});
export type TimelineEvent = z.infer<typeof TimelineEvent>;

/** What `timelineEvent` reads; times in milliseconds since 1970, as text where the engine says so. */
export interface EventRow {
  event_id: string;
  message_id: string;
  type: string;
  name: string;
  channel: string;
  contact: string;
  at: string | number;
  received: string | number;
  session: string | number;
  source_id: number;
  origin_id: string | number;
  person_id: string | number;
  properties: string;
  context: string;
  revenue_minor: string | number;
  currency: string;
  url: string;
  path: string;
  title: string;
  referrer: string;
  channel_group: string;
  campaign_source: string;
  campaign_medium: string;
  campaign_name: string;
  browser: string;
  os: string;
  device: string;
  country: string;
  locale: string;
}

const COLUMNS = `event_id, message_id, type, name, channel, contact, timestamp, received_at, session_start, source_id,
  origin_id, person_id, properties, context, revenue_minor, currency, url, path, title, referrer, channel_group,
  campaign_source, campaign_medium, campaign_name, browser, os, device, country, locale`;

/**
 * The rows that `timelineEvent` reads, of the events that `where` (SQL after WHERE) names, in the given order. Wide
 * columns are read for these rows only, and whole numbers in properties stay numbers.
 */
export function eventRowsSql(where: string, order: string, limit: string): string {
  return `SELECT * FROM (
    SELECT * EXCEPT (timestamp, received_at, session_start, properties), toUnixTimestamp64Milli(timestamp) AS at,
      toUnixTimestamp64Milli(received_at) AS received, toUnixTimestamp64Milli(session_start) AS session,
      toJSONString(properties) AS properties
    FROM (SELECT ${COLUMNS} FROM events WHERE ${where} ORDER BY ${order} LIMIT ${limit})
    SETTINGS output_format_json_quote_64bit_integers = 0)`;
}

export function timelineEvent(row: EventRow): TimelineEvent {
  return {
    id: row.event_id,
    messageId: row.message_id || row.event_id,
    type: row.type,
    name: row.name,
    channel: row.channel,
    contact: row.contact,
    timestamp: iso(row.at),
    receivedAt: iso(row.received),
    sourceId: String(row.source_id),
    originId: String(row.origin_id),
    sessionStart: Number(row.session) === 0 ? null : iso(row.session),
    properties: JSON.parse(row.properties),
    context: row.context === '' ? {} : JSON.parse(row.context),
    revenue: row.currency === '' ? null : { currency: row.currency, amountMinor: Number(row.revenue_minor) },
    page:
      row.url || row.path || row.title
        ? { url: row.url, path: row.path, title: row.title, referrer: row.referrer }
        : null,
    campaign:
      row.channel_group || row.campaign_source
        ? {
            channelGroup: row.channel_group,
            source: row.campaign_source,
            medium: row.campaign_medium,
            name: row.campaign_name,
          }
        : null,
    device: row.browser || row.os || row.device ? { browser: row.browser, os: row.os, type: row.device } : null,
    country: row.country || null,
    locale: row.locale || null,
  };
}

const iso = (milliseconds: string | number) => new Date(Number(milliseconds)).toISOString();
