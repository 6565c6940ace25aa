import { setTimeout as sleep } from 'node:timers/promises';
import type { Selectable } from 'kysely';
import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { outputText } from '../../kernel/fault-text.ts';
import { compileMapping } from '../intake/mapping/mapping.ts';
import { heldBack, needingConsent, preferencesOf, standingOf } from './consent.ts';
import { destinationOf, type Webhook } from './destination.ts';
import { type Outcome, stop, writeOutcomes } from './outcomes.ts';
import { erasedBody, eventBody, readLeaving, testBody } from './payload.ts';
import { waitAfter } from './schedule.ts';
import { type Sent, send } from './send.ts';
import type { DestinationTables } from './tables.ts';

/** Held by the one process that sends. */
const SENDER_LOCK = 7_401_020;
const POLL_MS = 250;
const STAND_BY_MS = 1000;
const AWAY_MS = 3000;
/** Deliveries taken at a time for each call that may be under way, and at most. */
const PER_CALL = 10;
const TAKEN_LIMIT = 300;
/** What was sent is written down this often. */
const WRITE_MS = 400;
/** An event that the stream has announced and not stored is waited for, at first and at most for so long each time. */
const ABSENT_MS = { first: 500, most: 5 * 60_000, given: 3 * 24 * 60 * 60_000 };
/** After a batch of which nothing arrived the destination rests, ever longer, so that it is not beaten while it is down. */
const REST_MS = { first: 1000, most: 60_000 };

interface Waiting {
  event_id: string;
  kind: 'event' | 'test' | 'erased';
  name: string;
  origin_id: number;
  event_at: number;
  attempts: number;
  created_at: Date;
  persons: number[] | null;
}

/** Sends what waits, for all webhooks beside one another, as long as the process runs; another process stands by. */
class Sender {
  readonly #context: Context;
  readonly #busy = new Map<number, Promise<void>>();
  readonly #rests = new Map<number, { until: number; wait: number }>();
  readonly #stopping = new AbortController();
  #lead: pg.PoolClient | null = null;
  #wake: () => void = () => {};
  #loop: Promise<void> = Promise.resolve();

  constructor(context: Context) {
    this.#context = context;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** What is under way is ended and written down; the rest waits in the table. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#loop;
    await Promise.all(this.#busy.values());
    const lead = this.#lead;
    this.#lead = null;
    if (!lead) return;
    lead.removeAllListeners('error');
    lead.on('error', () => {});
    await lead.query('SELECT pg_advisory_unlock($1)', [SENDER_LOCK]).catch(() => {});
    lead.release();
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (!(await this.#leads())) {
          await this.#rest(STAND_BY_MS);
          continue;
        }
        for (const webhook of await this.#due()) {
          if (this.#busy.has(webhook.id) || (this.#rests.get(webhook.id)?.until ?? 0) > Date.now()) continue;
          const work = this.#sendFor(webhook)
            .catch((error: Error) => {
              console.error(`The destination ${webhook.id} waits: ${outputText(error.message)}`);
              this.#rests.set(webhook.id, { until: Date.now() + AWAY_MS, wait: REST_MS.first });
            })
            .then(() => {
              this.#busy.delete(webhook.id);
              this.#wake();
            });
          this.#busy.set(webhook.id, work);
        }
        await this.#rest(POLL_MS);
      } catch (error) {
        console.error(`Destinations wait: ${(error as Error).message}`);
        await this.#rest(AWAY_MS);
      }
    }
  }

  async #leads(): Promise<boolean> {
    if (this.#lead) return true;
    const client = await this.#context.records.pool.connect();
    try {
      const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [SENDER_LOCK]);
      if (!rows[0]!.got) {
        client.release();
        return false;
      }
    } catch (error) {
      client.release(true);
      throw error;
    }
    // With the connection the lock is gone: another may send, and what both send has the same ID.
    client.once('error', () => {
      this.#lead = null;
      client.release(true);
    });
    this.#lead = client;
    return true;
  }

