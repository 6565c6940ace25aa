import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/field.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import styles from './audiences.module.css';
import { type Audience, audiences } from './calls.ts';

export function RenamePanel({ audience, onClose }: { audience: Audience; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [name, setName] = useState(audience.name);
  const [description, setDescription] = useState(audience.description);
  const save = useMutation({
    mutationFn: () => audiences.change(audience.id, { name: name.trim(), description: description.trim() }),
    onSuccess: (changed) => {
      queries.setQueryData(['audiences', 'one', String(audience.id)], changed);
      queries.invalidateQueries({ queryKey: ['audiences', 'list'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <SidePanel title={t('audiences.rename')} onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <TextField autoFocus required label={t('audiences.name')} value={name} onChange={setName} />
        <TextField
          label={t('audiences.description')}
          hint={t('audiences.descriptionHint')}
          value={description}
          onChange={setDescription}
        />
        {save.error ? <Refusal title={t('audiences.saveFailed')} error={save.error} /> : null}
        <div>
          <Button look="main" type="submit" busy={save.isPending} disabled={name.trim() === ''}>
            {t('audiences.save')}
          </Button>
        </div>
      </form>
    </SidePanel>
  );
}
