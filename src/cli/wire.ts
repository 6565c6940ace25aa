/** What of the server's answers the commands read; see /api/docs. */

export interface Money {
  currency: string;
  amountMinor: number;
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface Source {
  id: string;
  name: string;
  kind: string;
  writeKey: string;
  enabled: boolean;
  createdAt: string;
  lastEventAt: string | null;
  eventCount: number;
}

export interface Person {
  id: string;
  displayName: string;
  createdAt: string;
  firstSeenAt: string | null;
  lastSeenAt: string | null;
  eventCount: number;
  sessionCount: number;
  revenue: Money[];
  identifiers: { kind: string; value: string }[];
  traits: Record<string, { value: unknown; at: string }>;
  consent: Record<string, { granted: boolean; at: string }>;
  accounts: { id: string; key: string; name: string | null }[];
  merges: { undoneAt: string | null }[];
}

export interface TimelineEvent {
  type: string;
  name: string;
  channel: string;
  contact: string;
  timestamp: string;
  properties: Record<string, unknown>;
  revenue: Money | null;
  page: { url?: string; path?: string; title?: string; referrer?: string } | null;
  campaign: { channelGroup?: string; source?: string; medium?: string; name?: string } | null;
}

export interface Check {
  name: string;
  state: 'ok' | 'warning' | 'failing';
  detail: string;
  remedy: string | null;
}

export interface Report {
  version: string;
  node: string;
  uptimeSeconds: number;
  checks: Check[];
  stores: Record<
    string,
    { kind: string; where: string; up: boolean; milliseconds: number; bytes: number | null; rows: number | null }
  >;
  memory: { residentBytes: number; heapBytes: number; machineBytes: number };
}

export interface Key {
  id: string;
  name: string | null;
  role: string;
  permissions: string[] | null;
  prefix: string;
  createdBy: { name: string } | null;
  expiresAt: string | null;
  lastUsedAt: string | null;
  works: boolean;
}
