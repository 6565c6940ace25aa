import { IconSend } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { formatDuration, formatExact } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Code, Pairs, Tag } from '../../kit/data.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { calls, type Destination } from './calls.ts';
import styles from './destinations.module.css';
import { DeliveryTag } from './state.tsx';

/** One delivery: what was sent, what came back, each attempt, and a way to send it again. */
export function DeliveryPanel({
  destination,
  eventId,
  mayWrite,
  onClose,
}: {
  destination: Destination;
  eventId: string;
  mayWrite: boolean;
  onClose: () => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const maySee = useMay('deliveries.content');
  const key = ['destination', destination.id, 'delivery', eventId];
  const query = useQuery({
    queryKey: key,
    queryFn: () => calls.delivery(destination.id, eventId),
    refetchInterval: 1_500,
  });
  const one = query.data;
  const content = useQuery({
    queryKey: [...key, 'content', one?.attempts],
    queryFn: () => calls.content(destination.id, eventId),
    enabled: maySee && one !== undefined,
  });
  const resend = useMutation({
    mutationFn: () => calls.resend(destination.id, eventId),
    onSuccess: (changed) => {
      queries.setQueryData(key, changed);
      queries.invalidateQueries({ queryKey: ['destination', destination.id, 'deliveries'] });
      toast(t('destinations.resent'));
    },
  });
  const body = content.data?.body ? JSON.stringify(JSON.parse(content.data.body), null, 2) : null;
  return (
    <SidePanel
      title={one?.name ?? t('destinations.delivery')}
      sub={one ? <DeliveryTag delivery={one} /> : null}
      onClose={onClose}
      foot={
        mayWrite && destination.enabled ? (
          <Button look="main" icon={<IconSend size={16} />} busy={resend.isPending} onClick={() => resend.mutate()}>
            {t('destinations.resend')}
          </Button>
        ) : null
      }
    >
      <Stack gap={20}>
        {query.error ? <Refusal title={t('destinations.deliveryFailed')} error={query.error} /> : null}
        {resend.error ? <Refusal title={t('destinations.resendRefused')} error={resend.error} /> : null}
        {query.isPending ? (
          <Loading>
            <Skeleton height={160} />
          </Loading>
        ) : null}
        {one ? (
          <>
            <Pairs
              rows={[
                ['webhook-id', <code key="id">{one.messageId}</code>],
                [t('destinations.when'), formatExact(one.createdAt)],
                ...(one.dueAt ? ([[t('destinations.nextAttempt'), formatExact(one.dueAt)]] as [string, string][]) : []),
                ...(one.reason
                  ? [
                      [
                        t('destinations.reason'),
                        <Why key="why" reason={one.reason} held={one.status === 'held'} />,
                      ] as [string, React.ReactNode],
                    ]
                  : []),
                ...(one.personId
                  ? [
                      [
                        t('destinations.person'),
                        <Link key="person" to={`/people/${one.personId}`}>
                          {one.personId}
                        </Link>,
                      ] as [string, React.ReactNode],
                    ]
                  : []),
              ]}
            />
            <section>
              <h3>{t('destinations.attemptsTitle')}</h3>
              {one.log.length === 0 ? <p className={styles.hint}>{t('destinations.noAttempt')}</p> : null}
              <ol className={styles.attempts}>
                {one.log.map((attempt, index) => (
                  <li key={attempt.at}>
                    <span className={styles.attemptHead}>
                      <Tag tone={attempt.status && attempt.status < 300 ? 'good' : 'bad'}>
                        {attempt.status ?? t('destinations.noAnswer')}
                      </Tag>
                      <span>{formatExact(attempt.at)}</span>
                      <span className={styles.hint}>{formatDuration(attempt.ms)}</span>
                    </span>
                    {attempt.error ? <span>{attempt.error}</span> : null}
                    {content.data?.responses[index] ? (
                      <Code text={content.data.responses[index]} label={t('destinations.response')} />
                    ) : null}
                  </li>
                ))}
              </ol>
            </section>
            {maySee ? (
              <section>
                <h3>{t('destinations.request')}</h3>
                {content.error ? <Refusal title={t('destinations.deliveryFailed')} error={content.error} /> : null}
                {content.isPending ? <Skeleton height={120} /> : null}
                {body ? <Code text={body} label={t('destinations.request')} json /> : null}
                {content.isSuccess && !body ? <p className={styles.hint}>{t('destinations.notStored')}</p> : null}
              </section>
            ) : (
              <p className={styles.hint}>{t('destinations.payloadHidden')}</p>
            )}
          </>
        ) : null}
      </Stack>
    </SidePanel>
  );
}

function Why({ reason, held }: { reason: string; held: boolean }) {
  const t = useText();
  if (!held) return reason;
  return reason === 'restricted' ? t('destinations.restricted') : t('destinations.heldFor', { purpose: reason });
}
