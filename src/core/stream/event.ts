import type { EventType, IncomingEvent } from '../intake/incoming.ts';

export const CHANNELS = [
  'web',
  'app',
  'email',
  'chat',
  'phone',
  'sms',
  'store',
  'social',
  'ad',
  'device',
  'server',
  'other',
] as const;
export type Channel = (typeof CHANNELS)[number];

/** An identifier as an event carries it: its kind and its value, not yet normalised. */
export interface EventIdentifier {
  kind: string;
  value: string;
}

/** An event on its way through the stream: decoded from the log, then filled in step by step. */
export interface StreamEvent {
  /** The message ID where it is a UUID, otherwise a UUID made from its hash. Lower case. */
  eventId: string;
  /** Empty where eventId is the message ID. */
  messageId: string;
  sourceId: number;
  type: EventType;
  /** What happened, for example "Order Completed"; for a page or screen its name. */
  name: string;
  /** Milliseconds since 1970, UTC, corrected by the difference of the sender's clock from ours. */
  timestamp: number;
  receivedAt: number;
  identifiers: EventIdentifier[];
  userId: string;
  anonymousId: string;
  groupId: string;
  /** `alias`: the earlier identifier. */
  previousId: string;
  properties: Record<string, unknown>;
  traits: Record<string, unknown>;
  context: Record<string, unknown>;

  /** Sent with a key that anybody can read in a page or an app: it may not say outright that two customers are one. */
  publicKey: boolean;

  /** What the sender wrote, as far as the transform step; its parts change with the steps after it. */
  sent?: IncomingEvent;

  // Filled in by enrich. Empty strings and zeros mean "not known".
  channel: Channel;
  /** direct: the customer acted; indirect: an ad, a review, word of mouth. */
  contact: 'direct' | 'indirect';
  url: string;
  path: string;
  title: string;
  referrer: string;
  channelGroup: string;
  campaignSource: string;
  campaignMedium: string;
  campaignName: string;
  browser: string;
  os: string;
  /** desktop, mobile, tablet, tv, bot … */
  device: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** BCP 47, for example pl-PL. */
  locale: string;
  /** What the customer paid, or was given back (negative), in the currency's minor unit. */
  revenueMinor: number;
  /** ISO 4217. */
  currency: string;
  /** Start of the session, milliseconds since 1970; 0 where the event belongs to none. */
  sessionStart: number;

  // Filled in by resolve.
  originId: number;
  personId: number;
  accountId: number;
}

/** What a request told about all its events. */
export interface Delivery {
  sourceId: number;
  receivedAt: number;
  ip: string;
  userAgent: string;
  country: string;
}
