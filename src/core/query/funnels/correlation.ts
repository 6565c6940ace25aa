import { personalFields } from '../../catalogue/personal.ts';
import { type Field, fieldKey } from '../field.ts';
import type { ReportKind } from '../kind.ts';
import type { Query } from '../query.ts';
import { warnOfUnknown } from '../unknown-names.ts';
import { checkRules } from './check.ts';
import type { CorrelationReport } from './correlation-schema.ts';
import type { CorrelationWalkOptions, CorrelationWalkResult } from './correlation-walk.ts';
import { falseDiscovery, type Odds, oddsOf } from './odds.ts';
import { codedOf } from './plan.ts';

/** Values of one field that are compared, the most frequent. */
const COMPARED_LIMIT = 500;
const PROPERTIES = 5;
/** Rows of the answer. */
const SHOWN_LIMIT = 200;
/** The share of rows marked as significant that may be chance. */
const FALSE_DISCOVERIES = 0.05;

export interface CorrelationRow extends Odds {
  /** Like `event:name` or `property:plan`. */
  field: string;
  value: string;
  withConverted: number;
  withDropped: number;
  /** The least share of false discoveries at which this would still be one. */
  q: number;
  significant: boolean;
}

export interface CorrelationResult {
  entered: number;
  converted: number;
  /** How many values were compared: enough subjects have them, and enough do not. */
  compared: number;
  /** The surest first. */
  rows: CorrelationRow[];
}

interface Source {
  field: Field;
  when: CorrelationWalkOptions['when'];
  steps: boolean;
}

const TOUCHPOINTS = ['channel_group', 'campaign_name', 'campaign_source', 'campaign_medium', 'referrer'] as const;

/** Which events, values and touchpoints go with converting among those who entered a funnel. */
export const correlation: ReportKind<CorrelationReport, CorrelationResult> = {
  kind: 'correlation',
  async run(query, report) {
    checkRules(report);
    await warnOfUnknown(
      query,
      report.steps.map(({ what }) => what),
    );
    const rows: (Omit<CorrelationRow, 'q' | 'significant'> & { p: number })[] = [];
    let [entered, converted] = [0, 0];
    for (const source of await sourcesOf(query, report)) {
      const values = await valuesOf(query, report, source);
      const walked = await walk(query, report, source, values);
      entered = walked.converted + walked.dropped;
      converted = walked.converted;
      for (const [index, value] of values.entries()) {
        const [withConverted, withDropped] = [walked.withConverted[index + 1]!, walked.withDropped[index + 1]!];
        const having = withConverted + withDropped;
        if (having < report.atLeast || entered - having < report.atLeast) continue;
        const rest = { withoutConverted: converted - withConverted, withoutDropped: walked.dropped - withDropped };
        const odds = oddsOf({ withConverted, withDropped, ...rest });
        rows.push({ field: fieldKey(source.field), value, withConverted, withDropped, ...odds });
      }
    }
    const qs = falseDiscovery(rows.map((row) => row.p));
    const found = rows.map((row, index) => ({ ...row, q: qs[index]!, significant: qs[index]! <= FALSE_DISCOVERIES }));
    found.sort((a, b) => a.q - b.q || b.withConverted + b.withDropped - a.withConverted - a.withDropped);
    return { entered, converted, compared: rows.length, rows: found.slice(0, SHOWN_LIMIT) };
  },
};

async function sourcesOf(query: Query, report: CorrelationReport): Promise<Source[]> {
  const { among } = report;
  if (among.of === 'events') return [{ field: { of: 'event', name: 'name' }, when: 'after', steps: false }];
  if (among.of === 'touchpoints')
    return TOUCHPOINTS.map((name) => ({ field: { of: 'event', name }, when: 'before', steps: true }));
  const fields: Field[] =
    among.of === 'fields'
      ? among.fields
      : (await propertiesOf(query, report)).map((name) => ({ of: 'property', name }));
  return fields.map((field) => ({
    field,
    when: field.of === 'event' || field.of === 'property' ? 'since' : 'ever',
    steps: true,
  }));
}

/** The properties that the most events of the steps have, without those that are personal or that customers say. */
async function propertiesOf(query: Query, report: CorrelationReport): Promise<string[]> {
  const scope = query.scope(report);
  const { sequences } = codedOf(report, scope, query.span(report.period));
  const where = scope.where(sequences.span, ...(sequences.where ?? []).map((one) => one || undefined));
  const { isPersonalProperty, properties, said } = await personalFields(query.context);
  const marked = [...new Set([...properties.values(), ...said.values()].flatMap((paths) => [...paths]))];
  const rows = await query.rows<{ name: string }>(
    'properties',
    scope.statement(
      `SELECT arrayJoin(JSONAllPaths(e.properties)) AS name\n${scope.from()}\n${where}
GROUP BY name HAVING name NOT IN ${scope.bindings.texts(marked)}\nORDER BY count() DESC, name LIMIT 100`,
    ),
  );
  return rows
    .map((row) => row.name)
    .filter((name) => !isPersonalProperty('', name) && !name.split('.').includes(''))
    .slice(0, PROPERTIES);
}

/** The most frequent values of a field in the period. */
async function valuesOf(query: Query, report: CorrelationReport, { field }: Source): Promise<string[]> {
  const scope = query.scope(report);
  const { text } = scope.field(field);
  const where = scope.where(query.span(report.period));
  const rows = await query.rows<{ value: string }>(
    `values of ${fieldKey(field)}`,
    scope.statement(
      `SELECT ${text} AS value\n${scope.from()}\n${where}
GROUP BY value HAVING value != ''\nORDER BY count() DESC, value LIMIT ${COMPARED_LIMIT + 1}`,
    ),
  );
  if (rows.length > COMPARED_LIMIT)
    query.warnings.push(`Of ${fieldKey(field)} only the ${COMPARED_LIMIT} most frequent values are compared.`);
  return rows.slice(0, COMPARED_LIMIT).map((row) => row.value);
}

function walk(
  query: Query,
  report: CorrelationReport,
  { field, when, steps }: Source,
  values: readonly string[],
): Promise<CorrelationWalkResult> {
  const scope = query.scope(report);
  const { rules, sequences } = codedOf(report, scope, query.span(report.period));
  const numbers = scope.bindings.bind(
    values.map((_, index) => index + 1),
    'Array(UInt16)',
  );
  const { text } = scope.field(field);
  const value = values.length === 0 ? '0' : `transform(${text}, ${scope.bindings.texts(values)}, ${numbers}, 0)`;
  const options: CorrelationWalkOptions = {
    rules,
    hold: report.hold.length > 0,
    values: values.length,
    when,
    steps,
  };
  // Everything that a subject does is read, not only the steps: values come with any event.
  const all = { ...sequences, where: [], names: undefined, extras: { ...sequences.extras, value } };
  return query.walk<CorrelationWalkResult>(`with ${fieldKey(field)}`, 'correlation', all, options);
}
