import { IconDatabaseExport, IconWebhook } from '@tabler/icons-react';
import { Dot, Tag, type Tone } from '../../kit/data.tsx';
import { useText } from '../../text.tsx';
import type { Delivery, Destination, Run } from './calls.ts';
import styles from './destinations.module.css';

export function KindIcon({ kind }: { kind: Destination['kind'] }) {
  const Icon = kind === 'webhook' ? IconWebhook : IconDatabaseExport;
  return (
    <span className={styles.icon}>
      <Icon size={18} stroke={1.7} aria-hidden />
    </span>
  );
}

function stateOf(one: Destination): { tone: Tone; name: 'stopped' | 'off' | 'failing' | 'paused' | 'on' } {
  if (one.stopped) return { tone: 'bad', name: 'stopped' };
  if (!one.enabled) return { tone: 'plain', name: 'off' };
  if (one.failingSince) return { tone: 'bad', name: 'failing' };
  if (one.pausedUntil) return { tone: 'warn', name: 'paused' };
  return { tone: 'good', name: 'on' };
}

export function StateTag({ destination }: { destination: Destination }) {
  const t = useText();
  const { tone, name } = stateOf(destination);
  return (
    <Tag tone={tone} icon={<Dot tone={tone} />}>
      {t(`destinations.state.${name}`)}
    </Tag>
  );
}

const DELIVERY_TONES: Record<Delivery['status'], Tone> = {
  waiting: 'plain',
  delivered: 'good',
  failed: 'bad',
  held: 'warn',
  left: 'plain',
};

export function DeliveryTag({ delivery }: { delivery: Delivery }) {
  const t = useText();
  const retrying = delivery.status === 'waiting' && delivery.attempts > 0;
  return (
    <Tag tone={retrying ? 'warn' : DELIVERY_TONES[delivery.status]}>
      {retrying ? t('destinations.status.retrying') : t(`destinations.status.${delivery.status}`)}
    </Tag>
  );
}

const RUN_TONES: Record<Run['state'], Tone> = { waiting: 'plain', running: 'accent', done: 'good', failed: 'bad' };

export function RunTag({ run }: { run: Run }) {
  const t = useText();
  if (run.replaced) return <Tag>{t('destinations.run.replaced')}</Tag>;
  return <Tag tone={RUN_TONES[run.state]}>{t(`destinations.run.${run.state}`)}</Tag>;
}
