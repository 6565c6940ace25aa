import { Switch as MantineSwitch, PasswordInput, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { type ReactNode, type Ref, useRef, useState } from 'react';
import { useText } from '../text.tsx';
import { IconButton } from './button.tsx';
import styles from './field.module.css';
import { holding, useTyped } from './hooks.ts';
import { Fetched, useFetched } from './late.tsx';

type FieldProps = {
  label: string;
  hint?: string;
  error?: string | null;
  value: string;
  onChange: (value: string) => void;
  required?: boolean;
  autoFocus?: boolean;
  autoComplete?: string;
  placeholder?: string;
  name?: string;
  /** The label is for screen readers only: what stands around the field says it to the eyes. */
  hideLabel?: boolean;
};

function common({
  hideLabel,
  label,
  hint,
  error,
  required,
  autoFocus,
  autoComplete,
  placeholder,
  name,
  value,
}: FieldProps) {
  return {
    ...(hideLabel ? { 'aria-label': label } : { label }),
    value,
    ...(hint ? { description: hint } : {}),
    error: error || null,
    required: required ?? false,
    withAsterisk: false,
    // A field takes the focus only where the person has just asked for it.
    'data-autofocus': autoFocus || undefined,
    autoFocus: autoFocus ?? false,
    ...(autoComplete ? { autoComplete } : {}),
    ...(placeholder ? { placeholder } : {}),
    ...(name ? { name } : {}),
  };
}

export function TextField(props: FieldProps & { type?: 'text' | 'email' | 'date'; digits?: boolean }) {
  return (
    <TextInput
      {...common(props)}
      type={props.type ?? 'text'}
      {...(props.digits ? { inputMode: 'numeric' as const } : {})}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}

export function PasswordField(props: FieldProps) {
  const t = useText();
  return (
    <PasswordInput
      {...common(props)}
      visibilityToggleButtonProps={{ 'aria-label': t('kit.showPassword'), tabIndex: 0 }}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}

export function CodeField(props: FieldProps & { rows?: number }) {
  return (
    <Textarea
      {...common(props)}
      minRows={props.rows ?? 8}
      rows={props.rows ?? 8}
      resize="vertical"
      spellCheck={false}
      autoCapitalize="off"
      styles={{ input: { fontFamily: 'var(--mono)', fontSize: '0.8125rem', lineHeight: 1.55 } }}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}

/** Looks for something as it is typed; the label is for screen readers only. */
export function SearchField({
  label,
  value,
  onChange,
  placeholder,
  inputRef,
  width = 280,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  inputRef?: Ref<HTMLInputElement>;
  width?: number;
}) {
  const t = useText();
  const [typed, type] = useTyped(value, onChange);
  return (
    <TextInput
      aria-label={label}
      type="search"
      value={typed}
      placeholder={placeholder ?? label}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        typed ? (
          <IconButton small label={t('kit.clear')} onClick={() => type('')}>
            <IconX size={14} />
          </IconButton>
        ) : null
      }
      ref={inputRef ?? null}
      style={{ flex: `1 1 ${Math.min(width, 200)}px`, maxInlineSize: width }}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}

export type Choice = { value: string; label: string; icon?: ReactNode };

export type SelectProps = {
  label: string;
  value: string;
  choices: Choice[];
  onChange: (value: string) => void;
  hideLabel?: boolean;
  width?: number;
  searchable?: boolean;
};

const selectLate = new Fetched(() => import('./select-late.tsx').then((part) => part.SelectLate));

/**
 * One of several. The list of choices is fetched after the page is shown; until then the field shows what is chosen. An
 * early click and the focus are kept.
 */
export function SelectField(props: SelectProps) {
  const [early, setEarly] = useState(false);
  const held = useRef(false);
  const SelectLate = useFetched(selectLate);
  if (SelectLate) return <SelectLate {...props} open={early} held={held} />;
  const chosen = props.choices.find((choice) => choice.value === props.value);
  return (
    <TextInput
      {...(props.hideLabel ? { 'aria-label': props.label } : { label: props.label })}
      readOnly
      value={chosen?.label ?? ''}
      leftSection={chosen?.icon}
      {...(props.width ? { className: styles.filter ?? '', style: { '--width': `${props.width}px` } } : {})}
      onClick={() => setEarly(true)}
      {...holding(held)}
    />
  );
}

export function Segments({
  label,
  value,
  choices,
  onChange,
}: {
  label: string;
  value: string;
  choices: Choice[];
  onChange: (value: string) => void;
}) {
  return (
    <SegmentedControl
      aria-label={label}
      value={value}
      onChange={onChange}
      data={choices.map((choice) => ({ value: choice.value, label: choice.label }))}
      size="sm"
      styles={{ root: { background: 'var(--sunken)' }, indicator: { background: 'var(--raised)' } }}
    />
  );
}

export function Switch({
  label,
  checked,
  onChange,
  disabled,
  hint,
}: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  hint?: string;
}) {
  return (
    <MantineSwitch
      label={label}
      {...(hint ? { description: hint } : {})}
      checked={checked}
      disabled={disabled ?? false}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

/** A date without a time, `YYYY-MM-DD`, by the browser's own picker. */
export function DateField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <TextInput
      type="date"
      aria-label={label}
      value={value}
      style={{ inlineSize: 150 }}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
