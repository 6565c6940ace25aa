import type { FunnelReport } from '../../../../src/core/query/funnels/schema.ts';
import type { JourneyReport } from '../../../../src/core/query/journeys/schema.ts';
import type { RetentionReport } from '../../../../src/core/query/retention/schema.ts';
import type { DriversReport, ScoreReport } from '../../../../src/core/query/scores/schema.ts';
import type { TrendReport } from '../../../../src/core/query/trends/schema.ts';
import type { EngagementReport, LifecycleReport, StickinessReport } from '../../../../src/core/query/usage/schema.ts';
import type { SessionsReport } from '../../../../src/core/query/visits/schema.ts';
import type { AnyReport } from './calls.ts';
import { complete } from './parts/filter-value.ts';
import type { Field, Filter, What } from './parts/types.ts';

export type {
  DriversReport,
  EngagementReport,
  FunnelReport,
  JourneyReport,
  LifecycleReport,
  RetentionReport,
  ScoreReport,
  SessionsReport,
  StickinessReport,
  TrendReport,
};

/** The kinds of report that have an editor here, in the order in which they are offered. */
export const KINDS = [
  'trend',
  'funnel',
  'retention',
  'journey',
  'lifecycle',
  'stickiness',
  'engagement',
  'sessions',
  'score',
] as const;
export type Kind = (typeof KINDS)[number];

interface Reports {
  trend: TrendReport;
  funnel: FunnelReport;
  retention: RetentionReport;
  journey: JourneyReport;
  lifecycle: LifecycleReport;
  stickiness: StickinessReport;
  engagement: EngagementReport;
  sessions: SessionsReport;
  score: ScoreReport;
}
export type ReportOf<K extends Kind> = Reports[K];
export type Report = Reports[Kind];
/** What can be drawn: drivers have no editor, they are what a score is looked at with. */
export type DrawnReport = Report | DriversReport;

export const isKind = (kind: string | undefined): kind is Kind => (KINDS as readonly string[]).includes(kind ?? '');

const anything = (): What => ({ events: [{}] });
/** Not chosen yet: the editor asks for it, and the report waits. */
export const nothingYet = (): What => ({ events: [] });
const days = (last: number) => ({ last, unit: 'day' as const });

/** What each kind begins with, and what an address need not repeat. The defaults are those of the server's schemas. */
export const START: { readonly [K in Kind]: () => ReportOf<K> } = {
  trend: () => ({
    kind: 'trend',
    period: days(30),
    interval: 'day',
    series: [{ what: anything(), measure: { of: 'people' } }],
    formulas: [],
    breakdown: [],
    top: 10,
    cumulative: false,
    distribution: false,
  }),
  funnel: () => ({
    kind: 'funnel',
    period: days(30),
    steps: [
      { what: nothingYet(), optional: false },
      { what: nothingYet(), optional: false },
    ],
    order: 'ordered',
    window: { count: 14, unit: 'day' },
    exclusions: [],
    hold: [],
    by: 'person',
    semantics: 'posthog',
    breakdown: [],
    attribution: { touch: 'first' },
    top: 10,
  }),
  retention: () => ({
    kind: 'retention',
    period: { last: 12, unit: 'week' },
    start: anything(),
    cohorts: 'first',
    counts: 'on',
    interval: 'week',
    periods: 'calendar',
    count: 12,
    atLeast: 1,
    top: 10,
  }),
  journey: () => ({
    kind: 'journey',
    period: days(30),
    stations: 'events',
    groups: [],
    depth: 5,
    fold: true,
    within: 'session',
    top: 8,
    reached: false,
  }),
  lifecycle: () => ({ kind: 'lifecycle', period: days(30), what: anything(), interval: 'day' }),
  stickiness: () => ({ kind: 'stickiness', period: days(30), what: anything(), interval: 'day' }),
  engagement: () => ({ kind: 'engagement', period: days(90), what: anything() }),
  sessions: () => ({ kind: 'sessions', period: days(30), interval: 'day', top: 10 }),
  score: () => ({ kind: 'score', of: 'nps', period: days(90), interval: 'week', top: 10 }),
};

/** All events that a report is about, for the properties that can be asked of them. */
export function whatsOf(report: Report): What[] {
  switch (report.kind) {
    case 'trend':
      return report.series.map((series) => series.what);
    case 'funnel':
      return report.steps.map((step) => step.what);
    case 'retention':
      return [report.start, ...(report.return ? [report.return] : [])];
    case 'journey':
      return [report.of ?? anything()];
    case 'sessions':
      return [anything()];
    case 'score':
      return [report.what ?? { events: [{ name: 'Question Answered' }] }];
    default:
      return [report.what];
  }
}

/** Whether everything is chosen that it takes to ask: a report with a blank in it is not asked. */
export function isReady(report: Report): boolean {
  const chosen = (what: What | undefined) => !what || what.events.length > 0;
  switch (report.kind) {
    case 'funnel':
      return (
        report.steps.length >= 2 &&
        report.steps.every((step) => chosen(step.what)) &&
        report.exclusions.every((one) => chosen(one.what))
      );
    case 'trend':
      return report.series.length > 0 && report.series.every((one) => chosen(one.what) && hasField(one.measure));
    case 'retention':
      return chosen(report.start) && chosen(report.return);
    case 'journey':
      return chosen(report.of) && chosen(report.start) && chosen(report.end);
    case 'sessions':
      return chosen(report.goal);
    case 'score':
      return chosen(report.what);
    default:
      return chosen(report.what);
  }
}

const hasField = (measure: { of: string; field?: Field }) => !('field' in measure) || measure.field !== undefined;

/** The report as it is asked: without conditions and formulas that are still being written. */
export function asked<R extends AnyReport>(report: R): R {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => {
        const kept = name === 'filter' || name === 'where' ? complete(inner as Filter | undefined) : clean(inner);
        return kept === undefined ? [] : [[name, kept]];
      }),
    );
  };
  const whole = clean(report) as R;
  if (whole.kind === 'journey')
    return { ...whole, groups: whole.groups.filter(({ pattern, label }) => pattern !== '' && label !== '') };
  if (whole.kind !== 'trend') return whole;
  return { ...whole, formulas: whole.formulas.filter((formula) => formula.expression.trim() !== '') };
}
