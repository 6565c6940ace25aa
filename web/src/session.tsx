import { useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { Navigate, useLocation } from 'react-router';
import { ApiRefusal, api } from './api.ts';
import { Refusal } from './kit/states.tsx';
import { isStranger, ownPreferences, takePreferences } from './preferences.ts';
import { useText } from './text.tsx';
import type { Me } from './wire.ts';

const MeContext = createContext<Me | null>(null);

/** Who is signed in. Only below `SignedIn`. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error('useMe stands outside SignedIn');
  return me;
}

export function useMay(permission: string): boolean {
  return useMe().permissions.includes(permission);
}

export function companyName(me: Me): string {
  return me.company ?? '';
}

/**
 * Takes over what the person has chosen, wherever they chose it. False while this browser holds nothing of theirs and the
 * server has not said: what is shown before would be shown again in another language or colour.
 */
function useOwnPreferences(me: Me | undefined): boolean {
  const [settled, setSettled] = useState<string | null>(null);
  // Asked for together with who they are, so that it takes no time of its own.
  const own = useQuery({
    queryKey: ['preferences'],
    queryFn: ownPreferences,
    retry: false,
    staleTime: 60_000,
  });
  const owner = me?.id;
  useEffect(() => {
    if (owner === undefined || own.isPending) return;
    takePreferences(owner, own.data ?? {})
      .catch(() => undefined)
      .then(() => setSettled(owner));
  }, [owner, own.isPending, own.data]);
  return owner === undefined || settled === owner || !isStranger(owner);
}

/** Lets in who is signed in; sends others to the set-up while there is no owner, and else to the sign-in. */
export function SignedIn({ children }: { children: ReactNode }) {
  const t = useText();
  const location = useLocation();
  const me = useQuery({ queryKey: ['me'], queryFn: api.me, retry: false, staleTime: 60_000 });
  const ready = useOwnPreferences(me.data);
  const signedOut = me.error instanceof ApiRefusal && me.error.status === 401;
  const setup = useQuery({ queryKey: ['setup'], queryFn: api.setupNeeded, enabled: signedOut, retry: false });

  if (me.data && !signedOut) return ready ? <MeContext value={me.data}>{children}</MeContext> : null;
  if (signedOut) {
    if (setup.isPending) return null;
    if (setup.data?.needed) return <Navigate to="/setup" replace />;
    const next = location.pathname === '/' ? '' : `?next=${encodeURIComponent(location.pathname + location.search)}`;
    return <Navigate to={`/sign-in${next}`} replace />;
  }
  if (me.error) {
    return (
      <div style={{ maxInlineSize: 520, margin: '20vh auto', padding: 16 }}>
        <Refusal title={t('session.failed')} error={me.error} onRetry={() => me.refetch()} />
      </div>
    );
  }
  return null;
}
