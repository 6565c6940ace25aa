import { IconLink } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Code, Secret } from '../../kit/data.tsx';
import { PasswordField, SelectField, TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import styles from '../reports/saved/saved.module.css';
import { calls, listed, type SavedThing } from './calls.ts';

const LIFETIMES = { hour: 3600, day: 86_400, week: 7 * 86_400, month: 30 * 86_400, year: 365 * 86_400 } as const;
const NAMES = ['hour', 'day', 'week', 'month', 'year'] as const;

/** Makes a link that shows a report or dashboard to whoever has it; the link is shown once. */
export function SharePanel({ of, onClose }: { of: SavedThing; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [input, setInput] = useState({ name: '', life: 'month', password: '', origins: '' });
  const set = (change: Partial<typeof input>) => setInput({ ...input, ...change });
  const make = useMutation({
    mutationFn: () =>
      calls.makeShare({
        ...{ kind: of.kind, savedId: of.id, name: input.name, origins: listed(input.origins) },
        expiresInSeconds: LIFETIMES[input.life as keyof typeof LIFETIMES],
        password: input.password === '' ? null : input.password,
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['shares'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <SidePanel icon={<IconLink size={20} aria-hidden />} title={t('shares.share')} sub={of.name} onClose={onClose}>
      {make.data ? (
        <Stack gap={12}>
          <p role="status">{t('shares.made')}</p>
          <Secret value={make.data.link} label={t('shares.link')} />
          {make.data.frame ? <Code text={make.data.frame} label={t('shares.frame')} /> : null}
        </Stack>
      ) : (
        <form className={styles.form} onSubmit={submit}>
          <p className={styles.dim}>{t('shares.shareHint')}</p>
          <TextField autoFocus label={t('shares.what')} value={input.name} onChange={(name) => set({ name })} />
          <SelectField
            label={t('shares.expires')}
            value={input.life}
            choices={NAMES.map((value) => ({ value, label: t(`shares.${value}`) }))}
            onChange={(life) => set({ life })}
          />
          <PasswordField
            label={t('shares.password')}
            hint={t('shares.passwordHint')}
            autoComplete="new-password"
            value={input.password}
            onChange={(password) => set({ password })}
          />
          <TextField
            label={t('shares.origins')}
            hint={t('shares.originsHint')}
            value={input.origins}
            onChange={(origins) => set({ origins })}
          />
          {make.error ? <Refusal title={t('shares.failed')} error={make.error} /> : null}
          <div className={styles.formEnd}>
            <Button look="main" type="submit" busy={make.isPending}>
              {t('shares.make')}
            </Button>
            <Button look="quiet" onClick={onClose}>
              {t('kit.cancel')}
            </Button>
          </div>
        </form>
      )}
    </SidePanel>
  );
}
