import { IconInbox, IconListCheck } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { formatDuration, formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Stat, Tag, Time } from '../../kit/data.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Page, Stack } from '../../kit/layout.tsx';
import { NothingHere, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type CaseSummary, casesApi } from './api.ts';
import { CasePanel } from './case-panel.tsx';
import styles from './cases.module.css';
import { RulesPanel } from './rules-panel.tsx';
import { saidText } from './words.ts';

const HOUR_MS = 3_600_000;
const STATES = ['waiting', 'late', 'open', 'answered', 'closed'] as const;
const TONES = { open: 'warn', answered: 'accent', closed: 'plain' } as const;

/** Customers who wait for an answer to what they said, in the order in which they are to have it. */
export function CasesPage() {
  const t = useText();
  const url = useUrlState();
  const filter = { state: url.get('state') || 'waiting', owner: url.get('owner') };
  const filtered = filter.state !== 'waiting' || filter.owner !== '';
  const list = useInfiniteQuery({
    queryKey: ['cases', filter],
    queryFn: ({ pageParam, signal }) =>
      casesApi.list(filter.state === 'all' ? { owner: filter.owner } : filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const outdated = list.isPlaceholderData;
  const columns: Column<CaseSummary>[] = [
    {
      name: t('cases.customer'),
      cell: (row) => (
        <RowLink keepScroll to={`?${new URLSearchParams({ state: filter.state, owner: filter.owner, item: row.id })}`}>
          <bdi>{row.person.name}</bdi>
          <small className={styles.narrow}>{saidText(row, t)}</small>
        </RowLink>
      ),
    },
    {
      id: 'said',
      name: t('cases.said'),
      room: 'medium',
      cell: (row) => <span className={styles.said}>{saidText(row, t)}</span>,
    },
    { id: 'rule', name: t('cases.rule'), room: 'medium', cell: (row) => <bdi>{row.rule}</bdi> },
    {
      id: 'owner',
      name: t('cases.owner'),
      cell: (row) => row.owner?.name ?? <Tag tone="warn">{t('cases.nobody')}</Tag>,
    },
    {
      id: 'state',
      name: t('cases.stateLabel'),
      room: 'medium',
      cell: (row) => (
        <Tag tone={row.outcome === 'recovered' ? 'good' : TONES[row.state]}>
          {row.outcome ? t(`cases.outcome.${row.outcome}`) : t(`cases.state.${row.state}`)}
        </Tag>
      ),
    },
    {
      id: 'due',
      name: t('cases.due'),
      cell: (row) =>
        row.late ? (
          <Tag tone="bad">
            <Time at={row.dueAt} />
          </Tag>
        ) : (
          <Time at={row.closedAt ?? row.answeredAt ?? row.dueAt} />
        ),
    },
  ];
  const view = useListView({ list: 'cases', columns, csv: '/api/voices/cases' });
  const owners = useQuery({
    queryKey: ['cases', 'owners'],
    queryFn: ({ signal }) => casesApi.owners(signal),
    staleTime: 60_000,
  });
  const rules = (
    <Button icon={<IconListCheck size={16} />} onClick={() => url.set({ rules: '1' }, true)}>
      {t('cases.rules')}
    </Button>
  );
  return (
    <Page
      title={t('cases.title')}
      purpose={t('cases.purpose')}
      action={rules}
      tools={view.tools}
      filters={
        <>
          <SelectField
            hideLabel
            width={200}
            label={t('cases.stateLabel')}
            value={filter.state}
            choices={[
              ...STATES.map((value) => ({ value, label: t(`cases.state.${value}`) })),
              { value: 'all', label: t('cases.state.all') },
            ]}
            onChange={(state) => url.set({ state })}
          />
          <SelectField
            hideLabel
            searchable
            width={220}
            label={t('cases.owner')}
            value={filter.owner}
            choices={[
              { value: '', label: t('cases.anybody') },
              { value: 'me', label: t('cases.mine') },
              { value: 'nobody', label: t('cases.nobody') },
              ...(owners.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
            ]}
            onChange={(owner) => url.set({ owner })}
          />
        </>
      }
    >
      <Stack gap={16}>
        <Summary />
        <UntilLoaded
          query={{ ...list, isPending: list.isPending || (outdated && rows.length === 0) }}
          failed={t('cases.failed')}
        >
          <TableSkeleton columns={6} rows={5} />
        </UntilLoaded>
        {list.isSuccess && !outdated && rows.length === 0 ? (
          <NothingHere
            icon={<IconInbox size={32} stroke={1.5} aria-hidden />}
            title={t(filtered ? 'cases.noneFits' : 'cases.emptyTitle')}
            text={t(filtered ? 'cases.noneFitsText' : 'cases.emptyText')}
            action={
              filtered ? (
                <Button onClick={() => url.set({ state: null, owner: null })}>{t('cases.showWaiting')}</Button>
              ) : (
                rules
              )
            }
          />
        ) : null}
        {rows.length > 0 ? (
          <div data-outdated={outdated || undefined} aria-busy={outdated}>
            <Table
              label={t('cases.title')}
              columns={view.columns}
              rows={rows}
              keyOf={(row) => row.id}
              isOpen={(row) => row.id === url.get('item')}
              clickable
            />
          </div>
        ) : null}
        <MoreOf list={list} />
      </Stack>
      {url.get('item') ? (
        <CasePanel key={url.get('item')} id={url.get('item')} onClose={() => url.set({ item: null })} />
      ) : null}
      {url.get('rules') ? <RulesPanel onClose={() => url.set({ rules: null })} /> : null}
    </Page>
  );
}

const share = (of: { value: number; low: number; high: number } | null) =>
  of ? formatNumber(of.value, { style: 'percent', maximumFractionDigits: 0 }) : '–';

/** What came of the cases of the last 90 days. */
function Summary() {
  const t = useText();
  const read = useQuery({ queryKey: ['cases', 'summary'], queryFn: ({ signal }) => casesApi.summary(signal) });
  const of = read.data;
  if (!of || of.opened === 0) return null;
  const between = (one: typeof of.recovered) =>
    one
      ? t('cases.between', {
          low: formatNumber(one.low, { style: 'percent', maximumFractionDigits: 0 }),
          high: formatNumber(one.high, { style: 'percent', maximumFractionDigits: 0 }),
        })
      : undefined;
  const { answered, not } = of.after;
  return (
    <section className={styles.summary} aria-label={t('cases.summary')}>
      <Stat label={t('cases.opened')} value={formatNumber(of.opened)} note={t('cases.summary')} />
      <Stat
        label={t('cases.hours')}
        value={of.hoursToAnswer === null ? '–' : formatDuration(of.hoursToAnswer * HOUR_MS)}
        note={t('cases.median')}
      />
      <Stat label={t('cases.inTime')} value={share(of.inTime)} note={between(of.inTime)} />
      <Stat label={t('cases.recovered')} value={share(of.recovered)} note={between(of.recovered)} />
      {answered.customers + not.customers > 0 ? (
        <Stat
          label={t('cases.cameBack')}
          value={`${share(answered.cameBack)} / ${share(not.cameBack)}`}
          note={t('cases.cameBackNote')}
        />
      ) : null}
    </section>
  );
}
