import { IconFileSpreadsheet, IconMessages } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { withQuery } from '../../api.ts';
import { formatDuration, formatLocaleName, formatNumber } from '../../format.ts';
import { Button, LinkButton } from '../../kit/button.tsx';
import { ProgressBar, Stat } from '../../kit/data.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type ResponseFilter, type SurveyResults, surveys } from './calls.ts';
import type { QuestionKind } from './draft.ts';
import { KindIcon } from './kinds.tsx';
import { QuestionResultCard } from './question-result.tsx';
import { ResponsePanel } from './response-panel.tsx';
import { ResponsesList } from './responses-list.tsx';
import type { Opened } from './survey-frame.tsx';
import styles from './surveys.module.css';

const DAY_MS = 86_400_000;
const PERIODS = [7, 30, 90, 365] as const;
const CHANNELS = ['popover', 'link', 'embed', 'mail', 'api'] as const;
const FILTERS = ['period', 'channel', 'spoken', 'version', 'complete'] as const;
/** What is answered now is seen at once; what lies still is not asked for all the time. */
const AGAIN_MS = 1_500;

function useFilter(): { filter: ResponseFilter; filtered: boolean } {
  const url = useUrlState();
  const days = Number(url.get('period'));
  // To the hour: so that it is the same question until the hour is over.
  const from = days ? new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - days * DAY_MS).toISOString() : '';
  const said: Record<keyof ResponseFilter, string> = {
    from,
    to: '',
    channel: url.get('channel'),
    language: url.get('spoken'),
    version: url.get('version'),
    state: url.get('complete') ? 'complete' : '',
    question: '',
    q: '',
  };
  const filter: ResponseFilter = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== ''));
  return { filter, filtered: Object.keys(filter).length > 0 };
}

export function SurveyAnswers({ survey }: Opened) {
  const t = useText();
  const url = useUrlState();
  const { filter, filtered } = useFilter();
  const results = useQuery({
    queryKey: ['surveys', 'results', survey.id, filter],
    queryFn: () => surveys.results(survey.id, filter),
    placeholderData: keepPreviousData,
    refetchInterval: survey.state === 'running' ? AGAIN_MS : false,
  });
  const data = results.data;
  const list = url.get('view') === 'responses';
  const all = (label: string) => ({ value: '', label });
  const outdated = results.isPlaceholderData;
  const none = data && data.counts.shown === 0 && !filtered && !outdated;
  if (none) {
    return (
      <NothingHere
        icon={<IconMessages size={26} aria-hidden />}
        title={t('surveyResults.none')}
        text={survey.version === null ? t('surveyResults.noneDraft') : t('surveyResults.noneYet')}
        action={
          <LinkButton
            look="main"
            to={survey.version === null ? `/surveys/${survey.id}?panel=publish` : `/surveys/${survey.id}/send`}
          >
            {survey.version === null ? t('surveys.publish') : t('surveyResults.toSend')}
          </LinkButton>
        }
      />
    );
  }
  return (
    <Stack gap={16}>
      <Row gap={8}>
        <SelectField
          hideLabel
          label={t('surveyResults.period')}
          width={180}
          value={url.get('period')}
          choices={[
            all(t('surveyResults.always')),
            ...PERIODS.map((days) => ({ value: String(days), label: t('surveyResults.lastDays', { count: days }) })),
          ]}
          onChange={(period) => url.set({ period })}
        />
        <SelectField
          hideLabel
          label={t('surveyResults.channel')}
          width={170}
          value={url.get('channel')}
          choices={[
            all(t('surveyResults.everyChannel')),
            ...CHANNELS.map((one) => ({ value: one, label: t(`surveyResults.channels.${one}`) })),
          ]}
          onChange={(channel) => url.set({ channel })}
        />
        {survey.definition.languages.length > 1 ? (
          <SelectField
            hideLabel
            label={t('surveyResults.language')}
            width={170}
            value={url.get('spoken')}
            choices={[
              all(t('surveyResults.everyLanguage')),
              ...survey.definition.languages.map((one) => ({ value: one, label: formatLocaleName(one) })),
            ]}
            onChange={(spoken) => url.set({ spoken })}
          />
        ) : null}
        {(survey.version ?? 0) > 1 ? (
          <SelectField
            hideLabel
            label={t('surveyResults.version')}
            width={150}
            value={url.get('version')}
            choices={[
              all(t('surveyResults.everyVersion')),
              ...Array.from({ length: survey.version ?? 0 }, (_, n) => ({
                value: String((survey.version ?? 0) - n),
                label: t('surveys.versionNumber', { version: (survey.version ?? 0) - n }),
              })).slice(0, 50),
            ]}
            onChange={(version) => url.set({ version })}
          />
        ) : null}
        <SelectField
          hideLabel
          label={t('surveyResults.complete')}
          width={190}
          value={url.get('complete')}
          choices={[all(t('surveyResults.alsoPartial')), { value: '1', label: t('surveyResults.onlyComplete') }]}
          onChange={(complete) => url.set({ complete })}
        />
        {filtered ? (
          <Button look="quiet" small onClick={() => url.set(Object.fromEntries(FILTERS.map((one) => [one, null])))}>
            {t('surveyResults.clear')}
          </Button>
        ) : null}
        <span className={styles.grow} />
        {survey.definition.anonymous ? null : (
          <Button
            icon={<IconFileSpreadsheet size={16} />}
            onClick={() => {
              location.href = withQuery(`/api/surveys/${survey.id}/answers.csv`, { ...filter });
            }}
          >
            {t('surveyResults.csv')}
          </Button>
        )}
      </Row>
      {results.error ? (
        <Refusal title={t('surveyResults.failed')} error={results.error} onRetry={() => results.refetch()} />
      ) : null}
      {results.isPending ? (
        <Loading>
          <Stack gap={16}>
            <Skeleton height={84} />
            <Skeleton height={260} />
          </Stack>
        </Loading>
      ) : null}
      {data ? (
        <>
          <div data-outdated={outdated || undefined}>
            <Numbers of={data} />
          </div>
          {data.hidden ? (
            <NothingHere
              title={t('surveyResults.hidden')}
              text={t('surveyResults.hiddenText', { count: survey.definition.groupSize })}
            />
          ) : null}
          {survey.definition.anonymous ? null : (
            <nav className={`${styles.parts} ${styles.views}`} aria-label={t('surveyResults.views')}>
              <button
                type="button"
                aria-current={list ? undefined : 'true'}
                onClick={() => url.set({ view: null, response: null })}
              >
                {t('surveyResults.byQuestion')}
              </button>
              <button
                type="button"
                aria-current={list ? 'true' : undefined}
                onClick={() => url.set({ view: 'responses' })}
              >
                {t('surveyResults.byResponse')}
              </button>
            </nav>
          )}
          {list && !survey.definition.anonymous ? (
            <ResponsesList survey={survey} filter={filter} />
          ) : (
            <div data-outdated={outdated || undefined} aria-busy={outdated}>
              <Stack gap={16}>
                <Quotas of={data.quotas} />
                <div className={styles.resultGrid}>
                  {data.questions.map((question, index) =>
                    question.answered > 0 ? (
                      <QuestionResultCard
                        key={question.id}
                        number={index + 1}
                        of={question}
                        survey={survey}
                        filter={filter}
                      />
                    ) : null,
                  )}
                </div>
                <Unanswered of={data.questions} />
                {data.sampled ? (
                  <p className={styles.dim}>{t('surveyResults.sampled', { count: data.sampled })}</p>
                ) : null}
              </Stack>
            </div>
          )}
        </>
      ) : null}
      {url.get('response') ? (
        <ResponsePanel survey={survey} responseId={url.get('response')} onClose={() => url.set({ response: null })} />
      ) : null}
    </Stack>
  );
}

