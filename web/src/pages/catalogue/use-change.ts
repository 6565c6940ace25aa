import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import type { CatalogueDetail, Key } from './calls.ts';

/** Changes the event and shows what the server then says of it. */
export function useChange<V>(key: Key, change: (what: V) => Promise<CatalogueDetail>) {
  const t = useText();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (event) => {
      queries.setQueryData(['catalogue', 'event', key.type, key.name], (before: CatalogueDetail | undefined) =>
        event.name === key.name && event.type === key.type ? event : before,
      );
      queries.invalidateQueries({ queryKey: ['catalogue', 'list'] });
      toast(t('catalogue.saved'));
    },
  });
}
