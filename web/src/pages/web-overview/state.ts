import { useCallback, useMemo } from 'react';
import type { WebReport } from '../../../../src/core/query/visits/schema.ts';
import { useUrlState } from '../../url-state.ts';
import { intervalFor } from '../reports/parts/period-value.ts';
import type { Period } from '../reports/parts/types.ts';
import { START } from '../reports/report.ts';
import { fromText, isShaped, toText, unusualText } from '../reports/report-url.ts';
import { type Chosen, chosenFrom, filterOf } from './dimensions.ts';

/** Intervals of the chart: shorter ones are a blur, longer ones no chart. */
export const INTERVALS = ['hour', 'day', 'week', 'month'] as const;
/** Rows of each list, and after "more". */
export const FEW = 9;
export const MANY = 100;

/** The report without what was clicked; `compare` is null where nothing is to be compared with. */
export type Asked = Omit<WebReport, 'kind' | 'compare'> & { compare: 'previous' | 'year' | null };

const start = (): Asked => ({ period: { last: 30, unit: 'day' }, interval: 'day', compare: 'previous', top: FEW });

/** What an address says; what it begins with where that is no such report. */
function askedFrom(text: string): Asked {
  const said = text === '' ? null : fromText(text);
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return start();
  const { compare, ...rest } = { ...start(), ...said } as Asked;
  // It has the shape of a report on visits, but for the comparison.
  if (!isShaped({ ...START.sessions(), ...rest, kind: 'sessions' })) return start();
  return { ...rest, compare: compare === 'year' || compare === null ? compare : 'previous' };
}

/** The report as the server takes it. */
export function webReport({ compare, filter, goal, ...rest }: Asked, chosen: Chosen): WebReport {
  const whole = filterOf(chosen, filter);
  return {
    ...rest,
    kind: 'web',
    ...(compare ? { compare } : {}),
    ...(whole ? { filter: whole } : {}),
    ...(goal && goal.events.length > 0 ? { goal } : {}),
  };
}

/** All that the page shows stands in its address. */
export function useWebState() {
  const url = useUrlState();
  const said = url.get('r');
  const clicked = url.get('f');
  const asked = useMemo(() => askedFrom(said), [said]);
  const chosen = useMemo(() => chosenFrom(clicked ? fromText(clicked) : null), [clicked]);
  const { set } = url;
  const change = useCallback(
    (next: Partial<Asked>) => set({ r: unusualText({ ...asked, ...next }, start()), people: null }),
    [asked, set],
  );
  const setPeriod = (period: Period) =>
    change({ period, interval: intervalFor(period, asked.interval, INTERVALS) as Asked['interval'] });
  // A click on a value is a step that Back takes back.
  const choose = useCallback(
    (next: Chosen) => set({ f: Object.keys(next).length > 0 ? toText(next) : null, people: null }, true),
    [set],
  );
  return { url, asked, chosen, change, setPeriod, choose };
}
