import {
  baseOptions,
  categoryAxis,
  DROPPED,
  type Drawing,
  gridOf,
  hatch,
  legendOf,
  looksOf,
  markLine,
  named,
  nameOf,
  type Options,
  oneLine,
  PARTIAL,
  type TipRow,
  tipHtml,
  tooltipOf,
  valueAxis,
} from './base.ts';
import type { BarsSpec, FunnelSpec, RetentionSpec, Series, TimeSpec, Unit } from './spec.ts';
import { share } from './table.ts';

/** Points of a line without a gap beyond which only what changes the picture is drawn. */
const SAMPLED_FROM = 2_000;
const MOST_SYMBOLS = 40;
const BAR_WIDTH = 48;

const shown = (series: Series[], drawing: Drawing) => series.filter((one) => !drawing.hidden?.has(one.id));

/** The last value that is known, and the one before: what is drawn dashed while its period is not over. */
function lastKnown(values: (number | null)[]): number {
  return values.findLastIndex((value) => value !== null);
}

interface LineInput extends Series {
  /** The point that is not over. */
  partialAt?: number | null;
}

function lineSeries(all: LineInput[], drawing: Drawing, stacked: boolean): object[] {
  const looks = looksOf(all, drawing.theme);
  return (shown(all, drawing) as LineInput[]).flatMap((one) => {
    const look = looks.get(one.id)!;
    const at = one.partialAt ?? -1;
    const line = { color: look.colour, width: look.faded ? 1.5 : 2, type: look.stroke, opacity: look.opacity };
    const alone = (index: number) =>
      one.values[index] !== null && one.values[index - 1] == null && one.values[index + 1] == null;
    const few = one.values.length <= MOST_SYMBOLS && drawing.width / one.values.length > 18;
    const common = {
      type: 'line',
      symbol: 'circle',
      symbolSize: few ? 5 : 4,
      itemStyle: { color: look.colour, opacity: look.opacity },
      emphasis: { disabled: true },
      triggerLineEvent: false,
      connectNulls: false,
      ...(stacked ? { areaStyle: { color: look.colour, opacity: look.faded ? 0.08 : 0.22 } } : {}),
    };
    const whole = {
      ...common,
      id: one.id,
      name: one.id,
      data: one.values.map((value, index) => (at > 0 && index === at ? null : value)),
      lineStyle: line,
      showSymbol: true,
      // A value between two gaps has no line: it is a point, so that it can be seen.
      symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) =>
        alone(dataIndex) || (at === dataIndex + 1 && one.values[dataIndex - 1] == null) ? 6 : few && !stacked ? 5 : 0,
      ...(stacked ? { stack: 'whole', stackStrategy: 'all' } : {}),
      ...(one.values.length > SAMPLED_FROM && !one.values.includes(null) ? { sampling: 'minmax' } : {}),
    };
    if (at <= 0 || one.values[at] == null) return [whole];
    return [
      whole,
      {
        ...common,
        id: `${one.id}${PARTIAL}`,
        name: `${one.id}${PARTIAL}`,
        data: one.values.map((value, index) => (index === at || index === at - 1 ? value : null)),
        lineStyle: { ...line, type: [3, 3] },
        symbol: 'emptyCircle',
        showSymbol: true,
        symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) => (dataIndex === at ? 6 : 0),
        ...(stacked
          ? { stack: 'partial', stackStrategy: 'all', areaStyle: { color: look.colour, opacity: 0.09 } }
          : {}),
      },
    ];
  });
}

function barSeries(
  all: Series[],
  drawing: Drawing,
  options: { stacked: boolean; partialAt: number; across: boolean; touching: boolean },
): object[] {
  const { theme } = drawing;
  const looks = looksOf(all, theme);
  const { stacked, across } = options;
  const radius = stacked ? 0 : across ? [0, 3, 3, 0] : [3, 3, 0, 0];
  return shown(all, drawing).map((one) => {
    const look = looks.get(one.id)!;
    return {
      type: 'bar',
      id: one.id,
      name: one.id,
      data: one.values.map((value, index) =>
        index === options.partialAt
          ? { value, itemStyle: { decal: hatch(theme), opacity: look.opacity * 0.85 } }
          : value,
      ),
      itemStyle: {
        color: look.colour,
        opacity: look.opacity,
        borderRadius: radius,
        ...(look.decal ? { decal: look.decal } : {}),
        ...(stacked || options.touching ? { borderColor: theme.surface, borderWidth: 1 } : {}),
      },
      emphasis: { disabled: true },
      barMaxWidth: options.touching ? undefined : BAR_WIDTH,
      barGap: '8%',
      barCategoryGap: options.touching ? '0%' : '28%',
      ...(stacked ? { stack: look.faded ? 'before' : 'whole' } : {}),
      large: one.values.length > SAMPLED_FROM,
    };
  });
}

