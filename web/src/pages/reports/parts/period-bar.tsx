import { IconCalendar } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { formatDate } from '../../../format.ts';
import { DateField, SelectField } from '../../../kit/field.tsx';
import { Picker } from '../../../kit/picker.tsx';
import { type Translate, useText } from '../../../text.tsx';
import { dayOf } from '../../../zone.ts';
import { reports } from '../calls.ts';
import styles from './parts.module.css';
import { calendarBefore, intervalsFor, PRESETS, type Preset, presetOf } from './period-value.ts';
import type { Interval, Period } from './types.ts';

/** A period in words: a name where it has one, else its days. */
function periodName(period: Period, t: Translate): string {
  const preset = presetOf(period, dayOf(new Date().toISOString()));
  if (preset !== 'custom') return t(`query.period.${preset}`);
  if ('last' in period) return t(`query.last.${period.unit}`, { count: period.last });
  const day = (iso: string) => formatDate(`${iso}T12:00:00Z`, { dateStyle: 'medium', timeZone: 'UTC' });
  return `${day(period.from)} – ${day(period.to)}`;
}

/** The period of a report and the length of its intervals, with the zone in which days begin. */
export function PeriodBar({
  period,
  onPeriod,
  interval,
  onInterval,
  intervals,
  zone,
}: {
  period: Period;
  onPeriod: (period: Period) => void;
  interval?: Interval | undefined;
  onInterval?: (interval: Interval) => void;
  intervals?: readonly Interval[];
  /** The report's own; the installation's where it has none. */
  zone?: string | undefined;
}) {
  const t = useText();
  const [custom, setCustom] = useState(false);
  const settings = useQuery({ queryKey: ['query', 'settings'], queryFn: reports.settings, staleTime: 60_000 });
  const today = dayOf(new Date().toISOString());
  const preset = presetOf(period, today);
  const pick = (picked: Preset) => {
    setCustom(picked === 'custom');
    if (picked === 'custom') {
      if (!('from' in period))
        onPeriod({ from: dayOf(new Date(Date.now() - 29 * 86_400_000).toISOString()), to: today });
    } else if (picked === 'lastMonth' || picked === 'lastYear') {
      onPeriod(calendarBefore(picked === 'lastMonth' ? 'month' : 'year', today));
    } else onPeriod(PRESETS.find((one) => one.key === picked)!.period);
  };
  const item = (key: Preset) => ({ value: key, label: t(`query.period.${key}`) });
  const shown = zone ?? settings.data?.zone;
  return (
    <>
      <Picker
        tall
        label={t('query.periodLabel')}
        icon={<IconCalendar size={15} aria-hidden />}
        searchable={false}
        chosen={[custom ? 'custom' : preset]}
        groups={[
          { key: 'rolling', items: PRESETS.slice(0, 6).map((one) => item(one.key)) },
          {
            key: 'calendar',
            label: t('query.calendar'),
            items: [...PRESETS.slice(6).map((one) => item(one.key)), item('lastMonth'), item('lastYear')],
          },
          { key: 'own', items: [item('custom')] },
        ]}
        onPick={(picked) => pick(picked as Preset)}
        width={230}
      >
        {periodName(period, t)}
      </Picker>
      {'from' in period && (custom || preset === 'custom') ? (
        <span className={styles.range}>
          <DateField
            label={t('query.firstDay')}
            value={period.from}
            onChange={(from) => (from ? onPeriod({ ...period, from }) : null)}
          />
          <DateField
            label={t('query.lastDay')}
            value={period.to}
            onChange={(to) => (to ? onPeriod({ ...period, to }) : null)}
          />
        </span>
      ) : null}
      {interval && onInterval ? (
        <SelectField
          hideLabel
          label={t('query.intervalLabel')}
          width={150}
          value={interval}
          choices={[...new Set([...intervalsFor(period, intervals), interval])].map((one) => ({
            value: one,
            label: t(`query.by.${one}`),
          }))}
          onChange={(next) => onInterval(next as Interval)}
        />
      ) : null}
      {shown ? (
        <span className={styles.zone} title={t('query.zoneHint')}>
          {shown.replaceAll('_', ' ')}
        </span>
      ) : null}
    </>
  );
}
