import type { AuditItem } from '../../../../src/core/audit/entries.ts';
import { ask, withQuery } from '../../api.ts';
import type { ListOf } from '../../wire.ts';

export type Entry = AuditItem;
/** As in the address: `from` and `to` are days, both included. */
export type AuditFilter = {
  actor: string;
  action: string;
  subject: string;
  outcome: string;
  from: string;
  to: string;
};

const DAY_MS = 86_400_000;
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The start of a day, or of the day after it, as a moment; nothing for what is no day. */
function startOf(day: string, after = 0): string | null {
  if (!ISO_DAY.test(day)) return null;
  const start = new Date(`${day}T00:00:00`);
  // Noon of the day after, then its midnight: days are not all of one length.
  if (after) start.setTime(start.getTime() + after * DAY_MS + DAY_MS / 2);
  start.setHours(0, 0, 0, 0);
  return start.toISOString();
}

/** The list's address with its filters, for reading and for the export. */
export const auditAddress = ({ from, to, ...rest }: AuditFilter): string =>
  withQuery('/api/audit', { ...rest, from: startOf(from), to: startOf(to, 1) });

export const auditCalls = {
  list: (filter: AuditFilter, cursor: string | null, signal?: AbortSignal) => {
    const address = auditAddress(filter);
    const more = cursor ? `${address.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}` : '';
    return ask<ListOf<Entry>>('GET', address + more, undefined, signal);
  },
};
