import { type DrawnReport, START } from './report.ts';
import { isShaped } from './report-url.ts';

/** Whether a report has the shape that its pictures count on; what its values mean the server checks. */
export function isDrawn(report: unknown): report is DrawnReport {
  const { kind, of, period, filter, zone, fields, waits } = (report ?? {}) as Record<string, unknown>;
  if (kind !== 'drivers') return isShaped(report);
  const lists = Array.isArray(waits) && Array.isArray(fields) && fields.every((one) => typeof one === 'object' && one);
  return Boolean(lists) && isShaped({ ...START.score(), of, period, filter, zone });
}
