import { baseOptions, type Drawing, type Options, oneLine, tipHtml, tooltipOf, valueAxis } from './base.ts';
import { overlapRows } from './height.ts';
import type { OverlapSpec } from './spec.ts';

const NAMES = 150;
const SIZES = 90;
const GAP = 12;

/** How many are in exactly these sets: bars above, which sets below, the size of each set at the side. */
export function overlapOptions(of: OverlapSpec, drawing: Drawing): Options {
  const { theme, words } = drawing;
  const edge = drawing.picture ? 16 : 2;
  const colour = theme.series[0] ?? theme.ink;
  const left = edge + NAMES + SIZES + GAP;
  const rows = overlapRows(of);
  const bottom = edge + 2;
  const names = of.intersections.map((_, index) => String(index));
  const index = new Map(of.sets.map((set, at) => [set.id, at]));
  const hiddenAxis = {
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { show: false },
    splitLine: { show: false },
  };
  const among = of.intersections.map(({ among: ids }) =>
    ids.flatMap((id) => index.get(id) ?? []).sort((a, b) => a - b),
  );
  const setNames = (at: number) => among[at]!.map((set) => oneLine(of.sets[set]!.label, 30)).join(' ∩ ');
  const setAxis = { type: 'category', data: of.sets.map((set) => oneLine(set.label, 22)), inverse: true };
  return {
    ...baseOptions(drawing),
    grid: [
      { left, right: edge + 4, top: edge + 20, bottom: bottom + rows + GAP },
      { left, right: edge + 4, height: rows, bottom },
      { left: edge + NAMES, width: SIZES, height: rows, bottom },
    ],
    xAxis: [
      {
        gridIndex: 0,
        type: 'category',
        data: names,
        axisTick: { show: false },
        axisLabel: { show: false },
        axisLine: { lineStyle: { color: theme.lineStrong } },
      },
      { gridIndex: 1, type: 'category', data: names, ...hiddenAxis },
      { gridIndex: 2, type: 'value', inverse: true, ...hiddenAxis },
    ],
    yAxis: [
      { gridIndex: 0, ...valueAxis(drawing, (value) => words.format(value, of.unit, true)) },
      {
        gridIndex: 1,
        ...setAxis,
        ...hiddenAxis,
        splitArea: { show: true, areaStyle: { color: ['transparent', theme.line], opacity: 0.35 } },
      },
      {
        gridIndex: 2,
        ...setAxis,
        position: 'left',
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: theme.ink, width: NAMES - 8, overflow: 'truncate' },
      },
    ],
    tooltip: tooltipOf(drawing, 'item', ({ seriesId, dataIndex }) => {
      if (seriesId === 'sets') {
        const set = of.sets[dataIndex];
        return set ? tipHtml(set.label, [{ name: of.names.size, value: words.format(set.size, of.unit), colour }]) : '';
      }
      const one = of.intersections[dataIndex];
      if (!one || seriesId !== 'intersections') return '';
      return tipHtml(setNames(dataIndex), [{ name: of.names.size, value: words.format(one.size, of.unit), colour }]);
    }),
    series: [
      {
        type: 'bar',
        id: 'intersections',
        data: of.intersections.map((one) => one.size),
        itemStyle: { color: colour, borderRadius: [3, 3, 0, 0] },
        barMaxWidth: 32,
        barCategoryGap: '36%',
        emphasis: { disabled: true },
        label: {
          show: true,
          position: 'top',
          color: theme.inkDim,
          fontSize: 11,
          formatter: ({ dataIndex }: { dataIndex: number }) =>
            words.format(of.intersections[dataIndex]?.size ?? 0, of.unit, true),
        },
        labelLayout: { hideOverlap: true },
      },
      {
        type: 'custom',
        id: 'joints',
        xAxisIndex: 1,
        yAxisIndex: 1,
        silent: true,
        data: among.flatMap((sets, at) => (sets.length > 1 ? [[at, sets[0], sets.at(-1)]] : [])),
        encode: { x: 0, y: [1, 2] },
        renderItem: (
          _: unknown,
          api: { value: (at: number) => number; coord: (at: [number, number]) => [number, number] },
        ) => {
          const [[x1, y1], [x2, y2]] = [
            api.coord([api.value(0), api.value(1)]),
            api.coord([api.value(0), api.value(2)]),
          ];
          return { type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: colour, lineWidth: 2 } };
        },
      },
      {
        type: 'scatter',
        id: 'dots',
        xAxisIndex: 1,
        yAxisIndex: 1,
        silent: true,
        symbolSize: 9,
        data: among.flatMap((sets, at) =>
          of.sets.map((_, set) => ({
            value: [at, set],
            itemStyle: { color: sets.includes(set) ? colour : theme.lineStrong, opacity: sets.includes(set) ? 1 : 0.7 },
          })),
        ),
      },
      {
        type: 'bar',
        id: 'sets',
        xAxisIndex: 2,
        yAxisIndex: 2,
        data: of.sets.map((set) => set.size),
        barWidth: 12,
        itemStyle: { color: theme.other, borderRadius: [3, 0, 0, 3] },
        emphasis: { disabled: true },
      },
    ],
  };
}
