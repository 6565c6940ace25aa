import { IconMenu2, IconSearch, IconX } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Link, NavLink, useLocation } from 'react-router';
import { useText } from '../text.tsx';
import { IconButton } from './button.tsx';
import styles from './frame.module.css';
import { useEscape, useNarrow } from './hooks.ts';
import { Mark } from './mark.tsx';

export type NavGroup = { name: string; links: { to: string; label: string; icon: ReactNode }[] };

const NARROW = 900;
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** The shell: navigation at the start, the page beside it; on a narrow screen the navigation opens from a bar. */
export function Frame({
  company,
  groups,
  foot,
  onSearch,
  children,
}: {
  company: string;
  groups: NavGroup[];
  foot: ReactNode;
  onSearch: () => void;
  children: ReactNode;
}) {
  const t = useText();
  const narrow = useNarrow(NARROW);
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: going somewhere closes the navigation.
  useEffect(() => setOpen(false), [pathname, narrow]);
  useEscape(() => setOpen(false));
  const covered = narrow && open;

  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        {t('shell.skip')}
      </a>
      <header className={styles.top} inert={covered}>
        <IconButton label={t('shell.openNavigation')} onClick={() => setOpen(true)}>
          <IconMenu2 size={20} />
        </IconButton>
        <Link to="/" className={styles.brand}>
          <Mark size={24} /> Throughline
        </Link>
        <IconButton label={t('shell.search')} onClick={onSearch}>
          <IconSearch size={19} />
        </IconButton>
      </header>
      <button
        type="button"
        className={`${styles.veil} ${covered ? styles.open : ''}`}
        aria-label={t('shell.closeNavigation')}
        tabIndex={-1}
        onClick={() => setOpen(false)}
      />
      <nav className={`${styles.nav} ${covered ? styles.open : ''}`} aria-label={t('shell.navigation')}>
        <div style={{ display: 'flex' }}>
          <Link to="/" className={styles.brand} style={{ flex: 1 }}>
            <Mark size={28} />
            <span className={styles.brandText}>
              Throughline
              <span className={styles.company}>{company}</span>
            </span>
          </Link>
          {covered ? (
            <IconButton label={t('shell.closeNavigation')} onClick={() => setOpen(false)}>
              <IconX size={18} />
            </IconButton>
          ) : null}
        </div>
        <button type="button" className={styles.search} onClick={onSearch}>
          <IconSearch size={15} aria-hidden /> {t('shell.search')}
          <kbd>{isMac ? '⌘ K' : 'Ctrl K'}</kbd>
        </button>
        <div className={styles.groups}>
          {groups.map((group) => (
            <div key={group.name} className={styles.group}>
              <h2 className={styles.groupName}>{group.name}</h2>
              <ul>
                {group.links.map((link) => (
                  <li key={link.to}>
                    <NavLink to={link.to} className={styles.link ?? ''}>
                      {link.icon} {link.label}
                    </NavLink>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </div>
        <div className={styles.foot}>{foot}</div>
      </nav>
      <main id="main" className={styles.main} tabIndex={-1} inert={covered}>
        {children}
      </main>
    </div>
  );
}
