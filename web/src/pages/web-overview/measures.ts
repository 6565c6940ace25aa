import type { VisitMeasures } from '../../../../src/core/query/visits/visit-rows.ts';
import type { Unit } from '../../../../src/kernel/chart/spec.ts';
import { formatDuration, formatNumber } from '../../format.ts';

interface Measured {
  key: keyof VisitMeasures;
  unit: Unit;
  /** From the measure to the unit. */
  scale: number;
  /** Which direction is good; where it is left out, neither is. */
  better?: 'more' | 'less';
}

/** The numbers on top, each of which the chart can show over time. */
export const MEASURES = [
  { key: 'people', unit: { kind: 'number' }, scale: 1, better: 'more' },
  { key: 'sessions', unit: { kind: 'number' }, scale: 1, better: 'more' },
  { key: 'views', unit: { kind: 'number' }, scale: 1, better: 'more' },
  { key: 'viewsPerSession', unit: { kind: 'number', decimals: 2 }, scale: 1 },
  { key: 'bounceRate', unit: { kind: 'percent', decimals: 1 }, scale: 1, better: 'less' },
  { key: 'averageSeconds', unit: { kind: 'duration' }, scale: 1000 },
  { key: 'conversionRate', unit: { kind: 'percent', decimals: 1 }, scale: 1, better: 'more' },
] as const satisfies readonly Measured[];
export type Measure = (typeof MEASURES)[number];
export type MeasureKey = Measure['key'];

export const measureOf = (key: string): Measure => MEASURES.find((one) => one.key === key) ?? MEASURES[0];

/** A measure as it is written. */
export function written(measure: Measure, value: number | null): string {
  if (value === null) return '–';
  switch (measure.unit.kind) {
    case 'percent':
      return formatNumber(value, { style: 'percent', maximumFractionDigits: 1 });
    case 'duration':
      return formatDuration(value * measure.scale);
    default:
      return formatNumber(value, { maximumFractionDigits: 'decimals' in measure.unit ? 2 : 0 });
  }
}

export interface Change {
  text: string;
  direction: 'up' | 'down' | 'same';
  good: boolean | null;
}

/** The change from before; null where there is nothing to compare with. Shares change by points, all else by a share. */
export function changeOf(measure: Measure, now: number | null, before: number | null): Change | null {
  if (now === null || before === null || (before === 0 && measure.unit.kind !== 'percent')) return null;
  const amount = measure.unit.kind === 'percent' ? (now - before) * 100 : (now / before - 1) * 100;
  const same = Math.abs(amount) < 0.05;
  const options = { maximumFractionDigits: 1, signDisplay: 'exceptZero' } as const;
  return {
    text:
      measure.unit.kind === 'percent'
        ? formatNumber(amount, options)
        : formatNumber(amount / 100, { ...options, style: 'percent' }),
    direction: same ? 'same' : amount > 0 ? 'up' : 'down',
    good: same || !('better' in measure) ? null : (measure.better === 'more') === amount > 0,
  };
}
