import {
  IconBookmark,
  IconBookmarkPlus,
  IconChevronDown,
  IconDeviceFloppy,
  IconPencil,
  IconPin,
  IconPinnedOff,
  IconTrash,
  IconUsers,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';
import { late } from '../kit/late.tsx';
import { Menu, type MenuAction, type MenuGroup } from '../kit/menu.tsx';
import { reasonOf } from '../kit/states.tsx';
import { toast } from '../kit/toast.tsx';
import { useUndoable } from '../kit/undoable.ts';
import { useMay } from '../session.tsx';
import { useText } from '../text.tsx';
import styles from './view-chooser.module.css';
import { queryOf, type View, viewCalls } from './views.ts';

const ViewPanel = late(() => import('./view-panel.tsx').then((part) => part.ViewPanel));
/** In the address: which view is open. `none` is said by who does not want the one that opens by itself. */
const VIEW = 'view';
const NONE = 'none';

/** Which saved view of a list is open, beside the list's title; the others, and what can be done with them. */
export function ViewChooser({ list, names }: { list: string; names: readonly string[] }) {
  const t = useText();
  const queries = useQueryClient();
  const mayShare = useMay('views.write');
  const [params, setParams] = useSearchParams();
  const [panel, setPanel] = useState<'new' | 'rename' | null>(null);
  const views = useQuery({ queryKey: ['views', list], queryFn: () => viewCalls.list(list), staleTime: 60_000 });
  const all = views.data?.items ?? [];
  const now = queryOf(params, names);
  const current = all.find((view) => view.id === params.get(VIEW));
  const changed = current !== undefined && queryOf(new URLSearchParams(current.query), names) !== now;
  const mayChange = (view: View) => (view.shared ? mayShare : view.mine);

  const open = (view: View | null, replace = false) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const name of names) next.delete(name);
        for (const [name, value] of new URLSearchParams(view?.query)) if (names.includes(name)) next.set(name, value);
        if (view) next.set(VIEW, view.id);
        else if (all.some((one) => one.isDefault)) next.set(VIEW, NONE);
        else next.delete(VIEW);
        return next;
      },
      { replace },
    );
  const usual = all.find((view) => view.isDefault);
  const untouched = now === '' && !params.has(VIEW);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the page is opened as it is, or its views arrive.
  useEffect(() => {
    if (usual && untouched) open(usual, true);
  }, [usual?.id, untouched]);

  const refresh = () => queries.invalidateQueries({ queryKey: ['views', list] });
  const failed = (error: unknown) => toast(reasonOf(error, t), { bad: true });
  const change = useMutation({
    mutationFn: ({ view, ...what }: { view: View; query?: string; shared?: boolean }) =>
      viewCalls.change(view.id, what),
    onSuccess: () => toast(t('views.saved')),
    onError: failed,
    onSettled: refresh,
  });
  const openWith = useMutation({
    mutationFn: (view: View | null) => viewCalls.openWith(list, view?.id ?? null),
    onError: failed,
    onSettled: refresh,
  });
  const remove = useUndoable<View>({
    act: async (view) => {
      await viewCalls.remove(view.id);
      open(null);
    },
    undo: (view) => viewCalls.restore(view.id),
    done: (view) => t('views.deleted', { name: view.name }),
    changes: [['views', list]],
  });

  const item = (view: View): MenuAction => ({
    label: view.name,
    icon: view.isDefault ? <IconPin size={16} /> : <IconBookmark size={16} />,
    checked: view === current,
    onClick: () => open(view),
  });
  const own = all.filter((view) => !view.shared);
  const shared = all.filter((view) => view.shared);
  const doings: MenuAction[] = [
    ...(current && changed && mayChange(current)
      ? [
          {
            label: t('views.saveChanges'),
            icon: <IconDeviceFloppy size={16} />,
            onClick: () => change.mutate({ view: current, query: now }),
          },
        ]
      : []),
    { label: t('views.saveNew'), icon: <IconBookmarkPlus size={16} />, onClick: () => setPanel('new') },
    ...(current
      ? [
          {
            label: current.isDefault ? t('views.noDefault') : t('views.makeDefault'),
            icon: current.isDefault ? <IconPinnedOff size={16} /> : <IconPin size={16} />,
            onClick: () => openWith.mutate(current.isDefault ? null : current),
          },
        ]
      : []),
    ...(current && mayChange(current)
      ? [
          { label: t('views.rename'), icon: <IconPencil size={16} />, onClick: () => setPanel('rename') },
          ...(mayShare
            ? [
                {
                  label: current.shared ? t('views.unshare') : t('views.share'),
                  icon: <IconUsers size={16} />,
                  onClick: () => change.mutate({ view: current, shared: !current.shared }),
                },
              ]
            : []),
          {
            label: t('views.delete'),
            icon: <IconTrash size={16} />,
            onClick: () => remove.mutate(current, { onError: failed }),
          },
        ]
      : []),
  ];
  const groups: MenuGroup[] = [
    { key: 'all', items: [{ label: t('views.everything'), checked: !current, onClick: () => open(null) }] },
    { key: 'mine', label: t('views.mine'), items: own.map(item) },
    { key: 'shared', label: t('views.shared'), items: shared.map(item) },
    { key: 'do', items: doings },
  ].filter((group) => group.items.length > 0);
  return (
    <>
      <Menu
        width={260}
        below="start"
        groups={groups}
        target={
          <button
            type="button"
            className={styles.chooser}
            aria-label={t('views.choose', { name: current?.name ?? t('views.everything') })}
          >
            <IconBookmark size={15} aria-hidden />
            <bdi>{current?.name ?? t('views.everything')}</bdi>
            {changed ? <span className={styles.changed}>{t('views.changed')}</span> : null}
            <IconChevronDown size={14} aria-hidden />
          </button>
        }
      />
      {panel ? (
        <ViewPanel
          list={list}
          query={now}
          view={panel === 'rename' ? current : undefined}
          onSaved={open}
          onClose={() => setPanel(null)}
        />
      ) : null}
    </>
  );
}
