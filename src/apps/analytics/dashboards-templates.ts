import { z } from 'zod';
import { Report, type ReportInput } from '../../core/query/report.ts';
import type { Context } from '../../kernel/context.ts';
import { type Language, openText, type Translate } from '../../kernel/text.ts';
import { COLUMNS, DashboardContent } from './dashboards.ts';
import type { Display } from './reports.ts';

/** A dashboard that can be made by one click, because the events that it is about are there. */
export const Suggestion = z.object({
  key: z.string(),
  name: z.string(),
  description: z.string(),
  tiles: z.number(),
});
export type Suggestion = z.output<typeof Suggestion>;

const text = openText(new URL('./dashboards-messages/', import.meta.url));

interface Draft {
  /** Key of its title. */
  title: string;
  w: number;
  h: number;
  /** Names of events that it needs, beside those of the whole dashboard. */
  needs?: string[];
  report: ReportInput;
  display?: Display;
}

interface Template {
  key: string;
  needs: (names: ReadonlySet<string>) => boolean;
  tiles: Draft[];
}

const ORDER = 'Order Completed';
const named = (...names: string[]) => ({ events: names.map((name) => ({ name })) });
const orders = named(ORDER);
const views = { events: [{ type: 'page' as const }, { type: 'screen' as const }] };
const anything = { events: [{}] };
const revenue = { of: 'event' as const, name: 'revenue' as const };
const year = { last: 12, unit: 'month' as const };
const quarter = { last: 13, unit: 'week' as const };
const STEPS = ['Product Viewed', 'Product Added', 'Checkout Started', ORDER];

const TEMPLATES: readonly Template[] = [
  {
    key: 'shop',
    needs: (names) => names.has(ORDER),
    tiles: [
      number('revenue', { series: [{ what: orders, measure: { of: 'sum', field: revenue } }] }),
      number('orders', { series: [{ what: orders }] }),
      number('buyers', { series: [{ what: orders, measure: { of: 'people' } }] }),
      number('averageOrder', { series: [{ what: orders, measure: { of: 'average', field: revenue } }] }),
      {
        ...{ title: 'revenueByMonth', w: 8, h: 5, display: { view: 'bar' } },
        report: {
          ...{ kind: 'trend', period: year, interval: 'month' },
          series: [{ what: orders, measure: { of: 'sum', field: revenue } }],
        },
      },
      {
        ...{ title: 'buyersByCountry', w: 4, h: 5, display: { view: 'total' } },
        report: {
          ...{ kind: 'trend', period: year, interval: 'month', breakdown: [{ of: 'trait', name: 'country' }] },
          series: [{ what: orders, measure: { of: 'people' } }],
        },
      },
      {
        ...{ title: 'toTheOrder', w: 6, h: 6, needs: STEPS },
        report: {
          ...{ kind: 'funnel', period: quarter, window: { count: 7, unit: 'day' } },
          steps: STEPS.map((name) => ({ what: named(name) })),
        } as unknown as ReportInput,
      },
      {
        ...{ title: 'buyAgain', w: 6, h: 6 },
        report: {
          ...{ kind: 'retention', period: year, interval: 'month', cohorts: 'first', counts: 'on' },
          ...{ start: orders, count: 11 },
        } as unknown as ReportInput,
      },
    ],
  },
  {
    key: 'web',
    needs: (names) => names.has('\0page') || names.has('\0screen'),
    tiles: [
      number('visitors', { series: [{ what: views, measure: { of: 'people' } }] }),
      number('visits', { series: [{ what: views, measure: { of: 'sessions' } }] }),
      number('views', { series: [{ what: views }] }),
      number('viewsPerVisitor', { series: [{ what: views, measure: { of: 'perPerson' } }] }),
      {
        ...{ title: 'visitorsByDay', w: 12, h: 5, display: { view: 'line' } },
        report: {
          ...{ kind: 'trend', interval: 'day', compare: 'previous' },
          series: [{ what: views, measure: { of: 'people' } }],
        },
      },
      ranking('channels', { of: 'session', name: 'channel_group' }),
      ranking('pages', { of: 'event', name: 'path' }),
      ranking('devices', { of: 'event', name: 'device' }),
    ],
  },
  {
    key: 'activity',
    needs: (names) => names.size > 0,
    tiles: [
      number('people', { series: [{ what: anything, measure: { of: 'people' } }] }),
      number('events', { series: [{ what: anything }] }),
      {
        ...{ title: 'peopleByDay', w: 6, h: 5, display: { view: 'line' } },
        report: { kind: 'trend', interval: 'day', series: [{ what: anything, measure: { of: 'people' } }] },
      },
      {
        ...{ title: 'eventsByName', w: 6, h: 5, display: { view: 'stacked' } },
        report: {
          ...{ kind: 'trend', interval: 'day', breakdown: [{ of: 'event', name: 'name' }] },
          series: [{ what: anything }],
        },
      },
      {
        ...{ title: 'lifecycle', w: 6, h: 5 },
        report: { kind: 'lifecycle', period: quarter, interval: 'week', what: anything } as unknown as ReportInput,
      },
      {
        ...{ title: 'comeBack', w: 6, h: 5 },
        report: {
          ...{ kind: 'retention', period: quarter, interval: 'week', cohorts: 'first', start: anything, count: 12 },
        } as unknown as ReportInput,
      },
    ],
  },
];

