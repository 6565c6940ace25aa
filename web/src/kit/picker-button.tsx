import { IconChevronDown } from '@tabler/icons-react';
import type { ComponentProps, ReactNode } from 'react';
import styles from './picker.module.css';

export interface PickerItem {
  value: string;
  label: string;
  /** Said smaller, at the end: a count, a type. */
  note?: string;
  /** Said smaller, below: what it is. */
  hint?: string;
  icon?: ReactNode;
}

export interface PickerGroup {
  key: string;
  label?: string;
  items: PickerItem[];
}

export interface PickerProps {
  /** What is chosen here, for screen readers: `Event of series A`. */
  label: string;
  /** What the button shows: what is chosen, or what to do. */
  children: ReactNode;
  groups: PickerGroup[];
  /** What is chosen now. */
  chosen: readonly string[];
  onPick: (value: string) => void;
  /** Several are chosen together: the list stays open. */
  several?: boolean;
  /** Nothing is chosen yet: the button says what to do. */
  empty?: boolean;
  /** Whether the list can be searched; from eight items on unless told. */
  searchable?: boolean;
  /** Where the list is asked for by what is typed; otherwise it is narrowed here. */
  onSearch?: (text: string) => void;
  /** More of the list is on its way. */
  busy?: boolean;
  /** How what was typed is offered as a choice of its own; its value is `typed:` and the text. */
  typed?: (text: string) => string;
  /** Not a field but a word in a sentence: no frame until the pointer comes. */
  quiet?: boolean;
  /** As high as the fields that it stands beside in a bar. */
  tall?: boolean;
  icon?: ReactNode;
  width?: number;
  /** What is picked opens something that takes the focus: the button does not take it back. */
  handsOnFocus?: boolean;
}

export const TYPED = 'typed:';

/** The button that opens a picker's list. */
export function PickerButton({
  of,
  ...rest
}: { of: PickerProps } & Omit<ComponentProps<'button'>, 'children' | 'className'>) {
  return (
    <button
      {...rest}
      type="button"
      className={[
        styles.button,
        of.quiet ? styles.quiet : '',
        of.tall ? styles.tall : '',
        of.empty ? styles.empty : '',
      ].join(' ')}
      aria-haspopup="listbox"
    >
      <span className="hidden-visually">{of.label}: </span>
      {of.icon}
      <span className={styles.chosen}>{of.children}</span>
      {of.quiet && of.empty ? null : <IconChevronDown size={14} aria-hidden className={styles.arrow} />}
    </button>
  );
}
