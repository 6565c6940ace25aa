import { refuse } from '../../../kernel/refusal.ts';
import { checkRules } from '../funnels/check.ts';
import { codedOf } from '../funnels/plan.ts';
import type { FunnelRules } from '../funnels/schema.ts';
import type { ReportKind } from '../kind.ts';
import type { Query } from '../query.ts';
import { warnOfUnknown } from '../unknown-names.ts';
import { type Candidates, candidatesOf, type KnownField, knownSql } from './candidates.ts';
import type { About, Found } from './find.ts';
import { FrictionPart, type FrictionReport } from './schema.ts';
import type { FrictionCounts, FrictionOptions } from './walk.ts';

/** 95 % of a normal distribution lie within so many standard errors. */
const Z95 = 1.959964;

export type FindingAbout =
  | { of: 'event'; name: string }
  | { of: 'value'; field: KnownField['name']; value: string }
  /** Ways on which the largest `measure` was above the threshold. */
  | { of: 'measure'; measure: string; threshold: number };

export interface Finding {
  /** Names it for the people behind it. */
  id: string;
  /** The step after which it was met, from 0. */
  step: number;
  about: FindingAbout;
  /** What the same ways show too: other measures of the same slowness, events that come with it. */
  also: FindingAbout[];
  /** Subjects who met it, and the share of them that went on; and the share to be expected of them otherwise. */
  met: number;
  rate: number;
  expected: number;
  /** How many more would have gone on, with a 95 % interval. */
  lost: number;
  lostLow: number;
  lostHigh: number;
  /** What these are worth at the last step: null where no money is known of it. Minor units, a 95 % interval. */
  revenue: { currency: string; atStakeMinor: number; lowMinor: number; highMinor: number } | null;
  /** The share of findings as clear as this one that are chance. */
  q: number;
  /** By tenths of the ways, from the quickest. */
  curve: { upTo: number; rate: number; ways: number }[] | null;
  /** Where the loss lies. */
  byDevice: { device: string; lost: number; met: number }[];
  /** Numbers of persons who met it and did not go on. */
  examples: number[];
}

export interface FrictionResult {
  steps: { label: string | null; reached: number }[];
  findings: Finding[];
  /** What was looked at. */
  looked: { events: number; measures: string[]; values: number };
  /** What one completed funnel is worth: the mean of the last step, in minor units; null where it has no money. */
  worth: { currency: string; meanMinor: number; orders: number } | null;
}

/** What costs most conversions of a funnel, found without being told where to look: docs/friction.md. */
export const friction: ReportKind<FrictionReport, FrictionResult> = {
  kind: 'friction',
  part: FrictionPart,
  async run(query, report) {
    checkRules(rulesOf(report));
    await warnOfUnknown(
      query,
      report.steps.map(({ what }) => what),
    );
    const [candidates, worth] = await Promise.all([candidatesOf(query, report), worthOf(query, report)]);
    const counts = await walked(query, report, candidates);
    const last = counts.reached.at(-1)!;
    const findings = counts.found.map((found): Finding => {
      const reachedNext = counts.reached[found.step + 1]!;
      return finding(found, candidates, worth, { share: reachedNext === 0 ? 0 : last / reachedNext, of: reachedNext });
    });
    // By what is at stake at least: a wide guess does not come before a smaller loss that is certain.
    const stake = (one: Finding) => one.revenue?.lowMinor ?? one.lostLow;
    return {
      steps: report.steps.map(({ what }, step) => ({ label: what.label ?? null, reached: counts.reached[step]! })),
      findings: findings.sort((a, b) => stake(b) - stake(a)).slice(0, report.top),
      looked: {
        events: candidates.names.length,
        measures: candidates.measures,
        values: candidates.fields.reduce((sum, field) => sum + field.values.length, 0),
      },
      worth: worth && { currency: worth.currency, meanMinor: worth.mean, orders: worth.orders },
    };
  },
  async people(query, report, part: FrictionPart, { after, limit }) {
    checkRules(rulesOf(report));
    const candidates = await candidatesOf(query, report);
    const key = keyOf(part.finding, candidates);
    return (await walked(query, report, candidates, { key, outcome: part.outcome ?? null, after, limit })).people;
  },
};

const rulesOf = (report: FrictionReport): FunnelRules => ({
  steps: report.steps,
  window: report.window,
  by: report.by,
  order: 'ordered',
  exclusions: [],
  hold: [],
  semantics: 'posthog',
});

async function walked(
  query: Query,
  report: FrictionReport,
  { names, measures, fields }: Candidates,
  collect?: FrictionOptions['collect'],
): Promise<FrictionCounts> {
  const scope = query.scope(report);
  const span = query.span(report.period);
  const coded = codedOf({ ...report, ...rulesOf(report) }, scope, span);
  const { bindings } = scope;
  const numbered = (text: string, values: readonly string[]) =>
    values.length === 0
      ? '0'
      : `transform(${text}, ${bindings.texts(values)}, ${bindings.bind(
          values.map((_, index) => index + 1),
          'Array(UInt16)',
        )}, 0)`;
  const name = numbered(scope.field({ of: 'event', name: 'name' }).text, names);
  const bits = report.steps.length;
  // The version may stand in the context, which is read for the steps alone.
  const known = fields.map((field, index) => {
    const text = `if(${coded.isStep}, ${knownSql(scope, field.name)}, '')`;
    return [`v${index}`, numbered(`argMinIf(${text}, e.timestamp, ${text} != '')`, field.values)] as const;
  });
  const options: FrictionOptions = {
    rules: coded.rules,
    bits,
    names: names.length,
    values: fields.map((field) => field.values.length),
    measures: measures.length,
    atLeast: report.atLeast,
    falseShare: report.falseShare,
    ...(collect ? { collect } : {}),
  };
  return query.walk<FrictionCounts>(
    'ways',
    'friction',
    {
      scope,
      span,
      by: report.by,
      code: `(${coded.sequences.code}) + ${2 ** bits} * ${name}`,
      codes: 2 ** bits * (names.length + 1),
      extras: Object.fromEntries(
        measures.map((measure, index) => [`m${index}`, scope.field({ of: 'property', name: measure }).number]),
      ),
      once: Object.fromEntries(known),
    },
    options,
  );
}

