import type pg from 'pg';
import type { StreamEvent } from './event.ts';

const REMEMBERED = 100_000;

/**
 * Accounts (companies, households) that events speak of: a `group` call makes one or changes its traits and makes the
 * person a member; other events count for the account of their `context.groupId`.
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
      told.set(event.groupId, { ...told.get(event.groupId), ...stamped(traits, event) });
    }
    if (told.size === 0) return;
    const { rows } = await client.query<{ id: number; key: string }>(
      `INSERT INTO accounts (key, traits)
       SELECT key, traits::jsonb FROM unnest($1::text[], $2::text[]) AS a (key, traits)
       ON CONFLICT (key) DO UPDATE SET traits = accounts.traits || excluded.traits
       RETURNING id, key`,
      [[...told.keys()], [...told.values()].map((traits) => JSON.stringify(traits))],
    );
    for (const { id, key } of rows) this.#ids.set(key, id);
  }
}

function stamped(traits: Record<string, unknown>, event: StreamEvent): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(traits).map(([name, value]) => [name, [value, event.timestamp, event.sourceId]]),
  );
}