function number(title: string, trend: { series: Extract<ReportInput, { kind: 'trend' }>['series'] }): Draft {
  const report = { kind: 'trend' as const, interval: 'day' as const, compare: 'previous' as const, ...trend };
  return { title, w: 3, h: 3, report, display: { view: 'number' } };
}

function ranking(title: string, field: { of: 'session' | 'event'; name: string }): Draft {
  const report = {
    ...{ kind: 'trend', interval: 'day', breakdown: [field] },
    series: [{ what: views, measure: { of: 'people' } }],
  } as unknown as ReportInput;
  return { title, w: 4, h: 5, report, display: { view: 'total' } };
}

/** The dashboards that fit to the events that have come, with their words in a language. */
export async function suggestionsFor(
  { records }: Pick<Context, 'records'>,
  language: Language,
): Promise<{ key: string; name: string; description: string; content: DashboardContent }[]> {
  const { rows } = await records.pool.query<{ type: string; name: string }>(
    `SELECT e.type, coalesce(n.canonical, e.name) AS name FROM catalogue_events e
     LEFT JOIN catalogue_names n ON n.type = e.type AND n.name = e.name WHERE NOT e.hidden AND e.observed > 0`,
  );
  const names = new Set(rows.flatMap(({ type, name }) => [name, `\0${type}`]));
  const say = text(language);
  return TEMPLATES.filter((template) => template.needs(names)).map((template) => ({
    key: template.key,
    name: say(`${template.key}.name`),
    description: say(`${template.key}.description`),
    content: DashboardContent.parse({ tiles: tilesOf(template, names, say) }),
  }));
}

/** Tiles from left to right, and on to the next row where they do not fit. */
function tilesOf({ key, tiles }: Template, names: ReadonlySet<string>, say: Translate) {
  let [x, y, height] = [0, 0, 0];
  const wanted = tiles.filter(({ needs = [] }) => needs.every((name) => names.has(name)));
  return wanted.map(({ title, w, h, report, display = {} }, index) => {
    if (x + w > COLUMNS) [x, y, height] = [0, y + height, 0];
    const place = { x, y, w, h };
    x += w;
    height = Math.max(height, h);
    const words = say(`${key}.tiles.${title}`);
    return {
      kind: 'report',
      id: `${key}-${index}`,
      ...place,
      title: words,
      report: called(Report.parse(report), words),
      display,
    };
  });
}

/** A single line is called as its tile, rather than by its events. */
const called = (report: Report, label: string): Report =>
  report.kind === 'trend' && report.series.length === 1
    ? { ...report, series: [{ ...report.series[0]!, label }] }
    : report;
