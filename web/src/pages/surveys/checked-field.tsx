import { useEffect, useRef, useState } from 'react';
import { TextField } from '../../kit/field.tsx';

export const isAddress = (text: string): boolean => /^https?:\/\/\S+$/.test(text) && URL.canParse(text);

/** A text that is kept only while nothing is wrong with it; what is typed stays in the field in any case. */
export function CheckedField({
  label,
  hint,
  value,
  onChange,
  problem,
  placeholder,
  hideLabel,
}: {
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  /** What is wrong with a text; null where nothing is. */
  problem: (text: string) => string | null;
  placeholder?: string;
  hideLabel?: boolean;
}) {
  const [text, setText] = useState(value);
  const kept = useRef(value);
  useEffect(() => {
    // Only what came from elsewhere (an undo, another version) replaces what is being typed.
    if (value.trim() !== kept.current.trim()) setText(value);
    kept.current = value;
  }, [value]);
  return (
    <TextField
      label={label}
      {...(hint ? { hint } : {})}
      {...(placeholder ? { placeholder } : {})}
      {...(hideLabel ? { hideLabel } : {})}
      value={text}
      error={problem(text)}
      onChange={(next) => {
        setText(next);
        if (problem(next) !== null) return;
        kept.current = next;
        onChange(next);
      }}
    />
  );
}
