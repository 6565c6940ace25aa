import { useIsFetching, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api.ts';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { SOURCE_KINDS, type SourceKind } from '../../wire.ts';
import { calls, isConnectionKind } from './connection-calls.ts';
import { draftOf, fieldsOf } from './connection-draft.ts';
import { ConnectionFields } from './connection-form.tsx';
import { ConnectionTrial } from './connection-trial.tsx';
import { SOURCE_ICONS } from './kinds.tsx';
import styles from './sources.module.css';

/** A name and a kind make a source. */
export function NewSource({ onClose }: { onClose: () => void }) {
  const t = useText();
  const id = useId();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<SourceKind>('browser');
  const [fields, setFields] = useState(() => fieldsOf(null));
  const [mapping, setMapping] = useState<string | null>(null);
  const mayConnect = useMay('connections.write');
  const connected = isConnectionKind(kind) ? kind : null;
  const proposing = useIsFetching({ queryKey: ['columns', null] }) > 0;
  const create = useMutation({
    mutationFn: async (): Promise<string> => {
      const named = name.trim();
      if (!connected) return (await api.createSource({ name: named, kind })).id;
      const connection = draftOf(connected, fields, null);
      return (await calls.create({ name: named, mapping, connection })).sourceId;
    },
    onSuccess: (sourceId) => {
      queries.invalidateQueries({ queryKey: ['sources'] });
      navigate(`/sources/${encodeURIComponent(sourceId)}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  const kinds = SOURCE_KINDS.filter((one) => mayConnect || !isConnectionKind(one));
  return (
    <SidePanel title={t('sources.create')} sub={t('sources.createHint')} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap={20}>
          <TextField
            label={t('sources.name')}
            hint={t('sources.nameHint')}
            value={name}
            onChange={setName}
            required
            autoFocus
          />
          <fieldset className={styles.kinds}>
            <legend id={id}>{t('sources.kind')}</legend>
            {kinds.map((one) => {
              const Icon = SOURCE_ICONS[one];
              return (
                <label key={one} className={styles.kindChoice}>
                  <input type="radio" name="kind" value={one} checked={kind === one} onChange={() => setKind(one)} />
                  <Icon size={20} stroke={1.7} aria-hidden />
                  <span>
                    <span className={styles.kindName}>{t(`sourceKind.${one}`)}</span>
                    <span className={styles.kindHint}>{t(`sourceKindHint.${one}`)}</span>
                  </span>
                </label>
              );
            })}
          </fieldset>
          {connected ? (
            <ConnectionFields
              key={connected}
              kind={connected}
              fields={fields}
              onChange={(change) => setFields((before) => ({ ...before, ...change }))}
              sourceId={null}
              kept={null}
              onPreset={(preset) => setMapping(preset?.mapping ?? null)}
            />
          ) : null}
          {connected && connected !== 'mail' ? (
            <ConnectionTrial
              key={`try ${connected}`}
              sourceId={null}
              draft={() => draftOf(connected, fields, null)}
              mapping={mapping}
            />
          ) : null}
          {create.error ? <Refusal title={t('sources.createFailed')} error={create.error} /> : null}
          <Button type="submit" look="main" busy={create.isPending || proposing}>
            {t('sources.create')}
          </Button>
        </Stack>
      </form>
    </SidePanel>
  );
}
