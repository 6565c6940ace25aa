import { IconArrowDown, IconArrowUp, IconPlus, IconWand } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { formatDuration } from '../../format.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { Num, Tag } from '../../kit/data.tsx';
import { Page, Row } from '../../kit/layout.tsx';
import { NothingHere, Refusal, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useMay } from '../../session.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { calls, type Transformation } from './calls.ts';
import { NewPanel } from './new-panel.tsx';
import { StateTag } from './state-tag.tsx';

/** What a source's events go through before they are stored, in order. */
export function TransformationsPage() {
  const t = useText();
  const url = useUrlState();
  const queries = useQueryClient();
  const { sourceId = '' } = useParams();
  const { nameOf } = useSources([sourceId]);
  const mayWrite = useMay('transformations.write');
  const key = ['transformations', sourceId];
  const list = useQuery({ queryKey: key, queryFn: () => calls.list(sourceId), refetchInterval: 5_000 });
  const rows = list.data?.items ?? [];
  const order = useMutation({
    mutationFn: (ids: string[]) => calls.order(sourceId, ids),
    onSuccess: (sorted) => queries.setQueryData(key, sorted),
  });
  const move = (at: number, by: number) => {
    const ids = rows.map((row) => row.id);
    [ids[at], ids[at + by]] = [ids[at + by]!, ids[at]!];
    order.mutate(ids);
  };
  const create = mayWrite ? (
    <Button look="main" icon={<IconPlus size={16} />} onClick={() => url.set({ new: '1' }, true)}>
      {t('transformations.new')}
    </Button>
  ) : null;
  const columns: Column<Transformation>[] = [
    {
      name: t('transformations.name'),
      cell: (row) => <RowLink to={`/sources/${sourceId}/transformations/${row.id}`}>{row.name}</RowLink>,
    },
    {
      name: t('transformations.kind'),
      room: 'wide',
      cell: (row) => t(`transformations.content.${row.content.kind}`),
    },
    {
      name: t('transformations.stateName'),
      cell: (row) => (
        <Row gap={4}>
          <StateTag of={row} />
          {row.changed && row.published !== null ? <Tag tone="accent">{t('transformations.unpublished')}</Tag> : null}
        </Row>
      ),
    },
    { name: t('transformations.events'), number: true, cell: (row) => <Num value={row.today.events} /> },
    {
      name: t('transformations.dropped'),
      number: true,
      room: 'medium',
      cell: (row) => <Num value={row.today.dropped} />,
    },
    { name: t('transformations.failed'), number: true, cell: (row) => <Num value={row.today.failed} /> },
    {
      name: t('transformations.cpu'),
      number: true,
      room: 'wide',
      cell: (row) => formatDuration(row.today.cpuMilliseconds),
    },
    ...(mayWrite && rows.length > 1
      ? [
          {
            name: t('transformations.order'),
            room: 'medium' as const,
            cell: (row: Transformation) => {
              const at = rows.indexOf(row);
              return (
                <Row gap={2}>
                  {at > 0 ? (
                    <IconButton
                      small
                      label={t('transformations.upNamed', { name: row.name })}
                      onClick={() => move(at, -1)}
                    >
                      <IconArrowUp size={16} />
                    </IconButton>
                  ) : null}
                  {at < rows.length - 1 ? (
                    <IconButton
                      small
                      label={t('transformations.downNamed', { name: row.name })}
                      onClick={() => move(at, 1)}
                    >
                      <IconArrowDown size={16} />
                    </IconButton>
                  ) : null}
                </Row>
              );
            },
          },
        ]
      : []),
  ];
  return (
    <Page
      title={t('transformations.title')}
      purpose={t('transformations.purpose')}
      back={{ to: `/sources/${sourceId}`, label: nameOf(sourceId) }}
      action={rows.length > 0 ? create : null}
    >
      <UntilLoaded query={list} failed={t('transformations.loadFailed')}>
        <TableSkeleton columns={5} rows={3} />
      </UntilLoaded>
      {order.error ? <Refusal title={t('transformations.orderFailed')} error={order.error} /> : null}
      {list.isSuccess && rows.length === 0 ? (
        <NothingHere
          icon={<IconWand size={32} stroke={1.5} color="var(--accent-ink)" aria-hidden />}
          title={t('transformations.emptyTitle')}
          text={t('transformations.emptyText')}
          action={create}
        />
      ) : null}
      {rows.length > 0 ? (
        <Table label={t('transformations.title')} columns={columns} rows={rows} keyOf={(row) => row.id} clickable />
      ) : null}
      {url.get('new') && mayWrite ? <NewPanel sourceId={sourceId} onClose={() => url.set({ new: null })} /> : null}
    </Page>
  );
}
