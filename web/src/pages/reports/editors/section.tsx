import { type ReactNode, useId } from 'react';
import styles from '../reports.module.css';
import { seriesColour } from '../series-colour.ts';

/** A part of an editor with a name. */
export function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <div className={styles.sectionHead}>
        <h2 id={id}>{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

/** One of several things in a section, with its letter or number. */
export function Piece({
  mark,
  slot,
  children,
  tools,
}: {
  mark: string;
  slot?: number;
  children: ReactNode;
  tools?: ReactNode;
}) {
  return (
    <div className={styles.piece}>
      <span
        className={styles.mark}
        style={slot === undefined ? {} : { borderBlockEndColor: seriesColour(slot) }}
        aria-hidden
      >
        {mark}
      </span>
      <div className={styles.pieceBody}>{children}</div>
      {tools ? <div className={styles.pieceTools}>{tools}</div> : null}
    </div>
  );
}

/** A choice with its name before it, in one line. */
export function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.line}>
      <span aria-hidden>{label}</span>
      {children}
    </div>
  );
}
