import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ConfirmButton } from '../../kit/button.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { type Member, type Session, staffCalls } from './calls.ts';
import { SessionList } from './session-list.tsx';
import styles from './staff.module.css';

/** Where a colleague is signed in, with the ways to end one of it or all. */
export function MemberSessions({ member }: { member: Member }) {
  const t = useText();
  const queries = useQueryClient();
  const queryKey = ['staff', 'sessions', member.id];
  const list = useQuery({ queryKey, queryFn: () => staffCalls.sessions(member.id) });
  const refresh = () => queries.invalidateQueries({ queryKey: ['staff'] });
  const end = useMutation({
    mutationFn: (session: Session) => staffCalls.endSession(member.id, session.id),
    onSuccess: () => toast(t('sessions.ended')),
    onSettled: refresh,
  });
  const endAll = useMutation({
    mutationFn: () => staffCalls.endSessions(member.id),
    onSuccess: ({ ended }) => toast(t('sessions.allEnded', { count: ended })),
    onSettled: refresh,
  });
  const sessions = list.data?.items ?? [];
  const error = end.error ?? endAll.error;
  return (
    <section className={styles.part}>
      <h3>{t('sessions.title')}</h3>
      <UntilLoaded query={list} failed={t('sessions.listFailed')}>
        <Skeleton height={60} />
      </UntilLoaded>
      {error ? <Refusal title={t('sessions.notEnded')} error={error} /> : null}
      {list.isSuccess && sessions.length === 0 ? <p className={styles.dim}>{t('sessions.none')}</p> : null}
      <SessionList
        sessions={sessions}
        ending={end.isPending ? end.variables.id : null}
        onEnd={(session) => end.mutate(session)}
      />
      {sessions.some((session) => !session.current) ? (
        <div>
          <ConfirmButton
            question={t('sessions.endAllOf', { name: member.name })}
            confirm={t('sessions.endAll')}
            busy={endAll.isPending}
            onConfirm={() => endAll.mutate()}
          >
            {t('sessions.endAll')}
          </ConfirmButton>
        </div>
      ) : null}
    </section>
  );
}
