import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { Frame } from '../kit/frame.tsx';
import { useHotkeys } from '../kit/hooks.ts';
import { Fetched, late, useFetched } from '../kit/late.tsx';
import { GROUPS, PAGES } from '../pages.tsx';
import { companyName, useMe } from '../session.tsx';
import { useText } from '../text.tsx';
import { EarlyKeys } from './early-keys.tsx';
import { mayOpen, prefetch } from './open-page.tsx';
import { useRemembered } from './recent.ts';
import { focusSearch, moveRow, useShortcuts } from './shortcuts.ts';
import { UserMenu } from './user-menu.tsx';

const palette = new Fetched(() => import('./find.tsx').then((part) => part.prepare()));
const ShortcutList = late(() => import('./shortcut-list.tsx').then((part) => part.prepare()));
/** The palette is fetched once the page has come to rest, so that ⌘K then opens at once. */
const PALETTE_AFTER_MS = 1_500;

/** Navigation, the palette, the shortcuts and the user's menu around the page. */
export function Shell({ children }: { children: ReactNode }) {
  const t = useText();
  const me = useMe();
  const navigate = useNavigate();
  const [over, setOver] = useState<'palette' | 'help' | null>(null);
  const [ever, setEver] = useState({ palette: false, help: false });
  if (over && !ever[over]) setEver({ ...ever, [over]: true });
  const [hidden, setHidden] = useState(false);
  const close = useCallback(() => setOver(null), []);
  useEffect(() => {
    const timer = setTimeout(() => palette.fetch().catch(() => undefined), PALETTE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  useRemembered(me.id);
  useHotkeys([['mod+K', () => setOver((now) => (now === 'palette' ? null : 'palette'))]], [], true);
  useShortcuts((keys) => {
    if (keys === '?') setOver('help');
    else if (keys === '/') {
      if (!focusSearch()) setOver('palette');
    } else if (keys === '[') setHidden((now) => !now);
    else if (keys === 'j') return moveRow(1);
    else if (keys === 'k') return moveRow(-1);
    else {
      const page = PAGES.find((one) => one.key && keys === `g ${one.key}` && mayOpen(me, one.permission));
      if (!page) return false;
      navigate(`/${page.path}`);
    }
    return true;
  });
  const groups = GROUPS.map((group) => ({
    key: group,
    name: t(`nav.${group}`),
    collapsible: group === 'settings',
    links: PAGES.filter((page) => page.group === group && mayOpen(me, page.permission)).map((page) => ({
      to: `/${page.path}`,
      label: t(page.label),
      icon: page.icon ? <page.icon size={18} stroke={1.7} aria-hidden /> : null,
    })),
  })).filter((group) => group.links.length > 0);
  return (
    <>
      <Frame
        company={companyName(me)}
        groups={groups}
        foot={<UserMenu onShortcuts={() => setOver('help')} />}
        hidden={hidden}
        onHide={setHidden}
        onApproach={prefetch}
        onSearch={() => setOver('palette')}
      >
        {children}
      </Frame>
      {ever.palette ? <Palette open={over === 'palette'} onClose={close} onShortcuts={() => setOver('help')} /> : null}
      {ever.help ? <ShortcutList open={over === 'help'} onClose={close} /> : null}
    </>
  );
}

/** The palette; what is typed before it has come is kept for it. */
function Palette(props: { open: boolean; onClose: () => void; onShortcuts: () => void }) {
  const early = useRef('');
  const FindAnything = useFetched(palette);
  if (FindAnything) return <FindAnything {...props} early={early} />;
  return props.open ? <EarlyKeys text={early} onClose={props.onClose} /> : null;
}
