import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { Frame } from '../kit/frame.tsx';
import { useHotkeys } from '../kit/hooks.ts';
import { companyName, useMe } from '../session.tsx';
import { useText } from '../text.tsx';
import { PAGE_GROUPS } from './pages.tsx';
import { UserMenu } from './user-menu.tsx';

const loadPalette = () => import('./find.tsx');
const FindAnything = lazy(() => loadPalette().then((part) => ({ default: part.FindAnything })));
/** The palette is fetched once the page has come to rest, so that ⌘K then opens at once. */
const PALETTE_AFTER_MS = 1_500;

/** Navigation, the palette and the user's menu around the page. */
export function Shell({ children }: { children: ReactNode }) {
  const t = useText();
  const me = useMe();
  const [finding, setFinding] = useState(false);
  const [everFound, setEverFound] = useState(false);
  if (finding && !everFound) setEverFound(true);
  useEffect(() => {
    const timer = setTimeout(loadPalette, PALETTE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  useHotkeys([['mod+K', () => setFinding((now) => !now)]], [], true);
  const groups = PAGE_GROUPS.map((group) => ({
    name: t(group.name),
    links: group.pages
      .filter((page) => me.permissions.includes(page.permission))
      .map((page) => ({
        to: page.to,
        label: t(page.label),
        icon: <page.icon size={18} stroke={1.7} aria-hidden />,
      })),
  })).filter((group) => group.links.length > 0);
  return (
    <>
      <Frame company={companyName(me)} groups={groups} foot={<UserMenu />} onSearch={() => setFinding(true)}>
        {children}
      </Frame>
      {everFound ? (
        <Suspense fallback={null}>
          <FindAnything open={finding} onClose={() => setFinding(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
