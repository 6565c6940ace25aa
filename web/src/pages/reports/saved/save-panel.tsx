import { IconDeviceFloppy } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../../kit/button.tsx';
import { Switch, TextField } from '../../../kit/field.tsx';
import { SidePanel } from '../../../kit/panel.tsx';
import { Refusal } from '../../../kit/states.tsx';
import { useText } from '../../../text.tsx';
import styles from './saved.module.css';

export interface Named {
  name: string;
  description: string;
  shared: boolean;
}

/** Asks for the name of something that is to be saved, what it is for, and who may see it. */
export function SavePanel({
  title,
  start,
  mayShare = true,
  error,
  busy,
  onSave,
  onClose,
  children,
}: {
  title: string;
  start: Named;
  mayShare?: boolean;
  error: unknown;
  busy: boolean;
  onSave: (named: Named) => void;
  onClose: () => void;
  /** Below the form: other ways to get one. */
  children?: ReactNode;
}) {
  const t = useText();
  const [named, setNamed] = useState(start);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave(named);
  };
  return (
    <SidePanel icon={<IconDeviceFloppy size={20} aria-hidden />} title={title} onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <TextField
          required
          autoFocus
          label={t('saved.name')}
          value={named.name}
          onChange={(name) => setNamed({ ...named, name })}
        />
        <TextField
          label={t('saved.description')}
          hint={t('saved.descriptionHint')}
          value={named.description}
          onChange={(description) => setNamed({ ...named, description })}
        />
        {mayShare ? (
          <Switch
            label={t('saved.share')}
            hint={t('saved.shareHint')}
            checked={named.shared}
            onChange={(shared) => setNamed({ ...named, shared })}
          />
        ) : null}
        {error ? <Refusal title={t('saved.saveFailed')} error={error} /> : null}
        <div className={styles.formEnd}>
          <Button look="main" type="submit" busy={busy} disabled={named.name.trim() === ''}>
            {t('saved.save')}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t('kit.cancel')}
          </Button>
        </div>
      </form>
      {children ? <div className={styles.others}>{children}</div> : null}
    </SidePanel>
  );
}
