import type { SessionsPart } from '../../../../../src/core/query/visits/schema.ts';
import type { SessionsResult, SessionsSeries } from '../../../../../src/core/query/visits/sessions.ts';
import type { VisitMeasures } from '../../../../../src/core/query/visits/visit-rows.ts';
import { chartFormat } from '../../../../../src/kernel/chart/format.ts';
import type { Unit } from '../../../../../src/kernel/chart/spec.ts';
import { formatNumber, locale } from '../../../format.ts';
import { valueName } from '../parts/words.ts';
import type { SessionsReport } from '../report.ts';
import { bucketName, type PartWords, type Picture, type Saying, type Summary, type View } from './shape.ts';
import { localLabel } from './trend.ts';

type Measured = { key: keyof VisitMeasures; unit: Unit; scale?: number };

const MEASURED = [
  { key: 'sessions', unit: { kind: 'number' } },
  { key: 'people', unit: { kind: 'number' } },
  { key: 'bounceRate', unit: { kind: 'percent' } },
  { key: 'averageSeconds', unit: { kind: 'duration' }, scale: 1000 },
  { key: 'viewsPerSession', unit: { kind: 'number', decimals: 2 } },
] as const satisfies readonly Measured[];
const GOAL = [{ key: 'conversionRate', unit: { kind: 'percent' } }] as const satisfies readonly Measured[];

function seriesName(
  report: SessionsReport,
  { value, other }: Pick<SessionsSeries, 'value' | 'other'>,
  { t }: Pick<Saying, 't'>,
) {
  if (!report.breakdown) return t('reports.allVisits');
  return other ? t('query.otherValues') : valueName(value, report.breakdown, t);
}

const ofSeries = (report: SessionsReport, one: SessionsSeries): SessionsPart =>
  report.breakdown ? { value: one.value } : {};

export function sessionsPictures(
  report: SessionsReport,
  result: SessionsResult,
  view: View,
  saying: Saying,
): Picture[] {
  const { t } = saying;
  return [...MEASURED, ...(report.goal ? GOAL : [])].map(({ key, unit, ...more }) => {
    const scale = 'scale' in more ? more.scale : 1;
    return {
      key,
      name: t(`reports.visit.${key}`),
      of: {
        kind: 'time',
        shape: view === 'bar' && unit.kind !== 'percent' ? 'bar' : 'line',
        points: result.buckets.map(({ from, label }) => ({ at: from, label: bucketName(label, report.interval, t) })),
        series: result.series.map((one, at) => ({
          id: String(at),
          name: seriesName(report, one, saying),
          slot: at,
          ...(one.other ? { other: true } : {}),
          values: one.points.map((point) => (point[key] === null ? null : point[key] * scale)),
        })),
        unit,
        partial: result.buckets.at(-1)?.partial ?? false,
      },
      part: ({ series, index }) => {
        const one = result.series[Number(series)];
        const bucket = result.buckets[index ?? -1];
        if (!one || !bucket) return null;
        const outcome = key === 'bounceRate' ? 'bounced' : key === 'conversionRate' ? 'reached' : undefined;
        return {
          ...ofSeries(report, one),
          bucket: bucket.from,
          ...(outcome ? { outcome } : {}),
        } satisfies SessionsPart;
      },
    } satisfies Picture;
  });
}

export function sessionsSummary(report: SessionsReport, result: SessionsResult, saying: Saying): Summary {
  const { t } = saying;
  const write = chartFormat(locale());
  const percent = (value: number | null) =>
    value === null ? '–' : formatNumber(value, { style: 'percent', maximumFractionDigits: 1 });
  return {
    first: t('reports.series'),
    columns: [
      ...MEASURED.map(({ key }) => t(`reports.visit.${key}`)),
      ...(report.goal ? [t('reports.visit.conversionRate')] : []),
    ],
    rows: result.series.map((one, at) => {
      const { total } = one;
      const part = ofSeries(report, one);
      return {
        key: String(at),
        name: seriesName(report, one, saying),
        slot: one.other ? null : at,
        cells: [
          { text: formatNumber(total.sessions) },
          { text: formatNumber(total.people), part },
          { text: percent(total.bounceRate), part: { ...part, outcome: 'bounced' } satisfies SessionsPart },
          { text: total.averageSeconds === null ? '–' : write(total.averageSeconds * 1000, { kind: 'duration' }) },
          {
            text:
              total.viewsPerSession === null ? '–' : formatNumber(total.viewsPerSession, { maximumFractionDigits: 2 }),
          },
          ...(report.goal
            ? [{ text: percent(total.conversionRate), part: { ...part, outcome: 'reached' } satisfies SessionsPart }]
            : []),
        ],
      };
    }),
  };
}

/** What the people behind a part did. */
export function sessionsPart(report: SessionsReport, part: SessionsPart, saying: Omit<Saying, 'meta'>): PartWords {
  const { t } = saying;
  const value =
    part.value === undefined
      ? t('reports.allVisits')
      : seriesName(report, { value: part.value, other: part.value === null }, saying);
  const bucket = part.bucket ? bucketName(localLabel(part.bucket, report.zone), report.interval, t) : '';
  const outcome = part.outcome ? t(`reports.outcome.${part.outcome}`) : '';
  return { title: value, sub: [bucket, outcome].filter(Boolean).join(' · ') };
}
