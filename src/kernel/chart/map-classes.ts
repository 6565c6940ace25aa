import type { MapSpec, Unit } from './spec.ts';
import type { ChartTheme, ChartWords } from './theme.ts';

const MAP_CLASSES = 5;
/** Times that the largest value is the smallest, from which equal steps would show only the largest. */
const SKEWED = 60;

export interface MapClass {
  colour: string;
  /** From this value, up to the next class's. */
  from: number;
  label: string;
}

/** The steps of the legend: equal ones, or each some times the one before where values are far apart. */
export function mapClasses(of: MapSpec, theme: ChartTheme, words: Pick<ChartWords, 'format'>): MapClass[] {
  const values = of.countries.map((country) => country.value);
  if (values.length === 0) return [];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const count = low === high ? 1 : MAP_CLASSES;
  const geometric = low > 0 && high / low > SKEWED;
  const bound = (at: number) => (geometric ? low * (high / low) ** (at / count) : low + ((high - low) * at) / count);
  const bounds = [...new Set(Array.from({ length: count }, (_, at) => (at === 0 ? low : rounded(bound(at), of.unit))))];
  return bounds.map((from, at) => {
    const to = bounds[at + 1] ?? high;
    const range = `${words.format(from, of.unit, true)} – ${words.format(to, of.unit, true)}`;
    const step = Math.round(((at + 1) / bounds.length) * (theme.scale.length - 1));
    return { colour: theme.scale[step] ?? theme.other, from, label: from === to ? words.format(from, of.unit) : range };
  });
}

/** Two digits, so that a legend can be read. */
function rounded(value: number, unit: Unit): number {
  const exact = Number(value.toPrecision(2));
  return unit.kind === 'percent' || Math.abs(value) < 10 ? exact : Math.round(exact);
}
