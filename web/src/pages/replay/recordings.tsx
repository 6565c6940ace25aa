import { IconAdjustments, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { withQuery } from '../../api.ts';
import { formatCountry, formatDuration, formatNumber } from '../../format.ts';
import { Button, LinkButton } from '../../kit/button.tsx';
import { Num, Tag, Time } from '../../kit/data.tsx';
import { SearchField, SelectField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { late } from '../../kit/late.tsx';
import { Page, Row, Stack } from '../../kit/layout.tsx';
import { Loading, Nothing, NothingHere, Refusal } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useMay } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { fromText } from '../reports/report-url.ts';
import { calls, type ListedRecording, type Wanted } from './calls.ts';
import { exampleRecordings } from './example.ts';
import styles from './recordings.module.css';
import { SIGNALS, SignalTags } from './signal-tags.tsx';

const WAIT_MS = 250;
const PAGE_SIZE = 30;
/** Visits that are going on and new ones appear by themselves, as long as no more than a page is shown. */
const AGAIN_MS = 5_000;
const DEVICES = ['desktop', 'mobile', 'tablet'] as const;
const LEAST = ['30', '60', '300', '900'] as const;
const PARAMS = ['sort', 'period', 'q', 'device', 'signal', 'min', 'what', 'filter', 'person', 'report', 'part'];

/** Unless another is chosen. */
const PERIOD = '(last:30,unit:day)';

const SettingsPanel = late<{ onClose: () => void }>(() =>
  import('./settings-panel-late.tsx').then((part) => part.SettingsPanel),
);
const More = late<object>(() => import('./filters-late.tsx').then((part) => part.RecordingFilters));

function columns(t: Translate): Column<ListedRecording>[] {
  return [
    {
      name: t('replay.visitor'),
      cell: (row) => (
        <span className={styles.visitor}>
          <RowLink to={`/replay/${row.id}`}>
            <bdi>{row.personName ?? t('replay.unknown')}</bdi>
          </RowLink>
          <small>
            <bdi>{row.title || row.path || row.url}</bdi>
          </small>
          <span className={styles.narrow}>
            <SignalTags signals={row.signals} />
          </span>
        </span>
      ),
    },
    { id: 'started', name: t('replay.when'), cell: (row) => <Time at={row.startedAt} /> },
    {
      id: 'signals',
      name: t('replay.signals'),
      room: 'medium',
      cell: (row) => <SignalTags signals={row.signals} />,
    },
    {
      id: 'duration',
      name: t('replay.length'),
      number: true,
      cell: (row) => <span className={styles.whole}>{formatDuration(row.durationMs)}</span>,
    },
    { id: 'active', extra: true, name: t('replay.active'), number: true, cell: (row) => formatDuration(row.activeMs) },
    { id: 'pages', name: t('replay.pages'), number: true, room: 'wide', cell: (row) => <Num value={row.pages} /> },
    { id: 'clicks', name: t('replay.clicks'), number: true, room: 'wide', cell: (row) => <Num value={row.clicks} /> },
    {
      id: 'device',
      name: t('replay.device'),
      room: 'wide',
      cell: (row) => [row.browser, row.os].filter(Boolean).join(', '),
    },
    {
      id: 'country',
      extra: true,
      name: t('replay.country'),
      room: 'wide',
      cell: (row) => (row.country ? formatCountry(row.country) : ''),
    },
    {
      id: 'state',
      name: t('replay.state'),
      room: 'wide',
      cell: (row) =>
        row.state === 'live' ? (
          <Tag tone="accent">{t('replay.live')}</Tag>
        ) : row.playable ? null : (
          <Tag tone="warn">{t('replay.incomplete')}</Tag>
        ),
    },
  ];
}

/** A question of the address as the server takes it; empty where it is none. */
function asJson(text: string): string {
  if (!text) return '';
  const value = fromText(text);
  return value === undefined ? '' : JSON.stringify(value);
}

/** Recordings, by anything that their visitors are or did. */
export function RecordingsPage() {
  const t = useText();
  const { get, set } = useUrlState();
  const mayWrite = useMay('replay.write');
  const maySee = useMay('reports.read');
  const typed = get('q').trim();
  const [searched] = useDebouncedValue(typed, WAIT_MS);
  const sort = get('sort') === 'newest' ? 'newest' : 'first';
  const wanted: Wanted = {
    sort,
    period: asJson(get('period') || PERIOD),
    page: searched,
    device: get('device'),
    signal: get('signal'),
    minSeconds: get('min'),
    what: asJson(get('what')),
    filter: asJson(get('filter')),
    person: get('person'),
    report: asJson(get('report')),
    part: asJson(get('part')),
  };
  const filtered = Object.entries(wanted).some(([name, value]) => name !== 'sort' && name !== 'period' && value);
  const settings = useQuery({ queryKey: ['replay', 'settings'], queryFn: calls.settings });
  const view = useListView({
    list: 'replay',
    columns: columns(t),
    params: PARAMS,
    csv: withQuery('/api/replay/recordings', { ...wanted }),
  });
  const list = useInfiniteQuery({
    queryKey: ['recordings', 'list', wanted],
    queryFn: ({ pageParam, signal }) => calls.list({ ...wanted, cursor: pageParam, limit: PAGE_SIZE }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? AGAIN_MS : false),
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const nobody =
    list.isSuccess && !list.isPlaceholderData && rows.length === 0 && !filtered && settings.data?.recordings === 0;
  const toSettings = mayWrite ? (
    <Button icon={<IconAdjustments size={16} />} onClick={() => set({ settings: '1' }, true)}>
      {t('replay.settings')}
    </Button>
  ) : null;
  return (
    <Page
      title={t('nav.replay')}
      purpose={t('replay.purpose')}
      {...(nobody ? {} : { tools: view.tools })}
      action={toSettings}
      filters={
        nobody ? null : (
          <>
            <SelectField
              hideLabel
              width={190}
              label={t('replay.order')}
              value={sort}
              choices={[
                { value: 'first', label: t('replay.watchFirst') },
                { value: 'newest', label: t('replay.newest') },
              ]}
              onChange={(value) => set({ sort: value === 'first' ? null : value })}
            />
            <SearchField label={t('replay.searchPage')} value={get('q')} onChange={(q) => set({ q })} width={260} />
            <SelectField
              hideLabel
              width={160}
              label={t('replay.signal')}
              value={get('signal')}
              choices={[
                { value: '', label: t('replay.anySignal') },
                ...SIGNALS.map((one) => ({ value: one, label: t(`replay.signalName.${one}`) })),
              ]}
              onChange={(signal) => set({ signal })}
            />
            <SelectField
              hideLabel
              width={150}
              label={t('replay.device')}
              value={get('device')}
              choices={[
                { value: '', label: t('replay.anyDevice') },
                ...DEVICES.map((one) => ({ value: one, label: t(`replay.deviceName.${one}`) })),
              ]}
              onChange={(device) => set({ device })}
            />
            <SelectField
              hideLabel
              width={150}
              label={t('replay.atLeast')}
              value={get('min')}
              choices={[
                { value: '', label: t('replay.anyLength') },
                ...LEAST.map((one) => ({
                  value: one,
                  label: t('replay.longer', { time: formatDuration(Number(one) * 1000) }),
                })),
              ]}
              onChange={(min) => set({ min })}
            />
            {maySee ? <More /> : null}
            {get('report') ? (
              <Button small icon={<IconX size={14} />} onClick={() => set({ report: null, part: null })}>
                {t('replay.ofChart')}
              </Button>
            ) : null}
            {get('person') ? (
              <Button small icon={<IconX size={14} />} onClick={() => set({ person: null })}>
                {t('replay.ofPerson')}
              </Button>
            ) : null}
          </>
        )
      }
    >
      <Stack gap={12}>
        {sort === 'first' && rows.length > 0 ? <Weights /> : null}
        {list.isPending || (list.isPlaceholderData && rows.length === 0) ? (
          <Loading>
            <TableSkeleton columns={6} />
          </Loading>
        ) : null}
        {list.error ? (
          <Refusal title={t('replay.listFailed')} error={list.error} onRetry={() => list.refetch()} />
        ) : null}
        {nobody ? <NoRecordings onSettings={() => set({ settings: '1' }, true)} /> : null}
        {list.isSuccess && !list.isPlaceholderData && rows.length === 0 && !nobody && !settings.isPending ? (
          <NothingHere
            title={t('replay.noneFits')}
            text={t('replay.noneFitsText')}
            action={
              <Button onClick={() => set(Object.fromEntries(PARAMS.map((name) => [name, null])))}>
                {t('replay.clearFilters')}
              </Button>
            }
          />
        ) : null}
        {rows.length > 0 ? (
          <div className={styles.rows} data-outdated={list.isPlaceholderData || searched !== typed || undefined}>
            <Table label={t('nav.replay')} columns={view.columns} rows={rows} keyOf={(row) => row.id} clickable />
          </div>
        ) : null}
        {list.data?.pages[0]?.cut ? <p className={styles.note}>{t('replay.cut')}</p> : null}
        <MoreOf list={list} />
      </Stack>
      {get('settings') && mayWrite ? <SettingsPanel onClose={() => set({ settings: null })} /> : null}
    </Page>
  );
}

/** What makes the order of "watch first": nothing of it is a secret. */
function Weights() {
  const t = useText();
  const { data } = useQuery({
    queryKey: ['replay', 'weights'],
    queryFn: calls.weights,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!data) return null;
  return (
    <details className={styles.note}>
      <summary>{t('replay.whyFirst')}</summary>
      <ul className={styles.weights}>
        {SIGNALS.map((one) => (
          <li key={one}>
            <b>{formatNumber(data.weights[one])}</b> {t(`replay.signalName.${one}`)}: {t(`replay.signalWhy.${one}`)}
          </li>
        ))}
      </ul>
      <p>{t('replay.counted', { count: data.counted })}</p>
    </details>
  );
}

function NoRecordings({ onSettings }: { onSettings: () => void }) {
  const t = useText();
  const mayWrite = useMay('replay.write');
  const settings = useQuery({ queryKey: ['replay', 'settings'], queryFn: calls.settings });
  const on = settings.data?.settings.recording === true;
  const rows = useMemo(exampleRecordings, []);
  return (
    <Nothing
      title={t(on ? 'replay.waitingTitle' : 'replay.emptyTitle')}
      text={t(on ? 'replay.waitingText' : 'replay.emptyText')}
      actions={
        mayWrite ? (
          <Row>
            <Button
              look="main"
              icon={on ? <IconAdjustments size={16} /> : <IconPlayerPlay size={16} />}
              onClick={onSettings}
            >
              {t(on ? 'replay.settings' : 'replay.switchOn')}
            </Button>
            <LinkButton to="/sources">{t('nav.sources')}</LinkButton>
          </Row>
        ) : null
      }
      preview={
        <Table
          label=""
          columns={columns(t).filter((column) => column.room !== 'wide' && !column.extra)}
          rows={rows}
          keyOf={(row) => row.id}
        />
      }
    />
  );
}
