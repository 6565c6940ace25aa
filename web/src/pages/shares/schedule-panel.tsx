import { IconMail } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { formatDate } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMe } from '../../session.tsx';
import { currentLanguage, useText } from '../../text.tsx';
import { currentZone, zoneNames } from '../../zone.ts';
import styles from '../reports/saved/saved.module.css';
import { calls, listed, type SavedThing } from './calls.ts';

const EVERY = { day: 'shares.everyDay', week: 'shares.everyWeek', month: 'shares.everyMonth' } as const;
/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1);
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

const weekday = (day: number) =>
  formatDate(new Date(MONDAY + (day - 1) * 86_400_000), { weekday: 'long', timeZone: 'UTC' });

/** Has a report or dashboard mailed at a time of day. */
export function SchedulePanel({ of, onClose }: { of: SavedThing; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const me = useMe();
  const zone = currentZone() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [input, setInput] = useState({
    ...{ every: 'week', weekday: '1', day: '1', time: '08:00', zone },
    recipients: me.email ?? '',
  });
  const set = (change: Partial<typeof input>) => setInput({ ...input, ...change });
  const make = useMutation({
    mutationFn: () =>
      calls.makeSchedule({
        kind: of.kind,
        savedId: of.id,
        timing: {
          ...{ every: input.every, time: input.time, zone: input.zone },
          ...{ weekday: Number(input.weekday), day: Number(input.day) },
        },
        recipients: listed(input.recipients).map((email) => ({ email, language: currentLanguage() })),
      }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['schedules'] });
      toast(t('shares.scheduled'));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <SidePanel icon={<IconMail size={20} aria-hidden />} title={t('shares.schedule')} sub={of.name} onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <p className={styles.dim}>{t('shares.scheduleHint')}</p>
        <SelectField
          label={t('shares.every')}
          value={input.every}
          choices={Object.entries(EVERY).map(([value, key]) => ({ value, label: t(key) }))}
          onChange={(every) => set({ every })}
        />
        {input.every === 'week' ? (
          <SelectField
            label={t('shares.weekday')}
            value={input.weekday}
            choices={WEEKDAYS.map((day) => ({ value: String(day), label: weekday(day) }))}
            onChange={(chosen) => set({ weekday: chosen })}
          />
        ) : null}
        {input.every === 'month' ? (
          <TextField digits label={t('shares.dayOfMonth')} value={input.day} onChange={(day) => set({ day })} />
        ) : null}
        <TextField
          required
          label={t('shares.time')}
          placeholder="08:00"
          value={input.time}
          onChange={(time) => set({ time })}
        />
        <SelectField
          searchable
          label={t('shares.zone')}
          value={input.zone}
          choices={[...new Set([zone, ...zoneNames()])].map((value) => ({ value, label: value }))}
          onChange={(chosen) => set({ zone: chosen })}
        />
        <TextField
          required
          label={t('shares.recipients')}
          hint={t('shares.recipientsHint')}
          value={input.recipients}
          onChange={(recipients) => set({ recipients })}
        />
        {make.error ? <Refusal title={t('shares.failed')} error={make.error} /> : null}
        <div className={styles.formEnd}>
          <Button look="main" type="submit" busy={make.isPending}>
            {t('shares.save')}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t('kit.cancel')}
          </Button>
        </div>
      </form>
    </SidePanel>
  );
}
