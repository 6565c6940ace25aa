import { IconMessageCircle, IconPlayerPlay, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { formatDuration, formatLocaleName } from '../../format.ts';
import { LinkButton } from '../../kit/button.tsx';
import { Pairs, Tag, Time } from '../../kit/data.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { type Survey, surveys } from './calls.ts';
import { textIn } from './draft.ts';
import styles from './surveys.module.css';

/** One response in full: what was asked and answered, from where; one step to the person and what they did then. */
export function ResponsePanel({
  survey,
  responseId,
  onClose,
}: {
  survey: Survey;
  responseId: string;
  onClose: () => void;
}) {
  const t = useText();
  const maySeePeople = useMay('people.read');
  const mayReplay = useMay('replay.read');
  const response = useQuery({
    queryKey: ['surveys', 'response', survey.id, responseId],
    queryFn: () => surveys.response(survey.id, responseId),
  });
  const row = response.data;
  const { questions, defaultLanguage } = survey.definition;
  const order = questions.map((one) => one.id);
  const ids = row
    ? [...order.filter((id) => id in row.said), ...Object.keys(row.said).filter((id) => !order.includes(id))]
    : [];
  return (
    <SidePanel
      icon={<IconMessageCircle size={20} aria-hidden />}
      title={<bdi>{row?.personName ?? t('surveyResults.somebody')}</bdi>}
      sub={row ? <Time at={row.startedAt} /> : null}
      onClose={onClose}
    >
      {response.error ? <Refusal title={t('surveyResults.oneFailed')} error={response.error} /> : null}
      {response.isPending ? (
        <Loading>
          <Stack gap={14}>
            <Skeleton height={40} />
            <Skeleton height={120} />
          </Stack>
        </Loading>
      ) : null}
      {row ? (
        <Stack gap={18}>
          {row.personId ? (
            <Row gap={8}>
              {maySeePeople ? (
                <LinkButton small to={`/people/${row.personId}`} icon={<IconUser size={15} />}>
                  {t('surveyResults.toPerson')}
                </LinkButton>
              ) : null}
              {mayReplay ? (
                <LinkButton
                  small
                  to={`/replay?person=${encodeURIComponent(row.personId)}`}
                  icon={<IconPlayerPlay size={15} />}
                >
                  {t('surveyResults.toRecording')}
                </LinkButton>
              ) : null}
            </Row>
          ) : null}
          <dl className={styles.answers}>
            {ids.map((id) => {
              const question = questions.find((one) => one.id === id);
              return (
                <div key={id}>
                  <dt dir="auto">{question ? textIn(question.title, defaultLanguage, defaultLanguage) : id}</dt>
                  <dd dir="auto">{row.said[id] || '–'}</dd>
                </div>
              );
            })}
          </dl>
          <Pairs
            rows={[
              [
                t('surveyResults.state'),
                <Tag key="state" tone={row.state === 'complete' ? 'good' : 'plain'}>
                  {t(`surveyResults.states.${row.state}`)}
                </Tag>,
              ],
              [t('surveyResults.channel'), t(`surveyResults.channels.${row.channel}`)],
              [t('surveyResults.language'), formatLocaleName(row.language)],
              [t('surveyResults.version'), t('surveys.versionNumber', { version: row.version })],
              ...(row.seconds === null
                ? []
                : [[t('surveyResults.time'), formatDuration(row.seconds * 1000)] as [string, string]]),
              ...(row.page
                ? [[t('surveyResults.page'), <bdi key="page">{row.page}</bdi>] as [string, React.ReactNode]]
                : []),
              ...Object.entries(row.fields).map(([name, value]) => [name, value] as [string, string]),
            ]}
          />
        </Stack>
      ) : null}
    </SidePanel>
  );
}
