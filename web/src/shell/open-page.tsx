import { type ComponentType, type LazyExoticComponent, lazy, Suspense } from 'react';
import { ApiRefusal } from '../api.ts';
import { Page } from '../kit/layout.tsx';
import { Loading, Refusal, Skeleton } from '../kit/states.tsx';
import { PAGES, type PageEntry } from '../pages.tsx';
import { useMe } from '../session.tsx';
import { loadAreas, useText } from '../text.tsx';
import type { Me } from '../wire.ts';

export type Loadable = Pick<PageEntry, 'areas' | 'load'>;

const components = new Map<Loadable, ComponentType | LazyExoticComponent<ComponentType>>();

async function fetchPage({ areas, load }: Loadable): Promise<{ default: ComponentType }> {
  const [component] = await Promise.all([load(), loadAreas(areas)]);
  return { default: component };
}

/** The page's component, which fetches its code and messages when it is first drawn. */
export function componentOf(page: Loadable): ComponentType {
  let component = components.get(page);
  if (!component) {
    component = lazy(() => fetchPage(page));
    components.set(page, component);
  }
  return component;
}

/** Once it was drawn by another name, a page keeps that: under a new one it would begin anew. */
const keep =
  (page: Loadable) =>
  ({ default: component }: { default: ComponentType }) => {
    if (!components.has(page)) components.set(page, component);
  };

/** Fetches a page before it is opened: when the pointer or the focus comes to a link to it. */
export function prefetch(path: string): void {
  const page = PAGES.find((one) => one.path === path.replace(/^\//, ''));
  // What fails now fails again, with its reason, when the page is opened.
  if (page && !components.has(page)) fetchPage(page).then(keep(page), () => undefined);
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
  if (!mayOpen(me, page.permission)) {
    const error = new ApiRefusal(403, 'forbidden', t('shell.notAllowed', { permission: page.permission }));
    return (
      <Page title={t(page.label)}>
        <Refusal title={t('shell.closed')} error={error} />
      </Page>
    );
  }
  const Component = componentOf(page);
  return (
    // By its own key: the page that was left does not stay in its place while it is fetched.
    <Suspense key={page.path} fallback={<PageSkeleton />}>
      <Component />
    </Suspense>
  );
}
