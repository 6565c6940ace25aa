import type { TrendResult, TrendSeries } from '../../../../../src/core/query/trends/result.ts';
import type { TrendPart } from '../../../../../src/core/query/trends/schema.ts';
import { chartFormat } from '../../../../../src/kernel/chart/format.ts';
import type { Series, Unit } from '../../../../../src/kernel/chart/spec.ts';
import { formatNumber, locale } from '../../../format.ts';
import type { Translate } from '../../../text.tsx';
import { valueName, whatName } from '../parts/words.ts';
import type { TrendReport } from '../report.ts';
import {
  bucketName,
  changeCell,
  letterOf,
  type PartWords,
  type Picture,
  type Saying,
  type Selection,
  type Summary,
  type View,
} from './shape.ts';

const unitOf = (series: TrendSeries): Unit =>
  series.unit === 'money'
    ? series.currency
      ? { kind: 'money', currency: series.currency }
      : { kind: 'number' }
    : { kind: series.unit };

/** What a series of the report itself is called, without values of a breakdown. */
function ownName(report: TrendReport, id: string, { t, choices }: Omit<Saying, 'meta'>): string {
  if (id.startsWith('F')) {
    const formula = report.formulas[Number(id.slice(1)) - 1];
    return formula?.label || formula?.expression || id;
  }
  const series = report.series[id.charCodeAt(0) - 65];
  if (!series) return id;
  return series.label || whatName(series.what, t, choices);
}

function valuesName(report: TrendReport, values: readonly (string | null)[], t: Translate): string {
  if (values.length > 0 && values.every((value) => value === null)) return t('query.otherValues');
  return values.map((value, at) => valueName(value, report.breakdown[at], t)).join(' · ');
}

function nameOf(report: TrendReport, series: TrendSeries, saying: Saying, many: boolean): string {
  const own = ownName(report, series.id, saying);
  const values = valuesName(report, series.breakdown, saying.t);
  const money = series.currency && many ? ` (${series.currency})` : '';
  if (series.breakdown.length === 0) return `${own}${money}`;
  return `${report.series.length + report.formulas.length > 1 ? `${own}: ` : ''}${values}${money}`;
}

const isRest = (series: TrendSeries) =>
  series.breakdown.length > 0 && series.breakdown.every((value) => value === null);

interface Named {
  series: TrendSeries;
  /** Its place in the result: its id in the pictures. */
  at: number;
  name: string;
}

function named(report: TrendReport, result: TrendResult, saying: Saying): Named[] {
  const several = new Set(result.series.map((one) => one.currency).filter(Boolean)).size > 1;
  return result.series.map((series, at) => ({ series, at, name: nameOf(report, series, saying, several) }));
}

/** What is behind a whole series or one point of it; nothing behind a formula, which is of several. */
function partOf(series: TrendSeries, more: Partial<TrendPart> = {}): Partial<TrendPart> | null {
  if (series.id.startsWith('F')) return null;
  return {
    series: series.id,
    ...(series.breakdown.length > 0 ? { breakdown: series.breakdown } : {}),
    ...(series.currency ? { currency: series.currency } : {}),
    ...more,
  };
}

export function trendPictures(report: TrendReport, result: TrendResult, view: View, saying: Saying): Picture[] {
  const { t } = saying;
  const all = named(report, result, saying);
  // One picture has one unit.
  const groups = Map.groupBy(all, ({ series }) => JSON.stringify(unitOf(series)));
  return [...groups].map(([key, members]) => {
    const unit = unitOf(members[0]!.series);
    const own = new Set(members.map((one) => ownName(report, one.series.id, saying)));
    const name = members.length === 1 ? members[0]!.name : [...own].join(', ');
    const compared = (one: Named) => ({ ...one, name: t('reports.before', { name: one.name }) });
    const asSeries = (values: (one: Named) => (number | null)[]): Series[] =>
      members.map((one) => ({
        id: String(one.at),
        name: one.name,
        values: values(one),
        slot: one.at,
        ...(isRest(one.series) ? { other: true } : {}),
      }));
    const at = (selected: Selection) => result.series[Number((selected.series ?? '').replace(/b$/, ''))];
    const whole = (series: TrendSeries | undefined) => (series ? partOf(series) : null);

    if (result.bins) {
      const bins = result.bins;
      return {
        key,
        name,
        of: {
          kind: 'bars',
          direction: 'up',
          histogram: true,
          categories: bins.map((bin) => ({ id: String(bin.from), label: binName(bin, t) })),
          series: asSeries((one) => one.series.values),
          unit,
        },
        part: (selected) => {
          const series = at(selected);
          const bin = bins[selected.index ?? -1];
          return series && bin ? partOf(series, { bin: bin.from }) : null;
        },
      } satisfies Picture;
    }
    if (view === 'map') {
      const field = report.breakdown[0];
      return {
        key,
        name,
        of: {
          kind: 'map',
          countries: members.flatMap(({ series }) => {
            const code = series.breakdown[0];
            return code && series.total !== null
              ? [{ code: code.toUpperCase(), label: valueName(code, field, t), value: series.total }]
              : [];
          }),
          unit,
          names: { country: t('query.field.event.country'), value: ownName(report, members[0]!.series.id, saying) },
        },
        part: (selected) =>
          whole(members.find(({ series }) => series.breakdown[0]?.toUpperCase() === selected.item)?.series),
      } satisfies Picture;
    }
    if (view === 'number' || view === 'total') {
      const [only] = members;
      if (view === 'number' && members.length === 1 && only) {
        const { values, total, before } = only.series;
        return {
          key,
          name,
          of: {
            kind: 'number',
            value: total,
            unit,
            name: only.name,
            ...(before
              ? {
                  before: {
                    value: before.total,
                    label: t(report.compare === 'year' ? 'reports.thanYear' : 'reports.thanPeriod'),
                  },
                }
              : {}),
            spark: {
              labels: result.buckets.map((bucket) => bucketName(bucket.label, report.interval, t)),
              values,
              partial: result.buckets.at(-1)?.partial ?? false,
            },
          },
          part: () => whole(only.series),
        } satisfies Picture;
      }
      return {
        key,
        name,
        of: {
          kind: 'bars',
          direction: 'across',
          categories: members.map((one) => ({ id: String(one.at), label: one.name })),
          series: [
            { id: 'now', name: t('reports.total'), values: members.map(({ series }) => series.total) },
            ...(members.some(({ series }) => series.before)
              ? [
                  {
                    id: 'before',
                    name: comparedWith(report, t),
                    values: members.map(({ series }) => series.before?.total ?? null),
                    comparesTo: 'now',
                  },
                ]
              : []),
          ],
          unit,
        },
        part: (selected) => {
          const series = result.series[Number(selected.item)];
          return series ? partOf(series, selected.series === 'before' ? { before: true } : {}) : null;
        },
      } satisfies Picture;
    }
    return {
      key,
      name,
      of: {
        kind: 'time',
        shape: view === 'area' || view === 'bar' || view === 'stacked' ? view : 'line',
        points: result.buckets.map((bucket) => ({
          at: bucket.from,
          label: bucketName(bucket.label, report.interval, t),
        })),
        series: [
          ...asSeries((one) => one.series.values),
          ...(view === 'area' || view === 'stacked' ? [] : members).flatMap((one) =>
            one.series.before
              ? [
                  {
                    id: `${one.at}b`,
                    name: compared(one).name,
                    values: one.series.before.values,
                    slot: one.at,
                    comparesTo: String(one.at),
                  },
                ]
              : [],
          ),
        ],
        unit,
        partial: result.buckets.at(-1)?.partial ?? false,
      },
      part: (selected) => {
        const series = at(selected);
        const before = selected.series?.endsWith('b') ?? false;
        const bucket = (before ? result.bucketsBefore : result.buckets)?.[selected.index ?? -1];
        return series && bucket ? partOf(series, { bucket: bucket.from, ...(before ? { before: true } : {}) }) : null;
      },
    } satisfies Picture;
  });
}

