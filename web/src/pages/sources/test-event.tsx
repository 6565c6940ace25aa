import { IconAlertTriangle, IconCheck, IconSend } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { api } from '../../api.ts';
import { formatDuration, humanise } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { hasMessage, useText } from '../../text.tsx';
import type { Source, TestEvent } from '../../wire.ts';
import styles from './sources.module.css';

const ASK_EVERY_MS = 400;
/** After this long the page says that it takes longer than it should, and goes on asking. */
const SLOW_MS = 15_000;
/** For so long the server may still tell the counts from before the event. */
const COUNTED_AFTER_MS = 5_500;

function Steps({ test }: { test: TestEvent }) {
  const t = useText();
  const first = test.steps.find((step) => step.at)?.at;
  const waiting = test.state === 'accepted' ? test.steps.findIndex((step) => !step.at) : -1;
  return (
    <ol className={styles.steps}>
      {test.steps.map((step, index) => {
        const key = `step.${step.name}`;
        const took = step.at && first ? Date.parse(step.at) - Date.parse(first) : null;
        return (
          <li
            key={step.name}
            className={[styles.step, step.at ? styles.stepDone : '', index === waiting ? styles.stepNow : ''].join(' ')}
          >
            <span className={styles.tick} aria-hidden>
              {step.at ? <IconCheck size={13} stroke={2.5} /> : null}
            </span>
            <span>{hasMessage(key) ? t(key) : humanise(step.name)}</span>
            <span className={styles.took}>{took === null ? '' : `+${formatDuration(Math.max(0, took))}`}</span>
          </li>
        );
      })}
    </ol>
  );
}

function Outcome({ test, slow }: { test: TestEvent; slow: boolean }) {
  const t = useText();
  if (test.state === 'stored') {
    return (
      <p className={`${styles.outcome} ${styles.good}`}>
        <IconCheck size={18} aria-hidden />
        <span>
          {test.elapsedMs === null ? t('test.stored') : t('test.storedIn', { time: formatDuration(test.elapsedMs) })}{' '}
          {test.personId ? (
            <Link to={`/people/${encodeURIComponent(test.personId)}`}>{t('test.seePerson')}</Link>
          ) : null}
        </span>
      </p>
    );
  }
  if (test.state === 'accepted') return <p className={styles.outcome}>{slow ? t('test.slow') : t('test.onItsWay')}</p>;
  return (
    <p className={`${styles.outcome} ${styles.bad}`}>
      <IconAlertTriangle size={18} aria-hidden />
      <span>
        {test.state === 'dropped' ? t('test.dropped') : t('test.quarantined')} {test.reason}{' '}
        {test.state === 'quarantined' ? <Link to="/quarantine">{t('test.seeQuarantine')}</Link> : null}
      </span>
    </p>
  );
}

/** Sends an event the whole way and shows each step as it is done. */
export function TestEventCard({ source, mayWrite }: { source: Source; mayWrite: boolean }) {
  const t = useText();
  const queries = useQueryClient();
  const [slow, setSlow] = useState(false);
  const send = useMutation({ mutationFn: () => api.sendTestEvent(source.id), onMutate: () => setSlow(false) });
  const messageId = send.data?.messageId;
  const follow = useQuery({
    queryKey: ['test', source.id, messageId],
    queryFn: () => api.testEvent(source.id, messageId ?? ''),
    enabled: messageId !== undefined,
    refetchInterval: (query) => ((query.state.data?.state ?? 'accepted') === 'accepted' ? ASK_EVERY_MS : false),
  });
  const running = messageId !== undefined && (follow.data?.state ?? 'accepted') === 'accepted' && !follow.error;
  useEffect(() => {
    if (!running || !messageId) return;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [running, messageId]);
  const arrived = follow.data !== undefined && follow.data.state !== 'accepted';
  useEffect(() => {
    if (!arrived || !messageId) return;
    const refresh = () => {
      queries.invalidateQueries({ queryKey: ['source', source.id] });
      queries.invalidateQueries({ queryKey: ['sources'] });
    };
    refresh();
    const timer = setTimeout(refresh, COUNTED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [arrived, messageId, queries, source.id]);
  return (
    <Card title={t('test.title')} hint={t('test.hint')}>
      <Stack gap={14}>
        {send.error ? <Refusal title={t('test.failed')} error={send.error} /> : null}
        {follow.error ? (
          <Refusal title={t('test.followFailed')} error={follow.error} onRetry={() => follow.refetch()} />
        ) : null}
        {follow.data && !send.isPending ? (
          <div role="status">
            <Steps test={follow.data} />
            <Outcome test={follow.data} slow={slow} />
          </div>
        ) : null}
        {mayWrite ? (
          <div>
            <Button
              look={follow.data ? 'plain' : 'main'}
              icon={<IconSend size={16} />}
              busy={send.isPending || running}
              onClick={() => send.mutate()}
            >
              {follow.data ? t('test.again') : t('test.send')}
            </Button>
          </div>
        ) : null}
      </Stack>
    </Card>
  );
}
