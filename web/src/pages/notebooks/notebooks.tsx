import { IconPlus, IconSql } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { Num, Tag, Time } from '../../kit/data.tsx';
import { SearchField } from '../../kit/field.tsx';
import { Page } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { calls, type Summary } from './calls.ts';
import { FIRST_SQL, newCell } from './cells.ts';

/** Notebooks of SQL: one's own and those that colleagues share. */
export function NotebooksPage() {
  const t = useText();
  const url = useUrlState();
  const navigate = useNavigate();
  const q = url.get('q');
  const list = useInfiniteQuery({
    queryKey: ['notebooks', q],
    queryFn: ({ pageParam }) => calls.list({ q, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const create = useMutation({
    mutationFn: () => calls.create({ name: t('notebooks.unnamed'), cells: [newCell('sql', FIRST_SQL)] }),
    onSuccess: ({ id }) => navigate(`/notebooks/${id}`),
  });
  const action = (
    <Button look="main" icon={<IconPlus size={16} />} busy={create.isPending} onClick={() => create.mutate()}>
      {t('notebooks.new')}
    </Button>
  );
  const columns: Column<Summary>[] = [
    { name: t('notebooks.name'), cell: (row) => <RowLink to={`/notebooks/${row.id}`}>{row.name}</RowLink> },
    {
      name: t('notebooks.seenBy'),
      cell: (row) => (row.shared ? <Tag tone="accent">{t('notebooks.shared')}</Tag> : t('notebooks.private')),
    },
    { name: t('notebooks.owner'), room: 'medium', cell: (row) => row.ownerName },
    { name: t('notebooks.queries'), number: true, room: 'medium', cell: (row) => <Num value={row.queries} /> },
    { name: t('notebooks.changed'), cell: (row) => <Time at={row.changedAt} /> },
  ];
  const some = rows.length > 0;
  return (
    <Page
      title={t('notebooks.title')}
      purpose={t('notebooks.purpose')}
      action={some || q ? action : null}
      filters={
        some || q ? (
          <SearchField
            label={t('notebooks.find')}
            placeholder={t('notebooks.find')}
            value={q}
            onChange={(text) => url.set({ q: text })}
          />
        ) : null
      }
    >
      {create.error ? <Refusal title={t('notebooks.createFailed')} error={create.error} /> : null}
      {list.error ? (
        <Refusal title={t('notebooks.loadFailed')} error={list.error} onRetry={() => list.refetch()} />
      ) : null}
      {list.isPending ? (
        <Loading>
          <TableSkeleton columns={5} rows={4} />
        </Loading>
      ) : null}
      {list.isSuccess && !some ? (
        <NothingHere
          icon={<IconSql size={32} stroke={1.5} color="var(--accent-ink)" aria-hidden />}
          title={q ? t('notebooks.noneFound') : t('notebooks.emptyTitle')}
          text={q ? null : t('notebooks.emptyText')}
          action={q ? null : action}
        />
      ) : null}
      {some ? (
        <Table label={t('notebooks.title')} columns={columns} rows={rows} keyOf={(row) => row.id} clickable />
      ) : null}
      <MoreOf list={list} />
    </Page>
  );
}