const binName = ({ from, to }: { from: number; to: number | null }, t: Translate): string =>
  to === null
    ? t('reports.binFrom', { from: formatNumber(from) })
    : from === to
      ? t('reports.binTimes', { count: from })
      : t('reports.binRange', { from: formatNumber(from), to: formatNumber(to) });

const comparedWith = (report: TrendReport, t: Translate): string =>
  t(report.compare === 'year' ? 'reports.theYearBefore' : 'reports.thePeriodBefore');

export function trendSummary(report: TrendReport, result: TrendResult, saying: Saying): Summary {
  const { t } = saying;
  const write = chartFormat(locale());
  const compares = result.series.some((one) => one.before);
  if (result.bins) {
    const all = named(report, result, saying);
    return {
      first: t('reports.howOften'),
      columns: all.map((one) => one.name),
      rows: result.bins.map((bin, at) => ({
        key: String(bin.from),
        name: binName(bin, t),
        slot: null,
        cells: all.map(({ series }) => ({
          text: formatNumber(series.values[at] ?? 0),
          part: partOf(series, { bin: bin.from }),
        })),
      })),
    };
  }
  return {
    first: t('reports.series'),
    columns: [
      t('reports.total'),
      t(`reports.perInterval.${report.interval}`),
      ...(compares ? [comparedWith(report, t), t('reports.change')] : []),
    ],
    rows: named(report, result, saying).map(({ series, at, name }) => {
      const unit = unitOf(series);
      const say = (value: number | null) => (value === null ? '–' : write(value, unit));
      // A period under way would make the average too small.
      const whole = series.values.filter((value, index) => value !== null && !result.buckets[index]?.partial);
      const average = whole.length > 0 ? whole.reduce((sum: number, value) => sum + value!, 0) / whole.length : null;
      return {
        key: String(at),
        name,
        slot: isRest(series) ? null : at,
        cells: [
          { text: say(series.total), part: partOf(series) },
          { text: say(average) },
          ...(compares
            ? [
                {
                  text: say(series.before?.total ?? null),
                  part: series.before ? partOf(series, { before: true }) : null,
                },
                changeCell(series.total, series.before?.total ?? null),
              ]
            : []),
        ],
      };
    }),
  };
}

/** What the people behind a part did. */
export function trendPart(report: TrendReport, part: Partial<TrendPart>, saying: Omit<Saying, 'meta'>): PartWords {
  const { t } = saying;
  const values = part.breakdown ? valuesName(report, part.breakdown, t) : '';
  const zone = report.zone;
  const bucket = part.bucket
    ? bucketName(localLabel(part.bucket, zone), report.interval, t)
    : part.before
      ? comparedWith(report, t)
      : '';
  const own = ownName(report, part.series ?? letterOf(0), saying);
  const bin = part.bin === undefined ? '' : t('reports.binAtLeast', { count: part.bin });
  return {
    title: [own, values].filter(Boolean).join(': '),
    sub: [bucket, bin, part.currency].filter(Boolean).join(' · '),
  };
}

/** A moment as the zone's clocks show it, in the form of a bucket's label. */
export function localLabel(iso: string, zone: string | undefined): string {
  const parts = new Intl.DateTimeFormat('en-CA-u-nu-latn', {
    ...(zone ? { timeZone: zone } : {}),
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(new Date(iso));
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}`;
}
