import type { Context } from '../../kernel/context.ts';

/** An event as a test thinks of it; all that it does not name is empty. */
export interface TestEvent {
  /** The origin; whom it counts for follows from merges. */
  person: number;
  /** Where a merge was folded in already: another than the origin. */
  countsFor?: number;
  name: string;
  type?: string;
  /** ISO 8601, or milliseconds since 1970. */
  at: string | number;
  account?: number;
  /** Start of its visit. */
  session?: string | number;
  path?: string;
  device?: string;
  browser?: string;
  os?: string;
  country?: string;
  channel?: string;
  channelGroup?: string;
  referrer?: string;
  campaign?: string;
  revenueMinor?: number;
  currency?: string;
  properties?: object;
}

let stored = 0;

/** Puts events into the events store as the stream would have written them. */
export async function storeEvents(context: Pick<Context, 'events'>, events: readonly TestEvent[]): Promise<void> {
  if (events.length === 0) return;
  const time = (at: string | number) => new Date(at).toISOString().replace('T', ' ').replace('Z', '');
  const lines = events.map((event) =>
    JSON.stringify({
      event_id: crypto.randomUUID(),
      origin_id: event.person,
      person_id: event.countsFor ?? event.person,
      account_id: event.account ?? 0,
      source_id: 1,
      type: event.type ?? 'track',
      name: event.name,
      channel: event.channel ?? 'web',
      contact: 'direct',
      timestamp: time(event.at),
      received_at: time(event.at),
      session_start: time(event.session ?? 0),
      user_id: `user-${event.person}`,
      path: event.path ?? '',
      url: event.path ? `https://shop.example${event.path}` : '',
      referrer: event.referrer ?? '',
      channel_group: event.channelGroup ?? '',
      campaign_name: event.campaign ?? '',
      device: event.device ?? '',
      browser: event.browser ?? '',
      os: event.os ?? '',
      country: event.country ?? '',
      revenue_minor: event.revenueMinor ?? 0,
      currency: event.currency ?? '',
      properties: event.properties ?? {},
      context: '{}',
    }),
  );
  await context.events.insert({
    table: 'events',
    columns: Object.keys(JSON.parse(lines[0]!)),
    format: 'JSONEachRow',
    bytes: new TextEncoder().encode(lines.join('\n')),
    token: `test:${stored++}:${crypto.randomUUID()}`,
  });
}

/** Empties it again, between the runs of a property. */
export async function removeEvents({ events }: Pick<Context, 'events'>): Promise<void> {
  await events.command('TRUNCATE TABLE events');
}

/** Merges a person into another, or undoes it, as the events store knows it before it is folded. */
export async function override({ events }: Pick<Context, 'events'>, origin: number, person: number): Promise<void> {
  await events.insert({
    table: 'person_overrides',
    columns: ['origin_id', 'person_id', 'version', 'is_deleted'],
    format: 'JSONCompactEachRow',
    bytes: new TextEncoder().encode(JSON.stringify([origin, person, ++stored, origin === person ? 1 : 0])),
    token: `test-override:${stored}:${crypto.randomUUID()}`,
  });
  await events.command('SYSTEM RELOAD DICTIONARY person_overrides_map');
}

/** A context in which the files of the events are put together just before they are read, as a merge may at any moment. */
export function mergingBeforeReads<C extends Pick<Context, 'events'>>(context: C): C {
  const query: Context['events']['query'] = async (sql, params, options) => {
    if (/FROM events\b/.test(sql)) await context.events.command('OPTIMIZE TABLE events FINAL');
    return context.events.query(sql, params, options);
  };
  return { ...context, events: Object.assign(Object.create(context.events), { query }) };
}
