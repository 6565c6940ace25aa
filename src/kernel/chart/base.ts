import type { EChartsCoreOption } from 'echarts/core';
import { escapeHtml } from '../html.ts';
import type { Mark, Series } from './spec.ts';
import { type ChartTheme, type ChartWords, roundOf, seriesColour } from './theme.ts';

export type Options = EChartsCoreOption;

/** How a spec is drawn this time. */
export interface Drawing {
  theme: ChartTheme;
  words: ChartWords;
  /** Pixels of the whole. */
  width: number;
  height: number;
  /** Ids of series that the reader has put aside; they keep their places in the palette. */
  hidden?: ReadonlySet<string>;
  /** A picture on its own: with its legend, without what moves or answers. */
  picture?: boolean;
}

const NAME_CHARS = 42;
const MARK_CHARS = 24;
/** The second part of a name in ECharts: of a series that is drawn by two. No id that comes from outside has it. */
export const PARTIAL = '\u0000partial';
export const DROPPED = '\u0000dropped';

/** A name on one line: no line breaks, no marks that turn the text around it, at most so many characters. */
export function oneLine(text: string, most = NAME_CHARS): string {
  const line = text
    .replace(/[\u202A-\u202E\u2066-\u2069]/g, '')
    .replaceAll('\0', '')
    .replace(/\s+/g, ' ')
    .trim();
  const chars = [...line];
  return chars.length > most ? `${chars.slice(0, most - 1).join('')}…` : line;
}

const STROKES = ['solid', [6, 3], [2, 3]] as const;

export interface Look {
  colour: string;
  stroke: 'solid' | readonly number[];
  /** 0…1 */
  opacity: number;
  decal: object | null;
  faded: boolean;
}

const HATCH = { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4 };
const PATTERNS = [
  null,
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [3, 5], rotation: Math.PI / 4 },
  {
    symbol: 'circle',
    dashArrayX: [
      [6, 6],
      [0, 6, 6, 0],
    ],
    dashArrayY: [6, 0],
    symbolSize: 0.7,
  },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 6], rotation: 0 },
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 6], rotation: Math.PI / 2 },
  {
    symbol: 'triangle',
    dashArrayX: [
      [8, 8],
      [0, 8, 8, 0],
    ],
    dashArrayY: [8, 0],
    symbolSize: 0.8,
  },
  { symbol: 'rect', dashArrayX: [4, 4], dashArrayY: [4, 4], rotation: Math.PI / 4 },
  {
    symbol: 'diamond',
    dashArrayX: [
      [8, 8],
      [0, 8, 8, 0],
    ],
    dashArrayY: [8, 0],
    symbolSize: 0.8,
  },
];

/** Lines across a bar of a period that is not over. */
export const hatch = (theme: ChartTheme) => ({ ...HATCH, color: theme.surface });

/** How each series looks, by its id; the place in the palette does not change when others are put aside. */
export function looksOf(series: Omit<Series, 'values'>[], theme: ChartTheme): Map<string, Look> {
  const slots = new Map(series.map((one, index) => [one.id, one.slot ?? index]));
  return new Map(
    series.map((one) => {
      const slot = slots.get(one.comparesTo ?? one.id) ?? slots.get(one.id)!;
      const faded = one.comparesTo !== undefined;
      const round = roundOf(slot);
      const pattern = theme.patterns ? PATTERNS[slot % PATTERNS.length] : round > 0 ? PATTERNS[round] : null;
      return [
        one.id,
        {
          colour: one.other ? theme.other : seriesColour(theme, slot),
          stroke: faded ? [5, 4] : one.other ? 'solid' : STROKES[theme.patterns ? slot % 3 : round]!,
          opacity: faded ? 0.5 : 1,
          decal: pattern && !one.other ? { ...pattern, color: theme.surface } : null,
          faded,
        },
      ];
    }),
  );
}

export function baseOptions({ theme, picture }: Drawing): Options {
  return {
    animation: !theme.still && !picture,
    animationDuration: 250,
    animationDurationUpdate: 250,
    // Written into attributes as it is: with double quotes the document would not be one.
    textStyle: { fontFamily: theme.font.replaceAll('"', "'"), color: theme.ink, fontSize: 12 },
    ...(picture ? { backgroundColor: theme.surface } : {}),
  };
}

/**
 * The room for axes; `legend` leaves a line for it in pictures. `below`: there are values below zero, where ECharts keeps too
 * little room for the names under them.
 */
