import { randomUUID } from 'node:crypto';
import type { Stores } from './overrides.ts';

/** What tests say of an event; the rest is ordinary. */
export interface TestEvent {
  id?: string;
  origin: number;
  /** Whom the stream took it for when it came; the origin unless told. */
  person?: number;
  at?: number;
  name?: string;
  channel?: string;
  contact?: string;
  properties?: Record<string, unknown>;
  revenueMinor?: number;
  currency?: string;
  country?: string;
}

let inserted = 0;

/** Puts events into the events store as the stream does. */
export async function insertEvents({ events }: Stores, rows: readonly TestEvent[]): Promise<void> {
  const columns = [
    'event_id',
    'origin_id',
    'person_id',
    'source_id',
    'type',
    'name',
    'channel',
    'contact',
    'timestamp',
    'received_at',
    'properties',
    'revenue_minor',
    'currency',
    'country',
  ];
  const lines = rows.map((row) => {
    const at = ((row.at ?? Date.now()) / 1000).toFixed(3);
    const { origin, person = origin, name = 'Looked', channel = 'web', contact = 'direct', properties = {} } = row;
    const money = [row.revenueMinor ?? 0, row.currency ?? ''];
    const id = row.id ?? randomUUID();
    return [id, origin, person, 1, 'track', name, channel, contact, at, at, properties, ...money, row.country ?? ''];
  });
  await events.insert({
    table: 'events',
    columns,
    format: 'JSONCompactEachRow',
    bytes: new TextEncoder().encode(lines.map((line) => JSON.stringify(line)).join('\n')),
    token: `test-${process.pid}-${inserted++}`,
  });
}

/** Puts a person as first met into the records, as the stream does; returns its ID. */
export async function insertPerson(
  { records }: Stores,
  person: { traits?: Record<string, unknown>; identifiers?: Record<string, string>; at?: number } = {},
): Promise<number> {
  const at = person.at ?? Date.now();
  const traits = Object.entries(person.traits ?? {}).map(([name, value]) => [name, [value, at, 1]]);
  return records.transaction(async (client) => {
    const { rows } = await client.query<{ id: number }>(
      `WITH next AS (SELECT nextval('person_ids') AS id)
       INSERT INTO persons (id, root_id, source_id, created_at, traits)
       SELECT id, id, 1, to_timestamp($1::float8 / 1000), $2 FROM next RETURNING id`,
      [at, JSON.stringify(Object.fromEntries(traits))],
    );
    const { id } = rows[0]!;
    for (const [kind, value] of Object.entries(person.identifiers ?? {})) {
      await client.query(
        `INSERT INTO identifiers (kind_id, value, person_id, first_seen_at, source_id)
         SELECT id, $2, $3, to_timestamp($4::float8 / 1000), 1 FROM identifier_kinds WHERE kind = $1`,
        [kind, value, id, at],
      );
    }
    return id;
  });
}
