import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { formatNumber } from '../../../format.ts';
import { DateField, SelectField, TextField } from '../../../kit/field.tsx';
import { useDebouncedValue } from '../../../kit/hooks.ts';
import { Picker, TYPED } from '../../../kit/picker.tsx';
import { useText } from '../../../text.tsx';
import { reports } from '../calls.ts';
import { useNames } from './choices.ts';
import { type Entry, entryOf, numberFrom, valueFrom } from './filter-value.ts';
import styles from './parts.module.css';
import type { Condition, Field, ValueType } from './types.ts';
import { fieldName, valueName } from './words.ts';

const WAIT_MS = 200;

/** The values of a condition, in the way that its operator takes them. */
export function ValueEntry({
  condition,
  type,
  onChange,
}: {
  condition: Condition;
  type: ValueType;
  onChange: (values: Condition['values']) => void;
}) {
  const t = useText();
  const { field, values } = condition;
  const label = t('query.valuesOf', { field: fieldName(field, t) });
  const entry = entryOf(type, condition.is);
  switch (entry) {
    case 'none':
      return null;
    case 'yesNo':
      return (
        <SelectField
          hideLabel
          label={label}
          width={150}
          value={String(values[0] ?? 'true')}
          choices={['true', 'false'].map((value) => ({
            value,
            label:
              type === 'audience'
                ? t(value === 'true' ? 'query.inside' : 'query.outside')
                : t(value === 'true' ? 'query.yes' : 'query.no'),
          }))}
          onChange={(value) => onChange([value])}
        />
      );
    case 'many':
      return (
        <ValuesPicker label={label} field={field} values={values} onChange={onChange} numbers={type === 'number'} />
      );
    case 'range':
      return (
        <span className={styles.range}>
          {[0, 1].map((at) => (
            <span key={at} className={styles.number}>
              <Typed
                entry={entry}
                label={t(at === 0 ? 'query.from' : 'query.to')}
                value={values[at]}
                onChange={(value) => onChange(at === 0 ? [value, values[1] ?? ''] : [values[0] ?? '', value])}
              />
            </span>
          ))}
        </span>
      );
    case 'date':
      return <DateField label={label} value={String(values[0] ?? '')} onChange={(value) => onChange([value])} />;
    case 'days':
    case 'number':
      return (
        <span className={styles.number}>
          <Typed entry={entry} label={label} value={values[0]} onChange={(value) => onChange([value])} />
          {entry === 'days' ? <span>{t('query.days')}</span> : null}
        </span>
      );
    case 'expression':
      return (
        <span className={styles.expression}>
          <Typed
            entry={entry}
            label={label}
            placeholder={t('query.expressionHint')}
            value={values[0]}
            onChange={(value) => onChange([value])}
          />
        </span>
      );
  }
}

type Value = Condition['values'][number];

/** A field whose text is a value only where it suits; what does not suit is said and stays as it was typed. */
function Typed({
  entry,
  label,
  value,
  placeholder,
  onChange,
}: {
  entry: Entry;
  label: string;
  value: Value | undefined;
  placeholder?: string;
  onChange: (value: Value) => void;
}) {
  const t = useText();
  const kept = value === undefined ? '' : String(value);
  const [text, setText] = useState(kept);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a value from elsewhere replaces what is typed.
  useEffect(() => {
    if (String(valueFrom(entry, text) ?? '') !== kept) setText(kept);
  }, [kept]);
  const wrong = text !== '' && valueFrom(entry, text) === null;
  return (
    <TextField
      hideLabel
      label={label}
      value={text}
      error={wrong ? t(entry === 'days' ? 'query.notDays' : 'query.notNumber') : null}
      {...(placeholder ? { placeholder } : {})}
      digits={entry !== 'expression'}
      onChange={(next) => {
        setText(next);
        const read = valueFrom(entry, next);
        if (read !== null || next === '') onChange(read ?? '');
      }}
    />
  );
}

/** One or several of the values that a field has, the most frequent first; any other can be typed. */
function ValuesPicker({
  label,
  field,
  values,
  onChange,
  numbers,
}: {
  label: string;
  field: Field;
  values: Condition['values'];
  onChange: (values: Condition['values']) => void;
  numbers: boolean;
}) {
  const t = useText();
  const names = useNames();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, WAIT_MS);
  const found = useQuery({
    queryKey: ['query', 'values', field, names, q],
    queryFn: ({ signal }) => reports.values(field, names, q, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const chosen = values.map(String).filter((value) => value !== '');
  const offered = found.data?.items ?? [];
  const items = offered.map(({ value, count }) => ({
    value,
    label: valueName(value, field, t),
    note: formatNumber(count, { notation: 'compact' }),
  }));
  const others = chosen
    .filter((value) => !offered.some((one) => one.value === value))
    .map((value) => ({ value, label: valueName(value, field, t) }));
  const shown = chosen.slice(0, 3).map((value) => valueName(value, field, t));
  return (
    <Picker
      label={label}
      several
      chosen={chosen}
      empty={chosen.length === 0}
      busy={found.isFetching}
      onSearch={setTyped}
      typed={(text) => t('query.valueTyped', { value: text })}
      groups={[
        { key: 'chosen', items: others },
        { key: 'offered', items },
      ]}
      onPick={(picked) => {
        const text = picked.startsWith(TYPED) ? picked.slice(TYPED.length) : picked;
        const value = numbers ? (numberFrom(text) ?? text) : text;
        const isChosen = chosen.includes(String(value));
        onChange(
          isChosen
            ? values.filter((one) => String(one) !== String(value))
            : [...values.filter((one) => one !== ''), value],
        );
      }}
      width={280}
    >
      {chosen.length === 0 ? (
        t('query.chooseValues')
      ) : (
        <bdi>
          {shown.join(', ')}
          {chosen.length > 3 ? ` +${chosen.length - 3}` : ''}
        </bdi>
      )}
    </Picker>
  );
}
