import { IconHistory, IconMailbox, IconRefresh, IconSend } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Time } from '../../kit/data.tsx';
import { SearchField, SelectField } from '../../kit/field.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { NothingHere, Refusal, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { toast } from '../../kit/toast.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { calls, type Delivery, type Destination, STATUSES } from './calls.ts';
import { DeliveryPanel } from './delivery-panel.tsx';
import { PastPanel } from './past-panel.tsx';
import { DeliveryTag } from './state.tsx';

const DAY_MS = 24 * 60 * 60_000;

/** The log of a webhook, with what can be sent again. */
export function Deliveries({ destination, mayWrite }: { destination: Destination; mayWrite: boolean }) {
  const t = useText();
  const url = useUrlState();
  const queries = useQueryClient();
  const { id } = destination;
  const [status, q] = [url.get('status'), url.get('q')];
  const list = useInfiniteQuery({
    queryKey: ['destination', id, 'deliveries', status, q],
    queryFn: ({ pageParam }) => calls.deliveries(id, { status, q, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 4_000,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const changed = () => queries.invalidateQueries({ queryKey: ['destination', id] });
  const test = useMutation({
    mutationFn: () => calls.test(id),
    onSuccess: ({ eventId }) => {
      changed();
      url.set({ delivery: eventId }, true);
    },
  });
  const failed = useMutation({
    mutationFn: () => calls.resendFailed(id, new Date(Date.now() - 30 * DAY_MS).toISOString()),
    onSuccess: ({ count }) => {
      changed();
      toast(t('destinations.resentFailed', { count, number: formatNumber(count) }));
    },
  });
  const link = (row: Delivery) => {
    const query = new URLSearchParams({ delivery: row.eventId });
    if (status) query.set('status', status);
    if (q) query.set('q', q);
    return `?${query}`;
  };
  const columns: Column<Delivery>[] = [
    {
      name: t('destinations.event'),
      cell: (row) => (
        <RowLink keepScroll to={link(row)}>
          {row.name}
        </RowLink>
      ),
    },
    { name: t('destinations.statusName'), cell: (row) => <DeliveryTag delivery={row} /> },
    {
      name: t('destinations.answer'),
      room: 'wide',
      cell: (row) => (row.last ? (row.last.status ?? t('destinations.noAnswer')) : '—'),
    },
    { name: t('destinations.attempts'), number: true, room: 'medium', cell: (row) => formatNumber(row.attempts) },
    { name: t('destinations.when'), room: 'medium', cell: (row) => <Time at={row.createdAt} /> },
  ];
  const open = url.get('delivery');
  return (
    <Card
      title={t('destinations.log')}
      hint={t('destinations.logHint')}
      action={
        mayWrite && destination.enabled ? (
          <Row>
            <Button small icon={<IconHistory size={15} />} onClick={() => url.set({ past: '1' }, true)}>
              {t('destinations.replay')}
            </Button>
            <Button small icon={<IconRefresh size={15} />} busy={failed.isPending} onClick={() => failed.mutate()}>
              {t('destinations.resendFailed')}
            </Button>
            <Button small look="main" icon={<IconSend size={15} />} busy={test.isPending} onClick={() => test.mutate()}>
              {t('destinations.test')}
            </Button>
          </Row>
        ) : null
      }
    >
      <Stack gap={14}>
        {test.error ? <Refusal title={t('destinations.testFailed')} error={test.error} /> : null}
        {failed.error ? <Refusal title={t('destinations.resendRefused')} error={failed.error} /> : null}
        <Row>
          <SearchField
            label={t('destinations.search')}
            value={q}
            onChange={(text) => url.set({ q: text || null })}
            width={320}
          />
          <SelectField
            label={t('destinations.statusName')}
            hideLabel
            width={190}
            value={status}
            choices={[
              { value: '', label: t('destinations.anyStatus') },
              ...STATUSES.map((one) => ({ value: one, label: t(`destinations.status.${one}`) })),
            ]}
            onChange={(one) => url.set({ status: one || null })}
          />
        </Row>
        <UntilLoaded query={list} failed={t('destinations.logFailed')}>
          <TableSkeleton columns={4} rows={5} />
        </UntilLoaded>
        {list.isSuccess && rows.length === 0 ? (
          <NothingHere
            icon={<IconMailbox size={32} stroke={1.5} aria-hidden />}
            title={t('destinations.logEmpty')}
            text={status || q ? t('destinations.logNone') : t('destinations.logEmptyText')}
          />
        ) : null}
        {rows.length > 0 ? (
          <Table
            label={t('destinations.log')}
            columns={columns}
            rows={rows}
            keyOf={(row) => row.eventId}
            isOpen={(row) => row.eventId === open}
            clickable
          />
        ) : null}
        <MoreOf list={list} />
      </Stack>
      {open ? (
        <DeliveryPanel
          key={open}
          destination={destination}
          eventId={open}
          mayWrite={mayWrite}
          onClose={() => url.set({ delivery: null })}
        />
      ) : null}
      {url.get('past') && mayWrite ? (
        <PastPanel destination={destination} onClose={() => url.set({ past: null })} />
      ) : null}
    </Card>
  );
}
