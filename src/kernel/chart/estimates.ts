import {
  baseOptions,
  categoryAxis,
  type Drawing,
  gridOf,
  legendOf,
  looksOf,
  type Options,
  oneLine,
  tipHtml,
  tooltipOf,
  valueAxis,
} from './base.ts';
import type { EstimatesSpec, ScatterSpec } from './spec.ts';
import { seriesColour } from './theme.ts';

const CAP = 4;

interface Api {
  value: (at: number) => number;
  coord: (point: [number, number]) => [number, number];
}

/** A line from low to high with a cap at each end. Values of an item: position, low, high. */
function whiskers(id: string, data: number[][], colours: string[], across: boolean): object {
  return {
    type: 'custom',
    id,
    silent: true,
    z: 1,
    encode: across ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] },
    data,
    renderItem: ({ dataIndex }: { dataIndex: number }, api: Api) => {
      const at = (value: number): [number, number] => api.coord(across ? [value, api.value(0)] : [api.value(0), value]);
      const [[x1, y1], [x2, y2]] = [at(api.value(1)), at(api.value(2))];
      const style = { stroke: colours[dataIndex], lineWidth: 2, fill: 'none' };
      const line = (from: [number, number], to: [number, number]) => ({
        type: 'line',
        shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] },
        style,
      });
      const cap = (x: number, y: number) =>
        across ? line([x, y - CAP], [x, y + CAP]) : line([x - CAP, y], [x + CAP, y]);
      return { type: 'group', children: [line([x1, y1], [x2, y2]), cap(x1, y1), cap(x2, y2)] };
    },
  };
}

/** One estimate a line: a dot and its interval, against the line of no difference. */
export function estimatesOptions(of: EstimatesSpec, drawing: Drawing): Options {
  const { theme, words } = drawing;
  const colours = of.items.map((item) => seriesColour(theme, item.slot ?? 0));
  const rtl = theme.direction === 'rtl';
  return {
    ...baseOptions(drawing),
    grid: gridOf(drawing),
    yAxis: {
      ...categoryAxis(
        of.items.map((item) => item.label),
        drawing,
        true,
        30,
      ),
      inverse: true,
      axisLine: { show: false },
      ...(rtl ? { position: 'right' } : {}),
    },
    xAxis: {
      ...valueAxis(drawing, (value) => words.format(value, of.unit, true)),
      scale: of.reference === undefined,
      inverse: rtl,
    },
    tooltip: tooltipOf(drawing, 'item', ({ dataIndex }) => {
      const item = of.items[dataIndex];
      if (!item) return '';
      const range = `${words.format(item.low, of.unit)} – ${words.format(item.high, of.unit)}`;
      return tipHtml(item.label, [
        { name: of.names.value, value: words.format(item.value, of.unit), colour: colours[dataIndex]! },
        { name: words.interval(of.level), value: range },
      ]);
    }),
    series: [
      whiskers(
        'intervals',
        of.items.map((item, index) => [index, item.low, item.high]),
        colours,
        true,
      ),
      {
        type: 'scatter',
        id: 'estimates',
        symbolSize: 11,
        z: 3,
        emphasis: { disabled: true },
        data: of.items.map((item, index) => ({
          value: [item.value, index],
          itemStyle: { color: colours[index], borderColor: theme.surface, borderWidth: 2 },
        })),
        ...(of.reference === undefined
          ? {}
          : {
              markLine: {
                silent: true,
                symbol: 'none',
                animation: false,
                label: { show: false },
                lineStyle: { color: theme.inkDim, type: 'solid', width: 1 },
                data: [{ xAxis: of.reference }],
              },
            }),
      },
    ],
  };
}

export function scatterOptions(of: ScatterSpec, drawing: Drawing): Options {
  const { theme, words } = drawing;
  const looks = looksOf(of.series, theme);
  const visible = of.series.filter((one) => !drawing.hidden?.has(one.id));
  const rtl = theme.direction === 'rtl';
  const bounded = visible.flatMap((one) =>
    one.points.flatMap(({ x, low, high }) =>
      low === undefined || high === undefined ? [] : [{ at: [x, low, high], colour: looks.get(one.id)!.colour }],
    ),
  );
  const name = { nameTextStyle: { color: theme.inkDim, fontSize: 11 } };
  return {
    ...baseOptions(drawing),
    grid: { ...(gridOf(drawing, { legend: of.series.length > 1, marks: true }) as object), outerBoundsContain: 'all' },
    legend: legendOf(visible, drawing),
    xAxis: {
      ...valueAxis(drawing, (value) => words.format(value, of.x.unit, true)),
      splitLine: { show: false },
      axisLine: { show: true, lineStyle: { color: theme.lineStrong } },
      scale: true,
      inverse: rtl,
      name: oneLine(of.x.name),
      nameLocation: 'middle',
      nameGap: 28,
      ...name,
    },
    yAxis: {
      ...valueAxis(drawing, (value) => words.format(value, of.y.unit, true)),
      scale: true,
      ...(rtl ? { position: 'right' } : {}),
      name: oneLine(of.y.name),
      nameLocation: 'end',
      nameGap: 10,
      nameTextStyle: { ...name.nameTextStyle, align: rtl ? 'right' : 'left' },
    },
    tooltip: tooltipOf(drawing, 'item', ({ seriesId, dataIndex }) => {
      const one = of.series.find((each) => each.id === seriesId);
      const point = one?.points[dataIndex];
      if (!one || !point) return '';
      const { colour } = looks.get(one.id)!;
      return tipHtml(of.series.length > 1 ? `${one.name}: ${point.label}` : point.label, [
        { name: of.x.name, value: words.format(point.x, of.x.unit), colour },
        { name: of.y.name, value: words.format(point.y, of.y.unit), colour },
        ...(point.low === undefined || point.high === undefined
          ? []
          : [
              { name: words.low, value: words.format(point.low, of.y.unit) },
              { name: words.high, value: words.format(point.high, of.y.unit) },
            ]),
      ]);
    }),
    series: [
      ...(bounded.length > 0
        ? [
            whiskers(
              'intervals',
              bounded.map((one) => one.at),
              bounded.map((one) => one.colour),
              false,
            ),
          ]
        : []),
      ...visible.map((one) => ({
        type: 'scatter',
        id: one.id,
        name: one.id,
        symbolSize: one.points.length > 500 ? 5 : 9,
        symbol: theme.patterns ? ['circle', 'rect', 'triangle', 'diamond'][of.series.indexOf(one) % 4] : 'circle',
        z: 3,
        emphasis: { disabled: true },
        itemStyle: { color: looks.get(one.id)!.colour, opacity: 0.8, borderColor: theme.surface, borderWidth: 0.5 },
        data: one.points.map((point) => [point.x, point.y]),
      })),
    ],
  };
}
