import type { Bucket } from '../period.ts';

export interface TrendSeries {
  /** `A`, `B` … of the report's series; `F1` … of its formulas. */
  id: string;
  label: string | null;
  /** The values of the breakdown that it stands for, empty texts where there was none; all null for the rest. */
  breakdown: (string | null)[];
  /** Of amounts: a series has one for each currency. Empty where they came without one; null where it is no money. */
  currency: string | null;
  /** Money in the currency's minor unit; of `percent` 1 is 100 %. */
  unit: 'number' | 'money' | 'percent';
  /** For each bucket (or bin); null where nothing can be said. */
  values: (number | null)[];
  /** Over the whole period: not the sum where people are counted. */
  total: number | null;
  /** The same of what it is compared with, point by point; where that has fewer points, null. */
  before: { values: (number | null)[]; total: number | null } | null;
}

export interface TrendBucket {
  from: string;
  to: string;
  label: string;
  /** Not the whole interval lies in the period, or it is not over. */
  partial: boolean;
}

export interface TrendResult {
  buckets: TrendBucket[];
  /** What it is compared with; each stands for the bucket at the same place. */
  bucketsBefore: TrendBucket[] | null;
  /** Of a distribution, in place of buckets: how often somebody did it, from and up to; the last has no end. */
  bins: { from: number; to: number | null }[] | null;
  series: TrendSeries[];
  /** How many different values of the breakdown there are; null without one. */
  different: number | null;
}

/** A bucket as results name it. */
export const named = ({ from, to, label, partial }: Bucket): TrendBucket => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
  label,
  partial,
});
