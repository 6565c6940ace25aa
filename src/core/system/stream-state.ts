import type { Context } from '../../kernel/context.ts';
import { STEPS, type StepCount, streamMetrics } from '../stream/metrics.ts';

/** Days of drops that are summed up. */
const DROP_DAYS = 7;
/** Reasons shown; those with the most drops. */
const DROP_REASONS = 200;

export interface DropCount {
  step: string;
  reason: string;
  sourceId: number;
  count: number;
  lastAt: Date;
}

/** Each step's counts since the process started; zeros in a process that runs no stream. */
export function stepCounts(): StepCount[] {
  return streamMetrics()?.steps ?? STEPS.map((name) => ({ name, events: 0, drops: 0, milliseconds: 0 }));
}

/** What was dropped in the last seven days, by step, reason and source, most first. */
export async function dropCounts(context: Context): Promise<DropCount[]> {
  const { rows } = await context.records.pool.query<DropCount>(
    `SELECT step, reason, source_id AS "sourceId", sum(count)::bigint AS count, max(last_at) AS "lastAt"
     FROM drops WHERE day > (now() AT TIME ZONE 'UTC')::date - $1::int
     GROUP BY step, reason, source_id ORDER BY count DESC LIMIT $2`,
    [DROP_DAYS, DROP_REASONS],
  );
  return rows;
}