function valuesTip(title: string, index: number, series: Series[], unit: Unit, drawing: Drawing): string {
  const looks = looksOf(series, drawing.theme);
  const rows = shown(series, drawing).flatMap((one): TipRow[] => {
    const value = one.values[index];
    if (value == null) return [];
    const look = looks.get(one.id)!;
    return [
      {
        name: nameOf(one, series, drawing.words),
        value: drawing.words.format(value, unit),
        colour: look.colour,
        faded: look.faded,
      },
    ];
  });
  return tipHtml(title, rows);
}

/** The marks go to the first series: they belong to the axis, and there is none without a series. */
function withMarks(series: object[], marks: object): object[] {
  return series.map((one, index) => (index === 0 ? { ...one, ...marks } : one));
}

const sides = (drawing: Drawing) =>
  drawing.theme.direction === 'rtl' ? { x: { inverse: true }, y: { position: 'right' } } : { x: {}, y: {} };

export function timeOptions(of: TimeSpec, drawing: Drawing): Options {
  const { words } = drawing;
  const last = of.points.length - 1;
  const lines = of.shape === 'line' || of.shape === 'area';
  const partialAt = of.partial ? last : -1;
  const series = lines
    ? lineSeries(
        of.series.map((one) => ({ ...one, partialAt: one.comparesTo ? null : partialAt })),
        drawing,
        of.shape === 'area',
      )
    : barSeries(of.series, drawing, { stacked: of.shape === 'stacked', partialAt, across: false, touching: false });
  const side = sides(drawing);
  return {
    ...baseOptions(drawing),
    grid: gridOf(drawing, {
      marks: Boolean(of.marks?.length),
      legend: of.series.length > 1,
      below: of.series.some((one) => one.values.some((value) => value !== null && value < 0)),
    }),
    legend: legendOf(named(shown(of.series, drawing), drawing.words), drawing),
    xAxis: {
      ...categoryAxis(
        of.points.map((point) => point.label),
        drawing,
        !lines || last === 0,
      ),
      ...side.x,
    },
    yAxis: { ...valueAxis(drawing, (value) => words.format(value, of.unit, true)), ...wholeSteps(of), ...side.y },
    tooltip: tooltipOf(drawing, 'axis', ({ dataIndex }) => {
      const label = of.points[dataIndex]?.label ?? '';
      const title = of.partial && dataIndex === last ? `${label} (${words.partial})` : label;
      return valuesTip(title, dataIndex, of.series, of.unit, drawing);
    }),
    series: withMarks(series, markLine(of.marks, drawing)),
  };
}

/** Of what is only counted there are no halves. */
const wholeSteps = ({ unit, series }: { unit: Unit; series: Series[] }) =>
  unit.kind === 'number' &&
  series.every(({ values }) => values.every((value) => value === null || Number.isInteger(value)))
    ? { minInterval: 1 }
    : {};

export function barsOptions(of: BarsSpec, drawing: Drawing): Options {
  const { words, theme } = drawing;
  const across = of.direction === 'across';
  const series = barSeries(of.series, drawing, {
    stacked: of.stacked ?? false,
    partialAt: -1,
    across,
    touching: of.histogram ?? false,
  });
  const labels = of.categories.map((category) => category.label);
  const one = shown(of.series, drawing).length === 1 && of.categories.length <= 40;
  const category = categoryAxis(labels, drawing, true, across ? 28 : 16);
  const value = { ...valueAxis(drawing, (at) => words.format(at, of.unit, true)), ...wholeSteps(of) };
  const side = sides(drawing);
  const atEnd = {
    label: {
      show: true,
      position: across ? (theme.direction === 'rtl' ? 'left' : 'right') : 'top',
      color: theme.inkDim,
      fontSize: 11,
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const shownValue = shown(of.series, drawing)[0]?.values[dataIndex];
        return shownValue == null ? '' : words.format(shownValue, of.unit, !across);
      },
    },
    labelLayout: { hideOverlap: true },
  };
  return {
    ...baseOptions(drawing),
    grid: {
      ...gridOf(drawing, { marks: Boolean(of.marks?.length), legend: of.series.length > 1 }),
      ...(across && one ? { right: 64 } : {}),
    },
    legend: legendOf(named(shown(of.series, drawing), drawing.words), drawing),
    ...(across
      ? {
          yAxis: { ...category, inverse: true, ...side.y },
          xAxis: {
            ...value,
            ...side.x,
            axisLabel: one ? { show: false } : (value as { axisLabel: object }).axisLabel,
            splitLine: { show: !one, lineStyle: { color: theme.line } },
          },
        }
      : { xAxis: { ...category, ...side.x }, yAxis: { ...value, ...side.y } }),
    tooltip: tooltipOf(drawing, 'axis', ({ dataIndex }) =>
      valuesTip(labels[dataIndex] ?? '', dataIndex, of.series, of.unit, drawing),
    ),
    series: withMarks(
      one ? series.map((each) => ({ ...each, ...atEnd })) : series,
      across ? {} : markLine(of.marks, drawing),
    ),
  };
}

