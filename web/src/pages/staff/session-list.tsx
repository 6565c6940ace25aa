import { IconDeviceDesktop, IconDeviceMobile, IconDeviceTablet, IconTerminal2 } from '@tabler/icons-react';
import { Button } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { Parts } from '../../kit/parts.tsx';
import { hasMessage, useText } from '../../text.tsx';
import type { Session } from './calls.ts';
import styles from './staff.module.css';

const ICONS = { desktop: IconDeviceDesktop, mobile: IconDeviceMobile, tablet: IconDeviceTablet, other: IconTerminal2 };

/** Where somebody is signed in: browser, system, address, by what, and when it was last used. */
export function SessionList({
  sessions,
  ending,
  onEnd,
}: {
  sessions: Session[];
  /** The one that is being ended. */
  ending: string | null;
  onEnd: (session: Session) => void;
}) {
  const t = useText();
  return (
    <ul>
      {sessions.map((session) => {
        const Icon = ICONS[session.device];
        const name = [session.browser, session.system].filter(Boolean).join(', ') || t('sessions.unknownDevice');
        const method = `sessions.by.${session.method.replace('-f', 'F')}`;
        return (
          <li key={session.id} className={styles.session}>
            <Icon size={20} stroke={1.6} className={styles.device} aria-hidden />
            <span className={styles.what}>
              <span className={styles.line}>
                {name} {session.current ? <Tag tone="good">{t('sessions.current')}</Tag> : null}
              </span>
              <span className={styles.dim}>
                <Parts
                  of={[
                    <Time key="at" at={session.lastActiveAt} />,
                    session.address,
                    hasMessage(method) ? t(method as 'sessions.by.password') : session.method,
                  ]}
                />
              </span>
            </span>
            {session.current ? null : (
              <Button small busy={ending === session.id} onClick={() => onEnd(session)}>
                {t('sessions.end')}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
