import type { Drop } from './batch.ts';
import type { StreamEvent } from './event.ts';
import type { Batch } from './pipeline.ts';

/** How many events and drops one batch shows; the rest are only counted. */
const SHOWN = 50;

/** An event as the live screens show it: the timeline's form and whose it is. */
export interface LiveEvent {
  id: string;
  messageId: string;
  type: string;
  name: string;
  channel: string;
  contact: string;
  timestamp: string;
  receivedAt: string;
  sourceId: string;
  personId: string;
  originId: string;
  sessionStart: string | null;
  properties: Record<string, unknown>;
  context: Record<string, unknown>;
  revenue: { currency: string; amountMinor: number } | null;
  page: { url: string; path: string; title: string; referrer: string } | null;
  campaign: { channelGroup: string; source: string; medium: string; name: string } | null;
  device: { browser: string; os: string; type: string } | null;
  country: string | null;
  locale: string | null;
}

export interface LiveMessage {
  at: string;
  events: LiveEvent[];
  drops: (Drop & { at: string })[];
  accepted: number;
  dropped: number;
}

/** The name of the channel on which the stream tells what it did, within the processes of one data folder. */
export const liveChannel = (dataDir: string) => `throughline-live:${dataDir}`;

export function liveMessage(batch: Batch): LiveMessage {
  const at = new Date().toISOString();
  const quarantined = batch.bad.map(({ step = 'decode', sourceId, messageId, reason }) => ({
    step,
    reason,
    sourceId,
    name: '',
    messageId: messageId ?? '',
  }));
  const drops = [...batch.drops, ...quarantined];
  return {
    at,
    events: batch.events.slice(-SHOWN).map(liveEvent),
    drops: drops.slice(-SHOWN).map((drop) => ({ ...drop, at })),
    accepted: batch.events.length,
    dropped: drops.length,
  };
}

function liveEvent(event: StreamEvent): LiveEvent {
  const iso = (milliseconds: number) => new Date(milliseconds).toISOString();
  const tells = (...texts: string[]) => texts.some((text) => text !== '');
  return {
    id: event.eventId,
    messageId: event.messageId || event.eventId,
    type: event.type,
    name: event.name,
    channel: event.channel,
    contact: event.contact,
    timestamp: iso(event.timestamp),
    receivedAt: iso(event.receivedAt),
    sourceId: String(event.sourceId),
    personId: String(event.personId),
    originId: String(event.originId),
    sessionStart: event.sessionStart === 0 ? null : iso(event.sessionStart),
    properties: event.type === 'identify' || event.type === 'group' ? event.traits : event.properties,
    context: event.context,
    revenue: event.currency === '' ? null : { currency: event.currency, amountMinor: event.revenueMinor },
    page: tells(event.url, event.path, event.title)
      ? { url: event.url, path: event.path, title: event.title, referrer: event.referrer }
      : null,
    campaign: tells(event.channelGroup, event.campaignSource)
      ? {
          channelGroup: event.channelGroup,
          source: event.campaignSource,
          medium: event.campaignMedium,
          name: event.campaignName,
        }
      : null,
    device: tells(event.browser, event.os, event.device)
      ? { browser: event.browser, os: event.os, type: event.device }
      : null,
    country: event.country || null,
    locale: event.locale || null,
  };
}
