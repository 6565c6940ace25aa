import {
  IconAdjustments,
  IconKeyboard,
  IconLanguage,
  IconLogout,
  IconMoon,
  IconPlus,
  IconSun,
  IconSunMoon,
  IconTableOptions,
} from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import type { Action } from '../actions.ts';
import { PAGES } from '../pages.tsx';
import { choosePreferences, type Preferences, usePreference } from '../preferences.ts';
import { currentLanguage, LANGUAGES, type Language, useText } from '../text.tsx';
import { useSignOut } from './sign-out.ts';

const ICON = { size: 18, stroke: 1.7, 'aria-hidden': true } as const;

/** What can be done from anywhere: the actions of the pages, and how the console looks. */
export function useShellActions(onShortcuts: () => void): Action[] {
  const t = useText();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const scheme = usePreference('scheme');
  const density = usePreference('density');
  const choose = (change: Preferences) => () => {
    // What the server does not take holds in this browser at least.
    choosePreferences(change).catch(() => undefined);
  };
  const ofPages = PAGES.flatMap((page) => page.actions ?? []).map(
    (action): Action => ({
      key: action.label,
      label: t(action.label),
      icon: <IconPlus {...ICON} />,
      permission: action.permission,
      run: () => navigate(action.to),
    }),
  );
  const schemes = [
    ['light', <IconSun key="light" {...ICON} />],
    ['dark', <IconMoon key="dark" {...ICON} />],
    ['auto', <IconSunMoon key="auto" {...ICON} />],
  ] as const;
  const other = density === 'compact' ? 'comfortable' : 'compact';
  return [
    ...ofPages,
    ...schemes
      .filter(([name]) => name !== scheme)
      .map(([name, icon]) => ({
        key: name,
        label: t(`action.${name}`),
        icon,
        quiet: true,
        run: choose({ scheme: name }),
      })),
    {
      key: 'density',
      label: t(`action.${other}`),
      icon: <IconTableOptions {...ICON} />,
      quiet: true,
      run: choose({ density: other }),
    },
    ...Object.entries(LANGUAGES)
      .filter(([language]) => language !== currentLanguage())
      .map(([language, name]) => ({
        key: language,
        label: t('action.language', { name }),
        icon: <IconLanguage {...ICON} />,
        quiet: true,
        run: choose({ language: language as Language }),
      })),
    {
      key: 'zone',
      label: t('action.timeZone'),
      icon: <IconAdjustments {...ICON} />,
      quiet: true,
      run: () => navigate('/preferences'),
    },
    { key: 'shortcuts', label: t('user.shortcuts'), icon: <IconKeyboard {...ICON} />, run: onShortcuts },
    { key: 'leave', label: t('user.signOut'), icon: <IconLogout {...ICON} />, quiet: true, run: () => void signOut() },
  ];
}
