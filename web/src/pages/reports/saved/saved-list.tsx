import { IconStar } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { withQuery } from '../../../api.ts';
import { Button } from '../../../kit/button.tsx';
import { Tag, Time } from '../../../kit/data.tsx';
import { SearchField, Segments } from '../../../kit/field.tsx';
import { useDebouncedValue } from '../../../kit/hooks.ts';
import { Page } from '../../../kit/layout.tsx';
import { NothingHere, UntilLoaded } from '../../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../../kit/table.tsx';
import { useListView } from '../../../lists/list-view.tsx';
import { MoreOf } from '../../../lists/more.tsx';
import { useText } from '../../../text.tsx';
import { useUrlState } from '../../../url-state.ts';
import type { ListOf } from '../../../wire.ts';
import type { SavedAbout, SavedCalls } from './calls.ts';
import { FavouriteButton } from './favourite.tsx';
import styles from './saved.module.css';

/**
 * A list of saved things: the favourites first, found by a part of the name. `empty` stands in its place where there is
 * none at all.
 */
export function SavedList<Row extends SavedAbout>({
  list,
  title,
  purpose,
  calls,
  to,
  columns,
  action,
  empty,
  alwaysShared,
  isOpen,
  children,
}: {
  /** Its name among saved views. */
  list: string;
  title: string;
  purpose: string;
  calls: SavedCalls & {
    list: (query: { q?: string; favourites?: boolean; cursor?: string | null }) => Promise<ListOf<Row>>;
  };
  to: (row: Row) => string;
  /** Between the name and who changed it last. */
  columns: Column<Row>[];
  action?: ReactNode;
  empty: ReactNode;
  alwaysShared?: boolean;
  isOpen?: (row: Row) => boolean;
  children?: ReactNode;
}) {
  const t = useText();
  const url = useUrlState();
  const q = url.get('q');
  const [typed] = useDebouncedValue(q, 250);
  const favourites = url.get('favourites') === '1';
  const found = useInfiniteQuery({
    queryKey: ['saved', calls.path, 'list', typed, favourites],
    queryFn: ({ pageParam }) => calls.list({ q: typed, favourites, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (before) => before,
  });
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const all: Column<Row>[] = [
    {
      name: t('saved.name'),
      long: true,
      cell: (row) => (
        <span className={styles.name}>
          <span className={styles.star}>
            <FavouriteButton small of={row} calls={calls} />
          </span>
          <span>
            <RowLink to={to(row)}>
              <bdi>{row.name}</bdi>
            </RowLink>
            {row.description ? <div className={styles.dim}>{row.description}</div> : null}
          </span>
        </span>
      ),
    },
    ...columns,
    {
      id: 'owner',
      name: t('saved.owner'),
      room: 'medium',
      cell: (row) => <bdi>{row.mine ? t('saved.you') : row.ownerName}</bdi>,
    },
    ...(alwaysShared
      ? []
      : [
          {
            id: 'shared',
            name: t('saved.seenBy'),
            room: 'wide' as const,
            cell: (row: Row) => <Tag>{t(row.shared ? 'saved.shared' : 'saved.private')}</Tag>,
          },
        ]),
    {
      id: 'changed',
      name: t('saved.changed'),
      cell: (row) => (
        <>
          <Time at={row.changedAt} />
          <div className={styles.dim}>
            <bdi>{row.changedBy}</bdi>
          </div>
        </>
      ),
    },
  ];
  const csv = withQuery(calls.path, { q: typed, favourites: favourites ? 'true' : null });
  const view = useListView({ list, columns: all, params: ['q', 'favourites'], csv });
  const narrowed = typed !== '' || favourites;
  const isEmpty = found.isSuccess && rows.length === 0;
  return (
    <Page
      title={title}
      purpose={purpose}
      tools={view.tools}
      action={isEmpty && !narrowed ? null : action}
      filters={
        isEmpty && !narrowed ? null : (
          <>
            <SearchField label={t('saved.search')} value={q} onChange={(text) => url.set({ q: text })} />
            <Segments
              label={t('saved.which')}
              value={favourites ? 'favourites' : 'all'}
              choices={[
                { value: 'all', label: t('saved.all') },
                { value: 'favourites', label: t('saved.favourites') },
              ]}
              onChange={(which) => url.set({ favourites: which === 'favourites' ? '1' : null })}
            />
          </>
        )
      }
    >
      <UntilLoaded query={found} failed={t('saved.listFailed')}>
        <TableSkeleton columns={4} rows={5} />
      </UntilLoaded>
      {isEmpty && narrowed ? (
        <NothingHere
          icon={<IconStar size={28} stroke={1.5} aria-hidden />}
          title={t('saved.noneFound')}
          text={t('saved.noneFoundText')}
          action={<Button onClick={() => url.set({ q: null, favourites: null })}>{t('saved.showAll')}</Button>}
        />
      ) : null}
      {isEmpty && !narrowed ? empty : null}
      {rows.length > 0 ? (
        <Table
          label={title}
          columns={view.columns}
          rows={rows}
          keyOf={(row) => row.id}
          clickable
          {...(isOpen ? { isOpen } : {})}
        />
      ) : null}
      <MoreOf list={found} />
      <div style={{ marginBlockStart: rows.length > 0 ? 28 : 0 }}>{children}</div>
    </Page>
  );
}
