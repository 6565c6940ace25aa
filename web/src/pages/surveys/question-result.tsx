import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Chart, type ChartSpec } from '../../kit/chart/chart.tsx';
import { Time } from '../../kit/data.tsx';
import { SearchField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { NothingHere, Refusal } from '../../kit/states.tsx';
import { useMe } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type QuestionResult, type ResponseFilter, type Survey, surveys } from './calls.ts';
import type { QuestionKind } from './draft.ts';
import { KindIcon } from './kinds.tsx';
import styles from './surveys.module.css';

const GROUPS = [
  { key: 'detractors', from: 0, to: 6, slot: 2 },
  { key: 'passives', from: 7, to: 8, slot: 4 },
  { key: 'promoters', from: 9, to: 10, slot: 1 },
] as const;

/** What is filled in for each reader, in the words of a question. */
const PIPE = /\{\{[^{}]*\}\}/g;

/** The chart of a question's answers; null where words tell it better. */
function chartOf(of: QuestionResult, t: Translate): ChartSpec | null {
  if (of.score) {
    const { counts } = of.score;
    const nps = of.kind === 'nps';
    return {
      kind: 'bars',
      direction: 'up',
      categories: counts.map((one) => ({ id: String(one.score), label: formatNumber(one.score) })),
      stacked: nps,
      series: nps
        ? GROUPS.map(({ key, from, to, slot }) => ({
            id: key,
            name: t(`surveyResults.${key}`),
            slot,
            values: counts.map((one) => (one.score >= from && one.score <= to ? one.count : null)),
          }))
        : [{ id: 'count', name: t('surveyResults.answers'), values: counts.map((one) => one.count) }],
      unit: { kind: 'number' },
    };
  }
  if (of.options) {
    return {
      kind: 'bars',
      direction: 'across',
      categories: of.options.map((one) => ({
        id: one.id,
        label: `${one.label || t('surveyEdit.other')} · ${formatNumber(one.share, { style: 'percent', maximumFractionDigits: 0 })}`,
      })),
      series: [{ id: 'count', name: t('surveyResults.answers'), values: of.options.map((one) => one.count) }],
      unit: { kind: 'number' },
    };
  }
  if (of.ranks) {
    const ranked = [...of.ranks].sort((a, b) => (a.mean ?? 1e9) - (b.mean ?? 1e9));
    return {
      kind: 'bars',
      direction: 'across',
      categories: ranked.map((one) => ({
        id: one.id,
        label:
          one.mean === null
            ? one.label
            : `${one.label} · ${t('surveyResults.place', { place: formatNumber(one.mean, { maximumFractionDigits: 1 }) })}`,
      })),
      series: [{ id: 'first', name: t('surveyResults.first'), values: ranked.map((one) => one.first) }],
      unit: { kind: 'number' },
    };
  }
  if (of.rows) {
    return {
      kind: 'grid',
      columns: of.rows[0]?.columns.map((one) => one.label) ?? [],
      rows: of.rows.map((row) => ({ id: row.id, label: row.label, values: row.columns.map((one) => one.count) })),
      unit: { kind: 'number' },
      names: { row: t('surveyResults.row') },
    };
  }
  return null;
}

/** What was answered to one question. */
export function QuestionResultCard({
  of,
  number,
  survey,
  filter,
}: {
  of: QuestionResult;
  number: number;
  survey: Survey;
  filter: ResponseFilter;
}) {
  const t = useText();
  // The reply is new each time it is asked for; the picture is drawn anew only where something changed.
  const said = JSON.stringify(of);
  const spec = useMemo(() => chartOf(JSON.parse(said) as QuestionResult, t), [said, t]);
  const title = of.title.replaceAll(PIPE, '…') || t(`surveys.kind.${of.kind as QuestionKind}`);
  return (
    <Card title={`${number}. ${title}`}>
      <Stack gap={12}>
        <p className={styles.resultHead}>
          <KindIcon kind={of.kind as QuestionKind} size={15} /> {t(`surveys.kind.${of.kind as QuestionKind}`)} ·{' '}
          {t('surveyResults.answeredCount', { count: of.answered })}
        </p>
        {of.score ? <Score of={of} /> : null}
        {spec ? <Chart of={spec} label={title} {...(of.score ? { height: 190 } : {})} /> : null}
        {of.texts ? <Texts of={of} survey={survey} filter={filter} /> : null}
        {of.agreed ? (
          <p>{t('surveyResults.agreed', { count: formatNumber(of.agreed.count), of: formatNumber(of.agreed.of) })}</p>
        ) : null}
        {!spec && !of.texts && !of.agreed ? <p className={styles.dim}>{t('surveyResults.inResponses')}</p> : null}
      </Stack>
    </Card>
  );
}

