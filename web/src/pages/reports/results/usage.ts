import type { EngagementResult } from '../../../../../src/core/query/usage/engagement.ts';
import type { LifecycleResult } from '../../../../../src/core/query/usage/lifecycle.ts';
import type { EngagementPart, LifecyclePart, StickinessPart } from '../../../../../src/core/query/usage/schema.ts';
import type { StickinessResult } from '../../../../../src/core/query/usage/stickiness.ts';
import { formatNumber } from '../../../format.ts';
import type { EngagementReport, LifecycleReport, StickinessReport } from '../report.ts';
import { bucketName, type PartWords, type Picture, type Saying, type Summary, type View } from './shape.ts';
import { localLabel } from './trend.ts';

const STATUSES = ['new', 'returning', 'resurrecting', 'dormant'] as const;
const ACTIVE = ['day', 'week', 'month'] as const;
const RATIOS = ['dayOfMonth', 'dayOfWeek', 'weekOfMonth'] as const;

const percent = (value: number | null) =>
  value === null ? '–' : formatNumber(value, { style: 'percent', maximumFractionDigits: 1 });
const count = (value: number | null) =>
  value === null ? '–' : formatNumber(value, { maximumFractionDigits: value < 100 ? 1 : 0 });

export function lifecyclePictures(
  report: LifecycleReport,
  result: LifecycleResult,
  view: View,
  { t }: Saying,
): Picture[] {
  const stacked = view === 'stacked';
  return [
    {
      key: 'lifecycle',
      name: t('reports.kind.lifecycle'),
      of: {
        kind: 'time',
        shape: stacked ? 'stacked' : 'line',
        points: result.buckets.map(({ from, label }) => ({ at: from, label: bucketName(label, report.interval, t) })),
        series: STATUSES.map((status, slot) => ({
          id: status,
          name: t(`reports.status.${status}`),
          // Those who stayed away stand below the line of those who came.
          values: result[status].map((value) => (value !== null && stacked && status === 'dormant' ? -value : value)),
          slot,
        })),
        unit: { kind: 'number' },
        partial: result.buckets.at(-1)?.partial ?? false,
      },
      part: ({ series, index }) => {
        const bucket = result.buckets[index ?? -1];
        const status = STATUSES.find((one) => one === series);
        return bucket && status ? ({ bucket: bucket.from, status } satisfies LifecyclePart) : null;
      },
    },
  ];
}

export function lifecycleSummary(report: LifecycleReport, result: LifecycleResult, { t }: Saying): Summary {
  return {
    first: t('reports.period'),
    columns: STATUSES.map((status) => t(`reports.status.${status}`)),
    rows: result.buckets
      .map((bucket, at) => ({
        key: bucket.from,
        name: bucketName(bucket.label, report.interval, t) + (bucket.partial ? ` (${t('reports.partial')})` : ''),
        slot: null,
        cells: STATUSES.map((status) => ({
          text: count(result[status][at] ?? null),
          part: { bucket: bucket.from, status } satisfies LifecyclePart,
        })),
      }))
      .reverse(),
  };
}

export function lifecyclePart(
  report: LifecycleReport,
  part: Partial<LifecyclePart>,
  { t }: Pick<Saying, 't'>,
): PartWords {
  return {
    title: t(`reports.status.${part.status ?? 'new'}`),
    sub: part.bucket ? bucketName(localLabel(part.bucket, report.zone), report.interval, t) : '',
  };
}

export function stickinessPictures(
  report: StickinessReport,
  result: StickinessResult,
  _: View,
  { t }: Saying,
): Picture[] {
  return [
    {
      key: 'stickiness',
      name: t('reports.kind.stickiness'),
      of: {
        kind: 'bars',
        direction: 'up',
        histogram: true,
        categories: result.people.map((__, at) => ({
          id: String(at + 1),
          label: t(`reports.onIntervals.${report.interval}`, { count: at + 1 }),
        })),
        series: [{ id: 'people', name: t('reports.people'), values: result.people }],
        unit: { kind: 'number' },
      },
      part: ({ index }) =>
        index === undefined ? null : ({ intervals: index + 1, atLeast: false } satisfies StickinessPart),
    },
  ];
}

export function stickinessSummary(report: StickinessReport, result: StickinessResult, { t }: Saying): Summary {
  let atLeast = result.total;
  return {
    first: t('reports.howOften'),
    columns: [t('reports.people'), t('reports.share'), t('reports.atLeastSo')],
    rows: result.people.map((people, at) => {
      const more = atLeast;
      atLeast -= people;
      return {
        key: String(at),
        name: t(`reports.onIntervals.${report.interval}`, { count: at + 1 }),
        slot: null,
        cells: [
          { text: count(people), part: { intervals: at + 1, atLeast: false } satisfies StickinessPart },
          { text: percent(result.total > 0 ? people / result.total : null) },
          { text: count(more), part: { intervals: at + 1, atLeast: true } satisfies StickinessPart },
        ],
      };
    }),
  };
}

export function stickinessPart(
  report: StickinessReport,
  part: Partial<StickinessPart>,
  { t }: Pick<Saying, 't'>,
): PartWords {
  return {
    title: t(`reports.onIntervals.${report.interval}`, { count: part.intervals ?? 1 }),
    sub: part.atLeast ? t('reports.atLeastSo') : '',
  };
}

export function engagementPictures(_: EngagementReport, result: EngagementResult, __: View, { t }: Saying): Picture[] {
  const points = result.buckets.map(({ from, label }) => ({ at: from, label: bucketName(label, 'day', t) }));
  const partial = result.buckets.at(-1)?.partial ?? false;
  return [
    {
      key: 'active',
      name: t('reports.activePeople'),
      of: {
        kind: 'time',
        shape: 'line',
        points,
        series: ACTIVE.map((of, slot) => ({ id: of, name: t(`reports.active.${of}`), values: result[of], slot })),
        unit: { kind: 'number' },
        partial,
      },
      part: ({ series, index }) => {
        const bucket = result.buckets[index ?? -1];
        const of = ACTIVE.find((one) => one === series);
        return bucket && of ? ({ bucket: bucket.from, of } satisfies EngagementPart) : null;
      },
    },
    {
      key: 'ratios',
      name: t('reports.howOftenActive'),
      of: {
        kind: 'time',
        shape: 'line',
        points,
        series: RATIOS.map((of, slot) => ({
          id: of,
          name: t(`reports.ratio.${of}`),
          values: result[of],
          slot: slot + 3,
        })),
        unit: { kind: 'percent' },
        partial,
      },
      part: () => null,
    },
  ];
}

export function engagementSummary(_: EngagementReport, { mean }: EngagementResult, { t }: Saying): Summary {
  return {
    first: t('reports.onAverage'),
    columns: [t('reports.aDay')],
    rows: [
      ...ACTIVE.map((of) => ({
        key: of,
        name: t(`reports.active.${of}`),
        slot: null,
        cells: [{ text: count(mean[of]) }],
      })),
      ...RATIOS.map((of) => ({
        key: of,
        name: t(`reports.ratio.${of}`),
        slot: null,
        cells: [{ text: percent(mean[of]) }],
      })),
    ],
  };
}

export function engagementPart(
  report: EngagementReport,
  part: Partial<EngagementPart>,
  { t }: Pick<Saying, 't'>,
): PartWords {
  return {
    title: t(`reports.active.${part.of ?? 'day'}`),
    sub: part.bucket ? bucketName(localLabel(part.bucket, report.zone), 'day', t) : '',
  };
}
