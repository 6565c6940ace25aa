import { hash } from 'node:crypto';
import type pg from 'pg';
import type { Config } from '../../kernel/config.ts';
import { BadRows, type Events } from '../../kernel/events.ts';
import type { LogRecord } from '../../kernel/log.ts';
import type { Records } from '../../kernel/records.ts';
import { lockIdentity } from '../people/merge.ts';
import { Accounts } from './accounts.ts';
import { writeDrops, writePeople, writeQuarantine } from './apply.ts';
import { type BadEvent, type Decoded, decodeRecord } from './decode.ts';
import { contextAsSent, createEnricher } from './enrich/enrich.ts';
import type { Geo } from './enrich/geo.ts';
import { Sessions } from './enrich/sessions.ts';
import type { Delivery, StreamEvent } from './event.ts';
import { Filter } from './filter.ts';
import { Identity, type IdentityChanges } from './identity.ts';
import { StepCounts } from './metrics.ts';
import { Seen } from './seen.ts';
import { Traits } from './traits.ts';
import { EVENT_COLUMNS, eventRow } from './write.ts';

/** An event that was left out on purpose. */
export interface Drop {
  step: string;
  reason: string;
  sourceId: number;
  name: string;
  messageId: string;
}

/** Records of one partition, as read. */
export interface Portion {
  partition: number;
  records: LogRecord[];
}

/** A batch whose people are written; its events are on their way to the events store. */
export interface Batch {
  portions: Portion[];
  events: StreamEvent[];
  drops: Drop[];
  bad: BadEvent[];
  merged: boolean;
  token: string;
}

/**
 * The steps between the log and the stores. A batch is taken from several partitions at once; `prepare` brings it as far
 * as the records store, `write` to the events store. Both may be repeated after a fault: positions in the records store
 * and event IDs in the events store see to it that nothing is counted twice.
 */
export class Pipeline {
  readonly counts = new StepCounts();
  readonly seen: Seen;
  readonly sessions = new Sessions();
  readonly #records: Records;
  readonly #events: Events;
  readonly #identity = new Identity();
  readonly #traits = new Traits();
  readonly #accounts = new Accounts();
  readonly #filter: Filter;
  readonly #enrich: (event: StreamEvent, delivery: Delivery) => void;
  /** How far each partition is applied in the records store; null where it must be read again. */
  #applied: Map<number, number> | null = null;

  constructor(stores: { records: Records; events: Events; config: Config; geo: Geo | null }) {
    this.#records = stores.records;
    this.#events = stores.events;
    this.seen = new Seen(stores.events);
    this.#filter = new Filter(stores.records);
    this.#enrich = createEnricher(stores.config, stores.geo);
  }

  async prepare(portions: Portion[]): Promise<Batch> {
    const drops: Drop[] = [];
    this.#applied ??= await readPositions(this.#records);
    let unseen: Decoded | null = null;
    try {
      const { decoded, repeated } = this.#decode(portions, this.#applied);
      unseen = await this.#deduplicate(decoded, repeated, drops);
      const { events, deliveries } = await this.#keepWanted(unseen, drops);
      this.#enrichAll(events, deliveries, decoded.bad);
      const merged = await this.#resolve(portions, events, decoded.bad, drops);
      const token = tokenOf(portions, events);
      return { portions, events, drops, bad: decoded.bad, merged, token };
    } catch (error) {
      // Nothing of the batch is stored: its events are as new as before.
      if (unseen) this.seen.stored(unseen.events.map((event) => event.eventId));
      this.#forget();
      this.#applied = null;
      throw error;
    }
  }

  async write(batch: Batch): Promise<void> {
    const started = performance.now();
    if (batch.events.length > 0) await this.#insert(batch.events, batch.token);
    this.seen.stored(batch.events.map((event) => event.eventId));
    this.counts.count('write', batch.events.length, 0, performance.now() - started);
  }

