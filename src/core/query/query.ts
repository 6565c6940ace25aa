import type { Context } from '../../kernel/context.ts';
import type { QueryOptions } from '../../kernel/events.ts';
import type { Statement } from './bindings.ts';
import type { Environment } from './environment.ts';
import { EVENTS_A_SLICE, NICE, REPORT_MEMORY, REPORT_ROWS, REPORT_SECONDS, SUBJECTS_A_SLICE } from './limits.ts';
import { ofStore } from './of-store.ts';
import { type Bucket, bucketsOf, type Interval, type Period, type Span, spanOf } from './period.ts';
import { type Common, Scope } from './scope.ts';
import { takeTurn } from './turns.ts';
import { WalkThread } from './walk/pool.ts';
import { reachOf } from './walk/reach.ts';
import { ROWS_A_SLICE, type Rows, rowsSql } from './walk/rows.ts';
import { type Sequences, sequencesSql } from './walk/sequences.ts';
import type { WalkName } from './walk/walks.ts';

const threads = new WeakMap<object, WalkThread>();

/**
 * One run of a report: what its kind is given to read the stores with. Everything it asks is bounded, may be cancelled,
 * and is noted, so that the report can say what it sent.
 */
export class Query {
  readonly context: Context;
  readonly environment: Environment;
  readonly signal: AbortSignal | undefined;
  /** Every statement that was sent, by what it was for. */
  readonly statements: { name: string; statement: Statement }[] = [];
  readonly warnings: string[] = [];
  readonly #until: number;

  constructor(
    context: Context,
    environment: Environment,
    options: { signal?: AbortSignal | undefined; seconds?: number } = {},
  ) {
    this.context = context;
    this.environment = environment;
    this.signal = options.signal;
    this.#until = performance.now() + (options.seconds ?? REPORT_SECONDS) * 1000;
  }

  scope(common?: Common): Scope {
    return new Scope(this.environment, common);
  }

  span(period: Period): Span {
    const { zone, weekStart, now } = this.environment;
    return spanOf(period, zone, weekStart, now);
  }

  buckets(span: Span, interval: Interval): Bucket[] {
    const { zone, weekStart, now } = this.environment;
    return bucketsOf(span, interval, zone, weekStart, now);
  }

  /** The rows of a statement, under the report's limits. */
  rows<T>(name: string, statement: Statement): Promise<T[]> {
    this.statements.push({ name, statement });
    return takeTurn(this.signal, () => this.context.events.query<T>(statement.sql, statement.params, this.#options()));
  }

  /**
   * Walks the sequences of events of everybody, in slices of people where there are very many events, so that memory does
   * not grow with them. `options` must be what can be sent to a thread.
   */
  async walk<Result>(name: string, walk: WalkName, sequences: Sequences, options: unknown): Promise<Result> {
    const first = sequencesSql(sequences);
    const reach = await reachOf(this.context.events, sequences);
    const events = reach.events <= EVENTS_A_SLICE ? reach.events : await this.#count(name, sequences);
    const slices = Math.max(1, Math.ceil(events / EVENTS_A_SLICE));
    const thread = ofStore(threads, this.context, () => new WalkThread());
    const walking = thread.begin(walk, options, first.reading);
    try {
      for (let index = 0; index < slices; index++) {
        const { statement } = slices === 1 ? first : sequencesSql(sequences, { index, of: slices });
        if (index === 0) this.statements.push({ name, statement });
        const bytes = await takeTurn(this.signal, () =>
          this.context.events.bytes(statement.sql, 'Native', statement.params, {
            ...this.#options(),
            resultRows: SUBJECTS_A_SLICE,
            inOwnOrder: reach.most,
          }),
        );
        this.signal?.throwIfAborted();
        await walking.bytes(owned(bytes));
      }
      return (await walking.end()) as Result;
    } catch (error) {
      walking.forget();
      throw error;
    }
  }

  /** Walks events one by one where they have texts; a person's come together, and in slices where there are very many. */
  async walkRows<Result>(name: string, walk: WalkName, rows: Rows, options: unknown): Promise<Result> {
    const whole = rowsSql(rows);
    const reach = await reachOf(this.context.events, rows);
    const events = reach.events <= ROWS_A_SLICE ? reach.events : await this.#count(name, rows);
    const slices = Math.max(1, Math.ceil(events / ROWS_A_SLICE));
    const thread = ofStore(threads, this.context, () => new WalkThread());
    const walking = thread.begin(walk, options, { codes: 1, extras: [], once: [] });
    try {
      for (let index = 0; index < slices; index++) {
        const { sql, params } = slices === 1 ? whole : rowsSql(rows, { index, of: slices });
        if (index === 0) this.statements.push({ name, statement: { sql, params } });
        const read = { ...this.#options(), resultRows: 2 * ROWS_A_SLICE, inOwnOrder: true };
        const bytes = await takeTurn(this.signal, () => this.context.events.bytes(sql, 'Native', params, read));
        this.signal?.throwIfAborted();
        await walking.bytes(owned(bytes));
      }
      return (await walking.end()) as Result;
    } catch (error) {
      walking.forget();
      throw error;
    }
  }

  /** How many events a walk would look at. */
  async #count(
    name: string,
    { scope, span, where = [] }: Pick<Sequences, 'scope' | 'span' | 'where'>,
  ): Promise<number> {
    const statement = scope.statement(
      `SELECT count() AS events ${scope.from()} ${scope.where(span, ...where.map((one) => one || undefined))}`,
    );
    const rows = await this.rows<{ events: string }>(`${name}, how many`, statement);
    return Number(rows[0]?.events ?? 0);
  }

  #options(): QueryOptions {
    const seconds = Math.max(0.1, (this.#until - performance.now()) / 1000);
    return {
      seconds: Math.ceil(seconds * 10) / 10,
      memoryBytes: REPORT_MEMORY,
      resultRows: REPORT_ROWS,
      nice: NICE,
      ...(this.signal ? { signal: this.signal } : {}),
    };
  }
}

/** The bytes in memory of their own, which can be given away. */
function owned(bytes: Uint8Array): Uint8Array {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return whole && bytes.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes);
}
