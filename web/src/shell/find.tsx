import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api.ts';
import { Avatar } from '../kit/data.tsx';
import { useDebouncedValue } from '../kit/hooks.ts';
import { Palette, type PaletteItem } from '../kit/palette.tsx';
import { useMe } from '../session.tsx';
import { useText } from '../text.tsx';
import { PAGE_GROUPS } from './pages.tsx';

const WAIT_MS = 150;
const MOST_PEOPLE = 8;

/** ⌘K: pages by name at once, people as the server finds them. */
export function FindAnything({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const me = useMe();
  const [query, setQuery] = useState('');
  const [asked] = useDebouncedValue(query.trim(), WAIT_MS);
  useEffect(() => {
    if (!open) setQuery('');
  }, [open]);
  const people = useQuery({
    queryKey: ['people', 'palette', asked],
    queryFn: ({ signal }) => api.people({ q: asked, limit: MOST_PEOPLE }, signal),
    enabled: open && asked.length > 0 && me.permissions.includes('people.read'),
    placeholderData: keepPreviousData,
  });

  const wanted = query.trim().toLocaleLowerCase();
  const pages: PaletteItem[] = PAGE_GROUPS.flatMap((group) =>
    group.pages
      .filter((page) => me.permissions.includes(page.permission))
      .filter((page) => t(page.label).toLocaleLowerCase().includes(wanted))
      .map((page) => ({
        key: page.to.slice(1),
        group: t('shell.pages'),
        label: t(page.label),
        hint: t(group.name),
        icon: <page.icon size={18} stroke={1.7} aria-hidden />,
        run: () => navigate(page.to),
      })),
  );
  const found: PaletteItem[] =
    wanted === ''
      ? []
      : (people.data?.items ?? []).map((person) => ({
          key: person.id,
          group: t('nav.people'),
          label: person.displayName,
          ...(person.email && person.email !== person.displayName ? { hint: person.email } : {}),
          icon: <Avatar name={person.displayName} size={22} />,
          run: () => navigate(`/people/${person.id}`),
        }));
  return (
    <Palette
      open={open}
      onClose={onClose}
      label={t('shell.findLabel')}
      none={people.isFetching ? t('kit.loading') : t('shell.findNone')}
      query={query}
      onQuery={setQuery}
      items={[...pages, ...found]}
    />
  );
}
