import type { StreamEvent } from './event.ts';

/** The columns of `events`, in the order in which `eventRow` writes them. */
export const EVENT_COLUMNS = [
  'event_id',
  'origin_id',
  'person_id',
  'account_id',
  'source_id',
  'type',
  'name',
  'channel',
  'contact',
  'timestamp',
  'received_at',
  'session_start',
  'message_id',
  'user_id',
  'anonymous_id',
  'url',
  'path',
  'title',
  'referrer',
  'channel_group',
  'campaign_source',
  'campaign_medium',
  'campaign_name',
  'browser',
  'os',
  'device',
  'country',
  'locale',
  'revenue_minor',
  'currency',
  'properties',
  'context',
] as const;

/** An event as a line of JSONCompactEachRow. Times are whole milliseconds, which is what the columns' type counts. */
export function eventRow(event: StreamEvent): string {
  const properties = event.type === 'identify' || event.type === 'group' ? event.traits : event.properties;
  return JSON.stringify([
    event.eventId,
    event.originId,
    event.personId,
    event.accountId,
    event.sourceId,
    event.type,
    event.name,
    event.channel,
    event.contact,
    event.timestamp,
    event.receivedAt,
    event.sessionStart,
    event.messageId,
    event.userId,
    event.anonymousId,
    event.url,
    event.path,
    event.title,
    event.referrer,
    event.channelGroup,
    event.campaignSource,
    event.campaignMedium,
    event.campaignName,
    event.browser,
    event.os,
    event.device,
    event.country,
    event.locale,
    event.revenueMinor,
    event.currency,
    properties,
    contextText(event.context),
  ]);
}

function contextText(context: Record<string, unknown>): string {
  const text = JSON.stringify(context);
  return text === '{}' ? '' : text;
}
