import { IconDeviceDesktop, IconLogout, IconMoon, IconSelector, IconSun } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { api } from '../api.ts';
import { Avatar } from '../kit/data.tsx';
import { useScheme } from '../kit/hooks.ts';
import { Menu, type MenuGroup } from '../kit/menu.tsx';
import { useMe } from '../session.tsx';
import { chooseLanguage, currentLanguage, LANGUAGES, type Language, useText } from '../text.tsx';
import styles from './user-menu.module.css';

/** Who is signed in; light or dark; the language; the way out. */
export function UserMenu() {
  const t = useText();
  const me = useMe();
  const { scheme, setScheme } = useScheme();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const leave = async () => {
    await api.signOut().catch(() => undefined);
    queries.clear();
    navigate('/sign-in');
  };
  const groups: MenuGroup[] = [
    {
      key: 'appearance',
      label: t('user.appearance'),
      items: (
        [
          ['auto', <IconDeviceDesktop key="auto" size={16} />],
          ['light', <IconSun key="light" size={16} />],
          ['dark', <IconMoon key="dark" size={16} />],
        ] as const
      ).map(([name, icon]) => ({
        label: t(`user.${name}`),
        icon,
        checked: scheme === name,
        onClick: () => setScheme(name),
      })),
    },
    {
      key: 'language',
      label: t('user.language'),
      items: Object.entries(LANGUAGES).map(([language, name]) => ({
        label: name,
        checked: currentLanguage() === language,
        onClick: () => chooseLanguage(language as Language),
      })),
    },
    { key: 'end', items: [{ label: t('user.signOut'), icon: <IconLogout size={16} />, onClick: leave }] },
  ];
  return (
    <Menu
      groups={groups}
      target={
        <button type="button" className={styles.user} aria-label={t('user.menu', { name: me.name })}>
          <Avatar name={me.name} size={28} />
          <span className={styles.names}>
            <span className={styles.name}>{me.name}</span>
            <span className={styles.mail}>{me.email ?? me.role}</span>
          </span>
          <IconSelector size={16} aria-hidden />
        </button>
      }
    />
  );
}
