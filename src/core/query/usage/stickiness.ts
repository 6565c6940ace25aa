import { refuse } from '../../../kernel/refusal.ts';
import { literal } from '../bindings.ts';
import { bucketStartSql } from '../bucket-sql.ts';
import type { ReportKind } from '../kind.ts';
import type { Query } from '../query.ts';
import type { Scope } from '../scope.ts';
import { warnOfUnknown } from '../unknown-names.ts';
import { StickinessPart, type StickinessReport } from './schema.ts';

export interface StickinessResult {
  /** Intervals that the period has. */
  intervals: number;
  /** How many people did it on exactly one interval, on two, … */
  people: number[];
  total: number;
}

/** Intervals that fit into one number for each person: a bit for each. More need a set for each. */
const BITS = [64, 128, 256];

/** On how many intervals of the period people did it: whoever comes twice on one day has come on one. */
export const stickiness: ReportKind<StickinessReport, StickinessResult> = {
  kind: 'stickiness',
  async run(query, report) {
    await warnOfUnknown(query, [report.what]);
    const scope = query.scope(report);
    const { intervals, sql } = activeSql(query, report, scope);
    const rows = await query.rows<{ active: string; people: string }>(
      'stickiness',
      scope.statement(`SELECT active, count() AS people FROM (\n${sql}\n) GROUP BY active ORDER BY active`),
    );
    const people = Array.from({ length: intervals }, () => 0);
    for (const row of rows) people[Number(row.active) - 1] = Number(row.people);
    return { intervals, people, total: people.reduce((sum, count) => sum + count, 0) };
  },
  part: StickinessPart,
  async people(query, report, { intervals, atLeast }: StickinessPart, { after, limit }) {
    const scope = query.scope(report);
    const active = activeSql(query, report, scope, `${scope.person} > ${scope.bindings.bind(after, 'UInt64')}`);
    if (intervals > active.intervals)
      throw refuse.invalid(
        `The period has ${active.intervals} intervals; nobody can have been active on ${intervals}.`,
      );
    const rows = await query.rows<{ person: string }>(
      'people',
      scope.statement(`SELECT person FROM (\n${active.sql}\n) WHERE active ${atLeast ? '>=' : '='} ${scope.bindings.bind(intervals, 'UInt32')}
ORDER BY person LIMIT ${scope.bindings.bind(limit, 'UInt32')}`),
    );
    return rows.map((row) => Number(row.person));
  },
};

/** Each person, and on how many intervals they were active. */
function activeSql(query: Query, report: StickinessReport, scope: Scope, condition?: string) {
  const span = query.span(report.period);
  const buckets = query.buckets(span, report.interval);
  const start = bucketStartSql(buckets);
  const bits = BITS.find((one) => one >= buckets.length);
  const place = `transform(${start}, [${buckets.map((bucket) => literal(bucket.from)).join(', ')}], [${buckets.map((_, index) => index).join(', ')}], 0)`;
  const active = bits ? `bitCount(groupBitOr(bitShiftLeft(toUInt${bits}(1), ${place})))` : `uniqExact(${start})`;
  const where = scope.where(span, scope.names([report.what]) ?? undefined, scope.what(report.what), condition);
  return {
    intervals: buckets.length,
    sql: `SELECT ${scope.person} AS person, ${active} AS active\n${scope.from()}\n${where}\nGROUP BY person`,
  };
}
