import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { formatExact } from '../../format.ts';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Pairs, Secret, Tag, Time } from '../../kit/data.tsx';
import { CodeField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { hasMessage, useText } from '../../text.tsx';
import { type RequestDetail, requestsApi } from './api.ts';
import { ChoosePerson } from './choose-person.tsx';

/** One request: who asks, whose it is, what was done, and what can be done now. */
export function RequestPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  const read = useQuery({
    queryKey: ['requests', 'one', id],
    queryFn: ({ signal }) => requestsApi.read(id, signal),
    refetchInterval: 5_000,
  });
  const request = read.data;
  return (
    <SidePanel
      title={request ? t(`requests.kind.${request.kind}`) : t('requests.title')}
      {...(request
        ? { sub: request.name ? `${request.name} · ${request.email}` : request.email || t('requests.erased') }
        : {})}
      onClose={onClose}
    >
      <UntilLoaded query={read} failed={t('requests.failed')}>
        <Skeleton height={160} />
      </UntilLoaded>
      {request ? <Body request={request} /> : null}
    </SidePanel>
  );
}

function Body({ request }: { request: RequestDetail }) {
  const t = useText();
  const mayWrite = useMay('requests.write');
  const waiting = !request.closedAt;
  const busy = waiting && (request.exportId !== null || request.erasureId !== null);
  return (
    <Stack gap={22}>
      <Pairs
        rows={[
          [t('requests.state'), <Tag key="state">{t(`requests.in.${request.state}`)}</Tag>],
          [t('requests.received'), formatExact(request.receivedAt)],
          waiting
            ? [t('requests.due'), <Time key="due" at={request.dueAt} />]
            : [t('requests.closed'), formatExact(request.closedAt ?? '')],
          [
            t('requests.proof'),
            request.provenBy
              ? `${request.provenBy === 'mail' ? t('requests.byMail') : request.provenBy}`
              : t('requests.noProof'),
          ],
          [
            t('requests.person'),
            request.personId ? (
              <Link key="person" to={`/people/${request.personId}`}>
                {t('requests.openPerson')}
              </Link>
            ) : (
              t('requests.noPerson')
            ),
          ],
          ...(request.extendedBecause ? [[t('requests.extended'), request.extendedBecause] as [string, string]] : []),
          ...(request.answer ? [[t('requests.answer'), request.answer] as [string, string]] : []),
        ]}
      />
      {request.message ? <p style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{request.message}</p> : null}
      {busy ? <p role="status">{t('requests.busy')}</p> : null}
      {mayWrite && waiting && !busy ? <Actions request={request} /> : null}
      <section>
        <h3>{t('requests.history')}</h3>
        <ol style={{ listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: 8 }}>
          {request.steps.map((step) => (
            <li key={`${step.at} ${step.action}`}>
              <Time at={step.at} /> ·{' '}
              {hasMessage(`requests.did.${step.action}`)
                ? t(`requests.did.${step.action}` as 'requests.did.received')
                : step.action}{' '}
              ·{' '}
              <span style={{ color: 'var(--ink-dim)' }}>
                {['customer', 'system'].includes(step.actor)
                  ? t(`requests.actor.${step.actor as 'customer'}`)
                  : step.actor}
              </span>
            </li>
          ))}
        </ol>
      </section>
    </Stack>
  );
}

function Actions({ request }: { request: RequestDetail }) {
  const t = useText();
  const queries = useQueryClient();
  const [words, setWords] = useState('');
  const done = (message: string) => {
    queries.invalidateQueries({ queryKey: ['requests'] });
    setWords('');
    toast(message);
  };
  const act = useMutation({
    mutationFn: (what: 'prove' | 'fulfil' | 'refuse' | 'extend') => {
      if (what === 'prove') return requestsApi.prove(request.id, words);
      if (what === 'fulfil') return requestsApi.fulfil(request.id, words);
      if (what === 'refuse') return requestsApi.refuse(request.id, words);
      return requestsApi.change(request.id, { extendBecause: words });
    },
    onSuccess: () => done(t('requests.saved')),
  });
  const link = useMutation({ mutationFn: () => requestsApi.link(request.id) });
  const empty = words.trim() === '';
  return (
    <Stack gap={16}>
      {act.error ? <Refusal title={t('requests.actFailed')} error={act.error} /> : null}
      {request.state === 'open' && request.kind !== 'correction' ? (
        <ChoosePerson request={request} onChosen={() => done(t('requests.saved'))} />
      ) : null}
      <CodeField
        label={request.state === 'unproven' ? t('requests.how') : t('requests.answer')}
        hint={request.state === 'unproven' ? t('requests.howHint') : t('requests.answerHint')}
        rows={3}
        value={words}
        onChange={setWords}
      />
      {request.state === 'unproven' ? (
        <Row>
          <Button look="main" busy={act.isPending} disabled={empty} onClick={() => act.mutate('prove')}>
            {t('requests.proved')}
          </Button>
          <Button busy={link.isPending} onClick={() => link.mutate()}>
            {t('requests.showLink')}
          </Button>
        </Row>
      ) : (
        <Row>
          {request.kind === 'erasure' ? (
            <ConfirmButton
              small={false}
              question={t('requests.eraseQuestion')}
              confirm={t('requests.fulfil.erasure')}
              busy={act.isPending}
              onConfirm={() => act.mutate('fulfil')}
            >
              {t('requests.fulfil.erasure')}
            </ConfirmButton>
          ) : (
            <Button look="main" busy={act.isPending} onClick={() => act.mutate('fulfil')}>
              {t(`requests.fulfil.${request.kind}`)}
            </Button>
          )}
          <Button disabled={empty} busy={act.isPending} onClick={() => act.mutate('refuse')}>
            {t('requests.refuse')}
          </Button>
          {request.extended ? null : (
            <Button disabled={empty} busy={act.isPending} onClick={() => act.mutate('extend')}>
              {t('requests.extend')}
            </Button>
          )}
        </Row>
      )}
      {link.data ? <Secret value={link.data.url} label={t('requests.showLink')} /> : null}
    </Stack>
  );
}
