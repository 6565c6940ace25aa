import { useEffect, useState } from 'react';
import { TextField } from '../../../kit/field.tsx';
import { useText } from '../../../text.tsx';
import styles from '../reports.module.css';

/** A whole number between two bounds; what is none of them is said and not taken. */
export function NumberEntry({
  label,
  value,
  min,
  max,
  onChange,
}: {
  label: string;
  value: number;
  min: number;
  max: number;
  onChange: (value: number) => void;
}) {
  const t = useText();
  const [text, setText] = useState(String(value));
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a value from elsewhere replaces what is typed.
  useEffect(() => {
    if (Number(text) !== value) setText(String(value));
  }, [value]);
  const read = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  const suits = read >= min && read <= max;
  return (
    <span className={styles.number}>
      <TextField
        hideLabel
        label={label}
        value={text}
        digits
        error={suits ? null : t('query.notBetween', { min, max })}
        onChange={(next) => {
          setText(next);
          const number = /^\d{1,9}$/.test(next.trim()) ? Number(next) : Number.NaN;
          if (number >= min && number <= max) onChange(number);
        }}
      />
    </span>
  );
}
