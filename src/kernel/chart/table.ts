import { csvCell } from '../csv-cell.ts';
import { nameOf } from './base.ts';
import { plainValue, unitName } from './format.ts';
import type { ChartSpec, FunnelSpec, RetentionSpec, Selection, Series, Unit } from './spec.ts';
import type { ChartWords } from './theme.ts';

export interface ChartCell {
  /** A name, a number in the column's unit, or nothing. */
  value: string | number | null;
  /** What is behind it, as a click on the picture would say. */
  pick?: Selection;
}

/** The same as the picture, in rows. The first column names the row. */
export interface ChartTable {
  columns: { name: string; unit?: Unit }[];
  rows: ChartCell[][];
}

type Words = Omit<ChartWords, 'format'>;

const text = (value: string): ChartCell => ({ value });
const cell = (value: number | null | undefined, pick?: Selection): ChartCell => ({
  value: value ?? null,
  ...(pick ? { pick } : {}),
});

/** Points, bars and lines: a row for each of them, a column for each series. */
function seriesTable(
  of: { kind: 'time' | 'bars'; series: Series[]; unit: Unit },
  items: { id: string; label: string }[],
  first: string,
  words: Words,
): ChartTable {
  return {
    columns: [{ name: first }, ...of.series.map((one) => ({ name: nameOf(one, of.series, words), unit: of.unit }))],
    rows: items.map((item, index) => [
      text(item.label),
      ...of.series.map((one) => cell(one.values[index], { kind: of.kind, series: one.id, index, item: item.id })),
    ]),
  };
}

function funnelTable(of: FunnelSpec, words: Words): ChartTable {
  const many = of.series.length > 1;
  const percent: Unit = { kind: 'percent' };
  return {
    columns: [
      { name: words.step },
      ...of.series.flatMap((one) => [
        { name: many ? `${one.name}: ${words.reached}` : words.reached, unit: of.unit },
        { name: many ? `${one.name}: ${words.dropped}` : words.dropped, unit: of.unit },
        { name: many ? `${one.name}: ${words.fromBefore}` : words.fromBefore, unit: percent },
        { name: many ? `${one.name}: ${words.fromStart}` : words.fromStart, unit: percent },
      ]),
      ...(of.times ? [{ name: words.medianTime, unit: { kind: 'duration' } as const }] : []),
    ],
    rows: of.steps.map((step, index) => [
      text(step.label),
      ...of.series.flatMap((one) => {
        const pick = { kind: 'funnel' as const, series: one.id, index, item: step.id };
        const [start, before, now] = [one.values[0], one.values[index - 1], one.values[index]];
        const dropped = index > 0 && before != null && now != null ? before - now : null;
        return [
          cell(now, { ...pick, part: 'reached' }),
          dropped === null ? cell(null) : cell(dropped, { ...pick, part: 'dropped' }),
          cell(index > 0 ? share(now, before) : null),
          cell(share(now, start)),
        ];
      }),
      ...(of.times ? [cell(of.times[index])] : []),
    ]),
  };
}

/** A part of a whole; nothing where there is no whole. */
export function share(part: number | null | undefined, whole: number | null | undefined): number | null {
  return part == null || !whole ? null : part / whole;
}

function retentionTable(of: RetentionSpec): ChartTable {
  const sized = of.rows.some((row) => row.size !== undefined);
  return {
    columns: [
      { name: of.names.row },
      ...(sized ? [{ name: of.names.size, unit: { kind: 'number' } as const }] : []),
      ...of.periods.map((name) => ({ name, unit: of.unit })),
    ],
    rows: of.rows.map((row) => [
      text(row.label),
      ...(sized ? [cell(row.size)] : []),
      ...of.periods.map((_, index) => cell(row.values[index], { kind: 'retention', series: row.id, index })),
    ]),
  };
}

