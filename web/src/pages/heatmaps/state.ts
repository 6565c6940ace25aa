import { useCallback, useMemo } from 'react';
import { useUrlState } from '../../url-state.ts';
import type { Meta } from '../reports/calls.ts';
import type { Filter, Period } from '../reports/parts/types.ts';
import { START } from '../reports/report.ts';
import { fromText, isShaped, toText, unusualText } from '../reports/report-url.ts';
import type { FormsReport, HeatmapReport } from './calls.ts';

export const MAPS = ['clicks', 'rage', 'dead', 'moves', 'scroll', 'attention'] as const;
export const DEVICES = ['all', 'desktop', 'tablet', 'mobile'] as const;
export const COMPARISONS = ['none', 'previous', 'filter'] as const;
const VIEWS = ['map', 'forms'] as const;

/** What is looked at. Of the page nothing is said until one is chosen: then it is the most seen. */
export interface Asked {
  view: (typeof VIEWS)[number];
  page: string;
  form: string;
  device: (typeof DEVICES)[number];
  map: (typeof MAPS)[number];
  period: Period;
  filter?: Filter | undefined;
  compare: (typeof COMPARISONS)[number];
  /** Whom the second map is of, where filters are compared. */
  other?: Filter | undefined;
}

const start = (): Asked => ({
  ...{ view: 'map', page: '', form: '', device: 'all', map: 'clicks', compare: 'none' },
  period: { last: 30, unit: 'day' },
});

/** What an address says; what it begins with where that makes no sense. */
function askedFrom(text: string): Asked {
  const said = text === '' ? null : fromText(text);
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return start();
  const asked = { ...start(), ...said } as Asked;
  const known =
    (VIEWS as readonly string[]).includes(asked.view) &&
    (DEVICES as readonly string[]).includes(asked.device) &&
    (MAPS as readonly string[]).includes(asked.map) &&
    (COMPARISONS as readonly string[]).includes(asked.compare) &&
    typeof asked.page === 'string' &&
    typeof asked.form === 'string';
  const { period, filter, other } = asked;
  // Period and filters are shaped as those of any report.
  const shaped = [filter, other].every((one) => isShaped({ ...START.sessions(), period, filter: one }));
  return known && shaped ? asked : start();
}

/** All that the page shows stands in its address. */
export function useHeatmapState() {
  const url = useUrlState();
  const said = url.get('r');
  const asked = useMemo(() => askedFrom(said), [said]);
  const { set } = url;
  const change = useCallback(
    (next: Partial<Asked>) => set({ r: unusualText({ ...asked, ...next }, start()), people: null }),
    [asked, set],
  );
  return { url, asked, change };
}

const withFilter = (filter: Filter | undefined) => (filter ? { filter } : {});

export const heatmapOf = ({ page, device, map, period, filter }: Asked): HeatmapReport => ({
  ...{ kind: 'heatmap', page, device, map, period },
  ...withFilter(filter),
});

export const formsOf = ({ page, form, period, filter }: Asked): FormsReport => ({
  ...{ kind: 'forms', period },
  ...(page ? { page } : {}),
  ...(form ? { form } : {}),
  ...withFilter(filter),
});

/** The second map: as many days before, or others in the same time. Null until the first is there to say which days. */
export function otherOf(asked: Asked, meta: Meta | undefined): HeatmapReport | null {
  if (asked.compare === 'filter') return heatmapOf({ ...asked, filter: asked.other });
  if (asked.compare === 'none' || !meta) return null;
  const [from, to] = [Date.parse(meta.from), Date.parse(meta.to)];
  const day = (at: number) => new Intl.DateTimeFormat('en-CA', { timeZone: meta.zone }).format(at);
  return { ...heatmapOf(asked), period: { from: day(2 * from - to), to: day(from - 1) } };
}

/** Where a stored report of these kinds is looked at. */
export function heatmapAddress(report: HeatmapReport | FormsReport): string {
  const { kind, page = '', ...rest } = report;
  const said = toText({ ...rest, page, view: kind === 'forms' ? 'forms' : 'map' });
  return `/heatmaps?${new URLSearchParams({ r: said })}`;
}
