import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { formatBytes, formatDuration, formatNumber, humanise } from '../../format.ts';
import { Dot, Pairs, Stat, Tag, Time } from '../../kit/data.tsx';
import { Card, Page, Stack } from '../../kit/layout.tsx';
import { Parts } from '../../kit/parts.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { useSources } from '../../sources.ts';
import { hasMessage, useText } from '../../text.tsx';
import type { Doctor, StreamState } from '../../wire.ts';
import { reasonText } from '../live/live-row.tsx';
import styles from './health.module.css';

const ASK_EVERY_MS = 3_000;

function Checks({ checks }: { checks: Doctor['checks'] }) {
  const t = useText();
  return (
    <Card title={t('health.checks')}>
      <ul>
        {checks.map((check) => (
          <li key={check.name} className={styles.check}>
            {check.state === 'ok' ? (
              <IconCircleCheck size={18} color="var(--good)" aria-hidden />
            ) : check.state === 'warning' ? (
              <IconAlertTriangle size={18} color="var(--warn)" aria-hidden />
            ) : (
              <IconCircleX size={18} color="var(--bad)" aria-hidden />
            )}
            <div className={styles.checkText}>
              <div className={styles.checkHead}>
                <strong>{check.name}</strong>
                {check.state === 'ok' ? (
                  <span className="hidden-visually">{t('health.state.ok')}</span>
                ) : (
                  <Tag tone={check.state === 'warning' ? 'warn' : 'bad'}>{t(`health.state.${check.state}`)}</Tag>
                )}
              </div>
              <div className={styles.detail}>{check.detail}</div>
              {check.remedy && check.state !== 'ok' ? <div className={styles.remedy}>{check.remedy}</div> : null}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Stores({ stores }: { stores: Doctor['stores'] }) {
  const t = useText();
  return (
    <Card title={t('health.stores')}>
      <ul>
        {Object.entries(stores).map(([name, store]) => (
          <li key={name} className={styles.check}>
            <span className={styles.dot}>
              <Dot tone={store.up ? 'good' : 'bad'} />
            </span>
            <div className={styles.checkText}>
              <div className={styles.checkHead}>
                <strong>
                  {hasMessage(`health.store.${name}`) ? t(`health.store.${name}` as 'health.store.log') : name}
                </strong>
                {store.up ? null : <Tag tone="bad">{t('health.down')}</Tag>}
              </div>
              <div className={styles.detail}>
                <Parts
                  of={[
                    t(`health.kind.${store.kind}`),
                    store.rows === null ? null : t('health.rows', { count: store.rows }),
                    store.bytes === null ? null : formatBytes(store.bytes),
                    store.milliseconds > 0 ? formatDuration(store.milliseconds) : null,
                  ]}
                />
                <code className={styles.where}>{store.where}</code>
              </div>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Memory({ memory }: { memory: Doctor['memory'] }) {
  const t = useText();
  return (
    <Card title={t('health.memory')}>
      <Pairs
        rows={Object.entries(memory).map(([name, value]) => {
          const key = `health.memoryOf.${name.replace(/Bytes$/, '')}`;
          return [
            hasMessage(key) ? t(key) : humanise(name),
            typeof value === 'number' ? formatBytes(value) : String(value),
          ];
        })}
      />
    </Card>
  );
}

function Stream({ stream }: { stream: StreamState }) {
  const t = useText();
  const { nameOf } = useSources();
  const stepName = (name: string) => {
    const key = `step.${name}`;
    return hasMessage(key) ? t(key) : humanise(name);
  };
  const steps: Column<StreamState['steps'][number]>[] = [
    { name: t('details.step'), cell: (step) => <strong>{stepName(step.name)}</strong> },
    { name: t('health.events'), number: true, cell: (step) => formatNumber(step.events) },
    { name: t('health.drops'), number: true, cell: (step) => formatNumber(step.drops) },
    { name: t('health.time'), number: true, room: 'medium', cell: (step) => formatDuration(step.milliseconds) },
    {
      name: t('health.each'),
      number: true,
      cell: (step) =>
        step.events > 0
          ? `${formatNumber((step.milliseconds * 1000) / step.events, { maximumFractionDigits: 1 })} µs`
          : '—',
    },
  ];
  const partitions: Column<StreamState['partitions'][number]>[] = [
    { name: t('health.partition'), cell: (row) => formatNumber(row.partition) },
    { name: t('health.lagEvents'), number: true, cell: (row) => formatNumber(row.lagEvents) },
    { name: t('health.lagTime'), number: true, cell: (row) => formatDuration(row.lagSeconds * 1000) },
    {
      name: t('health.oldest'),
      room: 'medium',
      number: true,
      cell: (row) => (row.oldestAt ? <Time at={row.oldestAt} /> : '—'),
    },
  ];
  const drops: Column<StreamState['drops'][number]>[] = [
    { name: t('details.reason'), cell: (row) => reasonText(row.reason) },
    { name: t('details.step'), room: 'medium', cell: (row) => stepName(row.step) },
    { name: t('details.source'), cell: (row) => nameOf(row.sourceId) },
    { name: t('health.count'), number: true, cell: (row) => formatNumber(row.count) },
  ];
  return (
    <>
      <section>
        <h2 className={styles.title}>{t('health.steps')}</h2>
        <Table label={t('health.steps')} columns={steps} rows={stream.steps} keyOf={(row) => row.name} />
      </section>
      <section>
        <h2 className={styles.title}>{t('health.partitions')}</h2>
        <Table
          label={t('health.partitions')}
          columns={partitions}
          rows={stream.partitions}
          keyOf={(row) => String(row.partition)}
        />
      </section>
      <section>
        <h2 className={styles.title}>{t('health.dropped')}</h2>
        {stream.drops.length > 0 ? (
          <Table
            label={t('health.dropped')}
            columns={drops}
            rows={stream.drops}
            keyOf={(row) => `${row.step} ${row.reason} ${row.sourceId}`}
          />
        ) : (
          <NothingHere title={t('health.noDrops')} />
        )}
      </section>
    </>
  );
}

/** What is running, how far behind, and what is wrong with it. */
export function HealthPage() {
  const t = useText();
  const doctor = useQuery({ queryKey: ['doctor'], queryFn: api.doctor, refetchInterval: ASK_EVERY_MS });
  const stream = useQuery({ queryKey: ['stream'], queryFn: api.stream, refetchInterval: ASK_EVERY_MS });
  const lag = stream.data?.partitions.reduce((sum, row) => sum + row.lagEvents, 0);
  const wrong = doctor.data?.checks.filter((check) => check.state !== 'ok').length;
  return (
    <Page title={t('health.title')} purpose={t('health.purpose')}>
      <Stack gap={20}>
        {doctor.error ? (
          <Refusal title={t('health.failed')} error={doctor.error} onRetry={() => doctor.refetch()} />
        ) : null}
        {doctor.isPending ? (
          <Loading>
            <Stack gap={16}>
              <Skeleton height={88} />
              <Skeleton height={240} />
            </Stack>
          </Loading>
        ) : null}
        {doctor.data ? (
          <>
            <div className={styles.stats}>
              <Stat
                label={t('health.overall')}
                value={wrong === 0 ? t('health.allWell') : t('health.problems', { count: wrong ?? 0 })}
              />
              <Stat label={t('health.uptime')} value={formatDuration(doctor.data.uptimeSeconds * 1000)} />
              <Stat
                label={t('health.behind')}
                value={lag === undefined ? '–' : t('health.behindEvents', { count: lag })}
              />
              <Stat
                label={t('health.version')}
                value={doctor.data.version}
                note={`Node ${doctor.data.node.replace(/^v/, '')}`}
              />
            </div>
            <div className={styles.columns}>
              <Checks checks={doctor.data.checks} />
              <Stack gap={16}>
                <Stores stores={doctor.data.stores} />
                <Memory memory={doctor.data.memory} />
              </Stack>
            </div>
          </>
        ) : null}
        {stream.error ? (
          <Refusal title={t('health.streamFailed')} error={stream.error} onRetry={() => stream.refetch()} />
        ) : null}
        {stream.data ? <Stream stream={stream.data} /> : null}
      </Stack>
    </Page>
  );
}
