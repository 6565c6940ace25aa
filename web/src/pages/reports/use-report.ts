import { useCallback, useMemo, useRef } from 'react';
import { useLocation, useNavigate } from 'react-router';
import type { Kind, Report } from './report.ts';
import { fromLink, searchWith } from './report-url.ts';

/** Changes that follow one another within this time are one step back. */
const ONE_STEP_MS = 400;

/** The other parts of an address of a report: the way to look at it, and the part whose people are shown. */
const OTHERS = ['view', 'people'] as const;
type Others = Partial<Record<(typeof OTHERS)[number], string>>;

/**
 * The report of the address, and ways to change it that leave a step back behind. Null for an address that holds none.
 */
export function useReport(kind: Kind): {
  report: Report | null;
  change: (report: Report) => void;
  others: Record<(typeof OTHERS)[number], string>;
  setOthers: (others: Others, push?: boolean) => void;
} {
  const { search, pathname } = useLocation();
  const navigate = useNavigate();
  const changedAt = useRef(0);
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const said = params.get('r') ?? '';
  const report = useMemo(() => fromLink(kind, said), [kind, said]);
  const view = params.get('view') ?? '';
  const people = params.get('people') ?? '';
  const go = useCallback(
    (next: Report, others: Record<string, string>, replace: boolean) =>
      navigate(`${pathname}${searchWith(next, others)}`, { replace, preventScrollReset: true }),
    [navigate, pathname],
  );
  const change = useCallback(
    (next: Report) => {
      const now = performance.now();
      go(next, { view }, now - changedAt.current < ONE_STEP_MS);
      changedAt.current = now;
    },
    [go, view],
  );
  const setOthers = useCallback(
    (others: Others, push = false) => {
      if (report) go(report, { view, people, ...others }, !push);
    },
    [go, report, view, people],
  );
  return { report, change, others: { view, people }, setOthers };
}
