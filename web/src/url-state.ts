import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

type Change = Record<string, string | null>;

/**
 * What the URL's query says, and a way to change it without moving the page. A filter replaces the entry in the
 * history; opening a panel (`push`) adds one, so that Back closes it.
 */
export function useUrlState(): { get: (name: string) => string; set: (change: Change, push?: boolean) => void } {
  const [params, setParams] = useSearchParams();
  const get = useCallback((name: string) => params.get(name) ?? '', [params]);
  const set = useCallback(
    (change: Change, push = false) => {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries(change)) {
            if (value) next.set(name, value);
            else next.delete(name);
          }
          return next;
        },
        { replace: !push, preventScrollReset: true },
      );
    },
    [setParams],
  );
  return { get, set };
}