  #forget(): void {
    this.#identity.forget();
    this.#traits.forget();
    this.#accounts.forget();
  }

  /** Records that were applied by a run that was cut off are read again, but what was wrong in them is on record. */
  #decode(
    portions: readonly Portion[],
    applied: Map<number, number>,
  ): { decoded: Decoded; repeated: Set<StreamEvent> } {
    const started = performance.now();
    const decoded: Decoded = { events: [], deliveries: [], bad: [] };
    const repeated = new Set<StreamEvent>();
    for (const { partition, records } of portions) {
      const done = applied.get(partition) ?? 0;
      for (const record of records) {
        const [events, bad] = [decoded.events.length, decoded.bad.length];
        decodeRecord(record, decoded);
        if (record.position > done) continue;
        decoded.bad.length = bad;
        for (const event of decoded.events.slice(events)) repeated.add(event);
      }
      applied.set(partition, Math.max(done, records.at(-1)!.position));
    }
    const arrived = decoded.events.length + decoded.bad.length;
    this.counts.count('decode', arrived, decoded.bad.length, performance.now() - started);
    return { decoded, repeated };
  }

  async #deduplicate({ events, deliveries }: Decoded, repeated: Set<StreamEvent>, drops: Drop[]): Promise<Decoded> {
    const started = performance.now();
    const fresh = await this.seen.fresh(events.map((event) => event.eventId));
    const found: Drop[] = [];
    const why = (_: StreamEvent, i: number) => (fresh[i] ? null : 'its message ID was seen before');
    const kept = keep(events, deliveries, why, 'deduplicate', found, repeated);
    drops.push(...found);
    this.counts.count('deduplicate', events.length, events.length - kept.events.length, performance.now() - started);
    return kept;
  }

  async #keepWanted({ events, deliveries }: Decoded, drops: Drop[]): Promise<Decoded> {
    const started = performance.now();
    await this.#filter.refresh();
    const kept = keep(events, deliveries, (event) => this.#filter.reason(event), 'filter', drops);
    if (kept.events.length < events.length) {
      const left = new Set(kept.events);
      this.seen.stored(events.filter((event) => !left.has(event)).map((event) => event.eventId));
    }
    this.counts.count('filter', events.length, events.length - kept.events.length, performance.now() - started);
    return kept;
  }

  /** What is odd in one event must not hold up those behind it: where enriching fails, it goes into quarantine. */
  #enrichAll(events: StreamEvent[], deliveries: readonly Delivery[], bad: BadEvent[]): void {
    const started = performance.now();
    const failed = new Set<StreamEvent>();
    for (let i = 0; i < events.length; i++) {
      const event = events[i]!;
      try {
        this.#enrich(event, deliveries[i]!);
        this.sessions.assign(event);
      } catch (error) {
        failed.add(event);
        bad.push({ ...asBad(event), reason: `it could not be enriched: ${(error as Error).message}` });
      }
    }
    if (failed.size > 0) removeEvents(events, failed, this.seen);
    this.counts.count('enrich', events.length + failed.size, failed.size, performance.now() - started);
  }

  /** Resolves who, and writes all that is true now, in one transaction with the positions it belongs to. */
  async #resolve(
    portions: readonly Portion[],
    events: StreamEvent[],
    bad: BadEvent[],
    drops: Drop[],
  ): Promise<boolean> {
    const started = performance.now();
    const nameless: BadEvent[] = [];
    let attempts = 0;
    const changes = await this.#records.transaction<IdentityChanges>(async (client) => {
      // What an attempt that was rolled back decided is not true.
      if (attempts++ > 0) this.#forget();
      nameless.length = 0;
      await lockIdentity(client);
      await writePositions(client, portions);
      const found = await this.#identity.resolve(client, events);
      nameless.push(...found.nameless.map(namelessEvent));
      await this.#accounts.apply(client, events);
      const created = new Set(found.persons.map((person) => person.id));
      await writePeople(client, found, await this.#traits.collect(client, events, created));
      await writeQuarantine(client, 'decode', bad);
      await writeQuarantine(client, 'resolve', nameless);
      await writeDrops(client, drops);
      return found;
    });
    if (changes.nameless.length > 0) {
      removeEvents(events, new Set(changes.nameless), this.seen);
      bad.push(...nameless);
    }
    this.counts.count('resolve', events.length + nameless.length, nameless.length, performance.now() - started);
    return changes.merges.length > 0;
  }

  /** Inserts; where the engine finds a row bad, halves the batch until the bad rows stand alone, and keeps the others. */
  async #insert(events: StreamEvent[], token: string): Promise<void> {
    const bytes = new TextEncoder().encode(events.map(eventRow).join('\n'));
    try {
      await this.#events.insert({
        table: 'events',
        columns: EVENT_COLUMNS,
        format: 'JSONCompactEachRow',
        bytes,
        token,
      });
    } catch (error) {
      if (!(error instanceof BadRows)) throw error;
      if (events.length === 1) return this.#quarantineRow(events[0]!, error.message);
      const half = events.length >> 1;
      await this.#insert(events.slice(0, half), `${token}/0`);
      await this.#insert(events.slice(half), `${token}/1`);
    }
  }

  async #quarantineRow(event: StreamEvent, reason: string): Promise<void> {
    const bad: BadEvent = { ...asBad(event), reason: `the events store cannot hold it: ${reason.slice(0, 500)}` };
    await this.#records.transaction((client) => writeQuarantine(client, 'write', [bad]));
  }
}

