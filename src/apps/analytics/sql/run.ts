import { factsState } from '../../../core/people/facts-sql.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { Context } from '../../../kernel/context.ts';
import { QueryLimit } from '../../../kernel/events.ts';
import { Refusal, refuse } from '../../../kernel/refusal.ts';
import { checkSql, wrongSql } from './fence.ts';
import { tablesSql } from './tables.ts';

export const SQL_SECONDS = 30;
export const SQL_MEMORY_BYTES = 1024 * 1024 * 1024;
/** Rows of a result that are shown. */
export const SQL_ROWS = 10_000;
/** Bytes of a result in the engine's memory. */
const SQL_RESULT_BYTES = 32 * 1024 * 1024;
/** Queries of one member at a time. */
export const SQL_AT_A_TIME = 2;
/** Queries of all members at a time, so that the rest of the program always finds the store free. */
const ALL_AT_A_TIME = { embedded: 2, server: 8 };

export interface SqlInput {
  /** The caller's own, to cancel it by: a UUID. */
  id: string;
  sql: string;
  /** The period that `{from:DateTime}` and `{to:DateTime}` stand for. */
  from: Date;
  to: Date;
}

export interface SqlResult {
  columns: { name: string; type: string }[];
  /** 64-bit whole numbers as text. */
  rows: unknown[][];
  /** Whether there are more rows than these. */
  cut: boolean;
  milliseconds: number;
}

interface Running {
  owner: string;
  control: AbortController;
}
const running = new Map<string, Running>();
let underWay = 0;
const waiting: (() => void)[] = [];

const ownerOf = (caller: Caller) => `${caller.kind}:${caller.id}`;

/**
 * Runs a member's SQL, which may only read our tables. Refuses with 400 what it may not do and what the engine finds wrong,
 * with 429 a third one at a time, with 408 what takes too long, with 413 what needs too much memory, with 499 what was
 * cancelled.
 */
export async function runSql(
  context: Context,
  caller: Caller,
  input: SqlInput,
  signal: AbortSignal,
): Promise<SqlResult> {
  const owner = ownerOf(caller);
  if (running.has(input.id)) throw refuse.conflict('A query with this id is running already. Choose another id.');
  if ([...running.values()].filter((one) => one.owner === owner).length >= SQL_AT_A_TIME) {
    throw refuse.tooMany(`You have ${SQL_AT_A_TIME} queries running. Wait for one, or cancel one.`, SQL_SECONDS);
  }
  const control = new AbortController();
  const both = AbortSignal.any([signal, control.signal]);
  running.set(input.id, { owner, control });
  try {
    await turn(context, both);
    try {
      return await read(context, input, both, caller.hidesPersonalData ?? false);
    } finally {
      underWay--;
      waiting.shift()?.();
    }
  } catch (error) {
    throw error instanceof QueryLimit ? limited(error) : error;
  } finally {
    running.delete(input.id);
  }
}

/** Ends a query of the caller's own; refuses with 404 where none of theirs runs under the id. */
export function cancelSql(caller: Caller, id: string): void {
  const one = running.get(id);
  if (one?.owner !== ownerOf(caller)) throw refuse.notFound('There is no query of yours running under this id.');
  one.control.abort();
}

/** Waits until fewer than the limit are under way. */
async function turn(context: Context, signal: AbortSignal): Promise<void> {
  while (underWay >= ALL_AT_A_TIME[context.events.kind]) {
    await new Promise<void>((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(go), 1);
        resolve();
      };
      waiting.push(go);
      signal.addEventListener('abort', leave, { once: true });
    });
    if (signal.aborted) throw new QueryLimit('cancelled', 'The query was cancelled.');
  }
  underWay++;
}

async function read(context: Context, input: SqlInput, signal: AbortSignal, hides: boolean): Promise<SqlResult> {
  const start = performance.now();
  const params = { from: engineTime(input.from), to: engineTime(input.to) };
  const { sql, tables } = await checkSql(context.events, input.sql, params, signal);
  const [facts, renamed, stored] = await Promise.all([
    factsState(context.events),
    anyRenamed(context),
    storedEvents(context),
  ]);
  const state = { ...facts, renamed, stored };
  const whole = `${tablesSql(tables, state, hides)}SELECT * FROM (\n${sql}\n) LIMIT ${SQL_ROWS + 1}`;
  let bytes: Buffer;
  try {
    bytes = await context.events.bytes(whole, 'JSONCompactEachRowWithNamesAndTypes', params, {
      ...{ seconds: SQL_SECONDS, memoryBytes: SQL_MEMORY_BYTES, resultBytes: SQL_RESULT_BYTES },
      ...{ nice: 10, signal },
    });
  } catch (error) {
    throw wrongSql(error, input.sql);
  }
  const [names = [], types = [], ...rows] = bytes
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown[]);
  return {
    columns: names.map((name, i) => ({ name: String(name), type: String(types[i]) })),
    rows: rows.slice(0, SQL_ROWS),
    cut: rows.length > SQL_ROWS,
    milliseconds: Math.round(performance.now() - start),
  };
}

/** A time as the engine reads a DateTime parameter. */
const engineTime = (date: Date) => date.toISOString().slice(0, 19).replace('T', ' ');

async function storedEvents(context: Context): Promise<string> {
  const [row] = await context.events.query<{ name: string }>('SELECT currentDatabase() AS name');
  return `\`${row!.name.replaceAll(/[\\`]/g, (sign) => `\\${sign}`)}\`.events`;
}

async function anyRenamed(context: Context): Promise<boolean> {
  const { rowCount } = await context.records.pool.query('SELECT FROM catalogue_names LIMIT 1');
  return rowCount === 1;
}

function limited({ which }: QueryLimit) {
  const narrow = 'Look at a shorter period, at fewer columns, or count instead of listing.';
  const details = { reason: which };
  switch (which) {
    case 'time':
      return new Refusal(408, 'too_long', `The query took longer than ${SQL_SECONDS} seconds. ${narrow}`, { details });
    case 'memory':
      return new Refusal(413, 'too_large', `The query needs more than 1 GB of memory. ${narrow}`, { details });
    case 'rows':
      return new Refusal(413, 'too_large', `The result is larger than 32 MB. ${narrow}`, { details });
    case 'cancelled':
      return new Refusal(499, 'cancelled', 'The query was cancelled.', { details });
  }
}
