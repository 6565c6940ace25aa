import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Button } from '../../kit/button.tsx';
import { Num, Time } from '../../kit/data.tsx';
import { Page } from '../../kit/layout.tsx';
import { Nothing, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { useMay } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { calls, type Destination, whereOf } from './calls.ts';
import { DestinationForm } from './destination-form.tsx';
import styles from './destinations.module.css';
import { KindIcon, StateTag } from './state.tsx';

function columns(t: Translate): Column<Destination>[] {
  return [
    {
      name: t('destinations.name'),
      long: true,
      cell: (one) => (
        <span className={styles.name}>
          <KindIcon kind={one.kind} />
          <span>
            <RowLink to={`/destinations/${encodeURIComponent(one.id)}`}>{one.name}</RowLink>
            <span className={styles.where}>{whereOf(one)}</span>
          </span>
        </span>
      ),
    },
    { id: 'state', name: t('destinations.stateName'), cell: (one) => <StateTag destination={one} /> },
    {
      id: 'delivered',
      name: t('destinations.deliveredToday'),
      number: true,
      cell: (one) => <Num value={one.health.deliveredToday} />,
    },
    {
      id: 'failed',
      name: t('destinations.failedToday'),
      number: true,
      room: 'medium',
      cell: (one) => <Num value={one.health.failedToday} />,
    },
    {
      id: 'held',
      name: t('destinations.heldToday'),
      number: true,
      room: 'medium',
      cell: (one) => <Num value={one.health.heldToday} />,
    },
    {
      id: 'last',
      name: t('destinations.lastSuccess'),
      room: 'wide',
      cell: (one) => <Time at={one.lastSuccessAt} />,
    },
  ];
}

function ExampleDestinations() {
  const t = useText();
  const base: Destination = {
    id: '1',
    name: 'CRM',
    kind: 'webhook',
    enabled: true,
    filter: {},
    condition: null,
    purposes: [],
    webhook: {
      url: 'https://crm.example.com/hooks',
      signature: 'v1',
      concurrency: 10,
      perSecond: null,
      disableAfterDays: 5,
      tellErasures: true,
    },
    files: null,
    stopped: null,
    failingSince: null,
    lastSuccessAt: new Date().toISOString(),
    lastError: null,
    pausedUntil: null,
    createdAt: '',
    health: { deliveredToday: 1820, failedToday: 0, leftToday: 0, heldToday: 41, held: {}, waiting: 0 },
  };
  const files: Destination = {
    ...base,
    id: '2',
    name: 'Warehouse',
    kind: 'files',
    webhook: null,
    files: {
      format: 'parquet',
      every: 'hour',
      zone: 'UTC',
      rowsPerFile: 100_000,
      place: { kind: 'folder', path: 'warehouse/events' },
    },
    health: { ...base.health, deliveredToday: 92_410, heldToday: 0 },
  };
  return (
    <Table
      label=""
      columns={columns(t).filter((column) => !column.room)}
      rows={[base, files]}
      keyOf={(one) => one.id}
    />
  );
}

/** Where events go to. */
export function DestinationsPage() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('destinations.write');
  const list = useQuery({ queryKey: ['destinations'], queryFn: calls.list, refetchInterval: 10_000 });
  const rows = list.data?.items ?? [];
  const view = useListView({ list: 'destinations', columns: columns(t), csv: '/api/destinations' });
  const create = (
    <Button look="main" icon={<IconPlus size={16} />} onClick={() => url.set({ new: '1' }, true)}>
      {t('destinations.create')}
    </Button>
  );
  return (
    <Page
      title={t('destinations.title')}
      purpose={t('destinations.purpose')}
      {...(rows.length > 0 ? { tools: view.tools } : {})}
      action={mayWrite && rows.length > 0 ? create : null}
    >
      <UntilLoaded query={list} failed={t('destinations.failed')}>
        <TableSkeleton columns={5} rows={4} />
      </UntilLoaded>
      {list.isSuccess && rows.length === 0 ? (
        <Nothing
          title={t('destinations.emptyTitle')}
          text={t('destinations.emptyText')}
          actions={mayWrite ? create : null}
          preview={<ExampleDestinations />}
        />
      ) : null}
      {rows.length > 0 ? (
        <Table label={t('destinations.title')} columns={view.columns} rows={rows} keyOf={(one) => one.id} clickable />
      ) : null}
      {url.get('new') && mayWrite ? <DestinationForm onClose={() => url.set({ new: null })} /> : null}
    </Page>
  );
}