function keep(
  events: readonly StreamEvent[],
  deliveries: readonly Delivery[],
  why: (event: StreamEvent, index: number) => string | null,
  step: string,
  drops: Drop[],
  quiet?: ReadonlySet<StreamEvent>,
): Decoded {
  const kept: Decoded = { events: [], deliveries: [], bad: [] };
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    const reason = why(event, i);
    if (reason === null) {
      kept.events.push(event);
      kept.deliveries.push(deliveries[i]!);
    } else if (!quiet?.has(event)) {
      const messageId = event.messageId || event.eventId;
      drops.push({ step, reason, sourceId: event.sourceId, name: event.name || event.type, messageId });
    }
  }
  return kept;
}

/** Takes events out of a batch, in place; they will not be stored. */
function removeEvents(events: StreamEvent[], out: ReadonlySet<StreamEvent>, seen: Seen): void {
  let kept = 0;
  for (const event of events) if (!out.has(event)) events[kept++] = event;
  events.length = kept;
  seen.stored(Array.from(out, (event) => event.eventId));
}

/**
 * Names an insert, so that the store does a repeated one once. The positions alone would not do: a log that was made anew
 * counts from the beginning, and its batches would be taken for those of the log before it.
 */
function tokenOf(portions: readonly Portion[], events: readonly StreamEvent[]): string {
  const positions = portions.map((p) => `${p.partition}:${p.records.at(-1)!.position}`).join(',');
  return `${positions} ${hash('sha256', events.map((event) => event.eventId).join(), 'base64url')}`;
}

async function readPositions(records: Records): Promise<Map<number, number>> {
  const { rows } = await records.pool.query<{ partition: number; position: number }>(
    'SELECT partition, position FROM stream_positions',
  );
  return new Map(rows.map((row) => [row.partition, row.position]));
}

async function writePositions(client: pg.PoolClient, portions: readonly Portion[]): Promise<void> {
  await client.query(
    `INSERT INTO stream_positions (partition, position) SELECT * FROM unnest($1::int[], $2::bigint[])
     ON CONFLICT (partition) DO UPDATE SET position = greatest(stream_positions.position, excluded.position)`,
    [portions.map((p) => p.partition), portions.map((p) => p.records.at(-1)!.position)],
  );
}

function asBad(event: StreamEvent): Omit<BadEvent, 'reason'> {
  const { sourceId, type, name, userId, anonymousId, groupId, previousId, properties, traits, timestamp } = event;
  const context = contextAsSent(event);
  const messageId = event.messageId || event.eventId;
  const sent = {
    type,
    messageId,
    event: name,
    name,
    userId,
    anonymousId,
    groupId,
    previousId,
    properties,
    traits,
    context,
  };
  const given = Object.entries(sent).filter(([, value]) => value !== '');
  const text = JSON.stringify({ ...Object.fromEntries(given), timestamp: new Date(timestamp).toISOString() });
  return { sourceId, messageId, event: text };
}

const namelessEvent = (event: StreamEvent): BadEvent => ({
  ...asBad(event),
  reason: 'it names nobody: each of its identifiers is empty or a blocked value, such as "null" or "anonymous"',
});
