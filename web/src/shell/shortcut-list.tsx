import { Dialog } from '../kit/dialog.tsx';
import { Keys } from '../kit/keys.tsx';
import { PAGES } from '../pages.tsx';
import { usePreference } from '../preferences.ts';
import { useMe } from '../session.tsx';
import { loadAreas, useText } from '../text.tsx';
import { mayOpen } from './open-page.tsx';
import styles from './shortcut-list.module.css';

/** Loads what it says, then is the component. */
export const prepare = async () => {
  await loadAreas(['shortcut']);
  return ShortcutList;
};

/** Every shortcut there is. */
function ShortcutList({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText();
  const me = useMe();
  const on = usePreference('shortcuts');
  const general: [string, string][] = [
    [t('shortcut.find'), 'mod K'],
    [t('shortcut.search'), '/'],
    [t('shortcut.next'), 'J'],
    [t('shortcut.previous'), 'K'],
    [t('shortcut.open'), 'Enter'],
    [t('shortcut.close'), 'Esc'],
    [t('shortcut.navigation'), '['],
    [t('shortcut.list'), '?'],
  ];
  const pages = PAGES.filter((page) => page.key && mayOpen(me, page.permission)).map((page): [string, string] => [
    t(page.label),
    `G ${page.key?.toUpperCase()}`,
  ]);
  return (
    <Dialog open={open} onClose={onClose} title={t('user.shortcuts')}>
      {on ? null : <p className={styles.off}>{t('shortcut.off')}</p>}
      <div className={styles.columns}>
        {[[t('shortcut.everywhere'), general] as const, [t('shortcut.goTo'), pages] as const].map(([title, rows]) => (
          <section key={title} aria-label={title}>
            <h3 className={styles.title}>{title}</h3>
            <dl className={styles.list}>
              {rows.map(([name, keys]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>
                    <Keys of={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
