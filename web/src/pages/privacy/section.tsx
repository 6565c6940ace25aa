import type { ReactNode } from 'react';
import { Stack } from '../../kit/layout.tsx';
import styles from './privacy.module.css';

/** A part of the panel, with its title and a line of what it is. */
export function Section({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <Stack gap={12}>
      <h3 style={{ margin: 0 }}>{title}</h3>
      {hint ? <p className={styles.hint}>{hint}</p> : null}
      {children}
    </Stack>
  );
}
