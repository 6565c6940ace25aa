import type { Field } from '../field.ts';
import type { Span } from '../period.ts';
import type { Query } from '../query.ts';
import type { Common, Scope } from '../scope.ts';
import type { Sequences } from '../walk/sequences.ts';
import { windowMs } from './check.ts';
import type { Rules } from './rules.ts';
import type { FunnelReport, FunnelRules } from './schema.ts';

/** Values of a breakdown that are told apart before the most frequent are chosen; what is rarer is not shown. */
const VALUES_LIMIT = 10_000;
/** More than there are numbers of values: a time and such a number fit into one number. */
const NUMBERS = 16_384;
/** Between the values of several fields: U+001F, the unit separator. */
export const SEPARATOR = '\x1f';

/** A funnel in SQL: each event as bits, the steps first and then the exclusions. */
export interface Coded {
  rules: Rules;
  sequences: Sequences;
  /** SQL of whether the event is any step. */
  isStep: string;
}

export function codedOf(report: Common & FunnelRules, scope: Scope, span: Span): Coded {
  const { steps, exclusions, order, semantics, by, hold } = report;
  const whats = [...steps, ...exclusions].map(({ what }) => what);
  const conditions = whats.map((what) => scope.what(what));
  const bits = conditions.map((condition, index) =>
    condition === '1' ? `${2 ** index}` : `(${condition}) * ${2 ** index}`,
  );
  const count = steps.length;
  const rules: Rules = {
    steps: count,
    optional: steps.reduce((sum, { optional }, index) => sum | (optional ? 1 << index : 0), 0),
    windowMs: windowMs(report),
    forbidden: steps.map((_, place) =>
      exclusions.reduce((sum, { from, to }, one) => sum | (place >= from && place < to ? 1 << (count + one) : 0), 0),
    ),
    way: order !== 'ordered' ? order : semantics === 'mixpanel' ? 'mixpanel' : 'ordered',
  };
  // Strict order must see what lies between. Conditions beyond the name are worth a look, names alone are done with.
  const plain = whats.every(
    ({ events, where }) =>
      !where && events.every((match) => 'name' in match && match.name !== undefined && !match.type && !match.where),
  );
  const names = order === 'strict' ? undefined : (scope.names(whats) ?? undefined);
  const where =
    order === 'strict' ? [] : [names, plain || conditions.includes('1') ? undefined : `(${conditions.join(' OR ')})`];
  const extras: Record<string, string> = hold.length > 0 ? { hold: holdSql(hold, scope) } : {};
  const code = bits.join(' + ');
  return {
    rules,
    sequences: { scope, span, by, code, codes: 2 ** whats.length, where, extras, ...(names && { names }) },
    isStep: conditions.slice(0, count).includes('1') ? '1' : `(${conditions.slice(0, count).join(' OR ')})`,
  };
}

/** What is held as a number: 53 bits of a hash; null where the event has no value of a field. */
function holdSql(hold: readonly Field[], scope: Scope): string {
  const fields = hold.map((field) => scope.field(field));
  const texts = fields.map((field) => field.text).join(', ');
  const set = fields.map((field) => `(${field.text} != '')`).join(' AND ');
  return `if(${set}, bitShiftRight(sipHash64(${texts}), 11), NULL)`;
}

/** What the breakdown's fields say of an event, as one text. */
function breakdownSql(breakdown: readonly Field[], scope: Scope): string {
  const texts = breakdown.map((field) => scope.field(field).text);
  return texts.length === 1 ? texts[0]! : `concat(${texts.join(`, ${scope.bindings.text(SEPARATOR)}, `)})`;
}

/** The values of the breakdown among the steps' events, sorted. Warns where there are more than can be told apart. */
export async function valuesOf(query: Query, report: FunnelReport): Promise<string[]> {
  const scope = query.scope(report);
  const value = breakdownSql(report.breakdown, scope);
  const whats = report.steps.map(({ what }) => what);
  const conditions = whats.map((what) => scope.what(what));
  const none = SEPARATOR.repeat(report.breakdown.length - 1);
  const where = scope.where(
    query.span(report.period),
    scope.names(whats) ?? undefined,
    conditions.includes('1') ? undefined : `(${conditions.join(' OR ')})`,
  );
  const rows = await query.rows<{ value: string }>(
    'values of the breakdown',
    scope.statement(
      `SELECT ${value} AS value
${scope.from()}
${where}
GROUP BY value HAVING value != ${scope.bindings.text(none)}
ORDER BY count() DESC, value
LIMIT ${VALUES_LIMIT + 1}`,
    ),
  );
  if (rows.length > VALUES_LIMIT)
    query.warnings.push(
      `The breakdown has more than ${VALUES_LIMIT.toLocaleString('en')} values. Those of the fewest events are counted as others.`,
    );
  return rows
    .slice(0, VALUES_LIMIT)
    .map((row) => row.value)
    .sort();
}

/** Adds to the sequences the number of the value that a subject, or each event, has. */
export function withBreakdown(coded: Coded, report: FunnelReport, values: readonly string[]): Sequences {
  const { sequences, isStep } = coded;
  const { scope, span } = sequences;
  const numbers = scope.bindings.bind(
    values.map((_, index) => index + 1),
    'Array(UInt16)',
  );
  const value = breakdownSql(report.breakdown, scope);
  const none = scope.bindings.text(SEPARATOR.repeat(report.breakdown.length - 1));
  const known =
    values.length === 0
      ? `${values.length + 1}`
      : `transform(${value}, ${scope.bindings.texts(values)}, ${numbers}, ${values.length + 1})`;
  const number = `if(${value} = ${none}, 0, ${known})`;
  if ('step' in report.attribution) return { ...sequences, extras: { ...sequences.extras, value: number } };
  // The number rides on the time, so the least and the greatest are those of the first and the last event.
  const offset = `toUnixTimestamp64Milli(e.timestamp) - ${scope.bindings.bind(span.from, 'Int64')}`;
  const touch = report.attribution.touch === 'first' ? 'minIf' : 'maxIf';
  const counts = isStep === '1' ? '' : ` AND ${isStep}`;
  const once = `${touch}(toUInt64(${offset}) * ${NUMBERS} + ${number}, ${number} != 0${counts}) % ${NUMBERS}`;
  return { ...sequences, once: { value: once } };
}
