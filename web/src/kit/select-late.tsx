import { Select } from '@mantine/core';
import type { SyntheticEvent } from 'react';
import styles from './field.module.css';
import type { SelectProps } from './field.tsx';

const select = (event: SyntheticEvent<HTMLInputElement>) => event.currentTarget.select();

export function SelectLate({
  label,
  value,
  choices,
  onChange,
  hideLabel,
  width,
  searchable,
  open,
  focused,
}: SelectProps & { open: boolean; focused: boolean }) {
  const chosen = choices.find((choice) => choice.value === value);
  return (
    <Select
      // What stood here until now had the focus: what is typed next is meant for this one.
      {...(focused ? { autoFocus: true } : {})}
      {...(hideLabel ? { 'aria-label': label } : { label })}
      value={value}
      data={choices.map((choice) => ({ value: choice.value, label: choice.label }))}
      onChange={(next) => onChange(next ?? '')}
      allowDeselect={false}
      defaultDropdownOpened={open}
      // The field that was clicked, and had the focus, is gone: this one stands in its place.
      autoFocus={open}
      searchable={searchable ?? false}
      // What is typed replaces what is chosen.
      {...(searchable ? { onFocus: select, onClick: select } : {})}
      leftSection={chosen?.icon}
      checkIconPosition="right"
      styles={{ input: { textOverflow: 'ellipsis' } }}
      comboboxProps={{ shadow: 'md', width: 'max-content', position: 'bottom-start' }}
      maxDropdownHeight={320}
      {...(width ? { className: styles.filter ?? '', style: { '--width': `${width}px` } } : {})}
      renderOption={({ option }) => {
        const icon = choices.find((choice) => choice.value === option.value)?.icon;
        return (
          <span style={{ display: 'inline-flex', alignItems: 'center', gap: 8, flex: 1, paddingInlineEnd: 12 }}>
            {icon}
            {option.label}
          </span>
        );
      }}
    />
  );
}
