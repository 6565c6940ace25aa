import { useMemo } from 'react';
import { useUrlState } from '../../url-state.ts';
import { fromText, toText } from '../reports/report-url.ts';
import type { Filters } from './filters-bar.tsx';

const NAMES = ['period', 'filter', 'zone'] as const;
/** In the address: no such filter, although the dashboard is saved with one. */
const NONE = 'none';

/** The filters that are looked under: the address's where it has any, else those that the dashboard is saved with. */
export function useFilters(stored: Filters): { value: Filters; change: (filters: Filters) => void } {
  const url = useUrlState();
  const said = NAMES.map((name) => url.get(name)).join('\n');
  const value = useMemo(() => {
    const parts = said.split('\n');
    const read = NAMES.flatMap((name, index) => {
      const text = parts[index];
      if (text === NONE) return [];
      const found = text ? (name === 'zone' ? text : fromText(text)) : stored[name];
      return found ? [[name, found] as const] : [];
    });
    return Object.fromEntries(read) as Filters;
  }, [said, stored]);
  const change = (next: Filters) =>
    url.set(
      Object.fromEntries(
        NAMES.map((name) => {
          const [wanted, saved] = [next[name], stored[name]];
          if (JSON.stringify(wanted) === JSON.stringify(saved)) return [name, null];
          return [name, wanted === undefined ? NONE : typeof wanted === 'string' ? wanted : toText(wanted)];
        }),
      ),
    );
  return { value, change };
}