/** Bars of those who reached each step; on top of each, hatched, those whom it lost. */
export function funnelOptions(of: FunnelSpec, drawing: Drawing): Options {
  const { words, theme } = drawing;
  const looks = looksOf(of.series, theme);
  const visible = shown(of.series, drawing);
  const single = visible.length === 1 ? visible[0] : undefined;
  const percent = (part: number | null | undefined, whole: number | null | undefined) => {
    const value = share(part, whole);
    return value === null ? '–' : words.format(value, { kind: 'percent', decimals: 1 });
  };
  const series = visible.flatMap((one) => {
    const look = looks.get(one.id)!;
    const common = {
      type: 'bar',
      stack: one.id,
      barMaxWidth: 120,
      barCategoryGap: '24%',
      barGap: '12%',
      emphasis: { disabled: true },
    };
    return [
      {
        ...common,
        id: one.id,
        name: one.id,
        data: one.values,
        itemStyle: { color: look.colour, opacity: look.opacity, ...(look.decal ? { decal: look.decal } : {}) },
      },
      {
        ...common,
        id: `${one.id}${DROPPED}`,
        name: `${one.id}${DROPPED}`,
        data: one.values.map((value, index) => {
          const before = one.values[index - 1];
          return index > 0 && before != null && value != null && before > value ? before - value : null;
        }),
        itemStyle: {
          color: look.colour,
          opacity: 0.2,
          borderRadius: [3, 3, 0, 0],
          decal: { ...hatch(theme), color: theme.surface },
        },
      },
    ];
  });
  const labels = of.steps.map((step, index) => {
    const name = `${index + 1}. ${oneLine(step.label, 22)}`;
    if (!single) return name;
    const value = single.values[index];
    return `${name}\n${value == null ? '–' : words.format(value, of.unit)} · ${percent(value, single.values[0])}`;
  });
  const side = sides(drawing);
  const axis = categoryAxis([], drawing, true) as { axisLabel: object };
  return {
    ...baseOptions(drawing),
    grid: gridOf(drawing, { legend: of.series.length > 1 }),
    legend: legendOf(visible, drawing),
    xAxis: {
      ...axis,
      data: labels,
      axisLabel: { ...axis.axisLabel, lineHeight: 17, interval: 0, hideOverlap: false },
      ...side.x,
    },
    yAxis: { ...valueAxis(drawing, (value) => words.format(value, of.unit, true)), ...side.y },
    tooltip: tooltipOf(drawing, 'axis', ({ dataIndex }) => {
      const rows = visible.flatMap((one): TipRow[] => {
        const [start, before, now] = [one.values[0], one.values[dataIndex - 1], one.values[dataIndex]];
        if (now == null) return [];
        const { colour } = looks.get(one.id)!;
        const reached = {
          name: single ? words.reached : one.name,
          value: `${words.format(now, of.unit)} · ${percent(now, start)}`,
          colour,
        };
        if (dataIndex === 0 || before == null) return [reached];
        const lost = `${words.format(before - now, of.unit)} · ${percent(before - now, before)}`;
        return [reached, { name: words.dropped, value: lost, colour, faded: true }];
      });
      return tipHtml(of.steps[dataIndex]?.label ?? '', rows);
    }),
    series,
  };
}

/** Shares that reach the whole: no axis goes past 100 %. */
const whole = (of: RetentionSpec) => {
  const highest = Math.max(...of.rows.flatMap((row) => row.values.map((value) => value ?? 0)));
  return highest > 0.75 && highest <= 1;
};

export function curvesOptions(of: RetentionSpec, drawing: Drawing): Options {
  const { words } = drawing;
  const series: LineInput[] = of.rows.map((row) => ({
    id: row.id,
    name: row.label,
    values: of.periods.map((_, index) => row.values[index] ?? null),
    ...(row.slot === undefined ? {} : { slot: row.slot }),
    partialAt: row.partial ? lastKnown(row.values) : null,
  }));
  const side = sides(drawing);
  return {
    ...baseOptions(drawing),
    grid: gridOf(drawing, { legend: series.length > 1 }),
    legend: legendOf(shown(series, drawing), drawing),
    xAxis: { ...categoryAxis(of.periods, drawing, false), ...side.x },
    yAxis: {
      ...valueAxis(drawing, (value) => words.format(value, of.unit, true)),
      min: 0,
      ...(of.unit.kind === 'percent' && whole(of) ? { max: 1 } : {}),
      ...side.y,
    },
    tooltip: tooltipOf(drawing, 'axis', ({ dataIndex }) =>
      valuesTip(of.periods[dataIndex] ?? '', dataIndex, series, of.unit, drawing),
    ),
    series: lineSeries(series, drawing, false),
  };
}
