import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ConfirmButton } from '../../kit/button.tsx';
import { Card } from '../../kit/layout.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import type { Session } from '../staff/calls.ts';
import { SessionList } from '../staff/session-list.tsx';
import { accountCalls } from './calls.ts';

/** Where one is signed in oneself; each of it can be ended from here. */
export function OwnSessions() {
  const t = useText();
  const queries = useQueryClient();
  const list = useQuery({ queryKey: ['my-sessions'], queryFn: accountCalls.sessions });
  const refresh = () => queries.invalidateQueries({ queryKey: ['my-sessions'] });
  const end = useMutation({
    mutationFn: (session: Session) => accountCalls.endSession(session.id),
    onSuccess: () => toast(t('sessions.ended')),
    onSettled: refresh,
  });
  const endOthers = useMutation({
    mutationFn: accountCalls.endOthers,
    onSuccess: ({ ended }) => toast(t('sessions.allEnded', { count: ended })),
    onSettled: refresh,
  });
  const sessions = list.data?.items ?? [];
  const error = end.error ?? endOthers.error;
  return (
    <Card
      title={t('sessions.title')}
      hint={t('sessions.ownHint')}
      action={
        sessions.length > 1 ? (
          <ConfirmButton
            question={t('sessions.othersQuestion')}
            confirm={t('sessions.endOthers')}
            busy={endOthers.isPending}
            onConfirm={() => endOthers.mutate()}
          >
            {t('sessions.endOthers')}
          </ConfirmButton>
        ) : null
      }
    >
      <UntilLoaded query={list} failed={t('sessions.listFailed')}>
        <Skeleton height={60} />
      </UntilLoaded>
      {error ? <Refusal title={t('sessions.notEnded')} error={error} /> : null}
      <SessionList
        sessions={sessions}
        ending={end.isPending ? end.variables.id : null}
        onEnd={(session) => end.mutate(session)}
      />
    </Card>
  );
}
