import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createBrowserRouter,
  isRouteErrorResponse,
  Navigate,
  Outlet,
  RouterProvider,
  ScrollRestoration,
  useLocation,
  useRouteError,
} from 'react-router';
import { ApiRefusal } from './api.ts';
import { Page } from './kit/layout.tsx';
import { KitProvider } from './kit/provider.tsx';
import { Refusal } from './kit/states.tsx';
import { OUTSIDE_PAGES, PAGES } from './pages.tsx';
import { SignedIn, useMe } from './session.tsx';
import { type Loadable, mayOpen, OpenPage, usePage } from './shell/open-page.tsx';
import { Shell } from './shell/shell.tsx';
import { useText } from './text.tsx';

/** The session has ended while the page was open, or needs a second factor now: asking who we are leads on. */
function whenOutside(error: unknown): void {
  if (!(error instanceof ApiRefusal)) return;
  if (error.status === 401 || error.code === 'second_factor_missing') queries.invalidateQueries({ queryKey: ['me'] });
}

/**
 * Something was changed: an answer that was on its way then may be of before, and would stand in the place of what is
 * now. It is asked for again. (Called before the change itself is shown.)
 */
function askAgain(): void {
  queries.refetchQueries({
    type: 'active',
    // A further page of a list goes on: what it adds to is as it was.
    predicate: ({ state }) => state.fetchStatus === 'fetching' && state.data !== undefined && !state.fetchMeta,
  });
}

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (query.queryKey[0] !== 'me') whenOutside(error);
    },
  }),
  mutationCache: new MutationCache({ onError: whenOutside, onSuccess: askAgain }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiRefusal && error.status >= 400 && error.status < 500),
    },
  },
});

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
      <SecondFactorFirst />
      <Shell>
        <Outlet />
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

/** Where the company asks for a second factor and there is none, nothing but setting it up is open. */
function SecondFactorFirst() {
  const me = useMe();
  const { pathname } = useLocation();
  return me.secondFactorMissing && pathname !== '/account' ? <Navigate to="/account" replace /> : null;
}

/** The first page of the navigation that the visitor may see. */
function Home() {
  const me = useMe();
  const first = PAGES.find((page) => page.group && mayOpen(me, page.permission));
  return first ? <Navigate to={`/${first.path}`} replace /> : <Missing />;
}

function Outside({ page }: { page: Loadable }) {
  const Component = usePage(page);
  return Component ? <Component /> : null;
}

const router = createBrowserRouter([
  {
    errorElement: <Broken />,
    children: [
      ...OUTSIDE_PAGES.map((page) => ({ path: `/${page.path}`, element: <Outside page={page} /> })),
      {
        path: '/',
        element: <Inside />,
        children: [
          { index: true, element: <Home /> },
          {
            errorElement: <Broken />,
            children: [
              ...PAGES.map((page) => ({ path: page.path, element: <OpenPage page={page} /> })),
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
