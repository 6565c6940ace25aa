import { IconChevronRight, IconLayoutSidebar, IconMenu2, IconSearch, IconX } from '@tabler/icons-react';
import { type ReactNode, useEffect, useId, useState } from 'react';
import { Link, NavLink, useLocation } from 'react-router';
import { useText } from '../text.tsx';
import { IconButton } from './button.tsx';
import styles from './frame.module.css';
import { useEscape, useNarrow } from './hooks.ts';
import { Keys } from './keys.tsx';
import { Mark } from './mark.tsx';

export type NavGroup = {
  key: string;
  name: string;
  collapsible?: boolean;
  links: { to: string; label: string; icon: ReactNode }[];
};

const NARROW = 900;

/** The shell: navigation at the start, the page beside it; on a narrow screen the navigation opens from a bar. */
export function Frame({
  company,
  groups,
  foot,
  hidden,
  onHide,
  onSearch,
  onApproach,
  children,
}: {
  company: string;
  groups: NavGroup[];
  foot: ReactNode;
  /** On a wide screen: the navigation gives its room to the page. */
  hidden: boolean;
  onHide: (hidden: boolean) => void;
  onSearch: () => void;
  /** The pointer or the focus comes to a link: its page may be fetched. */
  onApproach: (to: string) => void;
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
  const away = !narrow && hidden;

  return (
    <div className={styles.frame} data-navigation={away ? 'hidden' : undefined}>
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
      {away ? (
        <div className={styles.reopen}>
          <IconButton small label={t('shell.openNavigation')} onClick={() => onHide(false)}>
            <IconLayoutSidebar size={18} />
          </IconButton>
        </div>
      ) : null}
      <nav hidden={away} className={`${styles.nav} ${covered ? styles.open : ''}`} aria-label={t('shell.navigation')}>
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
          {narrow ? null : (
            <IconButton small label={t('shell.hideNavigation')} onClick={() => onHide(true)}>
              <IconLayoutSidebar size={18} />
            </IconButton>
          )}
        </div>
        <button type="button" className={styles.search} onClick={onSearch}>
          <IconSearch size={15} aria-hidden /> {t('shell.search')}
          <Keys of="mod K" />
        </button>
        <div className={styles.groups}>
          {groups.map((group) => (
            <NavigationGroup key={group.key} group={group} onApproach={onApproach} />
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

const FOLDED = 'throughline.folded';

/** A heading with its links; one that may be folded is remembered so in this browser. */
function NavigationGroup({ group, onApproach }: { group: NavGroup; onApproach: (to: string) => void }) {
  const id = useId();
  const [folded, setFolded] = useState(() => isFolded(group.key));
  const closed = (group.collapsible ?? false) && folded;
  const fold = () => {
    setFolded(!closed);
    try {
      localStorage.setItem(`${FOLDED}.${group.key}`, closed ? '' : '1');
    } catch {
      // It then lasts as long as the page.
    }
  };
  return (
    <div className={styles.group}>
      <h2 className={styles.groupName}>
        {group.collapsible ? (
          <button type="button" aria-expanded={!closed} aria-controls={id} onClick={fold}>
            {group.name}
            <IconChevronRight size={13} aria-hidden className={styles.fold} />
          </button>
        ) : (
          group.name
        )}
      </h2>
      <ul id={id} hidden={closed}>
        {group.links.map((link) => (
          <li key={link.to}>
            <NavLink
              to={link.to}
              className={styles.link ?? ''}
              onPointerEnter={() => onApproach(link.to)}
              onFocus={() => onApproach(link.to)}
            >
              {link.icon} {link.label}
            </NavLink>
          </li>
        ))}
      </ul>
    </div>
  );
}

function isFolded(key: string): boolean {
  try {
    return localStorage.getItem(`${FOLDED}.${key}`) === '1';
  } catch {
    return false;
  }
}
