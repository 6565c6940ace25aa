import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { Pairs, Tag, Time } from '../../kit/data.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { WordsField } from '../../kit/words-field.tsx';
import { useMay } from '../../session.tsx';
import { hasMessage, type MessageKey, useText } from '../../text.tsx';
import { type CaseDetail, casesApi, OUTCOMES, type Outcome } from './api.ts';
import styles from './cases.module.css';
import { saidText } from './words.ts';

/** One case: what was said, what was done, and what can be done now. */
export function CasePanel({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useText();
  const read = useQuery({
    queryKey: ['cases', 'one', id],
    queryFn: ({ signal }) => casesApi.read(id, signal),
    refetchInterval: 10_000,
  });
  const found = read.data;
  return (
    <SidePanel
      title={found ? <bdi>{found.person.name}</bdi> : t('cases.one')}
      {...(found ? { sub: found.rule } : {})}
      onClose={onClose}
    >
      <UntilLoaded query={read} failed={t('cases.failed')}>
        <Skeleton height={200} />
      </UntilLoaded>
      {found ? <Body of={found} /> : null}
    </SidePanel>
  );
}

function Body({ of }: { of: CaseDetail }) {
  const t = useText();
  const mayWrite = useMay('voices.write');
  return (
    <Stack gap={20}>
      <blockquote className={styles.quote} {...(of.language ? { lang: of.language } : {})} dir="auto">
        {saidText(of, t)}
      </blockquote>
      <Pairs
        rows={[
          [
            t('cases.stateLabel'),
            <Tag key="state" tone={of.late ? 'bad' : of.outcome === 'recovered' ? 'good' : 'plain'}>
              {of.outcome ? t(`cases.outcome.${of.outcome}`) : t(`cases.state.${of.state}`)}
            </Tag>,
          ],
          [t('cases.openedAt'), <Time key="opened" at={of.openedAt} />],
          of.closedAt
            ? [t('cases.closedAt'), <Time key="closed" at={of.closedAt} />]
            : [t('cases.due'), <Time key="due" at={of.dueAt} />],
          [
            t('cases.customer'),
            <Link key="person" to={`/people/${of.person.id}`}>
              <bdi>{of.person.name}</bdi>
            </Link>,
          ],
        ]}
      />
      {mayWrite ? <Actions of={of} /> : null}
      <section>
        <h3>{t('cases.history')}</h3>
        <ol className={styles.steps}>
          {of.steps.map((step, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end.
            <li key={at}>
              <Time at={step.at} /> · {stepWords(step.kind, t)}
              {step.by ? <span className={styles.dim}> · {step.by}</span> : null}
              {step.text && step.kind !== 'opened' ? <p dir="auto">{step.text}</p> : null}
            </li>
          ))}
        </ol>
      </section>
    </Stack>
  );
}

function stepWords(kind: string, t: ReturnType<typeof useText>): string {
  const key = `cases.step.${kind.replace('.', '-')}`;
  return hasMessage(key) ? t(key as MessageKey) : kind;
}

function Actions({ of }: { of: CaseDetail }) {
  const t = useText();
  const queries = useQueryClient();
  const [words, setWords] = useState('');
  const [how, setHow] = useState<'mail' | 'phone' | 'other' | 'note'>(of.mailTo ? 'mail' : 'phone');
  const owners = useQuery({
    queryKey: ['cases', 'owners'],
    queryFn: ({ signal }) => casesApi.owners(signal),
    staleTime: 60_000,
  });
  const saved = (detail: CaseDetail) => {
    queries.setQueryData(['cases', 'one', of.id], detail);
    queries.invalidateQueries({ queryKey: ['cases'] });
    toast(t('cases.saved'));
  };
  const say = useMutation({
    mutationFn: () =>
      how === 'note'
        ? casesApi.change(of.id, { note: words.trim() })
        : casesApi.answer(of.id, { text: words.trim(), how }),
    onSuccess: (detail) => {
      setWords('');
      saved(detail);
    },
  });
  const change = useMutation({
    mutationFn: (owner: string | null) => casesApi.change(of.id, { owner }),
    onSuccess: saved,
  });
  const end = useMutation({ mutationFn: (outcome: Outcome | null) => casesApi.end(of.id, outcome), onSuccess: saved });
  const error = say.error ?? change.error ?? end.error;
  return (
    <Stack gap={14}>
      {error ? <Refusal title={t('cases.actFailed')} error={error} /> : null}
      <SelectField
        searchable
        label={t('cases.owner')}
        value={of.owner?.id ?? ''}
        choices={[
          { value: '', label: t('cases.nobody') },
          ...(owners.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(owner) => change.mutate(owner === '' ? null : owner)}
      />
      {of.state === 'closed' ? (
        <Row>
          <Button busy={end.isPending} onClick={() => end.mutate(null)}>
            {t('cases.reopen')}
          </Button>
        </Row>
      ) : (
        <>
          <SelectField
            label={t('cases.how')}
            value={how}
            choices={(['mail', 'phone', 'other', 'note'] as const)
              .filter((value) => value !== 'mail' || of.mailTo !== null)
              .map((value) => ({ value, label: t(`cases.by.${value}`, { to: of.mailTo ?? '' }) }))}
            onChange={(value) => setHow(value as typeof how)}
          />
          <WordsField
            label={t(how === 'note' ? 'cases.note' : 'cases.answer')}
            {...(how === 'mail' ? { hint: t('cases.mailHint') } : {})}
            rows={5}
            value={words}
            onChange={setWords}
          />
          <Row>
            <Button look="main" busy={say.isPending} disabled={words.trim() === ''} onClick={() => say.mutate()}>
              {t(how === 'mail' ? 'cases.send' : 'cases.keep')}
            </Button>
          </Row>
          {/* biome-ignore lint/a11y/useSemanticElements: a row of buttons, without a frame of its own. */}
          <div role="group" aria-labelledby="end-case">
            <h3 id="end-case">{t('cases.endWith')}</h3>
            <Row>
              {OUTCOMES.map((outcome) => (
                <Button key={outcome} small busy={end.isPending} onClick={() => end.mutate(outcome)}>
                  {t(`cases.outcome.${outcome}`)}
                </Button>
              ))}
            </Row>
          </div>
        </>
      )}
    </Stack>
  );
}
