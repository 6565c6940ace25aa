import { refuse } from '../../../kernel/refusal.ts';
import type { ReportKind } from '../kind.ts';
import type { Bucket } from '../period.ts';
import type { Query } from '../query.ts';
import { warnOfUnknown } from '../unknown-names.ts';
import { checkFunnel } from './check.ts';
import type { FunnelWalkOptions, FunnelWalkResult, WantedPeople } from './funnel-walk.ts';
import { codedOf, SEPARATOR, valuesOf, withBreakdown } from './plan.ts';
import type { FunnelResult } from './result.ts';
import { FunnelPart, type FunnelReport } from './schema.ts';
import { seriesOf } from './shape.ts';

/** Who goes how far through some steps, and how long it takes: docs/funnels.md says what counts. */
export const funnel: ReportKind<FunnelReport, FunnelResult> = {
  kind: 'funnel',
  part: FunnelPart,

  async run(query, report) {
    checkFunnel(report);
    await warnOfUnknown(
      query,
      report.steps.map(({ what }) => what),
    );
    const buckets = bucketsOf(query, report);
    const values = report.breakdown.length > 0 ? await valuesOf(query, report) : [];
    const walked = await walk(query, report, values, null);
    const count = report.breakdown.length;
    return {
      steps: report.steps.map(({ what, optional }) => ({ label: what.label ?? null, optional })),
      total: seriesOf(report, [], walked.total),
      series: walked.series.map(({ value, tally }) => seriesOf(report, textsOf(value, values, count), tally)),
      excluded: walked.excluded,
      ...(report.interval && {
        buckets: buckets.map(({ from, to, label, partial }) => ({
          from: new Date(from).toISOString(),
          to: new Date(to).toISOString(),
          label,
          partial,
        })),
      }),
    };
  },

  async people(query, report, part: FunnelPart, { after, limit }) {
    checkFunnel(report);
    const values = report.breakdown.length > 0 ? await valuesOf(query, report) : [];
    const value = numberOf(report, part, values);
    const { step, outcome, bucket } = part;
    if (step >= report.steps.length)
      throw refuse.invalid(`The funnel has ${report.steps.length} steps; there is no step ${step + 1}.`);
    if (outcome === 'dropped' && step === 0)
      throw refuse.invalid('Nobody drops out before the first step. Ask for those who did not do a later one.');
    if (bucket !== undefined && bucket >= bucketsOf(query, report).length)
      throw refuse.invalid(`The report has no interval ${bucket + 1}.`);
    const accounts = report.by === 'account';
    const page = accounts ? { after: 0, limit: Number.MAX_SAFE_INTEGER } : { after, limit };
    const { people } = await walk(query, report, values, { step, outcome, value, bucket, ...page });
    return accounts ? peopleOf(query, report, people, { after, limit }) : people;
  },
};

const bucketsOf = (query: Query, { period, interval }: FunnelReport): Bucket[] =>
  interval ? query.buckets(query.span(period), interval) : [];

function walk(
  query: Query,
  report: FunnelReport,
  values: readonly string[],
  people: WantedPeople | null,
): Promise<FunnelWalkResult> {
  const span = query.span(report.period);
  const coded = codedOf(report, query.scope(report), span);
  const { attribution, breakdown } = report;
  const options: FunnelWalkOptions = {
    rules: coded.rules,
    values: values.length,
    attribution: breakdown.length === 0 ? 'none' : 'step' in attribution ? attribution.step : 'subject',
    hold: report.hold.length > 0,
    buckets: bucketsOf(query, report).map((bucket) => bucket.from - span.from),
    top: report.top,
    people,
  };
  const sequences = breakdown.length === 0 ? coded.sequences : withBreakdown(coded, report, values);
  return query.walk<FunnelWalkResult>('steps', 'funnel', sequences, options);
}

function textsOf(value: number | null, values: readonly string[], count: number): (string | null)[] {
  if (value === null) return new Array<null>(count).fill(null);
  return value === 0 ? new Array<string>(count).fill('') : values[value - 1]!.split(SEPARATOR);
}

/** The number of the value that a part names. Refuses one that the report does not have. */
function numberOf({ breakdown }: FunnelReport, part: FunnelPart, values: readonly string[]): number | null | undefined {
  if (part.breakdown === undefined || part.breakdown.length === 0) return undefined;
  if (part.breakdown.length !== breakdown.length)
    throw refuse.invalid(
      `The report is broken down by ${breakdown.length} fields, and the part names ${part.breakdown.length} values.`,
    );
  if (part.breakdown.includes(null)) return null;
  const text = part.breakdown.join(SEPARATOR);
  if (part.breakdown.every((one) => one === '')) return 0;
  const index = values.indexOf(text);
  if (index < 0)
    throw refuse.invalid(`The report has no value "${part.breakdown.join(', ')}". It may have gone with newer data.`);
  return index + 1;
}

/** Those who took part for the accounts: the persons of their steps' events in the period. */
async function peopleOf(
  query: Query,
  report: FunnelReport,
  accounts: readonly number[],
  { after, limit }: { after: number; limit: number },
): Promise<number[]> {
  if (accounts.length === 0) return [];
  const scope = query.scope(report);
  const coded = codedOf(report, scope, query.span(report.period));
  const conditions = [
    ...(coded.sequences.where ?? []).map((one) => one || undefined),
    coded.isStep,
    `${scope.account} IN ${scope.bindings.bind(accounts, 'Array(UInt64)')}`,
    `${scope.person} > ${scope.bindings.bind(after, 'UInt64')}`,
  ];
  const where = scope.where(query.span(report.period), ...conditions);
  const rows = await query.rows<{ person: string }>(
    'people of the accounts',
    scope.statement(
      `SELECT DISTINCT ${scope.person} AS person\n${scope.from()}\n${where}\nORDER BY person LIMIT ${scope.bindings.bind(limit, 'UInt32')}`,
    ),
  );
  return rows.map((row) => Number(row.person));
}
