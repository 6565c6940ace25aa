import type { Context } from '../../kernel/context.ts';
import { conditionOf, type QuarantineFilter } from './quarantine-filter.ts';

const TREND_DAYS = 14;

/** Events that could not be used for the same reason: one cause, to be mended once. */
export interface QuarantineGroup {
  step: string;
  reason: string;
  type: string;
  event: string;
  sourceId: number;
  rule: string;
  property: string;
  count: number;
  waiting: number;
  firstAt: Date;
  lastAt: Date;
  /** By day (UTC), today last. */
  days: number[];
}

/** The groups with most events first. */
export async function quarantineGroups(
  context: Context,
  filter: QuarantineFilter,
  page: { offset: number; limit: number },
): Promise<QuarantineGroup[]> {
  const { where, values } = conditionOf(filter);
  const { rows } = await context.records.pool.query<Omit<QuarantineGroup, 'days'> & { days: Record<string, number> }>(
    `SELECT step, reason, type, event, "sourceId", rule, property, sum(count)::int AS count, sum(waiting)::int AS waiting,
       min("firstAt") AS "firstAt", max("lastAt") AS "lastAt",
       coalesce(jsonb_object_agg(ago, count) FILTER (WHERE ago < ${TREND_DAYS}), '{}') AS days
     FROM (
       SELECT step, reason_group AS reason, event_type AS type, event_name AS event, source_id AS "sourceId", rule, property,
         (now() AT TIME ZONE 'UTC')::date - (at AT TIME ZONE 'UTC')::date AS ago, count(*) AS count,
         count(*) FILTER (WHERE resent_at IS NULL) AS waiting, min(at) AS "firstAt", max(at) AS "lastAt"
       FROM quarantine WHERE ${where} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) AS by_day
     GROUP BY 1, 2, 3, 4, 5, 6, 7
     ORDER BY count DESC, "lastAt" DESC, reason, event, "sourceId"
     LIMIT $${values.length + 1} OFFSET $${values.length + 2}`,
    [...values, page.limit, page.offset],
  );
  return rows.map((row) => ({
    ...row,
    days: Array.from({ length: TREND_DAYS }, (_, i) => row.days[String(TREND_DAYS - 1 - i)] ?? 0),
  }));
}
