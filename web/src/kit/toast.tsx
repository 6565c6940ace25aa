import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { useText } from '../text.tsx';
import styles from './toast.module.css';

const SHOWN_MS = 4_500;
/** What can be taken back stays for as long as one needs to notice a mistake. */
const UNDO_SHOWN_MS = 10_000;
const MOST = 3;

/** While the pointer or the focus is on one, none goes; and after it has left, for so long. */
const AFTER_HELD_MS = 2_000;

type Notice = { id: number; message: string; bad: boolean; undo: (() => void) | null };

let notices: Notice[] = [];
let last = 0;
let held = false;
const listeners = new Set<() => void>();

function set(next: Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

function remove(id: number): void {
  set(notices.filter((notice) => notice.id !== id));
}

/**
 * Says that something is done, with a button to take it back where `undo` is given. Never used for refusals, which stand
 * where they happened; but `bad` for one that has no place any more.
 */
export function toast(message: string, options: { undo?: () => void; bad?: boolean } = {}): void {
  last += 1;
  const id = last;
  set([...notices, { id, message, bad: options.bad ?? false, undo: options.undo ?? null }].slice(-MOST));
  const go = () => (held ? setTimeout(go, AFTER_HELD_MS) : remove(id));
  setTimeout(go, options.undo ? UNDO_SHOWN_MS : SHOWN_MS);
}

const hold = () => {
  held = true;
};
const release = () => {
  held = false;
};

/** Where the notices appear, and are read aloud. */
export function Toasts() {
  const t = useText();
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
  return (
    <div
      className={styles.toasts}
      role="status"
      onPointerEnter={hold}
      onPointerLeave={release}
      onFocus={hold}
      onBlur={release}
    >
      {shown.map((notice) => (
        <div key={notice.id} className={styles.toast}>
          {notice.bad ? (
            <IconAlertTriangle size={17} className={styles.bad} aria-hidden />
          ) : (
            <IconCheck size={17} className={styles.icon} aria-hidden />
          )}
          {notice.message}
          {notice.undo ? (
            <button
              type="button"
              className={styles.undo}
              onClick={() => {
                release();
                remove(notice.id);
                notice.undo?.();
              }}
            >
              {t('kit.undo')}
            </button>
          ) : null}
        </div>
      ))}
    </div>
  );
}
