import { IconX } from '@tabler/icons-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useText } from '../text.tsx';
import { IconButton } from './button.tsx';
import { useEscape } from './hooks.ts';
import styles from './panel.module.css';

/**
 * Details beside the page, not over it: the page stays usable. Escape closes; the focus comes to the panel when it
 * opens and goes back to where it was when it closes. The caller keeps what is open in the URL.
 */
export function SidePanel({
  title,
  sub,
  icon,
  foot,
  onClose,
  children,
}: {
  title: ReactNode;
  sub?: ReactNode;
  icon?: ReactNode;
  foot?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  const t = useText();
  const id = useId();
  const panel = useRef<HTMLElement>(null);
  useEscape(onClose);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const here = panel.current;
    const first = here?.querySelector<HTMLElement>('[data-autofocus]');
    (first ?? here)?.focus({ preventScroll: true });
    return () => {
      const now = document.activeElement;
      // Who has gone on to something else on the page meanwhile stays there.
      const left = now !== null && now !== document.body && !here?.contains(now);
      if (before?.isConnected && !left) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside className={styles.panel} aria-labelledby={id} tabIndex={-1} ref={panel}>
      <div className={styles.head}>
        {icon}
        <div className={styles.title}>
          <h2 id={id}>{title}</h2>
          {sub ? <div className={styles.sub}>{sub}</div> : null}
        </div>
        <IconButton label={t('kit.close')} onClick={onClose}>
          <IconX size={18} />
        </IconButton>
      </div>
      <div className={styles.body}>{children}</div>
      {foot ? <div className={styles.foot}>{foot}</div> : null}
    </aside>
  );
}
