import type { Finding, FindingAbout, FrictionResult } from '../../../../src/core/query/friction/friction.ts';
import { formatCountry, formatDuration, formatMoney, formatNumber, withoutOverrides } from '../../format.ts';
import { hasMessage, type MessageKey, type Translate } from '../../text.tsx';
import type { Money } from '../../wire.ts';

/** Events whose sentence needs no name, by the names that the SDK and shops send. */
const EVENTS = {
  'Error Occurred': 'friction.event.error',
  'Rage Clicked': 'friction.event.rage',
  'Dead Clicked': 'friction.event.dead',
  'Product Out of Stock': 'friction.event.outOfStock',
} as const satisfies Record<string, MessageKey>;

/** Measures that the browser SDK takes, all in milliseconds. */
const MILLISECONDS = /^(load|lcp|inp|ttfb|fcp)$|(^|_|[a-z])(ms|Ms|MS|milliseconds)$/;
const SECONDS = /(_s|_?[sS]econds|_?[sS]ecs)$/;

/** A length of time as its name says in which unit it is; a plain number where the name says nothing. */
export function measured(measure: string, value: number): string {
  if (MILLISECONDS.test(measure)) return formatDuration(value);
  if (SECONDS.test(measure)) return formatDuration(value * 1000);
  return formatNumber(value, { maximumFractionDigits: 2 });
}

const measureName = (measure: string, t: Translate): string => {
  const key = `friction.measure.${measure}`;
  return hasMessage(key) ? t(key) : t('friction.measureNamed', { name: withoutOverrides(measure) });
};

/** A measure as a thing, for captions. */
export const measureTitle = (measure: string, t: Translate): string => {
  const key = `friction.measureOf.${measure}`;
  return hasMessage(key) ? t(key) : withoutOverrides(measure);
};

/** What a finding is about, in words that continue "Between … and …:". */
export function aboutWords(about: FindingAbout, t: Translate): string {
  switch (about.of) {
    case 'measure':
      return t('friction.slow', {
        measure: measureName(about.measure, t),
        threshold: measured(about.measure, about.threshold),
      });
    case 'event': {
      const known = EVENTS[about.name as keyof typeof EVENTS];
      return known ? t(known) : t('friction.event.other', { name: withoutOverrides(about.name) });
    }
    case 'value': {
      const value =
        about.field === 'country' && /^[A-Za-z]{2}$/.test(about.value)
          ? formatCountry(about.value)
          : withoutOverrides(about.value);
      return t(`friction.value.${about.field}`, { value });
    }
  }
}

/** A number for its plural and as it is written. */
export const counted = (count: number) => ({ count, number: formatNumber(count) });

/** An estimated amount, without the small change that nobody knows: three digits. */
export function roughMoney({ currency, amountMinor }: Money): string {
  try {
    const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
      style: 'currency',
      currency,
    }).resolvedOptions();
    return formatNumber(amountMinor / 10 ** maximumFractionDigits, {
      style: 'currency',
      currency,
      maximumSignificantDigits: 3,
    });
  } catch {
    return formatMoney({ currency, amountMinor });
  }
}

/** How likely it is that a finding is chance: one in so many, rounded as people say such things. */
export function chanceWords(q: number, t: Translate): string {
  if (q < 0.0001) return t('friction.chanceSmall', counted(10_000));
  const one = 1 / q;
  const size = 10 ** Math.floor(Math.log10(one));
  return t('friction.chance', counted(one < 10 ? Math.round(one) : Math.round(one / (size / 10)) * (size / 10)));
}

/** How many things were looked at, in all steps together. */
export const lookedAt = ({ looked, steps }: FrictionResult): number =>
  (looked.events + looked.measures.length + looked.values) * Math.max(1, steps.length - 1);

export const percent = (share: number): string =>
  formatNumber(share, { style: 'percent', maximumFractionDigits: share < 0.1 ? 1 : 0 });

/** The device on which most of the loss lies, where it is most of it. */
export function mostlyOn({ byDevice, about, lost }: Finding): string | null {
  if (about.of === 'value' && about.field === 'device') return null;
  const [first, ...others] = byDevice;
  if (!first || first.device === '' || others.length === 0 || first.lost < 0.6 * lost) return null;
  return withoutOverrides(first.device);
}
