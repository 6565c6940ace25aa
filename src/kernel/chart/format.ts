import type { Unit } from './spec.ts';

const SECOND = 1000;
const DAY = 86_400 * SECOND;
const STEPS = [
  ['day', DAY],
  ['hour', 3_600 * SECOND],
  ['minute', 60 * SECOND],
  ['second', SECOND],
  ['millisecond', 1],
] as const;

/** Numbers by locale and unit. `short` is for axes: 1.2K, 3 hr. An unknown currency keeps its code. */
export function chartFormat(locale: string): (value: number, unit: Unit, short?: boolean) => string {
  const made = new Map<string, Intl.NumberFormat>();
  const number = (value: number, options: Intl.NumberFormatOptions) => {
    const key = JSON.stringify(options);
    let format = made.get(key);
    if (!format) {
      format = new Intl.NumberFormat(locale, options);
      made.set(key, format);
    }
    return format.format(value);
  };
  const plain = (value: number, short: boolean, decimals?: number) =>
    short && Math.abs(value) >= 1_000
      ? number(value, { notation: 'compact', maximumFractionDigits: 1 })
      : number(value, { maximumFractionDigits: decimals ?? (Math.abs(value) < 100 ? 2 : 0) });

  return (value, unit, short = false) => {
    if (!Number.isFinite(value)) return '–';
    switch (unit.kind) {
      case 'number':
        return plain(value, short, unit.decimals);
      case 'custom':
        return `${plain(value, short)} ${unit.name}`;
      case 'percent': {
        const digits = unit.decimals ?? (Math.abs(value) < 0.1 ? 2 : 1);
        return number(value, { style: 'percent', maximumFractionDigits: short ? Math.min(digits, 1) : digits });
      }
      case 'duration':
        return duration(value, short, number);
      case 'money':
        return money(value, unit.currency, short, number);
    }
  };
}

type Write = (value: number, options: Intl.NumberFormatOptions) => string;

/** The two largest units: `1 hr 5 min`; on an axis only the largest. */
function duration(milliseconds: number, short: boolean, number: Write): string {
  if (milliseconds < 0) return `−${duration(-milliseconds, short, number)}`;
  const at = Math.max(
    STEPS.findIndex(([, size]) => milliseconds >= size),
    0,
  );
  const [name, size] = milliseconds < 1 ? STEPS[4] : STEPS[at]!;
  const next = STEPS[at + 1];
  const unit = (value: number, of: string, digits = 0) =>
    number(value, { style: 'unit', unit: of, unitDisplay: 'short', maximumFractionDigits: digits });
  if (short || !next || size <= SECOND) return unit(milliseconds / size, name, milliseconds < 10 * size ? 1 : 0);
  // Rounded in the smaller unit, so that 59.9 minutes are an hour and not sixty minutes.
  const rounded = Math.round(milliseconds / next[1]) * next[1];
  const above = STEPS[at - 1];
  if (above && rounded >= above[1]) return duration(rounded, short, number);
  const whole = unit(Math.floor(rounded / size), name);
  return rounded % size ? `${whole} ${unit((rounded % size) / next[1], next[0])}` : whole;
}

function money(minor: number, currency: string, short: boolean, number: Write): string {
  try {
    const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
    const major = minor / 10 ** (digits ?? 2);
    if (short && Math.abs(major) >= 1_000) {
      return number(major, { style: 'currency', currency, notation: 'compact', maximumFractionDigits: 1 });
    }
    return number(major, { style: 'currency', currency, ...(short ? { trailingZeroDisplay: 'stripIfInteger' } : {}) });
  } catch {
    return `${number(minor / 100, { minimumFractionDigits: 2, maximumFractionDigits: 2 })} ${currency}`;
  }
}

/** The amount in the unit that people write: major units of a currency, the number itself otherwise. */
export function plainValue(value: number, unit: Unit): number {
  if (unit.kind !== 'money') return value;
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency: unit.currency });
    return value / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
  } catch {
    return value / 100;
  }
}

/** What stands after a column's name in a file, so that bare numbers say what they are. */
export function unitName(unit: Unit): string {
  return (
    { number: '', percent: '0–1', duration: 'ms', money: '', custom: '' }[unit.kind] ||
    (unit.kind === 'money' ? unit.currency : unit.kind === 'custom' ? unit.name : '')
  );
}
