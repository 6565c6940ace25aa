import { Modal } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Keys } from './keys.tsx';
import styles from './palette.module.css';

export type PaletteItem = {
  key: string;
  group: string;
  label: string;
  hint?: string;
  icon?: ReactNode;
  /** The keys that do the same, as `G P`. */
  keys?: string;
  run: () => void;
};

/** At once, so that no key that is typed while the palette opens is lost. */
const focus = (field: HTMLInputElement | null) => field?.focus();

/**
 * The list that ⌘K opens: what is typed goes to the caller, who answers with the items that match. Arrow keys
 * choose, Enter runs.
 */
export function Palette({
  open,
  onClose,
  label,
  none,
  busy,
  query,
  onQuery,
  items,
}: {
  open: boolean;
  onClose: () => void;
  label: string;
  none: string;
  /** More answers are on their way: where none is there yet, Enter waits for them. */
  busy: boolean;
  query: string;
  onQuery: (query: string) => void;
  items: PaletteItem[];
}) {
  const id = useId();
  const [at, setAt] = useState(0);
  const [entered, setEntered] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const chosen = items[Math.min(at, items.length - 1)];
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new question starts at the first answer.
  useEffect(() => {
    setAt(0);
    setEntered(false);
  }, [query, open]);
  useEffect(() => {
    if (chosen) list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  const run = (item: PaletteItem | undefined) => {
    if (!item) return;
    onClose();
    item.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move && items.length > 0) {
      setAt((now) => (Math.min(now, items.length - 1) + move + items.length) % items.length);
      event.preventDefault();
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      if (chosen) run(chosen);
      else setEntered(busy);
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once there is something to run, or will not be.
  useEffect(() => {
    if (entered && chosen) run(chosen);
    if (!busy) setEntered(false);
  }, [entered, chosen === undefined, busy]);

  return (
    <Modal
      opened={open}
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      radius={12}
      size={560}
      yOffset="12vh"
      attributes={{ content: { 'aria-label': label, 'data-kit-modal': true } }}
      transitionProps={{ duration: 120 }}
      overlayProps={{ color: 'var(--veil)', backgroundOpacity: 1 }}
    >
      <input
        className={styles.input}
        data-autofocus
        ref={focus}
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={chosen ? `${id}-${chosen.key}` : undefined}
        aria-label={label}
        placeholder={label}
        value={query}
        onChange={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className={styles.list} role="listbox" id={`${id}-list`} aria-label={label} ref={list}>
        {items.map((item, index) => (
          <div key={item.key} role="presentation">
            {item.group !== items[index - 1]?.group ? <div className={styles.group}>{item.group}</div> : null}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field, as a combobox does. */}
            <div
              id={`${id}-${item.key}`}
              className={styles.item}
              role="option"
              tabIndex={-1}
              aria-selected={item === chosen}
              onMouseMove={() => setAt(index)}
              onClick={() => run(item)}
            >
              {item.icon}
              <span className={styles.label}>{item.label}</span>
              {item.hint ? <span className={styles.hint}>{item.hint}</span> : null}
              {item.keys ? <Keys of={item.keys} /> : null}
            </div>
          </div>
        ))}
        {items.length === 0 ? <div className={styles.none}>{none}</div> : null}
      </div>
    </Modal>
  );
}
