import { DateField, SelectField } from '../../kit/field.tsx';
import { useText } from '../../text.tsx';
import { dayOf } from '../../zone.ts';
import { NumberEntry } from '../reports/editors/number-entry.tsx';
import type { Period } from '../reports/parts/types.ts';
import styles from './audiences.module.css';

const UNITS = ['hour', 'day', 'week', 'month', 'year'] as const;
const LAST_LIMIT = 3660;
const DAY_MS = 86_400_000;

/** When it was done: at any time, in the last so many days, or between two days. */
export function WhenEntry({
  label,
  value,
  onChange,
  always,
}: {
  label: string;
  value: Period | undefined;
  onChange: (period: Period | undefined) => void;
  /** A period has to be chosen. */
  always?: boolean;
}) {
  const t = useText();
  const kind = !value ? 'ever' : 'last' in value ? 'last' : 'between';
  const day = (ago: number) => dayOf(new Date(Date.now() - ago * DAY_MS).toISOString());
  return (
    <div className={styles.line}>
      <SelectField
        hideLabel
        label={`${label}: ${t('audiences.whenLabel')}`}
        width={150}
        value={kind}
        choices={(always ? (['last', 'between'] as const) : (['ever', 'last', 'between'] as const)).map((one) => ({
          value: one,
          label: t(`audiences.when.${one}`),
        }))}
        onChange={(picked) =>
          onChange(
            picked === 'ever'
              ? undefined
              : picked === 'last'
                ? { last: 30, unit: 'day' }
                : { from: day(29), to: day(0) },
          )
        }
      />
      {value && 'last' in value ? (
        <>
          <NumberEntry
            label={`${label}: ${t('audiences.when.last')}`}
            value={value.last}
            min={1}
            max={LAST_LIMIT}
            onChange={(last) => onChange({ ...value, last })}
          />
          <SelectField
            hideLabel
            label={`${label}: ${t('audiences.unitLabel')}`}
            width={130}
            value={value.unit}
            choices={UNITS.map((unit) => ({ value: unit, label: t(`audiences.unit.${unit}`) }))}
            onChange={(unit) => onChange({ ...value, unit: unit as (typeof UNITS)[number] })}
          />
        </>
      ) : null}
      {value && 'from' in value ? (
        <>
          <DateField
            label={`${label}: ${t('query.firstDay')}`}
            value={value.from}
            onChange={(from) => (from ? onChange({ ...value, from }) : null)}
          />
          <DateField
            label={`${label}: ${t('query.lastDay')}`}
            value={value.to}
            onChange={(to) => (to ? onChange({ ...value, to }) : null)}
          />
        </>
      ) : null}
    </div>
  );
}
