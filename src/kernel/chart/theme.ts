import type { Unit } from './spec.ts';

/** Colours and letters of a chart. The console reads them from its tokens, so that they are the same in both. */
export interface ChartTheme {
  font: string;
  surface: string;
  ink: string;
  inkDim: string;
  line: string;
  lineStrong: string;
  good: string;
  bad: string;
  /** The rest, and what has no value. */
  other: string;
  /** Told apart also by those who do not tell all colours: `palette.test.ts` of the console tries it. */
  series: readonly string[];
  /** From little to much, even in lightness, away from the ground. */
  scale: readonly string[];
  direction: 'ltr' | 'rtl';
  /** Nothing moves. */
  still: boolean;
  /** Patterns beside colours. */
  patterns: boolean;
}

/** What a chart says by itself, in the reader's language. */
export interface ChartWords {
  /** A value in its unit; `short` for axes. */
  format: (value: number, unit: Unit, short?: boolean) => string;
  /** Beside the last period where it is not over. */
  partial: string;
  reached: string;
  dropped: string;
  fromStart: string;
  fromBefore: string;
  medianTime: string;
  /** “95 % interval”. */
  interval: (level: number) => string;
  low: string;
  high: string;
  period: string;
  value: string;
  step: string;
  before: string;
  series: string;
}

/** As many as the themes have colours. */
const SERIES_PER_PALETTE = 8;

/** The colour of a place in the palette; those after the last begin again, with another stroke (`roundOf`). */
export function seriesColour(theme: ChartTheme, slot: number): string {
  return theme.series[slot % theme.series.length] ?? theme.other;
}

/** How often the palette was used up before this place: 0, 1, 2. Drawn as stroke or pattern. */
export const roundOf = (slot: number) => Math.floor(slot / SERIES_PER_PALETTE) % 3;

/** The step of the scale for a value between `low` and `high`; the same for a table's cells and for a map. */
export function scaleStep(value: number, low: number, high: number, steps: number): number {
  if (!(high > low)) return Math.floor(steps / 2);
  return Math.min(steps - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * steps)));
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast of two `#rrggbb` by WCAG 2: from 1 to 21. */
export function contrastOf(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Text on a tint: the ink, or the ground, whichever is read better. */
export function inkOn(theme: Pick<ChartTheme, 'ink' | 'surface'>, tint: string): string {
  return contrastOf(theme.ink, tint) >= contrastOf(theme.surface, tint) ? theme.ink : theme.surface;
}
