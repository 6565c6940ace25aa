import { IconChevronLeft } from '@tabler/icons-react';
import { type CSSProperties, type ReactNode, useEffect, useId } from 'react';
import { Link } from 'react-router';
import styles from './layout.module.css';

type Box = { children: ReactNode; gap?: number; style?: CSSProperties };

export function Stack({ children, gap = 12, style }: Box) {
  return (
    <div className={styles.stack} style={{ gap, ...style }}>
      {children}
    </div>
  );
}

export function Row({ children, gap = 8, style }: Box) {
  return (
    <div className={styles.row} style={{ gap, ...style }}>
      {children}
    </div>
  );
}

/** A page: its title, one line of purpose, the main action at the end, one bar of filters, then the content. */
export function Page({
  title,
  heading,
  purpose,
  tools,
  action,
  filters,
  back,
  children,
}: {
  title: string;
  heading?: ReactNode;
  purpose?: ReactNode;
  /** What a list offers: its saved views beside the title, its menu. See lists/list-view.tsx. */
  tools?: { chooser: ReactNode; menu: ReactNode };
  action?: ReactNode;
  filters?: ReactNode;
  back?: { to: string; label: string };
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = title ? `${title} · Throughline` : 'Throughline';
    // The next page may take a while: until then the tab does not bear the name of the one that was left.
    return () => {
      document.title = 'Throughline';
    };
  }, [title]);
  return (
    <div className={styles.page}>
      {back ? (
        <Link className={styles.back} to={back.to}>
          <IconChevronLeft size={15} aria-hidden /> {back.label}
        </Link>
      ) : null}
      <header className={styles.head}>
        <div style={{ minInlineSize: 0, flex: '1 1 300px' }}>
          {tools ? (
            <Row gap={12}>
              {heading ?? <h1>{title}</h1>}
              {tools.chooser}
            </Row>
          ) : (
            (heading ?? <h1>{title}</h1>)
          )}
          {purpose ? <div className={styles.purpose}>{purpose}</div> : null}
        </div>
        {action || tools ? (
          <Row>
            {tools?.menu}
            {action}
          </Row>
        ) : null}
      </header>
      {filters ? <div className={styles.filters}>{filters}</div> : null}
      {children}
    </div>
  );
}

/** A part of a page with a title of its own. */
export function Card({
  title,
  hint,
  action,
  flush,
  children,
}: {
  title?: string;
  hint?: ReactNode;
  action?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles.card} {...(title ? { 'aria-labelledby': id } : {})}>
      {title ? (
        <div className={styles.cardHead}>
          <h2 id={id}>{title}</h2>
          {action}
        </div>
      ) : null}
      {hint ? <div className={styles.cardHint}>{hint}</div> : null}
      <div {...(flush ? {} : { className: styles.cardBody })}>{children}</div>
    </section>
  );
}
