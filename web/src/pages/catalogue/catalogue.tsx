import { IconAdjustments, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { withQuery } from '../../api.ts';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Spark, Tag, Time } from '../../kit/data.tsx';
import { SearchField, SelectField } from '../../kit/field.tsx';
import { Page } from '../../kit/layout.tsx';
import { Nothing, NothingHere, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { useMay } from '../../session.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type CatalogueEvent, catalogue, type Filter, pageOf } from './calls.ts';
import styles from './catalogue.module.css';
import { NewEventPanel } from './new-event.tsx';
import { PlanPanel } from './plan-panel.tsx';
import { StatusTag, useEventTitle } from './words.tsx';

const FILTERS = ['q', 'type', 'status', 'owner', 'source', 'hidden', 'sort'] as const;

/** Everything that comes in, by name: how much, since when, whose, and whether it is as planned. */
export function CataloguePage() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('catalogue.write');
  const titleOf = useEventTitle();
  const { sources, nameOf } = useSources();
  const filter = Object.fromEntries(FILTERS.map((name) => [name, url.get(name)])) as Filter;
  const isFiltered = FILTERS.some((name) => name !== 'sort' && filter[name] !== '');
  const owners = useQuery({ queryKey: ['catalogue', 'owners'], queryFn: catalogue.owners, staleTime: 60_000 });
  const list = useInfiniteQuery({
    queryKey: ['catalogue', 'list', filter],
    queryFn: ({ pageParam }) => catalogue.list(filter, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: (before) => before,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const more = useMore(list.hasNextPage && !list.isFetchingNextPage, list.fetchNextPage);
  const any = (label: string) => ({ value: '', label });

  const columns: Column<CatalogueEvent>[] = [
    {
      name: t('catalogue.event'),
      cell: (row) => (
        <div style={{ minInlineSize: 0 }}>
          <div className={styles.name}>
            <RowLink to={pageOf(row)}>{titleOf(row)}</RowLink>
            {row.type === 'track' || row.type === row.name ? null : <Tag>{row.type}</Tag>}
          </div>
          {row.description ? <div className={styles.sub}>{row.description}</div> : null}
        </div>
      ),
    },
    {
      id: 'volume',
      name: t('catalogue.volume'),
      number: true,
      cell: (row) => (
        <span className={styles.volume}>
          <Spark values={row.days} slots={row.days.length} width={84} height={24} />
          {formatNumber(row.days.reduce((sum, day) => sum + day, 0))}
        </span>
      ),
    },
    {
      id: 'status',
      name: t('catalogue.status'),
      room: 'medium',
      cell: (row) => (
        <span className={styles.name}>
          <StatusTag status={row.status} />
          {row.violations > 0 ? <Tag tone="warn">{t('catalogue.breaches', { count: row.violations })}</Tag> : null}
        </span>
      ),
    },
    { id: 'owner', name: t('catalogue.owner'), room: 'wide', cell: (row) => row.owner?.name ?? '—' },
    {
      id: 'sources',
      name: t('catalogue.sources'),
      room: 'wide',
      extra: true,
      cell: (row) => row.sourceIds.map(nameOf).join(', '),
    },
    { id: 'lastSeen', name: t('catalogue.lastSeen'), room: 'medium', cell: (row) => <Time at={row.lastSeenAt} /> },
  ];
  const view = useListView({
    list: 'catalogue',
    columns,
    params: FILTERS,
    csv: withQuery('/api/catalogue/events', filter),
  });

  return (
    <Page
      title={t('catalogue.title')}
      purpose={t('catalogue.purpose')}
      tools={view.tools}
      action={
        <>
          <Button icon={<IconAdjustments size={16} />} onClick={() => url.set({ panel: 'plan' }, true)}>
            {t('catalogue.plan')}
          </Button>
          {mayWrite ? (
            <Button look="main" icon={<IconPlus size={16} />} onClick={() => url.set({ panel: 'new' }, true)}>
              {t('catalogue.planEvent')}
            </Button>
          ) : null}
        </>
      }
      filters={
        <>
          <SearchField label={t('catalogue.search')} value={filter.q} onChange={(q) => url.set({ q })} />
          <SelectField
            hideLabel
            width={150}
            label={t('catalogue.type')}
            value={filter.type}
            onChange={(type) => url.set({ type })}
            choices={[
              any(t('catalogue.anyType')),
              ...['track', 'page', 'screen', 'identify', 'group', 'alias'].map((type) => ({
                value: type,
                label: type,
              })),
            ]}
          />
          <SelectField
            hideLabel
            width={160}
            label={t('catalogue.status')}
            value={filter.status}
            onChange={(status) => url.set({ status })}
            choices={[
              any(t('catalogue.anyStatus')),
              ...(['seen', 'planned', 'deprecated', 'renamed'] as const).map((value) => ({
                value,
                label: t(`catalogue.state.${value}`),
              })),
            ]}
          />
          <SelectField
            hideLabel
            width={160}
            label={t('catalogue.owner')}
            value={filter.owner}
            onChange={(owner) => url.set({ owner })}
            choices={[
              any(t('catalogue.anyOwner')),
              { value: 'none', label: t('catalogue.noOwner') },
              ...(owners.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
          <SelectField
            hideLabel
            width={160}
            label={t('catalogue.source')}
            value={filter.source}
            onChange={(source) => url.set({ source })}
            choices={[any(t('catalogue.anySource')), ...sources.map(({ id, name }) => ({ value: id, label: name }))]}
          />
          <SelectField
            hideLabel
            width={150}
            label={t('catalogue.hidden')}
            value={filter.hidden}
            onChange={(hidden) => url.set({ hidden })}
            choices={[any(t('catalogue.visibleOnes')), { value: 'true', label: t('catalogue.hiddenOnes') }]}
          />
          <SelectField
            hideLabel
            width={170}
            label={t('catalogue.sort')}
            value={filter.sort}
            onChange={(sort) => url.set({ sort })}
            choices={[
              any(t('catalogue.byVolume')),
              { value: 'lastSeen', label: t('catalogue.byLastSeen') },
              { value: 'name', label: t('catalogue.byName') },
            ]}
          />
        </>
      }
    >
      <UntilLoaded query={list} failed={t('catalogue.failed')}>
        <TableSkeleton columns={5} />
      </UntilLoaded>
      {list.isSuccess && rows.length === 0 ? (
        isFiltered ? (
          <NothingHere
            title={t('catalogue.noneTitle')}
            text={t('catalogue.noneText')}
            action={
              <Button onClick={() => url.set(Object.fromEntries(FILTERS.map((name) => [name, null])))}>
                {t('catalogue.clearFilters')}
              </Button>
            }
          />
        ) : (
          <Nothing
            title={t('catalogue.emptyTitle')}
            text={t('catalogue.emptyText')}
            preview={<TableSkeleton columns={4} rows={4} />}
          />
        )
      ) : null}
      {rows.length > 0 ? (
        <Table
          label={t('catalogue.title')}
          columns={view.columns}
          rows={rows}
          keyOf={(row) => `${row.type} ${row.name}`}
          clickable
        />
      ) : null}
      {list.hasNextPage ? (
        <div ref={more} style={{ display: 'flex', justifyContent: 'center', padding: 16 }}>
          <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
            {t('kit.more')}
          </Button>
        </div>
      ) : null}
      {url.get('panel') === 'plan' ? <PlanPanel onClose={() => url.set({ panel: null })} /> : null}
      {url.get('panel') === 'new' ? <NewEventPanel onClose={() => url.set({ panel: null })} /> : null}
    </Page>
  );
}

/** Fetches what comes next a screen before its place is reached; the button there remains for the keyboard. */
function useMore(ready: boolean, fetchNext: () => unknown) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const watched = element.current;
    if (!ready || !watched) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && fetchNext(), {
      rootMargin: '1200px',
    });
    observer.observe(watched);
    return () => observer.disconnect();
  }, [ready, fetchNext]);
  return element;
}
