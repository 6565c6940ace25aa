import { IconCheck } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import styles from './toast.module.css';

const SHOWN_MS = 4_500;
const MOST = 3;

type Notice = { id: number; message: string };

let notices: Notice[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: Notice[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

/** Says that something is done; never used for refusals, which stand where they happened. */
export function toast(message: string): void {
  last += 1;
  const id = last;
  set([...notices, { id, message }].slice(-MOST));
  setTimeout(() => set(notices.filter((notice) => notice.id !== id)), SHOWN_MS);
}

/** Where the notices appear, and are read aloud. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
  return (
    <div className={styles.toasts} role="status">
      {shown.map((notice) => (
        <div key={notice.id} className={styles.toast}>
          <IconCheck size={17} className={styles.icon} aria-hidden />
          {notice.message}
        </div>
      ))}
    </div>
  );
}
