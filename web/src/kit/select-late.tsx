import { Select } from '@mantine/core';
import type { RefObject, SyntheticEvent } from 'react';
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
  held,
}: SelectProps & { open: boolean; held: RefObject<boolean> }) {
  const chosen = choices.find((choice) => choice.value === value);
  return (
    <Select
      {...(hideLabel ? { 'aria-label': label } : { label })}
      value={value}
      data={choices.map((choice) => ({ value: choice.value, label: choice.label }))}
      onChange={(next) => onChange(next ?? '')}
      allowDeselect={false}
      defaultDropdownOpened={open}
      // What stood here until now had the focus: what is typed next is meant for this one.
      autoFocus={open || held.current}
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