interface Worth {
  currency: string;
  mean: number;
  /** Of the mean. */
  standardError: number;
  orders: number;
}

/** What the last step's events are worth, in the currency that most of them have. */
async function worthOf(query: Query, report: FrictionReport): Promise<Worth | null> {
  const scope = query.scope(report);
  const { what } = report.steps.at(-1)!;
  const where = scope.where(
    query.span(report.period),
    scope.names([what]) ?? undefined,
    scope.what(what),
    "e.currency != '' AND e.revenue_minor > 0",
  );
  const [row] = await query.rows<{ currency: string; orders: string; mean: number; deviation: number | null }>(
    'worth',
    scope.statement(`SELECT toString(e.currency) AS currency, count() AS orders, avg(e.revenue_minor) AS mean,
  stddevSamp(e.revenue_minor) AS deviation
${scope.from()}\n${where}\nGROUP BY currency ORDER BY orders DESC, currency LIMIT 1`),
  );
  if (!row) return null;
  const orders = Number(row.orders);
  const deviation = Number.isFinite(row.deviation) ? Number(row.deviation) : 0;
  return { currency: row.currency, mean: row.mean, standardError: deviation / Math.sqrt(orders), orders };
}

function finding(
  found: Found,
  candidates: Candidates,
  worth: Worth | null,
  later: { share: number; of: number },
): Finding {
  const about = aboutOf(found.about, candidates);
  const half = Z95 * found.standardError;
  const device = candidates.fields[0]!.values;
  return {
    id: JSON.stringify([
      found.step,
      about.of,
      'name' in about ? about.name : 'field' in about ? [about.field, about.value] : about.measure,
    ]),
    step: found.step,
    about,
    also: found.also.map((one) => aboutOf(one, candidates)),
    met: found.met,
    rate: found.rate,
    expected: found.expected,
    lost: found.lost,
    lostLow: Math.max(0, found.lost - half),
    lostHigh: found.lost + half,
    revenue: worth && atStake(found, worth, later),
    q: found.q,
    curve: found.curve,
    byDevice: found.byDevice.map(({ value, ...rest }) => ({ device: value === 0 ? '' : device[value - 1]!, ...rest })),
    examples: found.examples,
  };
}

/**
 * Missing conversions × the share that comes from the next step to the last × the mean of what the last is worth; the
 * three are estimates, and their errors go into the interval (the delta method).
 */
function atStake(
  { lost, standardError }: Found,
  worth: Worth,
  later: { share: number; of: number },
): Finding['revenue'] {
  const { share } = later;
  const shareError = later.of === 0 ? 0 : Math.sqrt((share * (1 - share)) / later.of);
  const value = lost * share * worth.mean;
  const error = Math.hypot(
    standardError * share * worth.mean,
    lost * shareError * worth.mean,
    lost * share * worth.standardError,
  );
  return {
    currency: worth.currency,
    atStakeMinor: Math.round(value),
    lowMinor: Math.max(0, Math.round(value - Z95 * error)),
    highMinor: Math.round(value + Z95 * error),
  };
}

function aboutOf(about: About, { names, measures, fields }: Candidates): FindingAbout {
  if (about.of === 'event') return { of: 'event', name: names[about.name - 1]! };
  if (about.of === 'measure') return { of: 'measure', measure: measures[about.measure]!, threshold: about.threshold };
  const field = fields[about.field]!;
  return { of: 'value', field: field.name, value: field.values[about.value - 1]! };
}

/** A finding's id as the walk's key. Refuses one that is not of this report. */
function keyOf(id: string, { names, measures, fields }: Candidates): string {
  const gone = refuse.invalid('There is no such finding in this report. It may have gone with newer data.');
  let parts: unknown;
  try {
    parts = JSON.parse(id);
  } catch {
    throw gone;
  }
  if (!Array.isArray(parts) || !Number.isInteger(parts[0])) throw gone;
  const [step, of, what] = parts as [number, string, unknown];
  if (of === 'event' && names.includes(what as string)) return `${step}:event:${names.indexOf(what as string) + 1}`;
  if (of === 'measure' && measures.includes(what as string))
    return `${step}:measure:${measures.indexOf(what as string)}`;
  const [field, value] = Array.isArray(what) ? (what as string[]) : [];
  const place = fields.findIndex((one) => one.name === field);
  const number = fields[place]?.values.indexOf(value!) ?? -1;
  if (of !== 'value' || number < 0) throw gone;
  return `${step}:value:${place}:${number + 1}`;
}
