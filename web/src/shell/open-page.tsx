import type { ComponentType } from 'react';
import { ApiRefusal } from '../api.ts';
import { Fetched, useFetched } from '../kit/late.tsx';
import { Page } from '../kit/layout.tsx';
import { Loading, Refusal, Skeleton } from '../kit/states.tsx';
import { PAGES, type PageEntry } from '../pages.tsx';
import { useMe } from '../session.tsx';
import { loadAreas, useText } from '../text.tsx';
import type { Me } from '../wire.ts';

export type Loadable = Pick<PageEntry, 'areas' | 'load'>;

const pages = new Map<Loadable, Fetched<ComponentType>>();

function fetchedOf(page: Loadable): Fetched<ComponentType> {
  let fetched = pages.get(page);
  if (!fetched) {
    fetched = new Fetched(async () => {
      const [component] = await Promise.all([page.load(), loadAreas(page.areas)]);
      return component;
    });
    pages.set(page, fetched);
  }
  return fetched;
}

/** The page's component; nothing until its code and messages have come. */
export const usePage = (page: Loadable): ComponentType | undefined => useFetched(fetchedOf(page));

/** Fetches a page before it is opened: when the pointer or the focus comes to a link to it. */
export function prefetch(path: string): void {
  const page = PAGES.find((one) => one.path === path.replace(/^\//, ''));
  // What fails now fails again, with its reason, when the page is opened.
  if (page)
    fetchedOf(page)
      .fetch()
      .catch(() => undefined);
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