export function gridOf(drawing: Drawing, options: { marks?: boolean; legend?: boolean; below?: boolean } = {}): object {
  const edge = drawing.picture ? 16 : 0;
  return {
    top: (options.marks ? 26 : 10) + edge,
    right: edge + 10,
    bottom: edge + (drawing.picture && options.legend ? 34 : 2) + (options.below ? 6 : 0),
    left: edge + 2,
    outerBoundsMode: 'same',
    outerBoundsContain: 'axisLabel',
  };
}

export function categoryAxis(labels: string[], { theme }: Drawing, gaps: boolean, chars = 24): object {
  const shown = labels.map((label) => oneLine(label, chars));
  return {
    type: 'category',
    data: shown,
    boundaryGap: gaps,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: theme.lineStrong } },
    axisLabel: { color: theme.inkDim, hideOverlap: true, margin: 10 },
  };
}

export function valueAxis({ theme }: Drawing, format: (value: number) => string): object {
  return {
    type: 'value',
    splitNumber: 4,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: theme.inkDim, formatter: format, hideOverlap: true },
    splitLine: { lineStyle: { color: theme.line } },
    axisPointer: { show: false },
  };
}

/** Names and colours under a picture that stands on its own. The console has its own legend, of buttons. */
export function legendOf(series: Omit<Series, 'values'>[], drawing: Drawing): object {
  if (!drawing.picture || series.length < 2) return { show: false };
  const names = new Map(series.map((one) => [one.id, oneLine(one.name, 30)]));
  return {
    show: true,
    type: 'plain',
    bottom: 8,
    left: 'center',
    itemWidth: 14,
    itemHeight: 8,
    textStyle: { color: drawing.theme.inkDim },
    data: series.map((one) => one.id),
    formatter: (id: string) => names.get(id) ?? '',
  };
}

export function markLine(marks: Mark[] | undefined, { theme }: Drawing): object {
  if (!marks?.length) return {};
  return {
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      lineStyle: { color: theme.inkDim, type: [3, 3], width: 1 },
      data: marks.map(({ index, text }) => ({
        xAxis: index,
        label: {
          show: true,
          position: 'end',
          distance: 6,
          formatter: () => oneLine(text, MARK_CHARS),
          color: theme.inkDim,
          fontSize: 11,
        },
      })),
    },
  };
}

export interface TipRow {
  name: string;
  value: string;
  colour?: string;
  faded?: boolean;
}

/** What is shown beside the pointer. ECharts takes HTML: every name and value is escaped here and nowhere else. */
export function tipHtml(title: string, rows: TipRow[]): string {
  const line = ({ name, value, colour, faded }: TipRow) => {
    const dot = colour
      ? `<i class="chart-tip-dot${faded ? ' chart-tip-faded' : ''}" style="background:${escapeHtml(colour)}"></i>`
      : '';
    return `<div class="chart-tip-row">${dot}<span>${escapeHtml(oneLine(name))}</span><b>${escapeHtml(value)}</b></div>`;
  };
  return `<div class="chart-tip-title">${escapeHtml(oneLine(title, 80))}</div>${rows.map(line).join('')}`;
}

/** The frame around it; `axis` follows the pointer along the points. */
export function tooltipOf(
  drawing: Drawing,
  trigger: 'axis' | 'item',
  formatter: (params: TipParams) => string,
): object {
  if (drawing.picture) return { show: false };
  return {
    trigger,
    confine: true,
    className: 'chart-tip',
    renderMode: 'html',
    transitionDuration: 0,
    formatter: (params: unknown) => formatter((Array.isArray(params) ? params[0] : params) as TipParams),
    axisPointer: {
      type: 'line',
      lineStyle: { color: drawing.theme.lineStrong, type: 'solid' },
      label: { show: false },
    },
  };
}

export interface TipParams {
  dataIndex: number;
  dataType?: 'node' | 'edge';
  seriesId: string;
  name: string;
  data: unknown;
}

/** The name of a series; of a comparison that is called the same as what it is compared with, also that it is before. */
export function nameOf(one: Omit<Series, 'values'>, all: Omit<Series, 'values'>[], words: { before: string }): string {
  const same = all.some((other) => other.id === one.comparesTo && other.name === one.name);
  return same ? `${one.name} (${words.before})` : one.name;
}

export const named = <S extends Omit<Series, 'values'>>(all: S[], words: { before: string }): S[] =>
  all.map((one) => ({ ...one, name: nameOf(one, all, words) }));
