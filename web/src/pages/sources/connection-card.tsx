import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import { useIsFetching, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Code, Dot, Pairs, Secret, Tag, Time } from '../../kit/data.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import type { Source } from '../../wire.ts';
import styles from './connection.module.css';
import { type Connection, type ConnectionKind, calls } from './connection-calls.ts';
import { draftOf, fieldsOf } from './connection-draft.ts';
import { ConnectionFields } from './connection-form.tsx';
import { ConnectionTrial } from './connection-trial.tsx';

const LOOK_MS = 3000;
const TONES = { off: 'plain', connecting: 'plain', connected: 'good', waiting: 'warn' } as const;

/** How a source is connected, how that goes, and what to change about it. */
export function ConnectionCard({ source, kind }: { source: Source; kind: ConnectionKind }) {
  const t = useText();
  const url = useUrlState();
  const mayRead = useMay('connections.read');
  const mayWrite = useMay('connections.write');
  const query = useQuery({
    queryKey: ['connection', source.id],
    queryFn: () => calls.read(source.id),
    refetchInterval: LOOK_MS,
    enabled: mayRead,
  });
  if (!mayRead) return null;
  const connection = query.data;
  if (!connection) {
    return (
      <Card title={t('connection.title')}>
        <UntilLoaded query={query} failed={t('connection.failed')}>
          <Skeleton height={140} />
        </UntilLoaded>
      </Card>
    );
  }
  const changing = mayWrite && (Boolean(url.get('change')) || connection.settings === null);
  return (
    <Card
      title={t('connection.title')}
      hint={t(`connection.hint.${kind}`)}
      action={kind === 'mail' ? null : <StateTag connection={connection} />}
    >
      <Stack gap={16}>
        {connection.error && source.enabled ? <Trouble connection={connection} /> : null}
        {kind === 'mail' ? <MailAddresses source={source} connection={connection} /> : null}
        {connection.settings === null ? (
          <p>{t('connection.notSetUp')}</p>
        ) : (
          <Facts connection={connection} kind={kind} />
        )}
        {changing ? (
          <ChangeForm source={source} kind={kind} connection={connection} onDone={() => url.set({ change: null })} />
        ) : mayWrite ? (
          <Row>
            <Button onClick={() => url.set({ change: '1' })}>{t('connection.change')}</Button>
            {kind === 'mail' ? null : <RestartButton source={source} kind={kind} />}
          </Row>
        ) : null}
      </Stack>
    </Card>
  );
}

function StateTag({ connection }: { connection: Connection }) {
  const t = useText();
  const tone = TONES[connection.state];
  return (
    <Tag tone={tone} icon={<Dot tone={tone} />}>
      {t(`connection.states.${connection.state}`)}
    </Tag>
  );
}

function Trouble({ connection }: { connection: Connection }) {
  const t = useText();
  return (
    <p className={styles.trouble} role="status">
      <IconAlertTriangle size={18} aria-hidden />
      <span>
        {connection.error}{' '}
        {connection.retryAt ? (
          <>
            {t('connection.retry')} <Time at={connection.retryAt} />
          </>
        ) : null}
      </span>
    </p>
  );
}

function Facts({ connection, kind }: { connection: Connection; kind: ConnectionKind }) {
  const t = useText();
  return (
    <Pairs
      rows={[
        [t('connection.lastAt'), <Time key="last" at={connection.lastAt} />],
        [t('connection.received'), formatNumber(connection.received)],
        [t('connection.refused'), formatNumber(connection.refused)],
        ...(kind === 'postgres' && connection.rows !== null
          ? [
              [
                t('connection.rows'),
                `${formatNumber(connection.rows)}${connection.caughtUp ? '' : ` · ${t('connection.history')}`}`,
              ] as [string, string],
            ]
          : []),
      ]}
    />
  );
}

function MailAddresses({ source, connection }: { source: Source; connection: Connection }) {
  const t = useText();
  const hook = `curl ${location.origin}/hooks/mail/${source.writeKey} \\
  -H 'content-type: message/rfc822' --data-binary @mail.eml`;
  return (
    <Stack gap={12}>
      {connection.addresses.map((address) => (
        <Secret key={address} value={address} label={t('connection.address')} />
      ))}
      {connection.listening === false ? <p className={styles.dim}>{t('connection.notListening')}</p> : null}
      <p className={styles.dim}>{t('connection.hookHint')}</p>
      <Code text={hook} label={t('connection.hook')} />
    </Stack>
  );
}

function RestartButton({ source, kind }: { source: Source; kind: ConnectionKind }) {
  const t = useText();
  const queries = useQueryClient();
  const restart = useMutation({
    mutationFn: () => calls.restart(source.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['connection', source.id] }),
  });
  return (
    <>
      <Button look="quiet" icon={<IconRefresh size={16} />} busy={restart.isPending} onClick={() => restart.mutate()}>
        {kind === 'postgres' ? t('connection.readNow') : t('connection.again')}
      </Button>
      {restart.error ? <Refusal title={t('connection.againFailed')} error={restart.error} /> : null}
    </>
  );
}

function ChangeForm({
  source,
  kind,
  connection,
  onDone,
}: {
  source: Source;
  kind: ConnectionKind;
  connection: Connection;
  onDone: () => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const [fields, setFields] = useState(() => fieldsOf(connection));
  const proposing = useIsFetching({ queryKey: ['columns', source.id] }) > 0;
  const save = useMutation({
    mutationFn: () => calls.save(source.id, draftOf(kind, fields, connection)),
    onSuccess: (saved) => {
      queries.setQueryData(['connection', source.id], saved);
      toast(t('connection.saved'));
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap={16}>
        <ConnectionFields
          kind={kind}
          fields={fields}
          onChange={(change) => setFields((before) => ({ ...before, ...change }))}
          sourceId={source.id}
          kept={connection}
        />
        {kind === 'mail' ? null : (
          <ConnectionTrial
            sourceId={source.id}
            draft={() => draftOf(kind, fields, connection)}
            mapping={source.mapping}
          />
        )}
        {save.error ? <Refusal title={t('connection.saveFailed')} error={save.error} /> : null}
        <Row>
          <Button type="submit" look="main" busy={save.isPending || proposing}>
            {t('connection.save')}
          </Button>
          {connection.settings === null ? null : (
            <Button look="quiet" onClick={onDone}>
              {t('kit.cancel')}
            </Button>
          )}
        </Row>
      </Stack>
    </form>
  );
}
