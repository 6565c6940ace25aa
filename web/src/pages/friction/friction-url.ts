import type { FrictionReport } from '../../../../src/core/query/friction/schema.ts';
import type { FunnelReport } from '../reports/report.ts';
import { nothingYet, START } from '../reports/report.ts';
import { fromText, isShaped, toText, unusual } from '../reports/report-url.ts';

export type { FrictionReport };

/** The defaults of the server's schema. */
export const frictionStart = (): FrictionReport => ({
  kind: 'friction',
  period: { last: 30, unit: 'day' },
  steps: [
    { what: nothingYet(), optional: false },
    { what: nothingYet(), optional: false },
  ],
  window: { count: 14, unit: 'day' },
  by: 'person',
  atLeast: 20,
  falseShare: 0.05,
  top: 20,
});

export const frictionToLink = (report: FrictionReport): string => toText(unusual(report, frictionStart()));

/** The report of an address; what it begins with where the address says nothing. Null for what is no such report. */
export function frictionFromLink(text: string): FrictionReport | null {
  if (text === '') return frictionStart();
  const said = fromText(text);
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return null;
  const report = { ...frictionStart(), ...said, kind: 'friction' } as FrictionReport;
  const { period, filter, zone, weekStart, sample, steps, window, by } = report;
  // It has the shape of a funnel, and numbers beside.
  const funnel = { ...START.funnel(), period, filter, zone, weekStart, sample, steps, window, by };
  const numbers = [report.atLeast, report.falseShare, report.top];
  return isShaped(funnel) && numbers.every((one) => typeof one === 'number') ? report : null;
}

/** The same steps as a funnel has them, asked what stands in their way. Accounts are looked at by their people. */
export function frictionOf({
  period,
  filter,
  zone,
  weekStart,
  sample,
  steps,
  window,
  by,
}: FunnelReport): FrictionReport {
  return {
    ...frictionStart(),
    ...{ period, filter, zone, weekStart, sample, steps, window },
    by: by === 'session' ? 'session' : 'person',
  };
}

/** Where the friction of a funnel can be looked at. */
export const frictionAddress = (funnel: FunnelReport): string =>
  `/friction?${new URLSearchParams({ r: frictionToLink(frictionOf(funnel)) })}`;

export const isFrictionReady = (report: FrictionReport): boolean =>
  report.steps.length >= 2 && report.steps.every(({ what }) => what.events.length > 0);