  async #due(): Promise<Webhook[]> {
    const { rows } = await this.#context.records.pool.query<Selectable<DestinationTables['destinations']>>(
      `SELECT * FROM destinations d
       WHERE kind = 'webhook' AND enabled AND removed_at IS NULL AND (paused_until IS NULL OR paused_until <= now())
         AND EXISTS (SELECT 1 FROM destinations_deliveries w
                     WHERE w.destination_id = d.id AND w.status = 'waiting' AND w.due_at <= now())`,
    );
    return rows.map((row) => destinationOf(row) as Webhook);
  }

  /** Sends one batch of what is due. */
  async #sendFor(webhook: Webhook): Promise<void> {
    const rows = await this.#take(webhook);
    const done: Outcome[] = [];
    const ready = await prepare(this.#context, webhook, rows, done);
    const written = async () => writeOutcomes(this.#context, webhook, done.splice(0));
    const pace = paceOf(webhook.settings.perSecond);
    let next = 0;
    let open = true;
    let arrived = 0;
    const work = async () => {
      while (open && next < ready.length && !this.#stopping.signal.aborted) {
        const { row, body } = ready[next++]!;
        await pace(this.#stopping.signal);
        const sent = await send(this.#context.config, webhook, row.event_id, body);
        if (sent.ok) arrived++;
        done.push(outcomeOf(row, sent));
        if (sent.gone || sent.retryAfterMs !== null) open = false;
        if (sent.gone) await stop(this.#context, webhook, 'gone');
        else if (sent.retryAfterMs !== null) await this.#pause(webhook, sent.retryAfterMs);
      }
    };
    let writing: Promise<void> = Promise.resolve();
    let failure: Error | null = null;
    const timer = setInterval(() => {
      writing = writing.then(written).catch((error: Error) => {
        failure = error;
        open = false;
      });
    }, WRITE_MS);
    await Promise.all(Array.from({ length: webhook.settings.concurrency }, work));
    clearInterval(timer);
    await writing;
    if (failure) throw failure;
    await written();
    this.#noteRest(webhook.id, ready.length > 0 && arrived === 0);
  }

  #noteRest(id: number, failed: boolean): void {
    if (!failed) {
      this.#rests.delete(id);
      return;
    }
    const wait = Math.min((this.#rests.get(id)?.wait ?? REST_MS.first / 2) * 2, REST_MS.most);
    this.#rests.set(id, { until: Date.now() + wait, wait });
  }

  async #take(webhook: Webhook): Promise<Waiting[]> {
    const { rows } = await this.#context.records.pool.query<Waiting>(
      `SELECT event_id, kind, name, origin_id, event_at, attempts, created_at, persons FROM destinations_deliveries
       WHERE destination_id = $1 AND status = 'waiting' AND due_at <= now() ORDER BY due_at LIMIT $2`,
      [webhook.id, Math.min(TAKEN_LIMIT, webhook.settings.concurrency * PER_CALL)],
    );
    return rows;
  }

  async #pause(webhook: Webhook, milliseconds: number): Promise<void> {
    await this.#context.records.pool.query(
      `UPDATE destinations SET paused_until = now() + least($2::float8, 3600000) * interval '1 millisecond' WHERE id = $1`,
      [webhook.id, milliseconds],
    );
  }

  #rest(milliseconds: number): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

interface Ready {
  row: Waiting;
  body: string;
}

/** Makes the bodies of what may leave now; what may not gets its outcome. */
async function prepare(
  context: Context,
  webhook: Webhook,
  rows: readonly Waiting[],
  done: Outcome[],
): Promise<Ready[]> {
  const events = rows.filter((row) => row.kind === 'event');
  const [found, standing, needed] = await Promise.all([
    readLeaving(
      context.events,
      events.map((row) => ({ eventId: row.event_id, originId: row.origin_id, at: row.event_at })),
    ),
    events.length > 0
      ? standingOf(
          context.records.pool,
          events.map((row) => row.origin_id),
        )
      : new Map<number, never>(),
    needingConsent(context, webhook.purposes),
  ]);
  const condition = webhook.condition ? compileMapping(webhook.condition) : null;
  const ready: Ready[] = [];
  for (const row of rows) {
    const outcome = (status: Outcome['status'], reason: string, dueAt: Date | null = null) =>
      done.push({
        eventId: row.event_id,
        status,
        reason,
        dueAt,
        attempt: null,
        originId: row.origin_id,
        kind: row.kind,
      });
    if (row.kind === 'test') ready.push({ row, body: testBody(row.created_at) });
    else if (row.kind === 'erased') ready.push({ row, body: erasedBody(row.persons ?? [], row.created_at) });
    else {
      const event = found.get(row.event_id);
      if (!event) {
        const age = Date.now() - row.created_at.getTime();
        if (age > ABSENT_MS.given) outcome('left', 'The event was not stored, or is not kept any more.');
        else outcome('waiting', 'It is not stored yet.', new Date(Date.now() + absentFor(age)));
        continue;
      }
      const person = standing.get(row.origin_id);
      const preferences = preferencesOf(event.context);
      const purpose = heldBack(webhook.purposes, needed, { at: event.at, preferences }, person);
      if (purpose !== null) {
        outcome('held', purpose);
        continue;
      }
      const body = eventBody(event, person?.personId);
      if (condition) {
        try {
          const { data } = JSON.parse(body) as { data: unknown };
          if (!(await condition.evaluateInline(data))) {
            outcome('left', 'The condition is not true for it.');
            continue;
          }
        } catch (error) {
          outcome('failed', `The condition failed: ${(error as Error).message}`.slice(0, 500));
          continue;
        }
      }
      ready.push({ row, body });
    }
  }
  return ready;
}

const absentFor = (age: number) => Math.min(ABSENT_MS.first + age / 4, ABSENT_MS.most);

function outcomeOf(row: Waiting, sent: Sent): Outcome {
  const common = { eventId: row.event_id, attempt: sent.attempt, originId: row.origin_id, kind: row.kind };
  if (sent.ok) return { ...common, status: 'delivered', reason: null, dueAt: null };
  const wait = sent.gone ? null : waitAfter(row.attempts + 1, sent.retryAfterMs);
  if (wait === null) return { ...common, status: 'failed', reason: null, dueAt: null };
  return { ...common, status: 'waiting', reason: null, dueAt: new Date(Date.now() + wait) };
}

/** Lets so many through in a second, evenly. */
function paceOf(perSecond: number | null): (signal: AbortSignal) => Promise<void> {
  if (perSecond === null) return async () => {};
  const gap = 1000 / perSecond;
  let free = performance.now();
  return async (signal) => {
    const now = performance.now();
    free = Math.max(free, now);
    const wait = free - now;
    free += gap;
    if (wait > 1) await sleep(wait, undefined, { signal }).catch(() => {});
  };
}

export async function startSender(context: Context): Promise<() => Promise<void>> {
  const sender = new Sender(context);
  sender.start();
  return () => sender.stop();
}
