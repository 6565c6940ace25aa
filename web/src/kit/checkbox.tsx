import '@mantine/core/styles/Checkbox.css';
import { Checkbox as MantineCheckbox } from '@mantine/core';

/** One of many that are chosen together; `hint` says what it means. */
export function Checkbox({
  label,
  hint,
  checked,
  some,
  disabled,
  onChange,
}: {
  label: string;
  hint?: string;
  checked: boolean;
  /** For a box that stands for several: some of them are chosen. */
  some?: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <MantineCheckbox
      label={label}
      {...(hint ? { description: hint } : {})}
      checked={checked}
      indeterminate={some ?? false}
      disabled={disabled ?? false}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
