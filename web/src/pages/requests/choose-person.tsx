import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.ts';
import { Button } from '../../kit/button.tsx';
import { SearchField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { type RequestDetail, requestsApi } from './api.ts';

const MOST = 5;

/** Says whose request it is, where the address alone does not, or says otherwise. */
export function ChoosePerson({ request, onChosen }: { request: RequestDetail; onChosen: () => void }) {
  const t = useText();
  const [query, setQuery] = useState('');
  const [asked] = useDebouncedValue(query.trim(), 200);
  const found = useQuery({
    queryKey: ['people', 'request', asked],
    queryFn: ({ signal }) => api.people({ q: asked, limit: MOST }, signal),
    enabled: asked !== '',
    placeholderData: keepPreviousData,
  });
  const choose = useMutation({
    mutationFn: (personId: string) => requestsApi.change(request.id, { personId }),
    onSuccess: () => {
      setQuery('');
      onChosen();
    },
  });
  return (
    <Stack gap={8}>
      <SearchField label={t('requests.choosePerson')} value={query} onChange={setQuery} width={320} />
      {choose.error ? <Refusal title={t('requests.actFailed')} error={choose.error} /> : null}
      {asked === ''
        ? null
        : (found.data?.items ?? []).map((person) => (
            <div key={person.id}>
              <Button busy={choose.isPending} onClick={() => choose.mutate(person.id)}>
                {person.displayName}
                {person.email && person.email !== person.displayName ? ` · ${person.email}` : ''}
              </Button>
            </div>
          ))}
    </Stack>
  );
}
