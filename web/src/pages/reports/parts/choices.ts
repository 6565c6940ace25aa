import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { type EventChoice, type FieldChoices, reports } from '../calls.ts';
import { EVENT_FIELDS, type Field, SESSION_FIELDS, type ValueType } from './types.ts';

const KEPT_MS = 60_000;
const NOTHING_YET_MS = 2_000;

/** Names of the events that what is edited here is about: their properties are the ones offered. */
const NamesContext = createContext<readonly string[]>([]);
export const AboutEvents = NamesContext.Provider;
export const useNames = (): readonly string[] => useContext(NamesContext);

/** Events to choose from; `q` is asked of the server only where there are more than it shows at once. */
export function useEvents(q = ''): { items: EventChoice[]; more: boolean; busy: boolean; isLoaded: boolean } {
  const first = useQuery({
    queryKey: ['query', 'events', ''],
    queryFn: ({ signal }) => reports.events('', signal),
    // That nothing has happened yet may be over at any moment.
    staleTime: ({ state }) => (state.data?.items.length ? KEPT_MS : 0),
    refetchInterval: ({ state }) => (state.data?.items.length === 0 ? NOTHING_YET_MS : false),
  });
  const more = first.data?.nextCursor != null;
  const found = useQuery({
    queryKey: ['query', 'events', q],
    queryFn: ({ signal }) => reports.events(q, signal),
    enabled: more && q !== '',
    placeholderData: keepPreviousData,
    staleTime: KEPT_MS,
  });
  const data = more && q !== '' ? found.data : first.data;
  return {
    items: data?.items ?? [],
    more,
    busy: first.isFetching || found.isFetching,
    isLoaded: first.isSuccess,
  };
}

export function useFields(names: readonly string[]): { choices: FieldChoices | undefined; busy: boolean } {
  const asked = useQuery({
    queryKey: ['query', 'fields', names],
    queryFn: ({ signal }) => reports.fields(names, signal),
    placeholderData: keepPreviousData,
    staleTime: KEPT_MS,
  });
  return { choices: asked.data, busy: asked.isFetching };
}

/** What the values of a field are, as far as is known: text where nothing is. */
export function typeOf(field: Field, choices: FieldChoices | undefined): ValueType {
  switch (field.of) {
    case 'event':
      return EVENT_FIELDS[field.name] ?? 'text';
    case 'session':
      return SESSION_FIELDS[field.name] ?? 'text';
    case 'audience':
      return 'audience';
    case 'property':
      return choices?.properties.find((one) => one.name === field.name)?.type ?? 'text';
    case 'trait':
      return choices?.traits.find((one) => one.name === field.name)?.type ?? 'text';
    case 'account':
      return choices?.accountTraits.find((one) => one.name === field.name)?.type ?? 'text';
  }
}
