import type { ReactNode } from 'react';
import styles from './parts.module.css';

/** Short facts in a row with dots between them; what is empty leaves no dot. */
export function Parts({ of }: { of: ReactNode[] }) {
  return (
    <div className={styles.clip}>
      <div className={styles.parts}>
        {of.map((part, index) =>
          part === null || part === undefined || part === false || part === '' ? null : (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts have a place, not an identity.
            <span key={index}>{part}</span>
          ),
        )}
      </div>
    </div>
  );
}
