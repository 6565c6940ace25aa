import type { Group } from '../src/core/audiences/definition.ts';
import type { ReportInput } from '../src/core/query/report.ts';

const DAYS = 90;
const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** The reports of the bench, over 90 days before `until`. */
export function benchReports(until: Date): Record<string, ReportInput> {
  const period = { from: day(until.getTime() - DAYS * 86_400_000), to: day(until.getTime() - 86_400_000) };
  const common = { period, zone: 'Europe/Warsaw' };
  const named = (name: string) => ({ events: [{ name }] });
  const steps = ['Page', 'Product Viewed', 'Product Added', 'Order Completed'].map((name) => ({ what: named(name) }));
  const window = { count: 7, unit: 'day' as const };
  return {
    trend: { ...common, kind: 'trend', series: [{ what: named('Product Viewed'), measure: { of: 'people' } }] },
    breakdown: {
      ...common,
      kind: 'trend',
      series: [{ what: named('Product Viewed'), measure: { of: 'people' } }],
      breakdown: [{ of: 'property', name: 'category' }],
      top: 20,
    },
    funnel: { ...common, kind: 'funnel', steps, window },
    funnelBreakdown: {
      ...common,
      kind: 'funnel',
      steps,
      window,
      breakdown: [{ of: 'event', name: 'device' }],
      exclusions: [{ what: named('Product Removed'), from: 0, to: 2 }],
    },
    retention: {
      ...common,
      kind: 'retention',
      start: named('Product Viewed'),
      interval: 'week',
      count: 12,
      cohorts: 'first',
    },
    journey: {
      ...common,
      kind: 'journey',
      start: named('Page'),
      stations: 'events',
      depth: 5,
      within: { idleMinutes: 30 },
    },
  };
}

/** Ten reports that a shop would put on one page. */
export function benchDashboard(until: Date): ReportInput[] {
  const reports = benchReports(until);
  const { period, zone } = reports.trend as { period: { from: string; to: string }; zone: string };
  const common = { period, zone, kind: 'trend' as const };
  const of = (name: string) => ({ events: [{ name }] });
  return [
    reports.trend!,
    reports.breakdown!,
    reports.funnel!,
    reports.retention!,
    {
      ...common,
      series: [{ what: of('Order Completed'), measure: { of: 'sum', field: { of: 'event', name: 'revenue' } } }],
    },
    { ...common, series: [{ what: of('Order Completed') }], breakdown: [{ of: 'event', name: 'country' }] },
    { ...common, series: [{ what: of('Page'), measure: { of: 'sessions' } }] },
    { ...common, interval: 'week', series: [{ what: of('Page'), measure: { of: 'people' } }], compare: 'previous' },
    {
      ...common,
      series: [
        { what: of('Order Completed'), measure: { of: 'people' } },
        { what: of('Page'), measure: { of: 'people' } },
      ],
      formulas: [{ expression: 'A / B * 100' }],
    },
    { ...common, series: [{ what: of('Checkout Started') }], breakdown: [{ of: 'event', name: 'device' }] },
  ];
}

/** Ordered, looked at three products in the last month, and never signed up. */
export function benchAudience(until: Date): Group {
  const within = (days: number) => ({
    from: day(until.getTime() - days * 86_400_000),
    to: day(until.getTime() - 86_400_000),
  });
  const times = { of: 'times' as const };
  const did = (name: string, compare: 'atLeast' | 'atMost', value: number, days: number): Group => ({
    is: 'did',
    what: { events: [{ name }] },
    count: times,
    compare,
    value,
    when: within(days),
  });
  return {
    all: [
      did('Order Completed', 'atLeast', 1, DAYS),
      did('Product Viewed', 'atLeast', 3, 30),
      did('Signed Up', 'atMost', 0, DAYS),
    ],
  };
}
