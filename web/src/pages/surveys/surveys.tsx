import { IconPlus, IconSettings } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { formatNumber } from '../../format.ts';
import { Button, LinkButton } from '../../kit/button.tsx';
import { Time } from '../../kit/data.tsx';
import { SearchField, SelectField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { late } from '../../kit/late.tsx';
import { Row as Line, Page } from '../../kit/layout.tsx';
import { Nothing, NothingHere, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useMay } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type SurveyOverview, type SurveySummary, surveys } from './calls.ts';
import { ScoreWords } from './score-words.tsx';
import { StateTag } from './state-tag.tsx';
import styles from './surveys.module.css';

const SettingsPanel = late(() => import('./settings-panel.tsx').then((part) => part.SettingsPanel));

/** Surveys whose scores are asked for at once. */
const OVERVIEW_LIMIT = 100;

const percent = (part: number, whole: number) =>
  whole > 0 ? formatNumber(part / whole, { style: 'percent', maximumFractionDigits: 0 }) : '–';

/** A survey with what is known of its answers; that comes a moment later. */
type Row = SurveySummary & Partial<Omit<SurveyOverview, 'id'>>;

function columns(t: Translate): Column<Row>[] {
  return [
    {
      name: t('surveys.name'),
      long: true,
      cell: (one) => (
        <span>
          <RowLink to={`/surveys/${one.id}${one.responses > 0 ? '/results' : ''}`}>
            <bdi>{one.name}</bdi>
          </RowLink>
          <span className={styles.sub}>
            {t('surveys.questionCount', { count: one.questions })}
            {one.touchpoint ? (
              <>
                {' · '}
                <bdi>{one.touchpoint}</bdi>
              </>
            ) : null}
            {one.anonymous ? ` · ${t('surveys.anonymous')}` : ''}
          </span>
        </span>
      ),
    },
    { id: 'state', name: t('surveys.stateName'), cell: (one) => <StateTag survey={one} /> },
    { id: 'score', name: t('surveys.score'), cell: (one) => <ScoreWords of={one.score} /> },
    {
      id: 'responses',
      name: t('surveys.responses'),
      number: true,
      room: 'medium',
      cell: (one) => formatNumber(one.responses),
    },
    {
      id: 'rate',
      name: t('surveys.rate'),
      number: true,
      room: 'medium',
      cell: (one) => percent(one.responses, one.shown),
    },
    {
      id: 'completion',
      name: t('surveys.completion'),
      number: true,
      room: 'medium',
      cell: (one) => percent(one.completed, one.responses),
    },
    {
      id: 'last',
      name: t('surveys.lastAnswer'),
      room: 'wide',
      cell: (one) => (one.lastAnswerAt ? <Time at={one.lastAnswerAt} /> : '–'),
    },
    {
      id: 'changed',
      name: t('surveys.changed'),
      room: 'wide',
      extra: true,
      cell: (one) => <Time at={one.changedAt} />,
    },
  ];
}

const example = (id: string, name: string, of: Partial<Row>): Row => ({
  id,
  name,
  state: 'running',
  version: 1,
  changed: false,
  questions: 4,
  languages: ['en'],
  channels: ['popover'],
  anonymous: false,
  touchpoint: '',
  shown: 0,
  responses: 0,
  completed: 0,
  createdAt: '',
  changedAt: '',
  publishedAt: null,
  lastAnswerAt: new Date().toISOString(),
  score: null,
  ...of,
});

function ExampleSurveys() {
  const t = useText();
  return (
    <Table
      label=""
      columns={columns(t).filter((column) => column.room === undefined)}
      rows={[
        example('1', t('surveys.exampleOne'), {
          shown: 1840,
          responses: 412,
          completed: 380,
          score: { kind: 'nps', value: 47, scale: 10, answers: 400 },
        }),
        example('2', t('surveys.exampleTwo'), {
          shown: 300,
          responses: 121,
          completed: 119,
          score: { kind: 'csat', value: 4.4, scale: 5, answers: 120 },
        }),
      ]}
      keyOf={(one) => one.id}
    />
  );
}

/** What customers are asked, and what came of it. */
export function SurveysPage() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('surveys.write');
  const [q] = useDebouncedValue(url.get('q'), 200);
  const state = url.get('state');
  const list = useInfiniteQuery({
    queryKey: ['surveys', 'list', q, state],
    queryFn: ({ pageParam }) => surveys.list({ q, state, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 15_000,
  });
  const found = list.data?.pages.flatMap((page) => page.items) ?? [];
  const ids = found.filter((one) => one.responses > 0).map((one) => one.id);
  const overview = useQuery({
    queryKey: ['surveys', 'overview', ids, found.map((one) => one.responses)],
    queryFn: () => surveys.overview(ids.slice(0, OVERVIEW_LIMIT)),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  });
  const known = new Map(overview.data?.items.map((one) => [one.id, one]));
  const rows: Row[] = found.map((one) => ({ ...one, ...known.get(one.id) }));
  const view = useListView({
    list: 'surveys',
    columns: columns(t),
    params: ['q', 'state'],
    csv: '/api/surveys',
  });
  const filtered = q !== '' || state !== '';
  const nothing = list.isSuccess && rows.length === 0;
  const create = (
    <LinkButton to="/surveys/new" look="main" icon={<IconPlus size={16} />}>
      {t('surveys.create')}
    </LinkButton>
  );
  const empty = nothing && !filtered;
  return (
    <Page
      title={t('surveys.title')}
      purpose={t('surveys.purpose')}
      {...(empty ? {} : { tools: view.tools })}
      action={
        empty ? null : (
          <Line>
            <Button icon={<IconSettings size={16} />} onClick={() => url.set({ settings: '1' }, true)}>
              {t('surveys.settings')}
            </Button>
            {mayWrite ? create : null}
          </Line>
        )
      }
      filters={
        empty ? null : (
          <>
            <SearchField label={t('surveys.search')} value={url.get('q')} onChange={(next) => url.set({ q: next })} />
            <SelectField
              hideLabel
              label={t('surveys.stateName')}
              width={180}
              value={state}
              choices={[
                { value: '', label: t('surveys.everyState') },
                ...(['draft', 'running', 'paused', 'ended'] as const).map((one) => ({
                  value: one,
                  label: t(`surveys.state.${one}`),
                })),
              ]}
              onChange={(next) => url.set({ state: next || null })}
            />
          </>
        )
      }
    >
      <UntilLoaded query={list} failed={t('surveys.failed')}>
        <TableSkeleton columns={6} rows={4} />
      </UntilLoaded>
      {nothing && filtered ? <NothingHere title={t('surveys.noneFound')} /> : null}
      {empty ? (
        <Nothing
          title={t('surveys.emptyTitle')}
          text={t('surveys.emptyText')}
          actions={mayWrite ? create : null}
          preview={<ExampleSurveys />}
        />
      ) : null}
      {rows.length > 0 ? (
        <Table label={t('surveys.title')} columns={view.columns} rows={rows} keyOf={(one) => one.id} clickable />
      ) : null}
      <MoreOf list={list} />
      {url.get('settings') ? <SettingsPanel mayWrite={mayWrite} onClose={() => url.set({ settings: null })} /> : null}
    </Page>
  );
}
