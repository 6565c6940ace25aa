import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { Button } from '../../kit/button.tsx';
import { Dot, Num, Tag, Time } from '../../kit/data.tsx';
import { Page, Row } from '../../kit/layout.tsx';
import { Nothing, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { useMay } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import type { Source, SourceKind } from '../../wire.ts';
import { SampleButton } from '../people/sample-button.tsx';
import { SOURCE_ICONS } from './kinds.tsx';
import { NewSource } from './new-source.tsx';
import styles from './sources.module.css';

function columns(t: Translate): Column<Source>[] {
  return [
    {
      name: t('sources.name'),
      cell: (source) => {
        const Icon = SOURCE_ICONS[source.kind] ?? SOURCE_ICONS.server;
        return (
          <span className={styles.name}>
            <span className={styles.icon}>
              <Icon size={18} stroke={1.7} aria-hidden />
            </span>
            <RowLink to={`/sources/${encodeURIComponent(source.id)}`}>{source.name}</RowLink>
          </span>
        );
      },
    },
    { id: 'kind', name: t('sources.kind'), room: 'medium', cell: (source) => t(`sourceKind.${source.kind}`) },
    {
      id: 'state',
      name: t('sources.state'),
      cell: (source) => (
        <Tag tone={source.enabled ? 'good' : 'plain'} icon={<Dot tone={source.enabled ? 'good' : 'plain'} />}>
          {source.enabled ? t('sources.enabled') : t('sources.disabled')}
        </Tag>
      ),
    },
    {
      id: 'lastEvent',
      name: t('sources.lastEvent'),
      room: 'medium',
      cell: (source) => <Time at={source.lastEventAt} />,
    },
    {
      id: 'events',
      name: t('sources.events'),
      number: true,
      cell: (source) => <Num value={source.eventCount} />,
    },
  ];
}

function ExampleSources() {
  const t = useText();
  const rows = (['browser', 'server', 'webhook'] as SourceKind[]).map(
    (kind, index): Source => ({
      id: kind,
      kind,
      name: t(`sourceKind.${kind}`),
      writeKey: '',
      enabled: true,
      mapping: null,
      createdAt: '',
      lastEventAt: new Date(Date.now() - index * 240_000).toISOString(),
      eventCount: [18_204, 3_911, 412][index] ?? 0,
    }),
  );
  return (
    <Table
      label=""
      columns={columns(t).filter((column) => column.room !== 'medium')}
      rows={rows}
      keyOf={(source) => source.id}
    />
  );
}

/** Where events come from. */
export function SourcesPage() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('sources.write');
  const list = useQuery({ queryKey: ['sources'], queryFn: api.sources, refetchInterval: 15_000 });
  const rows = list.data?.items ?? [];
  const create = () => url.set({ new: '1' }, true);
  const view = useListView({ list: 'sources', columns: columns(t), csv: '/api/sources' });
  return (
    <Page
      title={t('sources.title')}
      purpose={t('sources.purpose')}
      {...(rows.length > 0 ? { tools: view.tools } : {})}
      action={
        mayWrite && rows.length > 0 ? (
          <Button look="main" icon={<IconPlus size={16} />} onClick={create}>
            {t('sources.create')}
          </Button>
        ) : null
      }
    >
      <UntilLoaded query={list} failed={t('sources.failed')}>
        <TableSkeleton columns={5} rows={4} />
      </UntilLoaded>
      {list.isSuccess && rows.length === 0 ? (
        <Nothing
          title={t('sources.emptyTitle')}
          text={t('sources.emptyText')}
          actions={
            <Row>
              {mayWrite ? (
                <Button look="main" icon={<IconPlus size={16} />} onClick={create}>
                  {t('sources.create')}
                </Button>
              ) : null}
              <SampleButton />
            </Row>
          }
          preview={<ExampleSources />}
        />
      ) : null}
      {rows.length > 0 ? (
        <Table label={t('sources.title')} columns={view.columns} rows={rows} keyOf={(source) => source.id} clickable />
      ) : null}
      {url.get('new') && mayWrite ? <NewSource onClose={() => url.set({ new: null })} /> : null}
    </Page>
  );
}
