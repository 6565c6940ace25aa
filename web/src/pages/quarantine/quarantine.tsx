import { IconShieldCheck } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { withQuery } from '../../api.ts';
import { formatNumber, humanise } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Spark, Tag, Time } from '../../kit/data.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Page, Stack } from '../../kit/layout.tsx';
import { NothingHere, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { toast } from '../../kit/toast.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useMay } from '../../session.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { reasonText } from '../live/live-row.tsx';
import { type Filter, type Group, keyOf, quarantine } from './calls.ts';
import { GroupPanel } from './group-panel.tsx';
import { MendPanel } from './mend-panel.tsx';
import { Runs } from './runs.tsx';

const FILTERS = ['state', 'step', 'source', 'event'] as const;
const STEPS = ['decode', 'transform', 'plan', 'enrich', 'resolve', 'write'] as const;
const KEEP_CHOICES = [7, 14, 30, 60, 90, 180, 365];

/** Why events could not be used, and how many; each cause is mended once, and all of its events sent again. */
export function QuarantinePage() {
  const t = useText();
  const url = useUrlState();
  const { sources, nameOf } = useSources();
  const filter = Object.fromEntries(FILTERS.map((name) => [name, url.get(name)])) as Filter;
  const isFiltered = FILTERS.some((name) => filter[name]);
  const list = useInfiniteQuery({
    queryKey: ['quarantine', 'groups', filter],
    queryFn: ({ pageParam }) => quarantine.groups(filter, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 20_000,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const open = rows.find((row) => keyOf(row) === url.get('group'));
  /** The page's address with something else open beside it. */
  const linkTo = (change: Record<string, string>) => withQuery('', { ...filter, ...change });
  const columns: Column<Group>[] = [
    {
      name: t('details.reason'),
      long: true,
      cell: (row) => (
        <span>
          <Tag tone="warn">{humanise(row.step)}</Tag>{' '}
          <RowLink keepScroll to={linkTo({ group: keyOf(row) })}>
            {reasonText(row.reason)}
          </RowLink>
        </span>
      ),
    },
    { name: t('quarantine.event'), cell: (row) => row.event || row.type || t('quarantine.unreadable') },
    { id: 'source', name: t('details.source'), room: 'wide', cell: (row) => nameOf(row.sourceId) },
    {
      id: 'count',
      name: t('quarantine.events'),
      number: true,
      cell: (row) => (
        <span style={{ display: 'inline-flex', gap: 10, alignItems: 'center' }}>
          <Spark values={row.days} slots={row.days.length} width={72} height={22} />
          {formatNumber(row.count)}
        </span>
      ),
    },
    { id: 'last', name: t('quarantine.lastAt'), room: 'medium', cell: (row) => <Time at={row.lastAt} /> },
  ];
  const view = useListView({
    list: 'quarantine',
    columns,
    params: FILTERS,
    csv: withQuery('/api/quarantine/groups', filter),
  });
  const item = url.get('item');
  return (
    <Page
      title={t('quarantine.title')}
      purpose={t('quarantine.purpose')}
      {...(rows.length > 0 ? { tools: view.tools } : {})}
      filters={
        <>
          <SelectField
            hideLabel
            width={160}
            label={t('quarantine.state')}
            value={filter.state ?? ''}
            onChange={(state) => url.set({ state })}
            choices={[
              { value: '', label: t('quarantine.waiting') },
              { value: 'resent', label: t('quarantine.resent') },
              { value: 'deleted', label: t('quarantine.thrownAway') },
              { value: 'all', label: t('quarantine.all') },
            ]}
          />
          <SelectField
            hideLabel
            width={160}
            label={t('details.step')}
            value={filter.step ?? ''}
            onChange={(step) => url.set({ step })}
            choices={[
              { value: '', label: t('quarantine.anyStep') },
              ...STEPS.map((step) => ({ value: step, label: t(`step.${step}`) })),
            ]}
          />
          <SelectField
            hideLabel
            width={170}
            label={t('details.source')}
            value={filter.source ?? ''}
            onChange={(source) => url.set({ source })}
            choices={[
              { value: '', label: t('quarantine.anySource') },
              ...sources.map((source) => ({ value: source.id, label: source.name })),
            ]}
          />
          {filter.event ? <Button onClick={() => url.set({ event: null })}>{filter.event} ✕</Button> : null}
          <KeepDays />
        </>
      }
    >
      <Stack gap={16}>
        <Runs />
        <UntilLoaded query={list} failed={t('quarantine.failed')}>
          <TableSkeleton columns={4} rows={5} />
        </UntilLoaded>
        {list.isSuccess && rows.length === 0 ? (
          <NothingHere
            icon={<IconShieldCheck size={32} stroke={1.5} color="var(--good)" aria-hidden />}
            title={isFiltered ? t('quarantine.noneTitle') : t('quarantine.emptyTitle')}
            {...(isFiltered ? {} : { text: t('quarantine.emptyText') })}
          />
        ) : null}
        {rows.length > 0 ? (
          <Table
            label={t('quarantine.title')}
            columns={view.columns}
            rows={rows}
            keyOf={keyOf}
            isOpen={(row) => keyOf(row) === url.get('group')}
            clickable
          />
        ) : null}
        <MoreOf list={list} />
      </Stack>
      {item ? (
        <MendPanel
          id={item}
          nameOf={nameOf}
          {...(open ? { onBack: () => url.set({ item: null }) } : {})}
          onClose={() => url.set({ item: null, group: null })}
        />
      ) : open ? (
        <GroupPanel
          key={keyOf(open)}
          group={open}
          state={filter.state || 'waiting'}
          nameOf={nameOf}
          linkTo={(id) => linkTo({ group: keyOf(open), item: id })}
          onClose={() => url.set({ group: null })}
        />
      ) : null}
    </Page>
  );
}

/** How long events are kept here. */
function KeepDays() {
  const t = useText();
  const queries = useQueryClient();
  const mayWrite = useMay('quarantine.write');
  const settings = useQuery({ queryKey: ['quarantine', 'settings'], queryFn: quarantine.settings });
  const keep = useMutation({
    mutationFn: quarantine.keep,
    onSuccess: (now) => {
      queries.setQueryData(['quarantine', 'settings'], now);
      toast(t('quarantine.kept', { count: now.keepDays }));
    },
  });
  if (!settings.data) return null;
  const days = settings.data.keepDays;
  if (!mayWrite) return <Tag>{t('quarantine.kept', { count: days })}</Tag>;
  return (
    <SelectField
      hideLabel
      width={190}
      label={t('quarantine.keepLabel')}
      value={String(days)}
      onChange={(value) => keep.mutate(Number(value))}
      choices={[...new Set([...KEEP_CHOICES, days])]
        .sort((a, b) => a - b)
        .map((count) => ({ value: String(count), label: t('quarantine.kept', { count }) }))}
    />
  );
}
