import { IconExternalLink, IconInbox, IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Button } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { SearchField, SelectField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { Page } from '../../kit/layout.tsx';
import { NothingHere, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { REQUEST_KINDS, type RequestSummary, requestsApi } from './api.ts';
import { NewRequest } from './new-request.tsx';
import { RequestPanel } from './request-panel.tsx';

const STATES = ['waiting', 'unproven', 'open', 'done', 'refused', 'withdrawn'] as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_DAYS = 7;

/** How a request stands, with its due date where somebody has to act. */
function Due({ request }: { request: RequestSummary }) {
  const t = useText();
  if (request.closedAt) return <Time at={request.closedAt} />;
  const days = Math.floor((Date.parse(request.dueAt) - Date.now()) / DAY_MS);
  if (days < 0) return <Tag tone="bad">{t('requests.overdue', { count: -days })}</Tag>;
  return <Tag tone={days < SOON_DAYS ? 'warn' : 'plain'}>{t('requests.daysLeft', { count: days })}</Tag>;
}

const TONES = { unproven: 'plain', open: 'warn', done: 'good', refused: 'plain', withdrawn: 'plain' } as const;

/** What people ask about their data, in the order in which it is due. */
export function RequestsPage() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('requests.write');
  const [q] = useDebouncedValue(url.get('q').trim(), 200);
  const filter = { state: url.get('state'), kind: url.get('kind'), q };
  const list = useInfiniteQuery({
    queryKey: ['requests', filter],
    queryFn: ({ pageParam, signal }) => requestsApi.list(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = filter.state !== '' || filter.kind !== '' || filter.q !== '';
  const columns: Column<RequestSummary>[] = [
    {
      name: t('requests.what'),
      cell: (row) => (
        <RowLink keepScroll to={`?${new URLSearchParams({ ...present(filter), item: row.id })}`}>
          {t(`requests.kind.${row.kind}`)}
        </RowLink>
      ),
    },
    { id: 'who', name: t('requests.who'), cell: (row) => row.name || row.email || t('requests.erased') },
    {
      id: 'state',
      name: t('requests.state'),
      cell: (row) => <Tag tone={TONES[row.state]}>{t(`requests.in.${row.state}`)}</Tag>,
    },
    { id: 'received', name: t('requests.received'), room: 'medium', cell: (row) => <Time at={row.receivedAt} /> },
    { id: 'due', name: t('requests.due'), cell: (row) => <Due request={row} /> },
  ];
  const view = useListView({ list: 'requests', columns, csv: '/api/requests' });
  const enter = mayWrite ? (
    <Button look="main" icon={<IconPlus size={16} />} onClick={() => url.set({ new: '1' }, true)}>
      {t('requests.enter')}
    </Button>
  ) : null;
  const any = (label: string) => ({ value: '', label });
  return (
    <Page
      title={t('requests.title')}
      purpose={
        <>
          {t('requests.purpose')}{' '}
          <a href="/your-data" target="_blank" rel="noreferrer">
            {t('requests.publicPage')} <IconExternalLink size={14} aria-hidden />
          </a>
        </>
      }
      action={enter}
      tools={view.tools}
      filters={
        <>
          <SearchField label={t('requests.search')} value={url.get('q')} onChange={(value) => url.set({ q: value })} />
          <SelectField
            hideLabel
            width={200}
            label={t('requests.state')}
            value={filter.state}
            choices={[
              any(t('requests.anyState')),
              ...STATES.map((value) => ({ value, label: t(`requests.in.${value}`) })),
            ]}
            onChange={(value) => url.set({ state: value })}
          />
          <SelectField
            hideLabel
            width={240}
            label={t('requests.what')}
            value={filter.kind}
            choices={[
              any(t('requests.anyKind')),
              ...REQUEST_KINDS.map((value) => ({ value, label: t(`requests.kind.${value}`) })),
            ]}
            onChange={(value) => url.set({ kind: value })}
          />
        </>
      }
    >
      <UntilLoaded query={list} failed={t('requests.failed')}>
        <TableSkeleton columns={5} rows={5} />
      </UntilLoaded>
      {list.isSuccess && rows.length === 0 ? (
        <NothingHere
          icon={<IconInbox size={32} stroke={1.5} aria-hidden />}
          title={filtered ? t('requests.noneFound') : t('requests.emptyTitle')}
          text={filtered ? t('requests.noneFoundText') : t('requests.emptyText')}
          action={
            filtered ? (
              <Button onClick={() => url.set({ q: null, state: null, kind: null })}>{t('kit.clearFilters')}</Button>
            ) : (
              enter
            )
          }
        />
      ) : null}
      {rows.length > 0 ? (
        <Table
          label={t('requests.title')}
          columns={view.columns}
          rows={rows}
          keyOf={(row) => row.id}
          isOpen={(row) => row.id === url.get('item')}
          clickable
        />
      ) : null}
      <MoreOf list={list} />
      {url.get('item') ? (
        <RequestPanel key={url.get('item')} id={url.get('item')} onClose={() => url.set({ item: null })} />
      ) : null}
      {url.get('new') && mayWrite ? <NewRequest onClose={(id) => url.set({ new: null, item: id ?? null })} /> : null}
    </Page>
  );
}

const present = (filter: Record<string, string>) =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
