import { IconAlertTriangle, IconCheck, IconPlugConnected } from '@tabler/icons-react';
import { useIsFetching, useMutation } from '@tanstack/react-query';
import { Button } from '../../kit/button.tsx';
import { Code } from '../../kit/data.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import styles from './connection.module.css';
import { type ConnectionDraft, calls, type Trial } from './connection-calls.ts';

function Sample({ sample }: { sample: Trial['samples'][number] }) {
  const t = useText();
  return (
    <li className={styles.sample}>
      <code className={styles.from}>{sample.from}</code>
      {sample.refused ? (
        <p className={styles.bad}>{t('connection.wouldRefuse', { reason: sample.refused })}</p>
      ) : sample.events.length === 0 ? (
        <p className={styles.dim}>{t('connection.leftOut')}</p>
      ) : null}
      {sample.events.length > 0 ? (
        <Code json text={JSON.stringify(sample.events, null, 2)} label={t('connection.becomes')} />
      ) : sample.value !== null ? (
        <Code json text={JSON.stringify(sample.value, null, 2)} label={t('connection.came')} />
      ) : null}
    </li>
  );
}

/** Connects for real by what the form says, and shows what would come. */
export function ConnectionTrial({
  sourceId,
  draft,
  mapping,
}: {
  sourceId: string | null;
  draft: () => ConnectionDraft;
  mapping: string | null;
}) {
  const t = useText();
  const trial = useMutation({ mutationFn: () => calls.tryIt({ sourceId, mapping, connection: draft() }) });
  // What is proposed for the columns of a table belongs to what is tried.
  const proposing = useIsFetching({ queryKey: ['columns', sourceId] }) > 0;
  return (
    <Stack gap={12}>
      <Row>
        <Button
          icon={<IconPlugConnected size={16} />}
          busy={trial.isPending || proposing}
          onClick={() => trial.mutate()}
        >
          {t('connection.try')}
        </Button>
      </Row>
      <div role="status">
        {trial.data && !trial.isPending ? (
          <Stack gap={10}>
            <p className={styles.good}>
              <IconCheck size={18} aria-hidden /> {t('connection.works')}
            </p>
            {trial.data.warnings.map((warning) => (
              <p key={warning} className={styles.warn}>
                <IconAlertTriangle size={18} aria-hidden /> <span>{warning}</span>
              </p>
            ))}
          </Stack>
        ) : null}
      </div>
      {trial.error && !trial.isPending ? <Refusal title={t('connection.tryFailed')} error={trial.error} /> : null}
      {trial.data && trial.data.samples.length > 0 && !trial.isPending ? (
        <ul className={styles.samples} aria-label={t('connection.samples')}>
          {trial.data.samples.map((sample, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the samples of a trial never change.
            <Sample key={index} sample={sample} />
          ))}
        </ul>
      ) : null}
    </Stack>
  );
}
