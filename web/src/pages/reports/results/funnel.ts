import type { FunnelResult, FunnelSeries } from '../../../../../src/core/query/funnels/result.ts';
import type { FunnelPart } from '../../../../../src/core/query/funnels/schema.ts';
import { chartFormat } from '../../../../../src/kernel/chart/format.ts';
import { formatDuration, formatNumber, locale } from '../../../format.ts';
import { valueName, whatName } from '../parts/words.ts';
import type { FunnelReport } from '../report.ts';
import { bucketName, type PartWords, type Picture, type Saying, type Summary, type View } from './shape.ts';

type Part = Partial<FunnelPart>;

const shownOf = (result: FunnelResult): FunnelSeries[] => (result.series.length > 0 ? result.series : [result.total]);

const ofSeries = (series: FunnelSeries): Part => (series.breakdown.length > 0 ? { breakdown: series.breakdown } : {});

function seriesName(report: FunnelReport, series: Pick<FunnelSeries, 'breakdown'>, { t }: Pick<Saying, 't'>): string {
  const { breakdown } = series;
  if (breakdown.length === 0) return t(`reports.everyOf.${report.by}`);
  if (breakdown.every((value) => value === null)) return t('query.otherValues');
  return breakdown.map((value, at) => valueName(value, report.breakdown[at], t)).join(' · ');
}

function stepName(report: FunnelReport, at: number, saying: Omit<Saying, 'meta'>): string {
  const { t } = saying;
  // In any order a step is how many of them somebody has done.
  if (report.order === 'any') return t('reports.stepsDone', { count: at + 1 });
  const step = report.steps[at];
  const name = step ? whatName(step.what, t, saying.choices) : t('reports.stepNumber', { number: at + 1 });
  return step?.optional ? t('reports.optionalStep', { name }) : name;
}

const isRest = ({ breakdown }: FunnelSeries) => breakdown.length > 0 && breakdown.every((value) => value === null);

export function funnelPictures(report: FunnelReport, result: FunnelResult, view: View, saying: Saying): Picture[] {
  const { t } = saying;
  const shown = shownOf(result);
  const steps = report.steps.map((_, at) => ({ id: String(at), label: stepName(report, at, saying) }));
  const base = (one: FunnelSeries, at: number) => ({
    id: String(at),
    name: seriesName(report, one, saying),
    slot: at,
    ...(isRest(one) ? { other: true } : {}),
  });
  if (view === 'time' && result.buckets) {
    return [
      {
        key: 'time',
        name: t('reports.conversionOverTime'),
        of: {
          kind: 'time',
          shape: 'line',
          points: result.buckets.map((bucket) => ({
            at: bucket.from,
            label: bucketName(bucket.label, report.interval ?? 'day', t),
          })),
          series: shown.map((one, at) => ({
            ...base(one, at),
            values: (one.over?.entered ?? []).map((entered, index) =>
              entered > 0 ? (one.over?.converted[index] ?? 0) / entered : null,
            ),
          })),
          unit: { kind: 'percent' },
          partial: result.buckets.at(-1)?.partial ?? false,
        },
        part: ({ series, index }) => {
          const one = shown[Number(series)];
          return one && index !== undefined
            ? ({ step: steps.length - 1, outcome: 'converted', bucket: index, ...ofSeries(one) } satisfies Part)
            : null;
        },
      },
    ];
  }
  if (view === 'histogram') {
    return shown
      .filter((one) => one.toConvert.bins.length > 0)
      .map((one, at) => ({
        key: `bins ${at}`,
        name: `${t('reports.timeToConvert')}${shown.length > 1 ? `: ${seriesName(report, one, saying)}` : ''}`,
        of: {
          kind: 'bars' as const,
          direction: 'up' as const,
          histogram: true,
          categories: one.toConvert.bins.map((bin) => ({
            id: String(bin.fromSeconds),
            label: `${formatDuration(bin.fromSeconds * 1000)} – ${formatDuration(bin.toSeconds * 1000)}`,
          })),
          series: [{ ...base(one, at), values: one.toConvert.bins.map((bin) => bin.subjects) }],
          unit: { kind: 'number' as const },
        },
        part: () => null,
      }));
  }
  return [
    {
      key: 'steps',
      name: t('reports.kind.funnel'),
      of: {
        kind: 'funnel',
        steps,
        series: shown.map((one, at) => ({ ...base(one, at), values: one.steps.map((step) => step.subjects) })),
        unit: { kind: 'number' },
        times: result.total.steps.map((step) => (step.medianSeconds === null ? null : step.medianSeconds * 1000)),
      },
      part: ({ series, index, part }) => {
        const one = shown[Number(series)];
        if (!one || index === undefined) return null;
        const outcome = part === 'dropped' ? 'dropped' : 'converted';
        return { step: index, outcome, ...ofSeries(one) } satisfies Part;
      },
    },
  ];
}

