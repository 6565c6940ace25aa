import { Combobox, useCombobox } from '@mantine/core';
import { IconCheck, IconPlus } from '@tabler/icons-react';
import { type RefObject, useEffect, useId, useRef, useState } from 'react';
import { useText } from '../text.tsx';
import styles from './picker.module.css';
import { PickerButton, type PickerGroup, type PickerProps, TYPED } from './picker-button.tsx';

/** Items shown at once; what is typed narrows the others. */
const SHOWN = 100;
const SEARCHED_FROM = 8;

function narrowed(groups: PickerGroup[], text: string): { groups: PickerGroup[]; more: boolean } {
  const wanted = text.trim().toLowerCase();
  let left = SHOWN;
  let more = false;
  const shown = groups.map((group) => {
    const fits = wanted
      ? group.items.filter(({ label, hint }) => `${label} ${hint ?? ''}`.toLowerCase().includes(wanted))
      : group.items;
    const items = fits.slice(0, left);
    more ||= items.length < fits.length;
    left -= items.length;
    return { ...group, items };
  });
  return { groups: shown.filter((group) => group.items.length > 0), more };
}

export function PickerLate(props: PickerProps & { open: boolean; held: RefObject<boolean> }) {
  const { groups, chosen, onPick, several, onSearch, typed, busy, label, width = 300 } = props;
  const t = useText();
  const id = useId();
  const [text, setText] = useState('');
  const count = groups.reduce((sum, group) => sum + group.items.length, 0);
  const searchable = props.searchable ?? (count >= SEARCHED_FROM || onSearch !== undefined || typed !== undefined);
  const search = (next: string) => {
    setText(next);
    onSearch?.(next.trim());
  };
  const handsOn = useRef(false);
  const combobox = useCombobox({
    defaultOpened: props.open,
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      if (text) search('');
      if (!handsOn.current) combobox.focusTarget();
      handsOn.current = false;
    },
    onDropdownOpen: () => {
      if (searchable) combobox.focusSearchInput();
      else combobox.selectActiveOption();
    },
  });
  const early = useRef(props.open);
  useEffect(() => {
    if (!early.current) return;
    early.current = false;
    // The button that was clicked, and had the focus, is gone: this one stands in its place.
    combobox.focusTarget();
    if (searchable) combobox.focusSearchInput();
    else combobox.selectActiveOption();
  });
  const shown = narrowed(groups, onSearch ? '' : text);
  const exact = shown.groups.some((group) => group.items.some((item) => item.value === text.trim()));
  const pick = (value: string) => {
    onPick(value);
    if (several) {
      if (value.startsWith(TYPED)) search('');
    } else {
      handsOn.current = props.handsOnFocus ?? false;
      combobox.closeDropdown();
    }
  };
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={pick}
      width={width}
      position="bottom-start"
      shadow="md"
      middlewares={{ flip: true, shift: true }}
    >
      <Combobox.Target withAriaAttributes={false} targetType="button" withKeyboardNavigation={!searchable}>
        <PickerButton
          of={props}
          aria-expanded={combobox.dropdownOpened}
          autoFocus={props.held.current && !props.open}
          onClick={() => combobox.toggleDropdown()}
        />
      </Combobox.Target>
      <Combobox.Dropdown
        onKeyDown={(event) => {
          // The panel below stays open.
          if (event.key === 'Escape') event.preventDefault();
        }}
      >
        {searchable ? (
          <Combobox.Search
            value={text}
            role="combobox"
            aria-expanded
            autoFocus={props.open}
            aria-label={label}
            placeholder={t('kit.find')}
            onChange={(event) => {
              search(event.currentTarget.value);
              combobox.updateSelectedOptionIndex();
            }}
          />
        ) : null}
        <span className="hidden-visually" id={id}>
          {label}
        </span>
        <Combobox.Options labelledBy={id} className={styles.options ?? ''} aria-busy={busy ?? false}>
          {shown.groups.map((group) => (
            <Combobox.Group key={group.key} label={group.label}>
              {group.items.map((item) => {
                const isChosen = chosen.includes(item.value);
                return (
                  <Combobox.Option
                    key={item.value}
                    value={item.value}
                    active={isChosen}
                    aria-selected={isChosen}
                    className={styles.option ?? ''}
                  >
                    <span className={styles.mark}>{isChosen ? <IconCheck size={15} aria-hidden /> : item.icon}</span>
                    <span className={styles.text}>
                      <bdi>{item.label}</bdi>
                      {item.hint ? <small>{item.hint}</small> : null}
                    </span>
                    {item.note ? <span className={styles.note}>{item.note}</span> : null}
                  </Combobox.Option>
                );
              })}
            </Combobox.Group>
          ))}
          {typed && text.trim() && !exact ? (
            <Combobox.Option
              value={`${TYPED}${text.trim()}`}
              className={styles.option ?? ''}
              aria-selected={chosen.includes(text.trim())}
            >
              <span className={styles.mark}>
                <IconPlus size={15} aria-hidden />
              </span>
              <span className={styles.text}>{typed(text.trim())}</span>
            </Combobox.Option>
          ) : null}
        </Combobox.Options>
        {shown.groups.length === 0 && !(typed && text.trim()) ? (
          <div className={styles.word} role="status">
            {busy ? t('kit.loading') : typed ? t('kit.typeIt') : t('kit.nothingFits')}
          </div>
        ) : null}
        {shown.more ? <div className={styles.word}>{t('kit.typeForMore')}</div> : null}
      </Combobox.Dropdown>
    </Combobox>
  );
}
