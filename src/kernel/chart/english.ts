import { chartFormat } from './format.ts';
import type { ChartWords } from './theme.ts';

/** What a chart says by itself where there is no catalogue of messages. */
export function englishWords(locale = 'en'): ChartWords {
  const format = chartFormat(locale);
  return {
    format,
    partial: 'not over yet',
    reached: 'Reached',
    dropped: 'Dropped off',
    fromStart: 'Of the first step',
    fromBefore: 'Of the step before',
    medianTime: 'Median time from the step before',
    interval: (level) => `${format(level, { kind: 'percent' })} interval`,
    low: 'Low',
    high: 'High',
    period: 'Period',
    value: 'Value',
    before: 'before',
    series: 'Name',
    step: 'Step',
  };
}