function Score({ of }: { of: QuestionResult }) {
  const t = useText();
  const { score } = of;
  if (!score) return null;
  const percent = (value: number) => formatNumber(value, { style: 'percent', maximumFractionDigits: 0 });
  const points = (value: number) =>
    score.nps === null
      ? formatNumber(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
      : formatNumber(value, { signDisplay: 'exceptZero', maximumFractionDigits: 0 });
  const notes = [
    score.nps === null ? t('surveyResults.meanOf', { scale: score.scale }) : 'NPS',
    ...(score.interval
      ? [t('surveyResults.between', { low: points(score.interval.low), high: points(score.interval.high) })]
      : []),
    ...(score.good && of.kind === 'nps'
      ? [t('surveyResults.promotersShare', { share: percent(score.good.value) })]
      : score.good && of.kind === 'csat'
        ? [
            t('surveyResults.goodShare', {
              share: percent(score.good.value),
              low: percent(score.good.low),
              high: percent(score.good.high),
            }),
          ]
        : []),
  ];
  return (
    <div className={styles.score}>
      <span className={styles.scoreNumber}>{score.mean === null ? '–' : points(score.nps ?? score.mean)}</span>
      <span className={styles.dim}>{notes.join(' · ')}</span>
    </div>
  );
}

/** What was said in own words: the newest; all of it page by page, and by what stands in it. */
function Texts({ of, survey, filter }: { of: QuestionResult; survey: Survey; filter: ResponseFilter }) {
  const t = useText();
  const url = useUrlState();
  const [q, setQ] = useState('');
  const [typed] = useDebouncedValue(q.trim(), 250);
  const [all, setAll] = useState(false);
  const { hidesPersonalData } = useMe();
  const { anonymous } = survey.definition;
  const more = useInfiniteQuery({
    queryKey: ['surveys', 'texts', survey.id, of.id, filter, typed],
    queryFn: ({ pageParam }) =>
      surveys.responses(survey.id, { ...filter, question: of.id, q: typed, cursor: pageParam, limit: 20 }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    enabled: !anonymous && (all || typed !== ''),
  });
  const asked = !anonymous && (all || typed !== '') && more.data;
  const rows = asked
    ? more.data.pages.flatMap((page) =>
        page.items.map((one) => ({ responseId: one.id, text: one.said[of.id] ?? '', at: one.startedAt })),
      )
    : (of.texts ?? []).slice(0, 5);
  return (
    <Stack gap={10}>
      {anonymous || hidesPersonalData || of.answered < 4 ? null : (
        <Row>
          <SearchField label={t('surveyResults.searchTexts')} value={q} onChange={setQ} width={420} />
        </Row>
      )}
      {more.error ? <Refusal title={t('surveyResults.textsFailed')} error={more.error} /> : null}
      {asked && rows.length === 0 ? <NothingHere title={t('surveyResults.noTexts')} /> : null}
      <ul className={styles.texts}>
        {rows.map((one) => (
          <li key={one.responseId}>
            <p dir="auto">{one.text}</p>
            {anonymous ? null : (
              <button
                type="button"
                className={styles.textButton}
                onClick={() => url.set({ response: one.responseId }, true)}
              >
                <Time at={one.at} />
              </button>
            )}
          </li>
        ))}
      </ul>
      {!anonymous && !asked && of.answered > rows.length ? (
        <div>
          <Button small onClick={() => setAll(true)}>
            {t('surveyResults.allTexts')}
          </Button>
        </div>
      ) : null}
      {asked && more.hasNextPage ? (
        <div>
          <Button small busy={more.isFetchingNextPage} onClick={() => more.fetchNextPage()}>
            {t('kit.more')}
          </Button>
        </div>
      ) : null}
    </Stack>
  );
}