/** The table behind a chart: for screen readers, for whoever asks for it, and for its file. */
export function tableOf(of: ChartSpec, words: Words): ChartTable {
  switch (of.kind) {
    case 'time':
      return seriesTable(
        of,
        of.points.map((point, index) => ({
          id: point.at,
          label: of.partial && index === of.points.length - 1 ? `${point.label} (${words.partial})` : point.label,
        })),
        words.period,
        words,
      );
    case 'bars':
      return seriesTable(of, of.categories, words.series, words);
    case 'funnel':
      return funnelTable(of, words);
    case 'retention':
      return retentionTable(of);
    case 'grid':
      return {
        columns: [{ name: of.names.row }, ...of.columns.map((name) => ({ name, unit: of.unit }))],
        rows: of.rows.map((row) => [
          text(row.label),
          ...of.columns.map((_, index) => cell(row.values[index], { kind: 'grid', item: row.id, index })),
        ]),
      };
    case 'flow': {
      const labels = new Map(of.nodes.map((node) => [node.id, node.label]));
      return {
        columns: [{ name: of.names.from }, { name: of.names.to }, { name: of.names.value, unit: of.unit }],
        rows: of.links.map(({ from, to, value }) => [
          text(labels.get(from) ?? from),
          text(labels.get(to) ?? to),
          cell(value, { kind: 'flow', link: { from, to } }),
        ]),
      };
    }
    case 'map':
      return {
        columns: [{ name: of.names.country }, { name: of.names.value, unit: of.unit }],
        rows: of.countries
          .toSorted((a, b) => b.value - a.value)
          .map(({ code, label, value }) => [text(label), cell(value, { kind: 'map', item: code })]),
      };
    case 'number':
      return {
        columns: [{ name: words.series }, { name: words.value, unit: of.unit }],
        rows: [
          [text(of.name), cell(of.value, { kind: 'number' })],
          ...(of.interval
            ? [
                [text(words.low), cell(of.interval.low)],
                [text(words.high), cell(of.interval.high)],
              ]
            : []),
          ...(of.before ? [[text(words.before), cell(of.before.value)]] : []),
          ...(of.spark?.labels.map((label, index) => [text(label), cell(of.spark?.values[index])]) ?? []),
        ],
      };
    case 'estimates':
      return {
        columns: [
          { name: of.names.item },
          { name: of.names.value, unit: of.unit },
          { name: words.low, unit: of.unit },
          { name: words.high, unit: of.unit },
        ],
        rows: of.items.map((item, index) => [
          text(item.label),
          cell(item.value, { kind: 'estimates', index, item: item.id }),
          cell(item.low),
          cell(item.high),
        ]),
      };
    case 'scatter':
      return {
        columns: [
          { name: words.series },
          { name: of.x.name, unit: of.x.unit },
          { name: of.y.name, unit: of.y.unit },
          ...(of.series.some((one) => one.points.some((point) => point.low !== undefined))
            ? [
                { name: words.low, unit: of.y.unit },
                { name: words.high, unit: of.y.unit },
              ]
            : []),
        ],
        rows: of.series.flatMap((one) => {
          const intervals = of.series.some((other) => other.points.some((point) => point.low !== undefined));
          return one.points.map((point, index) => [
            text(of.series.length > 1 ? `${one.name}: ${point.label}` : point.label),
            cell(point.x, { kind: 'scatter', series: one.id, index, item: point.id }),
            cell(point.y),
            ...(intervals ? [cell(point.low), cell(point.high)] : []),
          ]);
        }),
      };
    case 'overlap': {
      const labels = new Map(of.sets.map((set) => [set.id, set.label]));
      return {
        columns: [{ name: of.names.sets }, { name: of.names.size, unit: of.unit }],
        rows: [
          ...of.sets.map((set) => [text(set.label), cell(set.size, { kind: 'overlap', item: set.id })]),
          ...of.intersections.map(({ among, size }, index) => [
            text(among.map((id) => labels.get(id) ?? id).join(' ∩ ')),
            cell(size, { kind: 'overlap', sets: among, index }),
          ]),
        ],
      };
    }
  }
}

/** True where there is nothing to draw: no rows, or not one known value. */
export function isEmpty(of: ChartSpec): boolean {
  const none = (values: (number | null | undefined)[]) => values.every((value) => value == null);
  switch (of.kind) {
    case 'time':
      return of.points.length === 0 || of.series.every((one) => none(one.values));
    case 'bars':
      return of.categories.length === 0 || of.series.every((one) => none(one.values));
    case 'funnel':
      return of.steps.length === 0 || of.series.every((one) => one.values.every((value) => !value));
    case 'retention':
    case 'grid':
      return of.rows.every((row) => none(row.values));
    case 'flow':
      return of.links.length === 0;
    case 'map':
      return of.countries.length === 0;
    case 'number':
      return of.value === null;
    case 'estimates':
      return of.items.length === 0;
    case 'scatter':
      return of.series.every((one) => one.points.length === 0);
    case 'overlap':
      return of.sets.length === 0;
  }
}

const BYTE_ORDER_MARK = '\uFEFF';

/** The table as a file. Numbers are bare, amounts in major units; the unit stands in the column's name. */
export function chartCsv(table: ChartTable): string {
  const head = table.columns.map(({ name, unit }) =>
    csvCell(unit && unitName(unit) ? `${name} [${unitName(unit)}]` : name),
  );
  const lines = table.rows.map((row) =>
    row.map(({ value }, at) => {
      const unit = table.columns[at]?.unit;
      return csvCell(typeof value === 'number' && unit ? plainValue(value, unit) : value);
    }),
  );
  return `${BYTE_ORDER_MARK}${[head, ...lines].map((cells) => `${cells.join(',')}\r\n`).join('')}`;
}
