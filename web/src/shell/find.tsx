import { IconHistory } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type RefObject, useEffect, useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { registeredActions } from '../actions.ts';
import { api } from '../api.ts';
import { Avatar } from '../kit/data.tsx';
import { useDebouncedValue } from '../kit/hooks.ts';
import { Palette, type PaletteItem } from '../kit/palette.tsx';
import { PAGES } from '../pages.tsx';
import { useMe } from '../session.tsx';
import { loadAreas, useText } from '../text.tsx';
import { mayOpen } from './open-page.tsx';
import { recentPages } from './recent.ts';
import { useShellActions } from './shell-actions.tsx';

const WAIT_MS = 150;
const MOST_PEOPLE = 8;

/** Loads what it says, then is the component. */
export const prepare = async () => {
  await loadAreas(['action']);
  return FindAnything;
};

/** Without case and accents: `Zoe` finds Zoë. */
const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/** Each word that was typed begins a word of the text or stands within it. */
function matches(text: string, wanted: string): boolean {
  const folded = fold(text);
  return fold(wanted)
    .split(/\s+/)
    .every((word) => folded.includes(word));
}

/** ⌘K: where one was, pages and actions by name at once, people as the server finds them. */
function FindAnything({
  open,
  early,
  onClose,
  onShortcuts,
}: {
  open: boolean;
  /** What was typed before this was there. */
  early: RefObject<string>;
  onClose: () => void;
  onShortcuts: () => void;
}) {
  const t = useText();
  const navigate = useNavigate();
  const me = useMe();
  const [query, setQuery] = useState(() => early.current);
  const [asked] = useDebouncedValue(query.trim(), WAIT_MS);
  useEffect(() => {
    if (!open) setQuery('');
  }, [open]);
  const people = useQuery({
    queryKey: ['people', 'palette', asked],
    queryFn: ({ signal }) => api.people({ q: asked, limit: MOST_PEOPLE }, signal),
    enabled: open && asked.length > 0 && mayOpen(me, 'people.read'),
    placeholderData: keepPreviousData,
  });

  const wanted = query.trim();
  const maySee = mayOpen(me, 'people.read');
  const behind =
    maySee && wanted !== '' && !people.error && (asked !== wanted || people.isPlaceholderData || people.isPending);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked up when the palette opens.
  const recent = useMemo(() => recentPages(me.id), [open, me.id]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked up when the palette opens.
  const ofPage = useMemo(registeredActions, [open]);
  const shellActions = useShellActions(onShortcuts);
  const visited: PaletteItem[] = wanted
    ? []
    : recent
        .filter(({ path }) => path !== location.pathname)
        .map(({ path, title }) => ({
          key: `recent-${path}`,
          group: t('shell.recent'),
          label: title,
          icon: <IconHistory size={18} stroke={1.7} aria-hidden />,
          run: () => navigate(path),
        }));
  const pages: PaletteItem[] = PAGES.filter((page) => page.icon && mayOpen(me, page.permission))
    .filter((page) => matches(t(page.label), wanted))
    .map((page) => ({
      key: page.path,
      group: t('shell.pages'),
      label: t(page.label),
      ...(page.group ? { hint: t(`nav.${page.group}`) } : {}),
      ...(page.key ? { keys: `G ${page.key.toUpperCase()}` } : {}),
      icon: page.icon ? <page.icon size={18} stroke={1.7} aria-hidden /> : null,
      run: () => navigate(`/${page.path}`),
    }));
  const actions: PaletteItem[] = [...ofPage, ...shellActions]
    .filter((action) => !action.permission || mayOpen(me, action.permission))
    .filter((action) => (wanted ? matches(action.label, wanted) : !action.quiet))
    .map((action) => ({
      key: `action-${action.key}`,
      group: t('shell.actions'),
      label: action.label,
      icon: action.icon,
      run: action.run,
    }));
  const found: PaletteItem[] =
    wanted === ''
      ? []
      : (people.data?.items ?? [])
          // Those of before that do not fit what is typed now are not offered as if they did.
          .filter((person) => !behind || matches(`${person.displayName} ${person.email ?? ''}`, wanted))
          .map((person) => ({
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
      busy={behind}
      none={behind ? t('kit.loading') : t('shell.findNone')}
      query={query}
      onQuery={setQuery}
      items={[...visited, ...pages, ...actions, ...found]}
    />
  );
}
