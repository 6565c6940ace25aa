/**
 * What a chart shows, as plain data (JSON): reports make it, the console draws it (`<Chart of={spec} label="…" />` from
 * `web/src/kit/chart/chart.tsx`), the server draws it into mails (`picture.ts`), and its table and CSV come from it too
 * (`table.ts`). No file in this folder knows a DOM, React, or a language: labels are written by who makes the spec.
 *
 *     const spec: ChartSpec = {
 *       kind: 'time',
 *       shape: 'line',
 *       points: [{ at: '2026-07-01', label: '1 Jul' }, { at: '2026-07-02', label: '2 Jul' }],
 *       series: [{ id: 'a', name: 'Orders', values: [12, 7] }, { id: 'a0', name: 'Before', values: [9, null], comparesTo: 'a' }],
 *       unit: { kind: 'number' },
 *       partial: true,
 *       marks: [{ index: 1, text: 'New prices' }],
 *     };
 *
 * Ids are the maker's own and come back in `Selection` when somebody clicks; names and labels may be anything, also hostile.
 * `null` is a gap: nothing is known there, which is not zero.
 */
export type ChartSpec =
  | TimeSpec
  | BarsSpec
  | FunnelSpec
  | RetentionSpec
  | GridSpec
  | FlowSpec
  | MapSpec
  | NumberSpec
  | EstimatesSpec
  | ScatterSpec
  | OverlapSpec;

export type ChartKind = ChartSpec['kind'];

/** How values are written. A spec has one unit; what has two is two charts (or a scatter). */
export type Unit =
  /** `decimals`: at most this many; by default 0 for large and 2 for small values. */
  | { kind: 'number'; decimals?: number }
  /** 0.25 is 25 %. */
  | { kind: 'percent'; decimals?: number }
  /** Milliseconds. */
  | { kind: 'duration' }
  /** Minor units of an ISO 4217 currency: 1999 in EUR is €19.99. */
  | { kind: 'money'; currency: string }
  /** A number with this word after it: `points`, `items`. */
  | { kind: 'custom'; name: string };

export interface Series {
  id: string;
  name: string;
  /** One for each point, category or step. */
  values: (number | null)[];
  /** Its place in the palette from 0, where a series keeps its colour while others come and go; its index otherwise. */
  slot?: number;
  /** The rest that has no name of its own: grey. */
  other?: boolean;
  /** The id of the series whose earlier (or other) self this is: same colour, faded and dashed. */
  comparesTo?: string;
}

/** A vertical line with a word beside it: a release, a campaign, an annotation. */
export interface Mark {
  /** The point (or category) that it stands at. */
  index: number;
  text: string;
}

/** Lines, areas and bars over time. Selection: `series`, `index`, `item` (the point's `at`). */
export interface TimeSpec {
  kind: 'time';
  /** `area` and `stacked` stand on top of one another. */
  shape: 'line' | 'area' | 'bar' | 'stacked';
  points: { at: string; label: string }[];
  series: Series[];
  unit: Unit;
  /** The last period is not over: its line is dashed, its bar hatched. */
  partial?: boolean;
  marks?: Mark[];
}

/** Breakdowns, histograms, distributions. Selection: `series`, `index`, `item` (the category's id). */
export interface BarsSpec {
  kind: 'bars';
  /** `across`: bars from left to right, for names; `up`: for histograms. */
  direction: 'across' | 'up';
  categories: { id: string; label: string }[];
  series: Series[];
  unit: Unit;
  stacked?: boolean;
  /** Bars that touch: the categories are neighbouring ranges of one value. */
  histogram?: boolean;
  marks?: Mark[];
}

/**
 * Steps that people take one after another; `values` of a series are people at each step. One series, or one for each
 * value of a breakdown. Selection: `series`, `index`, `item` (the step's id), `part`: who came or who dropped off.
 */
export interface FunnelSpec {
  kind: 'funnel';
  steps: { id: string; label: string }[];
  series: Series[];
  unit: Unit;
  /** Median milliseconds from the step before, of the whole; nothing for the first. Shown in the table. */
  times?: (number | null)[];
}

