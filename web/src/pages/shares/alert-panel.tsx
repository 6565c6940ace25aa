import { IconBell } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMe } from '../../session.tsx';
import { currentLanguage, useText } from '../../text.tsx';
import styles from '../reports/saved/saved.module.css';
import { calls, listed, type SavedThing } from './calls.ts';

const RULES = ['above', 'below', 'change', 'anomaly'] as const;
type RuleName = (typeof RULES)[number];

/** Watches a number of a saved report. */
export function AlertPanel({ of, kind, onClose }: { of: SavedThing; kind: string; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const me = useMe();
  const trend = kind === 'trend';
  const [input, setInput] = useState({
    ...{ name: of.name, series: 'A', limit: '', percent: '20', falseAlarms: '1' },
    ...{ recipients: me.email ?? '', rule: (trend ? 'anomaly' : 'below') as RuleName },
  });
  const set = (change: Partial<typeof input>) => setInput({ ...input, ...change });
  const asked = () => ({
    savedId: of.id,
    watched: trend ? { of: kind, series: input.series } : { of: kind },
    rule:
      input.rule === 'change'
        ? { is: 'change', direction: 'either', share: Number(input.percent) / 100 }
        : input.rule === 'anomaly'
          ? { is: 'anomaly', falseAlarms: Number(input.falseAlarms) / 100 }
          : { is: input.rule, limit: Number(input.limit) / (trend ? 1 : 100) },
  });
  const preview = useMutation({ mutationFn: () => calls.previewAlert(asked()) });
  const make = useMutation({
    mutationFn: () =>
      calls.makeAlert({
        ...asked(),
        name: input.name,
        recipients: listed(input.recipients).map((email) => ({ email, language: currentLanguage() })),
      }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['alerts'] });
      toast(t('shares.alerted'));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const choices = (trend ? RULES : RULES.slice(0, 2)).map((value) => ({ value, label: t(`shares.${value}`) }));
  return (
    <SidePanel icon={<IconBell size={20} aria-hidden />} title={t('shares.alert')} sub={of.name} onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <p className={styles.dim}>{t('shares.alertHint')}</p>
        <TextField required autoFocus label={t('shares.name')} value={input.name} onChange={(name) => set({ name })} />
        {trend ? (
          <TextField label={t('shares.series')} value={input.series} onChange={(series) => set({ series })} />
        ) : null}
        <SelectField
          label={t('shares.when')}
          value={input.rule}
          choices={choices}
          onChange={(rule) => set({ rule: rule as RuleName })}
        />
        {input.rule === 'change' ? (
          <TextField
            digits
            label={t('shares.percent')}
            value={input.percent}
            onChange={(percent) => set({ percent })}
          />
        ) : input.rule === 'anomaly' ? (
          <TextField
            digits
            label={t('shares.falseAlarms')}
            value={input.falseAlarms}
            onChange={(falseAlarms) => set({ falseAlarms })}
          />
        ) : (
          <TextField
            required
            digits
            label={t(trend ? 'shares.limit' : 'shares.percent')}
            value={input.limit}
            onChange={(limit) => set({ limit })}
          />
        )}
        <TextField
          required
          label={t('shares.recipients')}
          hint={t('shares.recipientsHint')}
          value={input.recipients}
          onChange={(recipients) => set({ recipients })}
        />
        {preview.error ? <Refusal title={t('shares.failed')} error={preview.error} /> : null}
        {preview.data ? (
          <p role="status">
            {preview.data.fired === null ? '' : t('shares.wouldFire', { count: preview.data.fired })}{' '}
            {preview.data.now.said}
          </p>
        ) : null}
        {make.error ? <Refusal title={t('shares.failed')} error={make.error} /> : null}
        <div className={styles.formEnd}>
          <Button look="main" type="submit" busy={make.isPending}>
            {t('shares.save')}
          </Button>
          {trend ? (
            <Button busy={preview.isPending} onClick={() => preview.mutate()}>
              {t('shares.preview')}
            </Button>
          ) : null}
        </div>
      </form>
    </SidePanel>
  );
}
