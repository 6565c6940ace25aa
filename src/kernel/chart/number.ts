import { baseOptions, type Drawing, type Options, oneLine } from './base.ts';
import type { NumberSpec } from './spec.ts';
import type { ChartTheme, ChartWords } from './theme.ts';

export interface Change {
  direction: 'up' | 'down' | 'same';
  /** Whether that is good; unknown where the spec does not say what is better. */
  good: boolean | null;
  /** `+12.5%`, `−3%`; from nothing it is the difference itself. */
  text: string;
  label: string;
}

/** The change against before: sign, direction and words; nothing where one of the two is not known. */
export function changeOf(of: NumberSpec, words: Pick<ChartWords, 'format'>): Change | null {
  if (of.value === null || !of.before || of.before.value === null) return null;
  const difference = of.value - of.before.value;
  const direction = difference > 0 ? 'up' : difference < 0 ? 'down' : 'same';
  const good = !of.better || direction === 'same' ? null : (direction === 'up') === (of.better === 'more');
  const sign = { up: '+', down: '−', same: '±' }[direction];
  const amount =
    of.before.value === 0
      ? words.format(Math.abs(difference), of.unit)
      : words.format(Math.abs(difference / of.before.value), { kind: 'percent', decimals: 1 });
  return { direction, good, text: `${sign}${amount}`, label: of.before.label };
}

const changeColour = (change: Change, theme: ChartTheme) =>
  change.good === null ? theme.inkDim : change.good ? theme.good : theme.bad;

/** The points of a small line in a box of this size, a part for each run without a gap; the last may be partial. */
export function sparkPaths(
  values: (number | null)[],
  width: number,
  height: number,
  partial: boolean,
): { line: string; dashed: string } {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(0, ...known), Math.max(...known)];
  const at = (index: number, value: number) => {
    const x = values.length > 1 ? (index / (values.length - 1)) * width : width / 2;
    const y = high > low ? height - ((value - low) / (high - low)) * height : height / 2;
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  let line = '';
  const end = partial ? values.length - 1 : values.length;
  for (let index = 0; index < end; index++) {
    const value = values[index];
    if (value == null) continue;
    line += `${values[index - 1] == null ? 'M' : 'L'}${at(index, value)}`;
  }
  const [before, last] = [values.at(-2), values.at(-1)];
  const dashed =
    partial && before != null && last != null ? `M${at(values.length - 2, before)}L${at(values.length - 1, last)}` : '';
  return { line, dashed };
}

/** The number as a picture: value, change, interval and the small line below. */
export function numberOptions(of: NumberSpec, drawing: Drawing): Options {
  const { theme, words, width, height } = drawing;
  const change = changeOf(of, words);
  const text = (y: number, content: string, style: object) => ({
    type: 'text',
    x: 20,
    y,
    silent: true,
    style: { text: content, ...style },
  });
  const interval = of.interval
    ? `${words.interval(of.interval.level)}: ${words.format(of.interval.low, of.unit)} – ${words.format(of.interval.high, of.unit)}`
    : '';
  return {
    ...baseOptions(drawing),
    graphic: [
      text(16, oneLine(of.name), { fill: theme.inkDim, fontSize: 12 }),
      text(36, of.value === null ? '–' : words.format(of.value, of.unit), {
        fill: theme.ink,
        fontSize: 30,
        fontWeight: 600,
      }),
      ...(change
        ? [
            text(76, `${{ up: '↑', down: '↓', same: '→' }[change.direction]} ${change.text} ${oneLine(change.label)}`, {
              fill: changeColour(change, theme),
              fontSize: 12,
            }),
          ]
        : []),
      ...(interval ? [text(94, interval, { fill: theme.inkDim, fontSize: 11 })] : []),
    ],
    ...(of.spark
      ? {
          grid: { left: 20, right: 20, top: Math.min(118, height - 40), bottom: 16 },
          xAxis: { type: 'category', show: false, boundaryGap: false, data: of.spark.labels },
          yAxis: { type: 'value', show: false },
          series: [
            {
              type: 'line',
              symbol: 'none',
              silent: true,
              data: of.spark.values,
              lineStyle: { color: theme.series[0], width: Math.max(1.5, Math.min(2, width / 200)) },
            },
          ],
        }
      : {}),
  };
}
