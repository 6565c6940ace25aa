import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api } from './api.ts';
import type { Source } from './wire.ts';

/** The sources, for choices and names; they change seldom. */
export function useSources(): { sources: Source[]; nameOf: (sourceId: string | null) => string } {
  const list = useQuery({ queryKey: ['sources'], queryFn: api.sources, staleTime: 30_000 });
  const sources = list.data?.items;
  const nameOf = useCallback(
    (sourceId: string | null) => sources?.find((source) => source.id === sourceId)?.name ?? sourceId ?? '—',
    [sources],
  );
  return { sources: sources ?? [], nameOf };
}