/** Who comes back. Selection: `series` (the row's id), `index` (the period). */
export interface RetentionSpec {
  kind: 'retention';
  shape: 'curves' | 'table';
  /** What a column is called: `Week 0`, `Week 1`. */
  periods: string[];
  rows: {
    id: string;
    label: string;
    /** People (or accounts) that it began with. */
    size?: number;
    values: (number | null)[];
    /** The last known value is of a period that is not over. */
    partial?: boolean;
    slot?: number;
  }[];
  /** Mostly percent. */
  unit: Unit;
  /** The word over the first column, and over the sizes. */
  names: { row: string; size: string };
}

/** A value for each pair: day of week by hour, a matrix. Selection: `item` (the row's id), `index` (the column). */
export interface GridSpec {
  kind: 'grid';
  columns: string[];
  rows: { id: string; label: string; values: (number | null)[] }[];
  unit: Unit;
  /** The word over the first column. */
  names: { row: string };
}

/** Flows from column to column. Selection: `item` (a node's id) or `link`. A link must lead to a later column. */
export interface FlowSpec {
  kind: 'flow';
  nodes: {
    id: string;
    label: string;
    /** From 0. */
    column: number;
    /** `other`: the rest, folded together, grey. `dropOff`: where it ends. */
    role?: 'other' | 'dropOff';
    slot?: number;
  }[];
  links: { from: string; to: string; value: number }[];
  unit: Unit;
  /** Words over the columns in the table. */
  names: { from: string; to: string; value: string };
}

/** Countries by ISO 3166-1 alpha-2. Selection: `item` (the code). */
export interface MapSpec {
  kind: 'map';
  /** Others have no value and stay empty. */
  countries: { code: string; label: string; value: number }[];
  unit: Unit;
  names: { country: string; value: string };
}

/** One number, large. Selection: none of the fields: the number itself. */
export interface NumberSpec {
  kind: 'number';
  value: number | null;
  unit: Unit;
  name: string;
  /** `label` as it is read after the change: `than in June`, `vs. the 30 days before`. */
  before?: { value: number | null; label: string };
  /** Which direction is good; neither has a colour. Default: neither. */
  better?: 'more' | 'less';
  /** Of an estimate, with its level: 0.95. */
  interval?: { low: number; high: number; level: number };
  spark?: { labels: string[]; values: (number | null)[]; partial?: boolean };
}

/** Estimates with their intervals, one below another: lifts, revenue at stake. Selection: `index`, `item`. */
export interface EstimatesSpec {
  kind: 'estimates';
  items: { id: string; label: string; value: number; low: number; high: number; slot?: number }[];
  unit: Unit;
  /** The level of the intervals: 0.95. */
  level: number;
  /** Where there is no difference, drawn as a line; mostly 0. */
  reference?: number;
  names: { item: string; value: string };
}

/** Points of two values. Selection: `series`, `index` (within the series), `item`. */
export interface ScatterSpec {
  kind: 'scatter';
  series: {
    id: string;
    name: string;
    slot?: number;
    other?: boolean;
    points: { id: string; label: string; x: number; y: number; low?: number; high?: number }[];
  }[];
  x: { name: string; unit: Unit };
  y: { name: string; unit: Unit };
}

/**
 * Overlap of sets (UpSet picture). `among` are exactly these and no other of the sets. Selection: `item` (a set's id) or
 * `sets` (the ids of an intersection) with `index`.
 */
export interface OverlapSpec {
  kind: 'overlap';
  sets: { id: string; label: string; size: number }[];
  intersections: { among: string[]; size: number }[];
  unit: Unit;
  names: { sets: string; size: string };
}

/** What somebody clicked, in the ids of the spec: the people behind it are one step away. */
export interface Selection {
  kind: ChartKind;
  series?: string;
  index?: number;
  item?: string;
  link?: { from: string; to: string };
  sets?: string[];
  /** In a funnel: those who reached the step, or those who reached the one before but not this. */
  part?: 'reached' | 'dropped';
}
