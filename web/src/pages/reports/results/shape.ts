import type { ChartSpec, Selection } from '../../../../../src/kernel/chart/spec.ts';
import { formatDate, formatNumber } from '../../../format.ts';
import type { Translate } from '../../../text.tsx';
import type { FieldChoices, Meta } from '../calls.ts';
import type { Interval } from '../parts/types.ts';

export type { Selection };

/** Ways to look at an answer; which of them suit depends on the report. */
const VIEWS = [
  'line',
  'area',
  'bar',
  'stacked',
  'total',
  'number',
  'map',
  'steps',
  'time',
  'histogram',
  'curves',
  'triangle',
  'flow',
  'table',
] as const;
export type View = (typeof VIEWS)[number];

/** What it takes to say things about an answer. */
export interface Saying {
  t: Translate;
  choices: FieldChoices | undefined;
  meta: Meta;
}

/** One picture of an answer. An answer of several units has several, each with a name. */
export interface Picture {
  /** Tells the pictures of one answer apart. */
  key: string;
  name: string;
  of: ChartSpec;
  /** What lies behind something that was clicked, as the kind's `people` takes it; nothing where nobody does. */
  part: (selected: Selection) => object | null;
}

/** A row of the table below the pictures. */
export interface SummaryRow {
  key: string;
  name: string;
  /** Its place in the palette of the pictures; grey for the rest. */
  slot: number | null;
  /** As written; the last may be a change. */
  cells: SummaryCell[];
}

export interface SummaryCell {
  text: string;
  /** Whether it got more or less; nothing where it is no change. */
  change?: 'more' | 'less' | 'same';
  part?: object | null;
}

export interface Summary {
  columns: string[];
  rows: SummaryRow[];
  /** The name of the first column. */
  first: string;
}

/** What is said over the people behind a part. */
export interface PartWords {
  title: string;
  sub: string;
}

/** A bucket's label, `2026-11-02` or with the hour, as people write it. */
export function bucketName(label: string, interval: Interval, t: Translate): string {
  const at = new Date(label.length > 10 ? `${label}Z` : `${label}T00:00:00Z`);
  const say = (options: Intl.DateTimeFormatOptions) => formatDate(at, { ...options, timeZone: 'UTC' });
  switch (interval) {
    case 'minute':
    case 'hour':
      return say({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
    case 'month':
      return say({ month: 'short', year: 'numeric' });
    case 'quarter':
      return t('query.quarter', { quarter: Math.floor(at.getUTCMonth() / 3) + 1, year: String(at.getUTCFullYear()) });
    case 'year':
      return say({ year: 'numeric' });
    case 'week':
      return t('query.weekOf', { day: say({ month: 'short', day: 'numeric' }) });
    default:
      return say({ month: 'short', day: 'numeric', weekday: 'short' });
  }
}

/** The change from one number to another as a cell; nothing where there is nothing to compare with. */
export function changeCell(now: number | null, before: number | null): SummaryCell {
  if (now === null || before === null || before === 0) return { text: '–' };
  const share = now / before - 1;
  const text = formatNumber(share, { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' });
  return { text, change: Math.abs(share) < 0.0005 ? 'same' : share > 0 ? 'more' : 'less' };
}

export const letterOf = (index: number): string => String.fromCharCode(65 + index);
