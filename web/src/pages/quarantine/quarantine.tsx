import { IconShieldCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { humanise } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { Page } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import type { Quarantined } from '../../wire.ts';
import { reasonText } from '../live/live-row.tsx';
import { MendPanel } from './mend-panel.tsx';

function eventName(event: unknown, fallback: string): string {
  if (typeof event !== 'object' || event === null) return fallback;
  const { event: name, name: other, type } = event as Record<string, unknown>;
  for (const value of [name, other, type]) if (typeof value === 'string' && value) return value;
  return fallback;
}

/** Events that could not be used, kept with their reason, to be mended and sent again. */
export function QuarantinePage() {
  const t = useText();
  const url = useUrlState();
  const { nameOf } = useSources();
  const list = useInfiniteQuery({
    queryKey: ['quarantine'],
    queryFn: ({ pageParam }) => api.quarantine(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 20_000,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const open = rows.find((row) => row.id === url.get('item'));
  const columns: Column<Quarantined>[] = [
    {
      name: t('quarantine.event'),
      cell: (row) => (
        <RowLink keepScroll to={`?item=${encodeURIComponent(row.id)}`}>
          {eventName(row.event, t('quarantine.unreadable'))}
        </RowLink>
      ),
    },
    {
      name: t('details.reason'),
      long: true,
      cell: (row) => (
        <span>
          <Tag tone="warn">{humanise(row.step)}</Tag> {reasonText(row.reason)}
        </span>
      ),
    },
    { name: t('details.source'), room: 'wide', cell: (row) => nameOf(row.sourceId) },
    { name: t('details.when'), room: 'medium', cell: (row) => <Time at={row.at} /> },
    {
      name: t('quarantine.state'),
      room: 'medium',
      cell: (row) =>
        row.resentAt ? <Tag tone="good">{t('quarantine.resent')}</Tag> : <Tag>{t('quarantine.waiting')}</Tag>,
    },
  ];
  return (
    <Page title={t('quarantine.title')} purpose={t('quarantine.purpose')}>
      {list.isPending ? (
        <Loading>
          <TableSkeleton columns={4} rows={5} />
        </Loading>
      ) : null}
      {list.error ? <Refusal title={t('quarantine.failed')} error={list.error} onRetry={() => list.refetch()} /> : null}
      {list.isSuccess && rows.length === 0 ? (
        <NothingHere
          icon={<IconShieldCheck size={32} stroke={1.5} color="var(--good)" aria-hidden />}
          title={t('quarantine.emptyTitle')}
          text={t('quarantine.emptyText')}
        />
      ) : null}
      {rows.length > 0 ? (
        <Table
          label={t('quarantine.title')}
          columns={columns}
          rows={rows}
          keyOf={(row) => row.id}
          isOpen={(row) => row.id === open?.id}
          clickable
        />
      ) : null}
      {list.hasNextPage ? (
        <div style={{ display: 'flex', justifyContent: 'center', padding: 16 }}>
          <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            {t('kit.more')}
          </Button>
        </div>
      ) : null}
      {open ? (
        <MendPanel
          key={open.id}
          item={open}
          name={eventName(open.event, t('quarantine.unreadable'))}
          sourceName={nameOf(open.sourceId)}
          onClose={() => url.set({ item: null })}
        />
      ) : null}
    </Page>
  );
}
