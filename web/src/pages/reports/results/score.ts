import type { ScorePart } from '../../../../../src/core/query/scores/schema.ts';
import type { Score, ScoreResult, ScoreSeries } from '../../../../../src/core/query/scores/score.ts';
import type { Unit } from '../../../../../src/kernel/chart/spec.ts';
import { formatNumber } from '../../../format.ts';
import { valueName } from '../parts/words.ts';
import type { ScoreReport } from '../report.ts';
import { bucketName, type PartWords, type Picture, type Saying, type Summary, type View } from './shape.ts';
import { localLabel } from './trend.ts';

const ONE = { minimumFractionDigits: 1, maximumFractionDigits: 1 };

/** A score as people write it: NPS from -100 to 100, CSAT as a share, the others on their scale. */
export function scoreText(of: ScoreReport['of'], value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (of === 'nps') return formatNumber(Math.round(value * 100), { signDisplay: 'exceptZero' });
  if (of === 'csat') return formatNumber(value, { style: 'percent', maximumFractionDigits: 0 });
  return formatNumber(value, ONE);
}

/** With the interval in which it lies. */
export const intervalText = (of: ScoreReport['of'], score: Pick<Score, 'low' | 'high'> | null): string =>
  score ? `${scoreText(of, score.low)} … ${scoreText(of, score.high)}` : '';

export const UNITS: Record<ScoreReport['of'], Unit> = {
  nps: { kind: 'number', decimals: 0 },
  csat: { kind: 'percent', decimals: 0 },
  ces: { kind: 'number', decimals: 2 },
  rating: { kind: 'number', decimals: 2 },
};
const drawn = (of: ScoreReport['of'], value: number) => (of === 'nps' ? value * 100 : value);

function seriesName(
  report: ScoreReport,
  { value, rest }: Pick<ScoreSeries, 'value' | 'rest'>,
  { t }: Pick<Saying, 't'>,
): string {
  if (rest) return t('query.otherValues');
  return value === null || !report.breakdown ? t('scores.all') : valueName(value, report.breakdown, t);
}

/** Of a long scale only what was given is drawn. */
const DRAWN_SCALE = 10;
function wholeScores(of: ScoreReport['of'], scale: number | null): number[] {
  if (scale === null || scale > DRAWN_SCALE) return [];
  const lowest = of === 'nps' ? 0 : 1;
  return Array.from({ length: Math.max(0, Math.floor(scale) - lowest + 1) }, (_, n) => lowest + n);
}

const ofSeries = ({ value, rest }: ScoreSeries): ScorePart => (value === null && !rest ? {} : { value });

export function scorePictures(report: ScoreReport, result: ScoreResult, view: View, saying: Saying): Picture[] {
  const { t } = saying;
  const { of } = report;
  const name = t(`scores.of.${of}`);
  // With a breakdown its values are compared, all together stand first.
  const shown = result.series.map((one, at) => ({ one, at, name: seriesName(report, one, saying) }));
  if (view === 'total') {
    const items = shown.flatMap(({ one, at, name: label }) =>
      one.total
        ? [
            {
              ...{ id: String(at), label, slot: at, value: drawn(of, one.total.value) },
              ...{ low: drawn(of, one.total.low), high: drawn(of, one.total.high) },
            },
          ]
        : [],
    );
    const names = { item: t('reports.series'), value: name };
    return [
      {
        key: 'total',
        name,
        of: { kind: 'estimates', items, unit: UNITS[of], level: 0.95, names },
        part: ({ item }) => {
          const one = result.series[Number(item ?? -1)];
          return one ? ofSeries(one) : null;
        },
      },
    ];
  }
  if (view === 'histogram') {
    const given = result.series.flatMap((one) => one.distribution.map(({ score }) => score));
    // What nobody gave has its place too, or its neighbours would look next to each other.
    const scores = [...new Set([...given, ...wholeScores(of, result.scale)])].sort((a, b) => a - b);
    return [
      {
        key: 'distribution',
        name: t('scores.distribution'),
        of: {
          kind: 'bars',
          direction: 'up',
          histogram: shown.length === 1,
          categories: scores.map((score) => ({ id: String(score), label: formatNumber(score) })),
          series: shown.map(({ one, at, name: label }) => ({
            ...{ id: String(at), name: label, slot: at, ...(one.rest ? { other: true } : {}) },
            values: scores.map((score) => one.distribution.find((each) => each.score === score)?.times ?? 0),
          })),
          unit: { kind: 'number' },
        },
        part: ({ series, index }) => {
          const one = result.series[Number(series ?? 0)];
          const score = scores[index ?? -1];
          return one && score !== undefined ? { ...ofSeries(one), from: score, to: score } : null;
        },
      },
    ];
  }
  return [
    {
      key: 'score',
      name,
      of: {
        kind: 'time',
        shape: 'line',
        points: result.buckets.map(({ from, label }) => ({ at: from, label: bucketName(label, report.interval, t) })),
        series: shown.map(({ one, at, name: label }) => ({
          ...{ id: String(at), name: label, slot: at, ...(one.rest ? { other: true } : {}) },
          values: one.points.map((point) => (point ? drawn(of, point.value) : null)),
        })),
        unit: UNITS[of],
        partial: result.buckets.at(-1)?.partial ?? false,
      },
      part: ({ series, index }) => {
        const one = result.series[Number(series ?? 0)];
        const bucket = result.buckets[index ?? -1];
        return one && bucket ? { ...ofSeries(one), bucket: bucket.from } : null;
      },
    },
  ];
}

export function scoreSummary(report: ScoreReport, result: ScoreResult, saying: Saying): Summary {
  const { t } = saying;
  const asked = result.series.some((one) => one.responses);
  const count = (value: number | undefined) => (value === undefined ? '–' : formatNumber(value));
  return {
    first: t('reports.series'),
    columns: [
      t(`scores.of.${report.of}`),
      t('scores.interval'),
      t('scores.answers'),
      ...(asked ? [t('scores.shown'), t('scores.responseRate')] : []),
    ],
    rows: result.series.map((one, at) => ({
      key: String(at),
      name: seriesName(report, one, saying),
      slot: one.rest ? null : at,
      cells: [
        { text: scoreText(report.of, one.total?.value) },
        { text: intervalText(report.of, one.total) },
        { text: count(one.total?.answers), part: ofSeries(one) },
        ...(asked
          ? [
              { text: count(one.responses?.shown) },
              {
                text: one.responses?.rate
                  ? formatNumber(one.responses.rate.value, { style: 'percent', maximumFractionDigits: 0 })
                  : '–',
              },
            ]
          : []),
      ],
    })),
  };
}

export function scorePart(report: ScoreReport, part: Partial<ScorePart>, saying: Omit<Saying, 'meta'>): PartWords {
  const { t } = saying;
  const whose =
    part.value === undefined
      ? t('scores.all')
      : seriesName(report, { value: part.value, rest: part.value === null }, saying);
  const bucket = part.bucket ? bucketName(localLabel(part.bucket, report.zone), report.interval, t) : '';
  const scores =
    part.from === undefined
      ? ''
      : part.from === part.to
        ? t('scores.gave', { score: formatNumber(part.from) })
        : t('scores.gaveBetween', { from: formatNumber(part.from), to: formatNumber(part.to ?? part.from) });
  return { title: whose, sub: [bucket, scores].filter(Boolean).join(' · ') };
}