export function funnelSummary(report: FunnelReport, result: FunnelResult, saying: Saying): Summary {
  const { t } = saying;
  const percent = (value: number | null) =>
    value === null ? '–' : formatNumber(value, { style: 'percent', maximumFractionDigits: 1 });
  const write = chartFormat(locale());
  const time = (seconds: number | null) => (seconds === null ? '–' : write(seconds * 1000, { kind: 'duration' }));
  if (result.series.length > 0) {
    return {
      first: t('reports.series'),
      columns: [t('reports.entered'), t('reports.converted'), t('reports.conversion'), t('reports.medianTime')],
      rows: [result.total, ...result.series].map((one, at) => ({
        key: String(at),
        name: seriesName(report, one, saying),
        slot: at === 0 || isRest(one) ? null : at - 1,
        cells: [
          { text: formatNumber(one.entered), part: { step: 0, outcome: 'converted', ...ofSeries(one) } satisfies Part },
          {
            text: formatNumber(one.converted),
            part: { step: report.steps.length - 1, outcome: 'converted', ...ofSeries(one) } satisfies Part,
          },
          { text: percent(one.conversion) },
          { text: time(one.toConvert.medianSeconds) },
        ],
      })),
    };
  }
  return {
    first: t('reports.step'),
    columns: [
      t(`reports.countOf.${report.by}`),
      t('reports.ofPrevious'),
      t('reports.ofEntered'),
      t('reports.dropped'),
      t('reports.medianTime'),
    ],
    rows: [
      ...result.total.steps.map((step, at) => ({
        key: String(at),
        name: `${at + 1}. ${stepName(report, at, saying)}`,
        slot: null,
        cells: [
          { text: formatNumber(step.subjects), part: { step: at, outcome: 'converted' } satisfies Part },
          { text: at === 0 ? '–' : percent(step.ofPrevious) },
          { text: percent(step.ofEntered) },
          at === 0
            ? { text: '–' }
            : { text: formatNumber(step.dropped), part: { step: at, outcome: 'dropped' } satisfies Part },
          { text: time(step.medianSeconds) },
        ],
      })),
      ...(report.exclusions.length > 0
        ? [
            {
              key: 'excluded',
              name: t('reports.excluded'),
              slot: null,
              cells: [
                { text: formatNumber(result.excluded), part: { step: 0, outcome: 'excluded' } satisfies Part },
                { text: '' },
                { text: '' },
                { text: '' },
                { text: '' },
              ],
            },
          ]
        : []),
    ],
  };
}

/** What the people behind a part did. */
export function funnelPart(report: FunnelReport, part: Part, saying: Omit<Saying, 'meta'>): PartWords {
  const { t } = saying;
  const step = stepName(report, part.step ?? 0, saying);
  const sub = part.breakdown ? seriesName(report, { breakdown: part.breakdown }, saying) : '';
  if (part.outcome === 'excluded') return { title: t('reports.excluded'), sub };
  return { title: t(part.outcome === 'dropped' ? 'reports.notDone' : 'reports.done', { what: step }), sub };
}
