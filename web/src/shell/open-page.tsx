import { type ComponentType, useEffect, useReducer, useState } from 'react';
import { ApiRefusal } from '../api.ts';
import { Page } from '../kit/layout.tsx';
import { Loading, Refusal, Skeleton } from '../kit/states.tsx';
import { PAGES, type PageEntry } from '../pages.tsx';
import { useMe } from '../session.tsx';
import { loadAreas, useText } from '../text.tsx';
import type { Me } from '../wire.ts';

export type Loadable = Pick<PageEntry, 'areas' | 'load'>;

const components = new Map<Loadable, ComponentType>();

async function fetchPage(page: Loadable): Promise<void> {
  const [component] = await Promise.all([page.load(), loadAreas(page.areas)]);
  components.set(page, component);
}

/**
 * The page's component, whose code and messages are fetched when it is first drawn; nothing until they are there. What
 * cannot be fetched is thrown for the error page, and tried again when the page is opened again. (Not by Suspense: React
 * keeps what stands in place of something for 300 ms.)
 */
export function usePage(page: Loadable): ComponentType | undefined {
  const [, redraw] = useReducer((draws: number) => draws + 1, 0);
  const [failed, setFailed] = useState<{ page: Loadable; error: unknown } | null>(null);
  const Component = components.get(page);
  useEffect(() => {
    if (Component) return;
    let left = false;
    fetchPage(page).then(
      () => left || redraw(),
      (error: unknown) => left || setFailed({ page, error }),
    );
    return () => {
      left = true;
    };
  }, [page, Component]);
  if (failed?.page === page) throw failed.error;
  return Component;
}

/** Fetches a page before it is opened: when the pointer or the focus comes to a link to it. */
export function prefetch(path: string): void {
  const page = PAGES.find((one) => one.path === path.replace(/^\//, ''));
  // What fails now fails again, with its reason, when the page is opened.
  if (page && !components.has(page)) fetchPage(page).catch(() => undefined);
}

export function mayOpen(me: Me, permission: string): boolean {
  return permission === 'signed-in' || me.permissions.includes(permission);
}

function PageSkeleton() {
  return (
    <Loading>
      <div style={{ padding: '32px', display: 'grid', gap: 16 }}>
        <Skeleton width={180} height={22} />
        <Skeleton width={340} />
        <Skeleton height={320} />
      </div>
    </Loading>
  );
}

/** A page of the list inside the shell, for whoever may see it. */
export function OpenPage({ page }: { page: PageEntry }) {
  const t = useText();
  const me = useMe();
  if (mayOpen(me, page.permission)) return <LoadedPage key={page.path} page={page} />;
  const error = new ApiRefusal(403, 'forbidden', t('shell.notAllowed', { permission: page.permission }));
  return (
    <Page title={t(page.label)}>
      <Refusal title={t('shell.closed')} error={error} />
    </Page>
  );
}

function LoadedPage({ page }: { page: PageEntry }) {
  const Component = usePage(page);
  return Component ? <Component /> : <PageSkeleton />;
}
