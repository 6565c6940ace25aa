import { useEffect, useState } from 'react';
import { TextField } from '../../kit/field.tsx';

/** A number within bounds, or none; what is none of these is not taken while it is typed, and put right afterwards. */
export function NumberField({
  label,
  hint,
  value,
  low,
  high,
  whole = true,
  onChange,
  hideLabel,
  placeholder,
}: {
  label: string;
  hint?: string;
  value: number | undefined;
  low: number;
  high: number;
  whole?: boolean;
  onChange: (value: number | undefined) => void;
  hideLabel?: boolean;
  placeholder?: string;
}) {
  const [text, setText] = useState(value === undefined ? '' : String(value));
  const read = (from: string) => readNumber(from, low, high, whole);
  useEffect(
    () =>
      setText((now) => (readNumber(now, low, high, whole) === value ? now : value === undefined ? '' : String(value))),
    [value, low, high, whole],
  );
  return (
    <TextField
      digits
      label={label}
      {...(hint ? { hint } : {})}
      {...(hideLabel ? { hideLabel } : {})}
      {...(placeholder ? { placeholder } : {})}
      value={text}
      error={text.trim() !== '' && read(text) === undefined ? `${low}–${high}` : null}
      onChange={(next) => {
        setText(next);
        const number = read(next);
        if (number !== undefined) onChange(number);
        else if (next.trim() === '') onChange(undefined);
      }}
    />
  );
}

function readNumber(from: string, low: number, high: number, whole: boolean): number | undefined {
  const number = Number(from.replace(',', '.'));
  return from.trim() !== '' && number >= low && number <= high && (!whole || Number.isInteger(number))
    ? number
    : undefined;
}
