import { IconUsersPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/field.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import styles from './audiences.module.css';
import { audiences } from './calls.ts';

/** Keeps the people behind a part of a report as a list, and opens it. Needs the message area `audiences`. */
export function SaveAsAudience({
  report,
  part,
  name: suggested = '',
  onClose,
}: {
  report: unknown;
  part: unknown;
  name?: string;
  onClose: () => void;
}) {
  const t = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState(suggested);
  const save = useMutation({
    mutationFn: () => audiences.ofReport({ name: name.trim(), report, part }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['audiences'] });
      navigate(`/audiences/${made.id}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <SidePanel
      icon={<IconUsersPlus size={20} aria-hidden />}
      title={t('audiences.saveTitle')}
      sub={t('audiences.saveHint')}
      onClose={onClose}
    >
      <form className={styles.form} onSubmit={submit}>
        <TextField autoFocus required label={t('audiences.name')} value={name} onChange={setName} />
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
