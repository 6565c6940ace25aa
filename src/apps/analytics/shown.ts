import type { FunnelResult } from '../../core/query/funnels/result.ts';
import type { Report, Results } from '../../core/query/report.ts';
import type { RetentionResult } from '../../core/query/retention/result.ts';
import type { TrendResult, TrendSeries } from '../../core/query/trends/result.ts';
import type { ChartSpec, Series, Unit } from '../../kernel/chart/spec.ts';
import { bucketName, type Speech, valueName, whatName } from './shown-names.ts';

/** One picture of an answer, with what it is called. An answer of several units has several. */
export interface Shown {
  title: string;
  spec: ChartSpec;
}

/** Pictures of one answer: currencies may be many. */
const PICTURES_LIMIT = 6;
const SERIES_SHOWN = 24;
const COHORTS_SHOWN = 40;

type ReportOf<Kind extends Report['kind']> = Extract<Report, { kind: Kind }>;
type Draw<Kind extends Report['kind']> = (report: ReportOf<Kind>, result: Results[Kind], speech: Speech) => Shown[];

/** Those that are drawn without a browser; others are looked at in the console. */
const DRAWN: { [Kind in Report['kind']]?: Draw<Kind> } = {
  trend: trendPictures,
  funnel: funnelPictures,
  retention: retentionPictures,
  lifecycle: (report, { buckets, ...of }, speech) => [
    {
      title: whatName(report.what, speech),
      spec: {
        ...overTime(buckets, report.interval, speech),
        shape: 'line',
        series: (['new', 'returning', 'resurrecting', 'dormant'] as const).map((id, slot) => ({
          ...{ id, name: speech.t(`status.${id}`), values: of[id], slot },
        })),
        unit: { kind: 'number' },
      },
    },
  ],
  engagement: (report, { buckets, ...of }, speech) => [
    {
      title: whatName(report.what, speech),
      spec: {
        ...overTime(buckets, 'day', speech),
        shape: 'line',
        series: (['day', 'week', 'month'] as const).map((id, slot) => ({
          ...{ id, name: speech.t(`active.${id}`), values: of[id], slot },
        })),
        unit: { kind: 'number' },
      },
    },
  ],
  score: (report, { buckets, series }, speech) => [
    {
      title: speech.t(`score.${report.of}`),
      spec: {
        ...overTime(buckets, report.interval, speech),
        shape: 'line',
        series: series.slice(0, SERIES_SHOWN).map((one, slot) => ({
          ...{ id: String(slot), slot, ...(one.rest ? { other: true } : {}) },
          name: one.rest
            ? speech.t('others')
            : one.value === null
              ? speech.t('score.all')
              : valueName(one.value, report.breakdown, speech),
          values: one.points.map((point) => (point ? point.value * (report.of === 'nps' ? 100 : 1) : null)),
        })),
        unit: report.of === 'csat' ? { kind: 'percent' } : { kind: 'number' },
      },
    },
  ],
  stickiness: (report, result, speech) => [
    {
      title: whatName(report.what, speech),
      spec: {
        kind: 'bars',
        direction: 'up',
        histogram: true,
        categories: result.people.map((_, at) => ({ id: String(at + 1), label: String(at + 1) })),
        series: [{ id: 'people', name: speech.t('people'), values: result.people }],
        unit: { kind: 'number' },
      },
    },
  ],
};

/**
 * The pictures of an answer, with labels in a language. Empty for kinds of report that are only looked at in the console.
 * `look` is the console's own choice for the report: `number` and `total` are kept, others are lines.
 */
export function picturesOf(report: Report, result: unknown, speech: Speech, look?: unknown): Shown[] {
  if (report.kind === 'trend' && (look === 'number' || look === 'total'))
    return trendTotals(report, result as TrendResult, speech, look);
  const draw = DRAWN[report.kind] as Draw<Report['kind']> | undefined;
  return (draw?.(report as never, result as never, speech) ?? []).slice(0, PICTURES_LIMIT);
}

function overTime(buckets: TrendResult['buckets'], interval: string, speech: Speech) {
  return {
    kind: 'time' as const,
    points: buckets.map(({ from, label }) => ({ at: from, label: bucketName(label, interval, speech) })),
    partial: buckets.at(-1)?.partial ?? false,
  };
}

export const unitOf = ({ unit, currency }: Pick<TrendSeries, 'unit' | 'currency'>): Unit =>
  unit === 'money' ? (currency ? { kind: 'money', currency } : { kind: 'number' }) : { kind: unit };

/** What a series of a trend is called: its own name, its values of the breakdown, and its currency where there are several. */
export function trendName(
  report: ReportOf<'trend'>,
  { id, breakdown, currency }: Pick<TrendSeries, 'id' | 'breakdown' | 'currency'>,
  speech: Speech,
): string {
  const formula = report.formulas[Number(id.slice(1)) - 1];
  const series = report.series[id.charCodeAt(0) - 65];
  const own =
    id.startsWith('F') && id.length > 1
      ? (formula?.label ?? formula?.expression ?? id)
      : series
        ? series.label || whatName(series.what, speech)
        : id;
  const values = breakdown.every((value) => value === null)
    ? breakdown.length > 0
      ? [speech.t('others')]
      : []
    : breakdown.map((value, at) => valueName(value, report.breakdown[at], speech));
  return [
    report.series.length + report.formulas.length > 1 || values.length === 0 ? own : '',
    ...values,
    currency ?? '',
  ]
    .filter(Boolean)
    .join(' · ');
}

