import { bucketStartSql } from '../bucket-sql.ts';
import type { Field } from '../field.ts';
import type { Query } from '../query.ts';
import type { Scope } from '../scope.ts';
import type { Sequences } from '../walk/sequences.ts';
import type { Plan } from './plan.ts';
import type { RetentionReport } from './schema.ts';
import { RETURN, START } from './walk.ts';

/** Currencies told apart; a walk's codes would not fit beside those of the breakdown otherwise. */
const CURRENCIES_LIMIT = 10;
/** No event is older. */
const EVER = 0;

/** Values of the breakdown that are shown, in the order of the alphabet, by bytes. */
export type Shown = readonly string[];

/** The walk's code tells `values.length * 2 + 1` rows apart: each value, and those between two, before and after. */
export const rowsOf = (shown: Shown) => shown.length * 2 + 1;
/** The row of a value that is shown. */
export const rowOf = (index: number) => index * 2 + 1;

export const isRevenue = (field: Field) => field.of === 'event' && field.name === 'revenue';

/** A condition that leaves only those who had not started before the period; to be asked for after all fields. */
function newcomers(scope: Scope, report: RetentionReport, plan: Plan, start: string): string | undefined {
  if (report.cohorts !== 'first') return undefined;
  const names = scope.names([report.start]) ?? undefined;
  const earlier = scope.where({ from: EVER, to: plan.span.from }, names, start);
  return `${scope.person} NOT IN (SELECT ${scope.person} ${scope.from()} ${earlier})`;
}

/** The values by which most people started; of several at the same moment the first in the alphabet. */
export async function valuesOf(query: Query, report: RetentionReport, plan: Plan): Promise<string[]> {
  if (!report.breakdown) return [];
  const scope = query.scope(report);
  const value = scope.field(report.breakdown).text;
  const start = scope.what(report.start);
  const kept = newcomers(scope, report, plan, start);
  const where = scope.where(plan.span, scope.names([report.start]) ?? undefined, start, kept);
  const interval = report.cohorts === 'recurring' ? `, ${bucketStartSql(plan.cohorts)} AS interval` : '';
  const rows = await query.rows<{ value: string }>(
    'values',
    scope.statement(`SELECT first.2 AS value, count() AS people FROM (
  SELECT ${scope.person} AS person${interval}, min((e.timestamp, ${value})) AS first
  ${scope.from()}
  ${where}
  GROUP BY person${interval ? ', interval' : ''}
) GROUP BY value ORDER BY people DESC, value LIMIT ${report.top}`),
  );
  const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  return rows.map((row) => row.value).sort(byBytes);
}

/** The currencies of the returning events, the most frequent first. */
export async function currenciesOf(query: Query, report: RetentionReport, plan: Plan): Promise<string[]> {
  if (!report.value || !isRevenue(report.value.field)) return [];
  const scope = query.scope(report);
  const back = report.return ?? report.start;
  const conditions = [scope.names([back]) ?? undefined, scope.what(back), "e.currency != ''"];
  const where = scope.where({ from: plan.span.from, to: plan.until }, ...conditions);
  const rows = await query.rows<{ currency: string }>(
    'currencies',
    scope.statement(`SELECT toString(e.currency) AS currency, count() AS events
${scope.from()}
${where}
GROUP BY currency ORDER BY events DESC, currency LIMIT ${CURRENCIES_LIMIT + 1}`),
  );
  if (rows.length > CURRENCIES_LIMIT)
    query.warnings.push(`Only the ${CURRENCIES_LIMIT} most frequent currencies are shown.`);
  return rows.slice(0, CURRENCIES_LIMIT).map((row) => row.currency);
}

/** Starts and returns of everybody who may be in a cohort. */
export function eventsOf(
  query: Query,
  report: RetentionReport,
  plan: Plan,
  known: { shown: Shown; currencies: readonly string[] },
  after?: number,
): Sequences {
  const scope = query.scope(report);
  const back = report.return;
  const start = scope.what(report.start);
  const returns = back ? scope.what(back) : start;
  const is = (condition: string, bit: number) => (condition === '1' ? String(bit) : `${bit} * toUInt8(${condition})`);
  const flags = back ? `${is(start, START)} + ${is(returns, RETURN)}` : String(START | RETURN);

  const currency = () => `indexOf(${scope.bindings.texts([...known.currencies])}, toString(e.currency))`;
  let [code, extras]: [string, Record<string, string>] = [flags, {}];
  const parts: string[] = [];
  if (report.value) {
    const number = scope.field(report.value.field).number;
    const counted = isRevenue(report.value.field)
      ? `${returns === '1' ? '1' : returns} AND ${currency()} > 0`
      : returns;
    extras = { value: `if(${counted}, ${number}, NULL)` };
    if (known.currencies.length > 1) parts.push(`greatest(${currency()}, 1) - 1`);
  }
  if (report.breakdown) {
    const value = scope.field(report.breakdown).text;
    const shown = scope.bindings.texts([...known.shown]);
    const row = `arrayCount(one -> one <= ${value}, ${shown}) * 2 - has(${shown}, ${value})`;
    parts.push(`${slots(known.currencies)} * if(${start}, ${row}, 0)`);
  }
  if (parts.length > 0) code = `${flags} + 4 * (${parts.join(' + ')})`;
  const either = back ? (start === '1' || returns === '1' ? undefined : `(${start} OR ${returns})`) : start;
  const names = scope.names(back ? [report.start, back] : [report.start]) ?? undefined;
  return {
    scope,
    span: { from: plan.span.from, to: plan.until },
    names,
    code,
    codes: 4 * slots(known.currencies) * (report.breakdown ? rowsOf(known.shown) : 1),
    where: [
      names,
      either === '1' ? undefined : either,
      newcomers(scope, report, plan, start),
      after ? `${scope.person} > ${scope.bindings.bind(after, 'UInt64')}` : undefined,
    ],
    extras,
  };
}

/** How many currencies the walk tells apart: one where the value has none. */
export const slots = (currencies: readonly string[]) => Math.max(1, currencies.length);
