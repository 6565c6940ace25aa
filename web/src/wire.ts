/** What the server answers with, as the console reads it. Times are ISO 8601 in UTC, money is in minor units. */

export type Money = { currency: string; amountMinor: number };

export type ListOf<T> = { items: T[]; nextCursor: string | null };

export type { Me } from '../../src/core/staff/me-routes.ts';

export const SOURCE_KINDS = [
  'browser',
  'server',
  'mobile',
  'webhook',
  'file',
  'cloudevents',
  'mqtt',
  'mail',
  'postgres',
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

export type Source = {
  id: string;
  name: string;
  kind: SourceKind;
  writeKey: string;
  enabled: boolean;
  mapping: string | null;
  createdAt: string;
  lastEventAt: string | null;
  eventCount: number;
};

export type TestEvent = {
  state: 'accepted' | 'stored' | 'dropped' | 'quarantined';
  steps: { name: string; at: string | null }[];
  personId: string | null;
  elapsedMs: number | null;
  reason: string | null;
};

export type Identifier = { kind: string; value: string };

export type PersonSummary = {
  id: string;
  displayName: string;
  email: string | null;
  identifiers: Identifier[];
  createdAt: string;
  lastSeenAt: string | null;
  eventCount: number;
  revenue: Money[];
  country: string | null;
};

export type PeoplePage = ListOf<PersonSummary> & { total: number | null };

export type TraitValue = { value: unknown; type: string; at: string; sourceId: string | null; originId?: string };
/** Why two were made one: somebody said so (`by`), or an event named identifiers of both. */
export type MergeCause = { type?: string; by?: string; messageId?: string; identifiers?: Identifier[] };
export type Merge = {
  id: string;
  at: string;
  cause: MergeCause;
  intoId: string;
  fromId: string;
  undoneAt: string | null;
};

export type Person = {
  id: string;
  displayName: string;
  createdAt: string;
  firstSeenAt: string | null;
  lastSeenAt: string | null;
  eventCount: number;
  sessionCount: number;
  revenue: Money[];
  country: string | null;
  identifiers: (Identifier & { firstSeenAt: string; sourceId: string | null; originId: string })[];
  traits: Record<string, TraitValue>;
  consent: Record<string, { granted: boolean; at: string; sourceId: string | null }>;
  accounts: { id: string; key: string; name: string | null; traits: Record<string, unknown> }[];
  origins: string[];
  merges: Merge[];
};

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

export type TimelineEvent = {
  id: string;
  messageId: string;
  type: string;
  name: string;
  channel: Channel;
  contact: 'direct' | 'indirect';
  timestamp: string;
  receivedAt: string;
  sourceId: string;
  originId: string;
  sessionStart: string | null;
  properties: Record<string, unknown>;
  context: Record<string, unknown>;
  revenue: Money | null;
  page: { url?: string; path?: string; title?: string; referrer?: string } | null;
  campaign: { channelGroup?: string; source?: string; medium?: string; name?: string } | null;
  device: { browser?: string; os?: string; type?: string } | null;
  country: string | null;
  locale: string | null;
};

export type LiveEvent = TimelineEvent & { personId: string; personName: string | null };
export type LiveDrop = {
  at: string;
  step: string;
  reason: string;
  sourceId: string | null;
  name: string | null;
  messageId: string | null;
};
export type LiveRate = { eventsPerSecond: number; dropsPerSecond: number; lagEvents: number };

export type StreamState = {
  steps: { name: string; events: number; drops: number; milliseconds: number }[];
  drops: { step: string; reason: string; sourceId: string | null; count: number }[];
  partitions: { partition: number; lagEvents: number; lagSeconds: number; oldestAt: string | null }[];
};

export type Import = {
  id: string;
  name: string;
  state: 'uploading' | 'running' | 'done' | 'failed';
  uploadedBytes: number;
  size: number;
  linesRead: number;
  eventsAccepted: number;
  refused: number;
  linesTotal: number | null;
  startedAt: string;
  endedAt: string | null;
  /** From 0 to 1, of the work after the upload. */
  progress?: number;
  /** Lines a second. */
  ratePerSecond: number;
  error: string | null;
  sourceId: string | null;
};

export type StoreReport = {
  kind: 'embedded' | 'server' | 'folder';
  where: string;
  up: boolean;
  milliseconds: number;
  bytes: number | null;
  rows: number | null;
};

export type Doctor = {
  version: string;
  node: string;
  uptimeSeconds: number;
  checks: { name: string; state: 'ok' | 'warning' | 'failing'; detail: string; remedy: string | null }[];
  stores: Record<string, StoreReport>;
  memory: Record<string, unknown>;
};
