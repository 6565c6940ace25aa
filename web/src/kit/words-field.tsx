import { Textarea } from '@mantine/core';
import type { ReactNode, Ref } from 'react';

/** Words of more than a line: as high as what stands in it. `tools` stand over its end. */
export function WordsField({
  label,
  hint,
  error,
  value,
  onChange,
  placeholder,
  rows = 1,
  tools,
  inputRef,
  language,
  disabled,
  hideLabel,
  autoFocus,
}: {
  label: string;
  hint?: string;
  error?: string | null;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  /** The least number of lines. */
  rows?: number;
  tools?: ReactNode;
  inputRef?: Ref<HTMLTextAreaElement>;
  /** The language that is written here, for spelling and the direction of writing. */
  language?: string;
  disabled?: boolean;
  hideLabel?: boolean;
  autoFocus?: boolean;
}) {
  return (
    <div style={{ position: 'relative', minInlineSize: 0, flex: 1 }}>
      <Textarea
        {...(hideLabel ? { 'aria-label': label } : { label })}
        {...(hint ? { description: hint } : {})}
        error={error || null}
        value={value}
        ref={inputRef ?? null}
        rows={rows}
        disabled={disabled ?? false}
        autoFocus={autoFocus ?? false}
        {...(placeholder ? { placeholder } : {})}
        {...(language ? { lang: language } : {})}
        dir="auto"
        styles={{ input: { fieldSizing: 'content', minBlockSize: `${rows * 1.5 + 0.9}em`, resize: 'none' } as object }}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {tools ? <div style={{ position: 'absolute', insetBlockStart: -6, insetInlineEnd: 0 }}>{tools}</div> : null}
    </div>
  );
}
