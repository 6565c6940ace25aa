import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import {
  createBrowserRouter,
  isRouteErrorResponse,
  Navigate,
  Outlet,
  RouterProvider,
  ScrollRestoration,
  useRouteError,
} from 'react-router';
import { ApiRefusal } from './api.ts';
import { Page } from './kit/layout.tsx';
import { KitProvider } from './kit/provider.tsx';
import { Loading, Refusal, Skeleton } from './kit/states.tsx';
import { SignedIn } from './session.tsx';
import { Shell } from './shell/shell.tsx';
import { useText } from './text.tsx';

const Setup = lazy(() => import('./pages/entry/setup.tsx').then((page) => ({ default: page.SetupPage })));
const SignIn = lazy(() => import('./pages/entry/sign-in.tsx').then((page) => ({ default: page.SignInPage })));
const Live = lazy(() => import('./pages/live/live.tsx').then((page) => ({ default: page.LivePage })));
const People = lazy(() => import('./pages/people/people.tsx').then((page) => ({ default: page.PeoplePage })));
const Person = lazy(() => import('./pages/person/person.tsx').then((page) => ({ default: page.PersonPage })));
const Sources = lazy(() => import('./pages/sources/sources.tsx').then((page) => ({ default: page.SourcesPage })));
const OneSource = lazy(() => import('./pages/sources/source.tsx').then((page) => ({ default: page.SourcePage })));
const Quarantine = lazy(() =>
  import('./pages/quarantine/quarantine.tsx').then((page) => ({ default: page.QuarantinePage })),
);
const Keys = lazy(() => import('./pages/keys/keys.tsx').then((page) => ({ default: page.KeysPage })));
const Health = lazy(() => import('./pages/health/health.tsx').then((page) => ({ default: page.HealthPage })));

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      // A session that has ended while the page was open: asking who we are leads to the sign-in.
      if (error instanceof ApiRefusal && error.status === 401 && query.queryKey[0] !== 'me') {
        queries.invalidateQueries({ queryKey: ['me'] });
      }
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiRefusal && error.status >= 400 && error.status < 500),
    },
  },
});

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

function Broken() {
  const t = useText();
  const error = useRouteError();
  const missing = isRouteErrorResponse(error) && error.status === 404;
  return (
    <Page title={missing ? t('shell.missing') : t('shell.broken')}>
      <Refusal
        title={missing ? t('shell.missing') : t('shell.broken')}
        error={missing ? new ApiRefusal(404, 'not_found', t('shell.missingWhy')) : error}
        onRetry={() => location.reload()}
      />
    </Page>
  );
}

function Inside() {
  return (
    <SignedIn>
      <Shell>
        <Suspense fallback={<PageSkeleton />}>
          <Outlet />
        </Suspense>
      </Shell>
      <ScrollRestoration />
    </SignedIn>
  );
}

function Missing() {
  const t = useText();
  return (
    <Page title={t('shell.missing')}>
      <Refusal title={t('shell.missing')} error={new ApiRefusal(404, 'not_found', t('shell.missingWhy'))} />
    </Page>
  );
}

const router = createBrowserRouter([
  {
    element: (
      <Suspense fallback={null}>
        <Outlet />
      </Suspense>
    ),
    errorElement: <Broken />,
    children: [
      { path: '/setup', element: <Setup /> },
      { path: '/sign-in', element: <SignIn /> },
      {
        path: '/',
        element: <Inside />,
        children: [
          { index: true, element: <Navigate to="/live" replace /> },
          {
            errorElement: <Broken />,
            children: [
              { path: 'live', element: <Live /> },
              { path: 'people', element: <People /> },
              { path: 'people/:personId', element: <Person /> },
              { path: 'sources', element: <Sources /> },
              { path: 'sources/:sourceId', element: <OneSource /> },
              { path: 'quarantine', element: <Quarantine /> },
              { path: 'keys', element: <Keys /> },
              { path: 'system', element: <Health /> },
              { path: '*', element: <Missing /> },
            ],
          },
        ],
      },
    ],
  },
]);

export function App() {
  return (
    <KitProvider>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </KitProvider>
  );
}
