import { useInfiniteQuery } from '@tanstack/react-query';
import { useLocation } from 'react-router';
import { formatDuration, formatLocaleName } from '../../format.ts';
import { Tag, Time } from '../../kit/data.tsx';
import { Loading, NothingHere, Refusal } from '../../kit/states.tsx';
import { RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type AnswerRow, type ResponseFilter, type Survey, surveys } from './calls.ts';
import styles from './surveys.module.css';

const GIST_CHARS = 140;

/** The response's first words or score, to tell it from others. */
function gist(row: AnswerRow, survey: Survey): string {
  const { questions } = survey.definition;
  const known = questions.filter((one) => one.kind !== 'matrix' && one.kind !== 'ranking').map((one) => one.id);
  const ids = known.some((id) => row.said[id]) ? known : Object.keys(row.said);
  const said = [...new Set(ids.flatMap((id) => row.said[id] || []))].slice(0, 3).join(' · ');
  return said.length > GIST_CHARS ? `${[...said].slice(0, GIST_CHARS).join('')}…` : said;
}

/** Response by response, the newest first. */
export function ResponsesList({ survey, filter }: { survey: Survey; filter: ResponseFilter }) {
  const t = useText();
  const url = useUrlState();
  const { search } = useLocation();
  const list = useInfiniteQuery({
    queryKey: ['surveys', 'responses', survey.id, filter],
    queryFn: ({ pageParam }) => surveys.responses(survey.id, { ...filter, cursor: pageParam, limit: 50 }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const to = (id: string) => {
    const next = new URLSearchParams(search);
    next.set('response', id);
    return `?${next}`;
  };
  if (list.error) return <Refusal title={t('surveyResults.listFailed')} error={list.error} />;
  if (list.isPending) {
    return (
      <Loading>
        <TableSkeleton columns={5} />
      </Loading>
    );
  }
  if (rows.length === 0) return <NothingHere title={t('surveyResults.noResponses')} />;
  return (
    <>
      <Table
        label={t('surveyResults.byResponse')}
        rows={rows}
        keyOf={(row) => row.id}
        clickable
        isOpen={(row) => row.id === url.get('response')}
        columns={[
          {
            name: t('surveyResults.response'),
            long: true,
            cell: (row) => (
              <span>
                <RowLink to={to(row.id)} keepScroll>
                  <bdi>{row.personName ?? t('surveyResults.somebody')}</bdi>
                </RowLink>
                <span className={styles.sub}>
                  <bdi>{gist(row, survey)}</bdi>
                </span>
              </span>
            ),
          },
          {
            name: t('surveyResults.state'),
            cell: (row) => (
              <Tag tone={row.state === 'complete' ? 'good' : 'plain'}>{t(`surveyResults.states.${row.state}`)}</Tag>
            ),
          },
          {
            name: t('surveyResults.channel'),
            room: 'medium',
            cell: (row) => t(`surveyResults.channels.${row.channel}`),
          },
          { name: t('surveyResults.language'), room: 'wide', cell: (row) => formatLocaleName(row.language) },
          {
            name: t('surveyResults.time'),
            room: 'wide',
            number: true,
            cell: (row) => (row.seconds === null ? '–' : formatDuration(row.seconds * 1000)),
          },
          { name: t('surveyResults.when'), cell: (row) => <Time at={row.startedAt} /> },
        ]}
      />
      <MoreOf list={list} />
    </>
  );
}
