import {
  IconAdjustments,
  IconDeviceDesktop,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSelector,
  IconSun,
  IconUserCircle,
} from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { Avatar } from '../kit/data.tsx';
import { Menu, type MenuGroup } from '../kit/menu.tsx';
import { choosePreferences, usePreference } from '../preferences.ts';
import { useMe } from '../session.tsx';
import { currentLanguage, LANGUAGES, type Language, useText } from '../text.tsx';
import { useSignOut } from './sign-out.ts';
import styles from './user-menu.module.css';

/** Who is signed in; light or dark; the language; preferences; the way out. */
export function UserMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const t = useText();
  const me = useMe();
  const scheme = usePreference('scheme');
  const navigate = useNavigate();
  const leave = useSignOut();
  // What the server does not take holds in this browser at least.
  const choose: typeof choosePreferences = (change) => choosePreferences(change).catch(() => undefined);
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
        onClick: () => choose({ scheme: name }),
      })),
    },
    {
      key: 'language',
      label: t('user.language'),
      items: Object.entries(LANGUAGES).map(([language, name]) => ({
        label: name,
        checked: currentLanguage() === language,
        onClick: () => choose({ language: language as Language }),
      })),
    },
    {
      key: 'end',
      items: [
        {
          label: t('nav.account'),
          icon: <IconUserCircle size={16} />,
          onClick: () => navigate('/account'),
        },
        {
          label: t('user.preferences'),
          icon: <IconAdjustments size={16} />,
          onClick: () => navigate('/preferences'),
        },
        { label: t('user.shortcuts'), icon: <IconKeyboard size={16} />, onClick: onShortcuts },
        { label: t('user.signOut'), icon: <IconLogout size={16} />, onClick: leave },
      ],
    },
  ];
  return (
    <Menu
      groups={groups}
      target={
        <button type="button" className={styles.user}>
          <Avatar name={me.name} size={28} />
          <span className={styles.names}>
            <span className={styles.name}>{me.name}</span>
            <span className={styles.mail}>{me.email ?? me.role}</span>
            <span className="hidden-visually">{t('user.menu')}</span>
          </span>
          <IconSelector size={16} aria-hidden />
        </button>
      }
    />
  );
}
