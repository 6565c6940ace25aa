import { z } from 'zod';
import { share } from '../../../core/query/scores/interval.ts';
import type { Context } from '../../../kernel/context.ts';

/** Cases whose customers' later behaviour is looked at, the newest first. */
const CASES_LIMIT = 20_000;
/** Days after a case was opened in which it is looked whether its customer came back and bought. */
const AFTER_DAYS = 30;

const Estimate = z.object({ value: z.number(), low: z.number(), high: z.number() });
const Group = z.object({
  customers: z.number(),
  cameBack: Estimate.nullable().describe('The share who did anything from the day after to 30 days after.'),
  bought: Estimate.nullable().describe('The share who paid something in that time.'),
});

export const CasesSummary = z.object({
  opened: z.number(),
  waiting: z.number(),
  late: z.number(),
  answered: z.number(),
  hoursToAnswer: z.number().nullable().describe('The median.'),
  inTime: Estimate.nullable().describe('The share of those answered, or due, that was answered in time.'),
  recovered: Estimate.nullable().describe('The share of closed cases whose customer is content again.'),
  outcomes: z.record(z.string(), z.number()),
  after: z
    .object({ answered: Group, not: Group })
    .describe(
      'What customers did later: those who were answered and those who were not. Who is answered is not chance.',
    ),
});
export type CasesSummary = z.output<typeof CasesSummary>;

/** What became of the cases opened within a time. */
export async function casesSummary(context: Context, { from, to }: { from: Date; to: Date }): Promise<CasesSummary> {
  const span = [from, to];
  const { rows } = await context.records.pool.query<{
    opened: number;
    waiting: number;
    late: number;
    answered: number;
    hours: number | null;
    in_time: number;
    decided: number;
  }>(
    `SELECT count(*)::int AS opened, count(*) FILTER (WHERE closed_at IS NULL)::int AS waiting,
       count(*) FILTER (WHERE state = 'open' AND due_at < now())::int AS late, count(answered_at)::int AS answered,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - opened_at) / 3600) AS hours,
       count(*) FILTER (WHERE answered_at <= due_at)::int AS in_time,
       count(*) FILTER (WHERE answered_at IS NOT NULL OR due_at < now())::int AS decided
     FROM voices_cases WHERE opened_at >= $1 AND opened_at < $2`,
    span,
  );
  const { rows: ended } = await context.records.pool.query<{ outcome: string; cases: number }>(
    `SELECT outcome, count(*)::int AS cases FROM voices_cases
     WHERE opened_at >= $1 AND opened_at < $2 AND outcome IS NOT NULL GROUP BY outcome ORDER BY outcome`,
    span,
  );
  const outcomes = Object.fromEntries(ended.map(({ outcome, cases }) => [outcome, cases]));
  const closed = ended.reduce((sum, { cases }) => sum + cases, 0);
  const { opened, waiting, late, answered, hours, in_time, decided } = rows[0]!;
  return {
    ...{ opened, waiting, late, answered, hoursToAnswer: hours === null ? null : Number(hours) },
    inTime: share(in_time, decided),
    recovered: share(outcomes.recovered ?? 0, closed),
    outcomes,
    after: await laterOf(context, span),
  };
}

/** Customers whose time after is over, by whether they were answered within it. */
async function laterOf({ records, events }: Context, span: readonly Date[]): Promise<CasesSummary['after']> {
  const { rows } = await records.pool.query<{ origin: number; root: number; at: Date; answered: boolean }>(
    `SELECT DISTINCT ON (p.root_id) member.id AS origin, p.root_id AS root, c.opened_at AS at,
       coalesce(c.answered_at < c.opened_at + make_interval(days => $3), false) AS answered
     FROM (SELECT * FROM voices_cases WHERE opened_at >= $1 AND opened_at < $2 AND opened_at < now() - make_interval(days => $3)
       ORDER BY opened_at DESC LIMIT ${CASES_LIMIT}) c
     JOIN persons p ON p.id = c.origin_id JOIN persons member ON member.id = c.origin_id ORDER BY p.root_id, c.opened_at`,
    [...span, AFTER_DAYS],
  );
  const groups = { answered: { customers: 0, back: 0, bought: 0 }, not: { customers: 0, back: 0, bought: 0 } };
  if (rows.length > 0) {
    const { rows: members } = await records.pool.query<{ origin: number; root: number }>(
      'SELECT id AS origin, root_id AS root FROM persons WHERE root_id = ANY ($1::bigint[])',
      [rows.map(({ root }) => root)],
    );
    const began = new Map(rows.map((row) => [row.root, row.at.getTime()]));
    const found = await events.query<{ root: string; back: number; bought: number }>(
      `SELECT root, countIf(channel IN ('web', 'app', 'store')) > 0 AS back, countIf(revenue_minor > 0) > 0 AS bought FROM (
         SELECT transform(origin_id, {origins:Array(UInt64)}, {roots:Array(UInt64)}, toUInt64(0)) AS root, channel, revenue_minor,
           toUnixTimestamp64Milli(timestamp) - transform(origin_id, {origins:Array(UInt64)}, {times:Array(Int64)}, toInt64(0)) AS later
         FROM events WHERE origin_id IN {origins:Array(UInt64)}
       ) WHERE later >= 86400000 AND later < ${AFTER_DAYS} * 86400000 GROUP BY root`,
      {
        origins: members.map(({ origin }) => origin),
        roots: members.map(({ root }) => root),
        times: members.map(({ root }) => began.get(root)!),
      },
      { seconds: 30 },
    );
    const did = new Map(found.map((row) => [Number(row.root), row]));
    for (const { root, answered } of rows) {
      const group = answered ? groups.answered : groups.not;
      group.customers++;
      if (Number(did.get(root)?.back)) group.back++;
      if (Number(did.get(root)?.bought)) group.bought++;
    }
  }
  const told = ({ customers, back, bought }: { customers: number; back: number; bought: number }) => ({
    customers,
    cameBack: share(back, customers),
    bought: share(bought, customers),
  });
  return { answered: told(groups.answered), not: told(groups.not) };
}
