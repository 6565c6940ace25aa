import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../../api.ts';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { SOURCE_KINDS, type SourceKind } from '../../wire.ts';
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
  const create = useMutation({
    mutationFn: api.createSource,
    onSuccess: (source) => {
      queries.setQueryData(['source', source.id], source);
      queries.invalidateQueries({ queryKey: ['sources'] });
      navigate(`/sources/${encodeURIComponent(source.id)}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name: name.trim(), kind });
  };
  return (
    <SidePanel title={t('sources.create')} sub={t('sources.createHint')} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap={20}>
          {create.error ? <Refusal title={t('sources.createFailed')} error={create.error} /> : null}
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
            {SOURCE_KINDS.map((one) => {
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
          <Button type="submit" look="main" busy={create.isPending}>
            {t('sources.create')}
          </Button>
        </Stack>
      </form>
    </SidePanel>
  );
}
