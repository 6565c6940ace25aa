import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import { api } from './api.ts';
import type { Source } from './wire.ts';

/**
 * The sources, for choices and names; they change seldom. They are asked for again when `mentioned` holds one that is
 * not among them: it was made after the page was opened.
 */
export function useSources(mentioned: (string | null)[] = []): {
  sources: Source[];
  nameOf: (sourceId: string | null) => string;
} {
  const { data, refetch } = useQuery({ queryKey: ['sources'], queryFn: api.sources, staleTime: 30_000 });
  const sources = data?.items;
  const known = new Set(sources?.map((source) => source.id));
  const unknown = sources ? [...new Set(mentioned.filter((id) => id !== null && !known.has(id)))].sort().join(' ') : '';
  useEffect(() => {
    if (unknown) refetch();
  }, [unknown, refetch]);
  const nameOf = useCallback(
    (sourceId: string | null) => sources?.find((source) => source.id === sourceId)?.name ?? sourceId ?? '—',
    [sources],
  );
  return { sources: sources ?? [], nameOf };
}
