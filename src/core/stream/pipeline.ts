import type { Config } from '../../kernel/config.ts';
import { BadRows, type Events } from '../../kernel/events.ts';
import type { Records } from '../../kernel/records.ts';
import { PlanStep } from '../catalogue/plan-step.ts';
import { Tally } from '../catalogue/violations.ts';
import { Leaving } from '../destinations/leaving.ts';
import { lockIdentity } from '../people/merge.ts';
import { SUPPRESSED, Suppression } from '../privacy/suppression-step.ts';
import { Transform } from '../transformations/step.ts';
import { Accounts } from './accounts.ts';
import { writeDrops, writePeople, writeQuarantine } from './apply.ts';
import { asBad, type Drop, keep, namelessEvent, type Portion, removeEvents, tokenOf } from './batch.ts';
import { type BadEvent, type Decoded, decodeRecord } from './decode.ts';
import { createEnricher } from './enrich/enrich.ts';
import type { Geo } from './enrich/geo.ts';
import { Sessions } from './enrich/sessions.ts';
import type { Delivery, StreamEvent } from './event.ts';
import { Filter } from './filter.ts';
import { Identity, type IdentityChanges } from './identity.ts';
import { StepCounts } from './metrics.ts';
import { readPositions, writePositions } from './positions.ts';
import { Seen } from './seen.ts';
import { Traits } from './traits.ts';
import { EVENT_COLUMNS, eventRow } from './write.ts';

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
  readonly #transform: Transform;
  readonly #suppression: Suppression;
  #peopleVersion = -1;
  readonly #leaving: Leaving;
  readonly #plan: PlanStep;
  readonly #enrich: (event: StreamEvent, delivery: Delivery) => void;
  /** How far each partition is applied in the records store; null where it must be read again. */
  #applied: Map<number, number> | null = null;

  constructor(stores: { records: Records; events: Events; config: Config; geo: Geo | null }) {
    this.#records = stores.records;
    this.#events = stores.events;
    this.seen = new Seen(stores.events);
    this.#filter = new Filter(stores.records);
    this.#transform = new Transform(stores.records);
    this.#suppression = new Suppression(stores);
    this.#leaving = new Leaving(stores.records);
    this.#plan = new PlanStep(stores.records);
    this.#enrich = createEnricher(stores.config, stores.geo);
  }

  async prepare(portions: Portion[]): Promise<Batch> {
    const drops: Drop[] = [];
    this.#applied ??= await readPositions(this.#records);
    let unseen: Decoded | null = null;
    try {
      const { decoded, repeated } = this.#decode(portions, this.#applied);
      unseen = await this.#deduplicate(decoded, repeated, drops);
      const wanted = await this.#keepWanted(unseen, decoded.bad, drops);
      const transformed = await this.#transformAll(wanted, repeated, drops, decoded.bad);
      const broken = new Tally();
      const { events, deliveries } = await this.#planAll(transformed, repeated, drops, decoded.bad, broken);
      this.#enrichAll(events, deliveries, decoded.bad);
      const merged = await this.#resolve(portions, events, decoded.bad, drops, broken);
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

  async #keepWanted({ events, deliveries }: Decoded, bad: BadEvent[], drops: Drop[]): Promise<Decoded> {
    const started = performance.now();
    await this.#filter.refresh();
    await this.#suppression.refresh();
    const why = (event: StreamEvent) => this.#filter.reason(event) ?? this.#suppression.reason(event);
    const kept = keep(events, deliveries, why, 'filter', drops);
    for (const { sourceId } of this.#suppression.takeBad(bad)) {
      drops.push({ step: 'filter', reason: SUPPRESSED, sourceId, name: '', messageId: '' });
    }
    if (kept.events.length < events.length) {
      const left = new Set(kept.events);
      this.seen.stored(events.filter((event) => !left.has(event)).map((event) => event.eventId));
    }
    this.counts.count('filter', events.length, events.length - kept.events.length, performance.now() - started);
    return kept;
  }

  /** What a transformation decided of an event whose record was applied before is on record. */
  async #transformAll(
    wanted: Decoded,
    repeated: Set<StreamEvent>,
    drops: Drop[],
    bad: BadEvent[],
  ): Promise<Pick<Decoded, 'events' | 'deliveries'>> {
    const started = performance.now();
    const done = await this.#transform.apply(wanted, repeated);
    if (done) {
      drops.push(...done.drops);
      bad.push(...done.bad);
      this.seen.stored(done.gone.map((event) => event.eventId));
      for (const event of done.again) repeated.add(event);
    }
    this.counts.count('transform', wanted.events.length, done?.gone.length ?? 0, performance.now() - started);
    if (!done) return wanted;
    // Whom an event is about may be another now.
    const left: Drop[] = [];
    const kept = keep(
      done.events,
      done.deliveries,
      (event) => this.#suppression.reason(event),
      'filter',
      left,
      repeated,
    );
    drops.push(...left);
    if (kept.events.length < done.events.length) {
      const stay = new Set(kept.events);
      this.seen.stored(done.events.filter((event) => !stay.has(event)).map((event) => event.eventId));
    }
    return kept;
  }

  /** Names events as the catalogue wants them, and holds them against the tracking plan. */
  async #planAll(
    { events, deliveries }: Pick<Decoded, 'events' | 'deliveries'>,
    repeated: ReadonlySet<StreamEvent>,
    drops: Drop[],
    bad: BadEvent[],
    broken: Tally,
  ): Promise<Pick<Decoded, 'events' | 'deliveries'>> {
    const started = performance.now();
    await this.#plan.refresh();
    // Of records that were applied before, what broke the plan is counted already.
    const countedBefore = new Tally();
    const stopped = new Set<StreamEvent>();
    for (const event of events) {
      const isAgain = repeated.has(event);
      const stop = this.#plan.apply(event, isAgain ? countedBefore : broken);
      if (!stop) continue;
      stopped.add(event);
      const { action, reason, rule, property } = stop;
      if (action === 'quarantine') bad.push({ ...asBad(event), step: 'plan', reason, rule, property, again: isAgain });
      else if (!isAgain) {
        const messageId = event.messageId || event.eventId;
        drops.push({ step: 'plan', reason, sourceId: event.sourceId, name: event.name || event.type, messageId });
      }
    }
    this.counts.count('plan', events.length, stopped.size, performance.now() - started);
    if (stopped.size === 0) return { events, deliveries };
    this.seen.stored(Array.from(stopped, (event) => event.eventId));
    return keep(events, deliveries, (event) => (stopped.has(event) ? '' : null), 'plan', [], stopped);
  }

  /** What was seen since it was last written down is written down. */
  settle(): Promise<void> {
    return this.#plan.observer.flush();
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
    broken: Tally,
  ): Promise<boolean> {
    const started = performance.now();
    const nameless: BadEvent[] = [];
    let attempts = 0;
    let leaving = { queued: 0, ms: 0 };
    await this.#leaving.refresh();
    const changes = await this.#records.transaction<IdentityChanges>(async (client) => {
      // What an attempt that was rolled back decided is not true.
      if (attempts++ > 0) this.#forget();
      nameless.length = 0;
      await lockIdentity(client);
      await writePositions(client, portions);
      const found = await this.#identity.resolve(client, events);
      // A consent entered by hand since is newer than what an event told; told again, it counts again.
      if (this.#identity.version !== this.#peopleVersion) this.#traits.forget();
      this.#peopleVersion = this.#identity.version;
      nameless.push(...found.nameless.map(namelessEvent));
      await this.#accounts.apply(client, events);
      const created = new Set(found.persons.map((person) => person.id));
      await writePeople(client, found, await this.#traits.collect(client, events, created));
      await writeQuarantine(client, 'decode', bad);
      await writeQuarantine(client, 'resolve', nameless);
      await writeDrops(client, drops);
      await broken.write(client);
      const queueing = performance.now();
      leaving = { queued: await this.#leaving.queue(client, events), ms: performance.now() - queueing };
      return found;
    });
    if (changes.nameless.length > 0) {
      removeEvents(events, new Set(changes.nameless), this.seen);
      bad.push(...nameless);
    }
    const spent = performance.now() - started - leaving.ms;
    this.counts.count('resolve', events.length + nameless.length, nameless.length, spent);
    this.counts.count('leave', leaving.queued, 0, leaving.ms);
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
