import { formatDate, formatNumber } from '../../format.ts';

const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** A trait's value as people read it. */
export function traitText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  if (typeof value === 'number') return formatNumber(value, { useGrouping: Math.abs(value) >= 100_000 });
  if (typeof value === 'boolean') return value ? '✓' : '✗';
  if (typeof value === 'string') {
    if (ISO_DAY.test(value)) return formatDate(`${value}T12:00:00`, { dateStyle: 'medium' });
    if (ISO_TIME.test(value)) return formatDate(value, { dateStyle: 'medium', timeStyle: 'short' });
    return value;
  }
  if (Array.isArray(value)) return value.map(traitText).join(', ');
  return Object.values(value as object)
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .join(', ');
}