function byUnit(report: ReportOf<'trend'>, result: TrendResult, speech: Speech) {
  const named = result.series.map((series, slot) => ({ series, slot, name: trendName(report, series, speech) }));
  return [...Map.groupBy(named, ({ series }) => JSON.stringify(unitOf(series))).values()].map((members) => ({
    members: members.slice(0, SERIES_SHOWN),
    unit: unitOf(members[0]!.series),
    title: [...new Set(members.map(({ series }) => trendName(report, { ...series, breakdown: [] }, speech)))].join(
      ', ',
    ),
  }));
}

function trendPictures(report: ReportOf<'trend'>, result: TrendResult, speech: Speech): Shown[] {
  return byUnit(report, result, speech).map(({ members, unit, title }) => {
    const series: Series[] = members.flatMap(({ series: one, slot, name }) => [
      {
        ...{ id: String(slot), name, values: one.values, slot },
        ...(one.breakdown.length > 0 && one.breakdown.every((value) => value === null) ? { other: true } : {}),
      },
      ...(one.before
        ? [
            {
              ...{ id: `${slot}b`, name: speech.t('before', { name }), slot, comparesTo: String(slot) },
              values: result.buckets.map((_, at) => one.before?.values[at] ?? null),
            },
          ]
        : []),
    ]);
    if (!result.bins)
      return { title, spec: { ...overTime(result.buckets, report.interval, speech), shape: 'line', series, unit } };
    const categories = result.bins.map(({ from, to }) => ({
      id: String(from),
      label: to === null ? `${from}+` : to - from <= 1 ? String(from) : `${from}–${to - 1}`,
    }));
    return { title, spec: { kind: 'bars', direction: 'up', histogram: true, categories, series, unit } };
  });
}

function trendTotals(
  report: ReportOf<'trend'>,
  result: TrendResult,
  speech: Speech,
  look: 'number' | 'total',
): Shown[] {
  return byUnit(report, result, speech)
    .slice(0, PICTURES_LIMIT)
    .map(({ members, unit, title }): Shown => {
      const [only] = members;
      if (look === 'number' && members.length === 1 && only) {
        const { total, values, before } = only.series;
        return {
          title,
          spec: {
            kind: 'number',
            value: total,
            unit,
            name: only.name,
            ...(before ? { before: { value: before.total, label: speech.t('thanBefore') } } : {}),
            spark: {
              labels: result.buckets.map(({ label }) => bucketName(label, report.interval, speech)),
              values,
              partial: result.buckets.at(-1)?.partial ?? false,
            },
          },
        };
      }
      return {
        title,
        spec: {
          kind: 'bars',
          direction: 'across',
          categories: members.map(({ slot, name }) => ({ id: String(slot), label: name })),
          series: [{ id: 'total', name: speech.t('total'), values: members.map(({ series }) => series.total) }],
          unit,
        },
      };
    });
}

function funnelPictures(report: ReportOf<'funnel'>, result: FunnelResult, speech: Speech): Shown[] {
  const labels = result.steps.map(({ label }, at) => {
    const step = report.steps[at];
    return label ?? (step ? whatName(step.what, speech) : String(at + 1));
  });
  const shown = (result.series.length > 0 ? result.series : [result.total]).slice(0, SERIES_SHOWN);
  return [
    {
      title: `${labels[0]} → ${labels.at(-1)}`,
      spec: {
        kind: 'funnel',
        steps: labels.map((label, at) => ({ id: String(at), label })),
        series: shown.map((one, slot) => ({
          id: String(slot),
          slot,
          name:
            one.breakdown.length === 0
              ? speech.t('everybody')
              : one.breakdown.map((value, at) => valueName(value, report.breakdown[at], speech)).join(' · '),
          values: one.steps.map(({ subjects }) => subjects),
        })),
        unit: { kind: 'number' },
        times: result.total.steps.map(({ medianSeconds }) => (medianSeconds === null ? null : medianSeconds * 1000)),
      },
    },
  ];
}

function retentionPictures(report: ReportOf<'retention'>, result: RetentionResult, speech: Speech): Shown[] {
  const row = (id: string, label: string, of: { size: number; periods: RetentionResult['total']['periods'] }) => ({
    ...{ id, label, size: of.size, values: of.periods.map(({ share }) => share) },
    partial: of.periods.some(({ complete }) => !complete),
  });
  return [
    {
      title: whatName(report.start, speech),
      spec: {
        kind: 'retention',
        shape: 'table',
        periods: result.periods.map(({ from }) => String(from)),
        rows: [
          row('all', speech.t('everybody'), result.total),
          ...result.cohorts
            .slice(-COHORTS_SHOWN)
            .map((cohort, at) =>
              row(
                String(at),
                cohort.from
                  ? bucketName(cohort.label ?? '', report.interval, speech)
                  : valueName(cohort.label, undefined, speech),
                cohort,
              ),
            ),
        ],
        unit: { kind: 'percent' },
        names: { row: speech.t('cohort'), size: speech.t('people') },
      },
    },
  ];
}
