import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { api, withQuery } from '../../api.ts';
import { formatCountry, formatNumber } from '../../format.ts';
import { Button, LinkButton } from '../../kit/button.tsx';
import { Amounts, Avatar, Num, Tag, Time } from '../../kit/data.tsx';
import { SearchField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { Page, Row } from '../../kit/layout.tsx';
import { Nothing, NothingHere, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { useMay, useMe } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import type { PersonSummary } from '../../wire.ts';
import { HIDDEN, Shown } from '../person/hidden.tsx';
import { identifierName } from '../person/identifier-name.ts';
import styles from './people.module.css';
import { SampleButton } from './sample-button.tsx';

const WAIT_MS = 200;
const PAGE_SIZE = 50;

function columns(t: Translate): Column<PersonSummary>[] {
  return [
    {
      name: t('people.person'),
      cell: (person) => (
        <span className={styles.person}>
          <Avatar name={person.displayName} size={30} />
          <span className={styles.names}>
            <RowLink to={`/people/${encodeURIComponent(person.id)}`}>
              <bdi>{person.displayName}</bdi>
            </RowLink>
            {person.email && person.email !== person.displayName ? (
              <Shown value={person.email}>
                <span className={styles.email}>{person.email}</span>
              </Shown>
            ) : null}
          </span>
        </span>
      ),
    },
    {
      id: 'identifiers',
      name: t('people.identifiers'),
      room: 'wide',
      cell: (person) => (
        <span className={styles.tags}>
          {person.identifiers
            .filter((identifier) => identifier.kind !== 'email' && identifier.value !== person.displayName)
            .slice(0, 2)
            .map((identifier) => (
              <Tag key={`${identifier.kind} ${identifier.value}`} title={identifierName(identifier.kind, t)}>
                {identifier.value === HIDDEN ? `${identifierName(identifier.kind, t)} ${HIDDEN}` : identifier.value}
              </Tag>
            ))}
        </span>
      ),
    },
    {
      id: 'country',
      name: t('people.country'),
      room: 'wide',
      cell: (person) => (person.country ? formatCountry(person.country) : ''),
    },
    {
      id: 'created',
      extra: true,
      name: t('people.created'),
      room: 'medium',
      cell: (person) => <Time at={person.createdAt} />,
    },
    {
      id: 'lastSeen',
      name: t('people.lastSeen'),
      room: 'medium',
      cell: (person) => <Time at={person.lastSeenAt} />,
    },
    {
      id: 'events',
      name: t('people.events'),
      number: true,
      room: 'medium',
      cell: (person) => <Num value={person.eventCount} />,
    },
    { id: 'revenue', name: t('people.revenue'), number: true, cell: (person) => <Amounts of={person.revenue} /> },
  ];
}

const EXAMPLES: [string, string, number, number][] = [
  ['Anna Nowak', 'anna@example.com', 128, 431_520],
  ['Luca Rossi', 'luca@example.com', 64, 98_000],
  ['Mei Chen', 'mei@example.com', 41, 72_315],
  ['Ivan Petrov', 'ivan@example.com', 12, 8_640],
];

function ExamplePeople() {
  const t = useText();
  const rows: PersonSummary[] = EXAMPLES.map(([displayName, email, eventCount, amountMinor], index) => ({
    id: email,
    displayName,
    email,
    identifiers: [],
    createdAt: '',
    lastSeenAt: new Date(Date.now() - index ** 2 * 3_600_000).toISOString(),
    eventCount,
    revenue: [{ currency: 'GBP', amountMinor }],
    country: null,
  }));
  const all = columns(t);
  return (
    <Table
      label=""
      columns={all.filter((column) => column.room !== 'wide' && !column.extra)}
      rows={rows}
      keyOf={(row) => row.id}
    />
  );
}

/** Search and list of everyone who left a trace. */
export function PeoplePage() {
  const t = useText();
  const { get, set } = useUrlState();
  const mayConnect = useMay('sources.write');
  const me = useMe();
  const typed = get('q').trim();
  const [asked] = useDebouncedValue(typed, WAIT_MS);
  const view = useListView({
    list: 'people',
    columns: columns(t),
    params: ['q'],
    csv: withQuery('/api/people', { q: asked }),
  });

  const people = useInfiniteQuery({
    queryKey: ['people', 'list', asked],
    queryFn: ({ pageParam, signal }) => api.people({ q: asked, cursor: pageParam, limit: PAGE_SIZE }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  const rows = people.data?.pages.flatMap((page) => page.items) ?? [];
  const total = people.data?.pages[0]?.total ?? null;
  const nobody = people.isSuccess && rows.length === 0 && asked === '' && !people.isPlaceholderData;

  return (
    <Page
      title={t('people.title')}
      purpose={t('people.purpose')}
      {...(nobody ? {} : { tools: view.tools })}
      filters={
        nobody ? null : (
          <>
            <SearchField
              label={t('people.search')}
              placeholder={me.hidesPersonalData ? t('hidden.search') : t('people.searchHint')}
              value={get('q')}
              onChange={(q) => set({ q })}
              width={420}
            />
            {total !== null && people.isSuccess ? (
              <span className={styles.total} role="status">
                {t('people.total', { count: total })}
              </span>
            ) : null}
          </>
        )
      }
    >
      <UntilLoaded query={people} failed={t('people.failed')}>
        <TableSkeleton columns={5} />
      </UntilLoaded>
      {nobody ? (
        <Nothing
          title={t('people.emptyTitle')}
          text={t('people.emptyText')}
          actions={
            <Row>
              {mayConnect ? (
                <LinkButton look="main" to="/sources?new=1">
                  {t('sources.connect')}
                </LinkButton>
              ) : null}
              <SampleButton />
            </Row>
          }
          preview={<ExamplePeople />}
        />
      ) : null}
      {people.isSuccess && rows.length === 0 && !nobody ? (
        <NothingHere
          title={t('people.noneTitle', { q: asked })}
          text={me.hidesPersonalData ? t('hidden.none') : t('people.noneText')}
          action={<Button onClick={() => set({ q: null })}>{t('people.showAll')}</Button>}
        />
      ) : null}
      {rows.length > 0 ? (
        <div data-outdated={people.isPlaceholderData || asked !== typed || undefined}>
          <Table label={t('people.title')} columns={view.columns} rows={rows} keyOf={(row) => row.id} clickable />
          <div className={styles.more}>
            {people.hasNextPage ? (
              <Button busy={people.isFetchingNextPage} onClick={() => people.fetchNextPage()}>
                {t('kit.more')}
              </Button>
            ) : null}
            <span className={styles.total}>
              {t('people.shown', { count: rows.length, shown: formatNumber(rows.length) })}
            </span>
          </div>
        </div>
      ) : null}
    </Page>
  );
}
