import type pg from 'pg';
import type { StreamEvent } from './event.ts';
import { isTooLarge, TRAIT_NAME_LIMIT, TRAITS_LIMIT } from './traits.ts';

const REMEMBERED = 100_000;

/**
 * Accounts (companies, households) that events speak of: a `group` call makes one or changes its traits and makes the
 * person a member; other events count for the account of their `context.groupId`. An account has TRAITS_LIMIT traits: once
 * it has, those that are new are left out.
 */
export class Accounts {
  readonly #ids = new Map<string, number>();
  readonly #members = new Set<string>();

  forget(): void {
    this.#ids.clear();
    this.#members.clear();
  }

  async apply(client: pg.PoolClient, events: readonly StreamEvent[]): Promise<void> {
    const spoken = events.filter((event) => event.groupId !== '');
    if (spoken.length === 0) return;
    if (this.#ids.size > REMEMBERED || this.#members.size > REMEMBERED) this.forget();
    await this.#upsert(client, spoken);
    const members = new Map<string, { account: number; person: number; at: number }>();
    for (const event of spoken) {
      event.accountId = this.#ids.get(event.groupId) ?? 0;
      const key = `${event.accountId}:${event.originId}`;
      if (event.type !== 'group' || this.#members.has(key) || event.originId === 0) continue;
      this.#members.add(key);
      members.set(key, { account: event.accountId, person: event.originId, at: event.timestamp });
    }
    if (members.size === 0) return;
    const rows = [...members.values()];
    await client.query(
      `INSERT INTO memberships (account_id, person_id, since)
       SELECT account, person, to_timestamp(at / 1000.0)
       FROM unnest($1::bigint[], $2::bigint[], $3::float8[]) AS m (account, person, at)
       ON CONFLICT DO NOTHING`,
      [rows.map((m) => m.account), rows.map((m) => m.person), rows.map((m) => m.at)],
    );
  }

  async #upsert(client: pg.PoolClient, events: readonly StreamEvent[]): Promise<void> {
    const told = new Map<string, Record<string, unknown>>();
    for (const event of events) {
      const traits = event.type === 'group' ? event.traits : {};
      if (this.#ids.has(event.groupId) && Object.keys(traits).length === 0) continue;
      const known = told.get(event.groupId) ?? {};
      told.set(event.groupId, known);
      tell(known, traits, event);
    }
    if (told.size === 0) return;
    const { rows } = await client.query<{ id: number; key: string }>(
      `INSERT INTO accounts (key, traits)
       SELECT key, traits::jsonb FROM unnest($1::text[], $2::text[]) AS a (key, traits)
       ON CONFLICT (key) DO UPDATE SET traits = accounts.traits || CASE
         WHEN (SELECT count(*) FROM jsonb_object_keys(accounts.traits || excluded.traits)) <= ${TRAITS_LIMIT} THEN excluded.traits
         ELSE coalesce((SELECT jsonb_object_agg(t.key, t.value) FROM jsonb_each(excluded.traits) AS t
           WHERE accounts.traits ? t.key), '{}') END
       RETURNING id, key`,
      [[...told.keys()], [...told.values()].map((traits) => JSON.stringify(traits))],
    );
    for (const { id, key } of rows) this.#ids.set(key, id);
  }
}

/** Adds what an event tells of an account to what the batch told of it before, as far as it can be kept. */
function tell(known: Record<string, unknown>, traits: Record<string, unknown>, event: StreamEvent): void {
  let count = Object.keys(known).length;
  for (const [name, value] of Object.entries(traits)) {
    if (name === '' || name.length > TRAIT_NAME_LIMIT || isTooLarge(value)) continue;
    const isNew = !Object.hasOwn(known, name);
    if (isNew && count >= TRAITS_LIMIT) continue;
    if (isNew) count++;
    const stamped = [value, event.timestamp, event.sourceId];
    Object.defineProperty(known, name, { value: stamped, enumerable: true, writable: true, configurable: true });
  }
}
