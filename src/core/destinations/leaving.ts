import type pg from 'pg';
import type { Records } from '../../kernel/records.ts';
import type { StreamEvent } from '../stream/event.ts';
import type { Filter } from './settings.ts';

const REFRESH_MS = 3000;

interface Rule {
  id: number;
  names: ReadonlySet<string> | null;
  types: ReadonlySet<string> | null;
  channels: ReadonlySet<string> | null;
  sources: ReadonlySet<number> | null;
}

/**
 * Queues what leaves by webhooks, in the transaction of the stream's batch: what is applied is queued, and what is done
 * again after a crash is queued once. Only lists are looked at here; consent and conditions are when it is sent.
 */
export class Leaving {
  readonly #records: Records;
  #rules: Rule[] = [];
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(records: Records) {
    this.#records = records;
  }

  async refresh(): Promise<void> {
    if (performance.now() - this.#refreshedAt < REFRESH_MS) return;
    this.#rules = await readRules(this.#records.pool);
    this.#refreshedAt = performance.now();
  }

  /** Returns how many deliveries the events make. */
  async queue(client: pg.ClientBase, events: readonly StreamEvent[]): Promise<number> {
    if (this.#rules.length === 0) return 0;
    const destinations: number[] = [];
    const matched: StreamEvent[] = [];
    for (const event of events) {
      // An event that names nobody is not stored.
      if (event.originId === 0) continue;
      for (const rule of this.#rules) {
        if (!leaves(rule, event)) continue;
        destinations.push(rule.id);
        matched.push(event);
      }
    }
    if (matched.length > 0) {
      await queueDeliveries(
        client,
        destinations,
        matched.map((event) => ({
          eventId: event.eventId,
          name: event.name || event.type,
          originId: event.originId,
          at: event.timestamp,
        })),
      );
    }
    return matched.length;
  }
}

export interface Queued {
  eventId: string;
  name: string;
  originId: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** `again`: what was delivered, held back or given up before is sent once more. */
export async function queueDeliveries(
  client: pg.ClientBase | pg.Pool,
  destinations: readonly number[],
  events: readonly Queued[],
  again = false,
): Promise<void> {
  await client.query({
    name: again ? 'destinations-queue-again' : 'destinations-queue',
    text: `INSERT INTO destinations_deliveries (destination_id, event_id, name, origin_id, event_at)
           SELECT * FROM unnest($1::int[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[])
           ON CONFLICT (destination_id, event_id) DO ${
             again
               ? `UPDATE SET status = 'waiting', attempts = 0, due_at = now(), finished_at = NULL, reason = NULL
                  WHERE destinations_deliveries.status <> 'waiting'`
               : 'NOTHING'
           }`,
    values: [
      destinations,
      events.map((event) => event.eventId),
      events.map((event) => event.name.slice(0, 500).toWellFormed().replaceAll('\0', '')),
      events.map((event) => event.originId),
      events.map((event) => event.at),
    ],
  });
}

async function readRules(pool: pg.Pool): Promise<Rule[]> {
  const { rows } = await pool
    .query<{ id: number; filter: Filter }>(
      "SELECT id, filter FROM destinations WHERE kind = 'webhook' AND enabled AND removed_at IS NULL ORDER BY id",
    )
    .catch((error: { code?: string }) => {
      // A stream without this module: its tables are not made.
      if (error.code === '42P01') return { rows: [] };
      throw error;
    });
  return rows.map(({ id, filter }) => ({
    id,
    names: setOf(filter.names),
    types: setOf(filter.types),
    channels: setOf(filter.channels),
    sources: setOf(filter.sources?.map(Number)),
  }));
}

const setOf = <T>(values: readonly T[] | undefined): ReadonlySet<T> | null =>
  values && values.length > 0 ? new Set(values) : null;

function leaves(rule: Rule, event: StreamEvent): boolean {
  return (
    (rule.names?.has(event.name) ?? true) &&
    (rule.types?.has(event.type) ?? true) &&
    (rule.channels?.has(event.channel) ?? true) &&
    (rule.sources?.has(event.sourceId) ?? true)
  );
}
