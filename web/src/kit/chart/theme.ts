import { useSyncExternalStore } from 'react';
import { chartFormat } from '../../../../src/kernel/chart/format.ts';
import type { ChartTheme, ChartWords } from '../../../../src/kernel/chart/theme.ts';
import { locale } from '../../format.ts';
import { type Translate, useText } from '../../text.tsx';

const SERIES = 8;
const SCALE = 9;
const STILL = '(prefers-reduced-motion: reduce)';
const MORE_CONTRAST = '(prefers-contrast: more)';

/** Any colour of a style sheet as `#rrggbb`: what makes style sheets smaller also writes colours otherwise. */
function plainColours(): (colour: string) => string {
  const pen = document.createElement('canvas').getContext('2d');
  return (colour) => {
    if (!pen) return colour;
    pen.fillStyle = colour;
    return String(pen.fillStyle);
  };
}

/** The theme as the tokens are now. */
function readTheme(): ChartTheme {
  const plain = plainColours();
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => plain(style.getPropertyValue(`--${name}`).trim());
  const tokens = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => token(`${name}-${index + 1}`));
  return {
    font: style.getPropertyValue('--font').trim(),
    surface: token('surface'),
    ink: token('ink'),
    inkDim: token('ink-dim'),
    line: token('line'),
    lineStrong: token('line-strong'),
    good: token('good'),
    bad: token('bad'),
    other: token('series-other'),
    series: tokens('series', SERIES),
    scale: tokens('scale', SCALE),
    direction: document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr',
    still: matchMedia(STILL).matches,
    patterns: matchMedia(MORE_CONTRAST).matches,
  };
}

let current: ChartTheme | null = null;
const listeners = new Set<() => void>();
let stop: (() => void) | null = null;

function refresh(): void {
  current = null;
  for (const listener of listeners) listener();
}

/** One watch over what a theme depends on, for as long as there is a chart. */
function watch(): () => void {
  const observer = new MutationObserver(refresh);
  observer.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme', 'dir'] });
  const queries = [matchMedia(STILL), matchMedia(MORE_CONTRAST)];
  for (const query of queries) query.addEventListener('change', refresh);
  return () => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener('change', refresh);
    current = null;
  };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  stop ??= watch();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    stop?.();
    stop = null;
  };
}

function snapshot(): ChartTheme {
  current ??= readTheme();
  return current;
}

/** The colours of the scheme that is shown; charts are drawn again when it changes. */
export function useChartTheme(): ChartTheme {
  return useSyncExternalStore(subscribe, snapshot);
}

const made = new WeakMap<Translate, ChartWords>();

/** What charts say, in the language that is shown. */
export function useChartWords(): ChartWords {
  const t = useText();
  const known = made.get(t);
  if (known) return known;
  const format = chartFormat(locale());
  const words: ChartWords = {
    format,
    partial: t('chart.partial'),
    reached: t('chart.reached'),
    dropped: t('chart.dropped'),
    step: t('chart.step'),
    fromStart: t('chart.fromStart'),
    fromBefore: t('chart.fromBefore'),
    medianTime: t('chart.medianTime'),
    interval: (level) => t('chart.interval', { level: format(level, { kind: 'percent' }) }),
    low: t('chart.low'),
    high: t('chart.high'),
    period: t('chart.period'),
    value: t('chart.value'),
    before: t('chart.before'),
    series: t('chart.name'),
  };
  made.set(t, words);
  return words;
}