function Numbers({ of }: { of: SurveyResults }) {
  const t = useText();
  const share = (value: number | null) =>
    value === null ? '–' : formatNumber(value, { style: 'percent', maximumFractionDigits: 1 });
  return (
    <div className={styles.numbers}>
      <Stat label={t('surveyResults.shown')} value={formatNumber(of.counts.shown)} />
      <Stat
        label={t('surveyResults.answered')}
        value={formatNumber(of.counts.answered)}
        note={t('surveyResults.rateNote', { share: share(of.rate) })}
      />
      <Stat
        label={t('surveyResults.completed')}
        value={formatNumber(of.counts.completed)}
        note={t('surveyResults.completionNote', { share: share(of.completion) })}
      />
      <Stat label={t('surveyResults.dismissed')} value={formatNumber(of.counts.dismissed)} />
      <Stat
        label={t('surveyResults.time')}
        value={of.seconds === null ? '–' : formatDuration(Math.max(1, of.seconds) * 1000)}
        note={t('surveyResults.timeNote')}
      />
    </div>
  );
}

function Quotas({ of }: { of: SurveyResults['quotas'] }) {
  const t = useText();
  if (of.length === 0) return null;
  return (
    <Card title={t('surveyEdit.quotas')}>
      <ul className={styles.languages}>
        {of.map((quota) => (
          <li key={quota.id}>
            <bdi className={styles.languageName}>{quota.name}</bdi>
            <span className={styles.languageBarLine}>
              <ProgressBar label={quota.name} value={quota.limit > 0 ? quota.completed / quota.limit : 1} />
            </span>
            <span className={styles.dim}>
              {t('surveyResults.quotaOf', {
                completed: formatNumber(quota.completed),
                limit: formatNumber(quota.limit),
              })}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Questions that nobody came to: named only, so that they do not stand between those with answers. */
function Unanswered({ of }: { of: SurveyResults['questions'] }) {
  const t = useText();
  const none = of.map((question, index) => ({ question, index })).filter(({ question }) => question.answered === 0);
  if (none.length === 0) return null;
  return (
    <Card title={t('surveyResults.notAnswered')}>
      <ul className={styles.unanswered}>
        {none.map(({ question, index }) => (
          <li key={question.id}>
            <KindIcon kind={question.kind as QuestionKind} size={15} /> {index + 1}. <bdi>{question.title}</bdi>
          </li>
        ))}
      </ul>
    </Card>
  );
}
