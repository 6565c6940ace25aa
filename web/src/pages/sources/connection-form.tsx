import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { CodeField, PasswordField, SelectField, Switch, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import styles from './connection.module.css';
import { type Column, type Connection, type ConnectionKind, calls, type Preset } from './connection-calls.ts';
import type { Fields } from './connection-draft.ts';

type Props = {
  kind: ConnectionKind;
  fields: Fields;
  onChange: (change: Partial<Fields>) => void;
  sourceId: string | null;
  kept: Connection | null;
  /** A ready-made mapping was chosen; only where the source has none yet. */
  onPreset?: (preset: Preset | null) => void;
};

/** The fields of a connection, by its kind. */
export function ConnectionFields(props: Props) {
  if (props.kind === 'mqtt') return <MqttFields {...props} />;
  if (props.kind === 'mail') return <MailFields {...props} />;
  return <PostgresFields {...props} />;
}

function MqttFields({ fields, onChange, kept, onPreset }: Props) {
  const t = useText();
  const [preset, setPreset] = useState('none');
  const presets = useQuery({
    queryKey: ['presets'],
    queryFn: calls.presets,
    enabled: onPreset !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const choose = (name: string) => {
    const chosen = presets.data?.presets.find((one) => one.name === name) ?? null;
    setPreset(name);
    onPreset?.(chosen);
    if (chosen) onChange({ topics: chosen.topics.join('\n') });
  };
  return (
    <Stack gap={14}>
      <TextField
        label={t('connection.url')}
        hint={t('connection.urlHint')}
        placeholder="mqtts://broker.example:8883"
        value={fields.url}
        onChange={(url) => onChange({ url })}
        required
      />
      <TextField
        label={t('connection.user')}
        value={fields.user}
        onChange={(user) => onChange({ user })}
        autoComplete="off"
      />
      <PasswordField
        label={t('connection.password')}
        {...(kept?.secretsSet.includes('password') ? { hint: t('connection.secretKept') } : {})}
        value={fields.password}
        onChange={(password) => onChange({ password })}
        autoComplete="new-password"
      />
      {onPreset ? (
        <SelectField
          label={t('connection.preset')}
          value={preset}
          onChange={choose}
          choices={[
            { value: 'none', label: t('connection.presets.none') },
            ...(presets.data?.presets ?? []).map(({ name }) => ({
              value: name,
              label: t(`connection.presets.${name}`),
            })),
          ]}
        />
      ) : null}
      <CodeField
        label={t('connection.topics')}
        hint={t('connection.topicsHint')}
        placeholder={'sensors/+/temperature\ngates/#'}
        value={fields.topics}
        onChange={(topics) => onChange({ topics })}
        rows={3}
        required
      />
      <SelectField
        label={t('connection.format')}
        value={fields.format}
        onChange={(format) => onChange({ format: format as Fields['format'] })}
        choices={(['auto', 'json', 'text', 'binary'] as const).map((value) => ({
          value,
          label: t(`connection.formats.${value}`),
        }))}
      />
      <SelectField
        label={t('connection.version')}
        value={fields.version}
        onChange={(version) => onChange({ version: version as Fields['version'] })}
        choices={[
          { value: '4', label: 'MQTT 3.1.1' },
          { value: '5', label: 'MQTT 5' },
        ]}
      />
      <Switch label={t('connection.verify')} checked={fields.verify} onChange={(verify) => onChange({ verify })} />
    </Stack>
  );
}

function MailFields({ fields, onChange }: Props) {
  const t = useText();
  return (
    <CodeField
      label={t('connection.aliases')}
      hint={t('connection.aliasesHint')}
      placeholder="support@shop.example"
      value={fields.aliases}
      onChange={(aliases) => onChange({ aliases })}
      rows={3}
    />
  );
}

/** Kinds of identifiers that tables usually hold. */
const KINDS = ['email', 'user_id', 'customer_id', 'phone', 'loyalty_card', 'rfid', 'device'];

const choicesOf = (columns: readonly Column[]) =>
  columns.map(({ name, type }) => ({ value: name, label: `${name} (${type})` }));

function PostgresFields({ fields, onChange, sourceId, kept }: Props) {
  const t = useText();
  const database = { sourceId, ...(fields.database.trim() ? { url: fields.database.trim() } : {}) };
  const look = useMutation({ mutationFn: () => calls.tables(database) });
  const queries = useQueryClient();
  const columnsOf = (schema: string, table: string) =>
    queryOptions({
      queryKey: ['columns', sourceId, schema, table, look.submittedAt],
      queryFn: () => calls.columns({ ...database, schema, table }),
      retry: false,
    });
  const columns = useQuery({
    ...columnsOf(fields.schema, fields.table),
    enabled: fields.table !== '' && look.isSuccess,
  });
  const now = useRef(fields);
  now.current = fields;
  const known = columns.data?.columns ?? [];
  const tables = look.data?.tables ?? [];
  // What is kept can be shown before anybody has looked into the database.
  const withKept = (value: string, choices: { value: string; label: string }[]) =>
    value === '' || choices.some((one) => one.value === value) ? choices : [{ value, label: value }, ...choices];
  const chooseTable = async (chosen: string) => {
    const table = tables.find((one) => `${one.schema}.${one.name}` === chosen);
    if (!table) return;
    onChange({ schema: table.schema, table: table.name, cursor: '', key: '', identifierColumn: '', time: '' });
    // Refused, it says so in its own place.
    const answer = await queries.fetchQuery(columnsOf(table.schema, table.name)).catch(() => null);
    const { schema, table: still, key: typed, cursor: picked, identifierColumn } = now.current;
    // Another table may be chosen by now, and what somebody has put into a field meanwhile stays.
    if (!answer || schema !== table.schema || still !== table.name) return;
    const found = answer.columns;
    const key = found.filter((one) => one.key > 0).toSorted((a, b) => a.key - b.key);
    const cursors = found.filter((one) => one.cursor);
    const cursor =
      cursors.find((one) => /^(updated|changed|modified)/.test(one.name)) ??
      cursors.find((one) => one.type.startsWith('timestamp')) ??
      cursors[0];
    onChange({
      key: typed || key.map((one) => one.name).join(', '),
      cursor: picked || (cursor?.name ?? ''),
      identifierColumn: identifierColumn || (found.find((one) => /e-?mail/i.test(one.name))?.name ?? ''),
    });
  };
  const tableChosen = fields.table === '' ? '' : `${fields.schema}.${fields.table}`;
  return (
    <Stack gap={14}>
      <PasswordField
        label={t('connection.database')}
        hint={kept?.secretsSet.includes('url') ? t('connection.secretKept') : t('connection.databaseHint')}
        placeholder="postgres://reader:password@db.example:5432/shop"
        value={fields.database}
        onChange={(value) => onChange({ database: value })}
        autoComplete="off"
      />
      <Row>
        <Button busy={look.isPending} onClick={() => look.mutate()}>
          {t('connection.look')}
        </Button>
      </Row>
      {look.error ? <Refusal title={t('connection.tryFailed')} error={look.error} /> : null}
      {columns.error ? <Refusal title={t('connection.tryFailed')} error={columns.error} /> : null}
      <SelectField
        label={t('connection.table')}
        value={tableChosen}
        searchable
        onChange={chooseTable}
        choices={withKept(
          tableChosen,
          tables.map((one) => ({ value: `${one.schema}.${one.name}`, label: `${one.schema}.${one.name}` })),
        )}
      />
      {fields.table !== '' ? (
        <>
          <SelectField
            label={t('connection.cursor')}
            value={fields.cursor}
            onChange={(cursor) => onChange({ cursor })}
            choices={withKept(fields.cursor, choicesOf(known.filter((one) => one.cursor)))}
          />
          <p className={styles.dim}>{t('connection.cursorHint')}</p>
          <TextField
            label={t('connection.key')}
            hint={t('connection.keyHint')}
            value={fields.key}
            onChange={(key) => onChange({ key })}
            required
          />
          <TextField
            label={t('connection.event')}
            hint={t('connection.eventHint')}
            value={fields.event}
            onChange={(event) => onChange({ event })}
            required
          />
          <SelectField
            label={t('connection.identifierColumn')}
            value={fields.identifierColumn}
            onChange={(identifierColumn) => onChange({ identifierColumn })}
            choices={withKept(fields.identifierColumn, choicesOf(known))}
          />
          <SelectField
            label={t('connection.identifierKind')}
            value={fields.identifierKind}
            onChange={(identifierKind) => onChange({ identifierKind })}
            choices={withKept(
              fields.identifierKind,
              KINDS.map((kind) => ({ value: kind, label: kind })),
            )}
          />
          <SelectField
            label={t('connection.time')}
            value={fields.time || '-'}
            onChange={(time) => onChange({ time: time === '-' ? '' : time })}
            choices={[
              { value: '-', label: t('connection.timeCursor') },
              ...withKept(fields.time, choicesOf(known.filter((one) => /^(timestamp|date)/.test(one.type)))),
            ]}
          />
          <TextField
            label={t('connection.everyMinutes')}
            value={fields.everyMinutes}
            onChange={(everyMinutes) => onChange({ everyMinutes })}
            required
          />
        </>
      ) : null}
    </Stack>
  );
}
