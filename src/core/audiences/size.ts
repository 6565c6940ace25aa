import type { Context } from '../../kernel/context.ts';
import { QueryLimit } from '../../kernel/events.ts';
import { Refusal } from '../../kernel/refusal.ts';
import type { Statement } from '../query/bindings.ts';
import { environmentOf } from '../query/environment.ts';
import { NICE, REPORT_MEMORY } from '../query/limits.ts';
import { takeTurn } from '../query/turns.ts';
import { everybodyStatement, membersStatement, sizeStatement } from './compile.ts';
import type { Group } from './definition.ts';

/** How long anybody waits for a size. */
const SIZE_SECONDS = 30;

export interface Asking {
  signal?: AbortSignal | undefined;
  now?: number | undefined;
  /** Looks only at this share of the people: a size is then an estimate. */
  sample?: number | undefined;
  seconds?: number | undefined;
}

export interface Size {
  /** How many people it holds for, of how many. Of a sample these are the numbers of the sample. */
  matched: number;
  people: number;
}

/** How many people a condition holds for at this moment. Refuses with 422 what takes too long. */
export async function audienceSize(context: Context, group: Group, asking: Asking = {}): Promise<Size> {
  const environment = await environmentOf(context, { now: asking.now });
  const making = { environment, sample: asking.sample };
  const [found, all] = await Promise.all([
    ask<{ matched: string }>(context, sizeStatement(group, making), asking),
    ask<{ people: string }>(context, everybodyStatement(making), asking),
  ]);
  return { matched: Number(found[0]!.matched), people: Number(all[0]!.people) };
}

/** A few people it holds for: those of the lowest ids. */
export async function examplesOf(
  context: Context,
  group: Group,
  limit: number,
  asking: Asking = {},
): Promise<number[]> {
  const environment = await environmentOf(context, { now: asking.now });
  const { sql, params } = membersStatement(group, { environment });
  const rows = await ask<{ id: string }>(
    context,
    { sql: `SELECT id FROM (${sql}) ORDER BY id LIMIT ${Math.floor(limit)}`, params },
    asking,
  );
  return rows.map((row) => Number(row.id));
}

/** Asks the events store within the limits of reports. */
export async function ask<T>(context: Context, { sql, params }: Statement, asking: Asking): Promise<T[]> {
  try {
    return await takeTurn(asking.signal, () =>
      context.events.query<T>(sql, params, {
        seconds: asking.seconds ?? SIZE_SECONDS,
        memoryBytes: REPORT_MEMORY,
        nice: NICE,
        ...(asking.signal ? { signal: asking.signal } : {}),
      }),
    );
  } catch (error) {
    throw limited(error);
  }
}

/** An engine's limit as a sentence. */
function limited(error: unknown): unknown {
  if (!(error instanceof QueryLimit)) return error;
  const sentence = {
    time: 'The audience took too long to count and was stopped. Take shorter periods or fewer conditions.',
    memory: 'The audience needed too much memory and was stopped. Take shorter periods or fewer conditions.',
    rows: 'The audience has too many people and was stopped.',
    cancelled: 'The counting was cancelled.',
  }[error.which];
  return new Refusal(422, `query_${error.which}`, sentence);
}
