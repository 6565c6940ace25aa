import { IconPlus, IconStack2 } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { formatNumber } from '../../format.ts';
import { LinkButton } from '../../kit/button.tsx';
import { Spark, Time } from '../../kit/data.tsx';
import { SearchField, SelectField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { Page, Row } from '../../kit/layout.tsx';
import { Nothing, NothingHere, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useMay } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import styles from './audiences.module.css';
import { type Audience, audiences } from './calls.ts';
import { StateTag } from './state-tag.tsx';

function columns(t: Translate): Column<Audience>[] {
  return [
    {
      name: t('audiences.name'),
      long: true,
      cell: (one) => (
        <span>
          <RowLink to={`/audiences/${one.id}`}>
            <bdi>{one.name}</bdi>
          </RowLink>
          {one.description ? <span className={styles.sub}>{one.description}</span> : null}
        </span>
      ),
    },
    {
      id: 'size',
      name: t('audiences.size'),
      number: true,
      cell: (one) => (one.size === null ? t('audiences.counting') : formatNumber(one.size)),
    },
    {
      id: 'trend',
      name: t('audiences.trend'),
      room: 'medium',
      cell: (one) =>
        one.trend.length > 1 ? <Spark values={one.trend} slots={one.trend.length} width={110} height={26} /> : null,
    },
    {
      id: 'kind',
      name: t('audiences.kindName'),
      room: 'medium',
      cell: (one) => <StateTag audience={one} />,
    },
    { id: 'changed', name: t('audiences.changed'), room: 'wide', cell: (one) => <Time at={one.changedAt} /> },
    { id: 'owner', name: t('audiences.owner'), room: 'wide', cell: (one) => <bdi>{one.ownerName}</bdi> },
  ];
}

const example = (id: number, name: string, size: number, trend: number[]): Audience => ({
  id,
  name,
  description: '',
  is: 'dynamic',
  definition: null,
  version: 1,
  ownerName: 'Ada',
  mine: true,
  tells: true,
  createdAt: '',
  changedAt: new Date().toISOString(),
  archivedAt: null,
  size,
  computedAt: null,
  current: true,
  error: null,
  trend,
});

function ExampleAudiences() {
  const t = useText();
  return (
    <Table
      label=""
      columns={columns(t).filter((column) => column.room !== 'wide')}
      rows={[
        example(1, t('audiences.exampleOne'), 1240, [900, 960, 1010, 1100, 1180, 1240]),
        example(2, t('audiences.exampleTwo'), 318, [420, 400, 380, 350, 330, 318]),
      ]}
      keyOf={(one) => String(one.id)}
    />
  );
}

/** Groups of people that reports, journeys and the API can ask for. */
export function AudiencesPage() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('audiences.write');
  const [q] = useDebouncedValue(url.get('q'), 200);
  const archived = url.get('archived') === 'true';
  const list = useInfiniteQuery({
    queryKey: ['audiences', 'list', q, archived],
    queryFn: ({ pageParam }) => audiences.list({ q, archived: String(archived), cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 15_000,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const view = useListView({
    list: 'audiences',
    columns: columns(t),
    params: ['q', 'archived'],
    csv: '/api/audiences',
  });
  const filtered = q !== '' || archived;
  const nothing = list.isSuccess && rows.length === 0;
  const create = (
    <LinkButton to="/audiences/new" look="main" icon={<IconPlus size={16} />}>
      {t('audiences.create')}
    </LinkButton>
  );
  return (
    <Page
      title={t('audiences.title')}
      purpose={t('audiences.purpose')}
      {...(nothing && !filtered ? {} : { tools: view.tools })}
      action={
        nothing && !filtered ? null : (
          <Row>
            <LinkButton to="/audiences/overlap" icon={<IconStack2 size={16} />}>
              {t('audiences.overlap')}
            </LinkButton>
            {mayWrite ? create : null}
          </Row>
        )
      }
      {...(nothing && !filtered
        ? {}
        : {
            filters: (
              <>
                <SearchField
                  label={t('audiences.search')}
                  value={url.get('q')}
                  onChange={(next) => url.set({ q: next })}
                />
                <SelectField
                  hideLabel
                  label={t('audiences.which')}
                  width={170}
                  value={String(archived)}
                  choices={[
                    { value: 'false', label: t('audiences.inUse') },
                    { value: 'true', label: t('audiences.archivedOnes') },
                  ]}
                  onChange={(next) => url.set({ archived: next === 'true' ? 'true' : null })}
                />
              </>
            ),
          })}
    >
      <UntilLoaded query={list} failed={t('audiences.failed')}>
        <TableSkeleton columns={5} rows={4} />
      </UntilLoaded>
      {nothing && filtered ? <NothingHere title={t('audiences.noneFound')} /> : null}
      {nothing && !filtered ? (
        <Nothing
          title={t('audiences.emptyTitle')}
          text={t('audiences.emptyText')}
          actions={mayWrite ? create : null}
          preview={<ExampleAudiences />}
        />
      ) : null}
      {rows.length > 0 ? (
        <Table
          label={t('audiences.title')}
          columns={view.columns}
          rows={rows}
          keyOf={(one) => String(one.id)}
          clickable
        />
      ) : null}
      <MoreOf list={list} />
    </Page>
  );
}
