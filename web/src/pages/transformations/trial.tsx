import { IconChevronDown, IconChevronRight, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatDuration, formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Tag, Time, type Tone } from '../../kit/data.tsx';
import { CodeField, Segments } from '../../kit/field.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { type Content, calls, type Transformation, type Trial, type Tried } from './calls.ts';
import { diffLines } from './diff.ts';
import styles from './transformations.module.css';

const SAMPLE =
  '{\n  "type": "track",\n  "userId": "u-1",\n  "event": "Order Completed",\n  "properties": { "total": 19.9 }\n}';

/** Events given by hand: one object, or a list of them. */
function eventsIn(text: string): object[] | string {
  try {
    const value = JSON.parse(text) as unknown;
    const list = Array.isArray(value) ? value : [value];
    if (list.length > 0 && list.every((one) => typeof one === 'object' && one !== null)) return list as object[];
    return '{}';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Tries what is in the editor on recorded events, or on events of one's own, and shows each before and after. A draft
 * that is not saved yet is saved first (`save`), so that the trial counts for publishing.
 */
export function TrialCard({
  transformation,
  content,
  save,
  onTried,
}: {
  transformation: Transformation;
  content: Content;
  save: () => Promise<unknown>;
  onTried: (trial: Trial | null, of: Content) => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const { sourceId } = transformation;
  const [from, setFrom] = useState<'recorded' | 'own'>('recorded');
  const [own, setOwn] = useState(SAMPLE);
  const recorded = useQuery({
    queryKey: ['recorded', sourceId],
    queryFn: () => calls.recorded(sourceId),
    refetchInterval: 10_000,
  });
  const given = eventsIn(own);
  const trial = useMutation({
    mutationFn: async (tried: Content) => {
      await save();
      const events = from === 'own' && typeof given !== 'string' ? { events: given } : {};
      return calls.try(sourceId, { content: tried, transformationId: transformation.id, ...events });
    },
    onMutate: (tried) => onTried(null, tried),
    onSuccess: (done, tried) => {
      onTried(done, tried);
      queries.invalidateQueries({ queryKey: ['transformation', transformation.id] });
    },
  });
  const nothing = from === 'recorded' && recorded.data?.items.length === 0;
  return (
    <Card
      title={t('transformations.try')}
      hint={t('transformations.tryHint')}
      action={
        <Button
          small
          look="main"
          icon={<IconPlayerPlay size={15} />}
          busy={trial.isPending}
          disabled={nothing || (from === 'own' && typeof given === 'string')}
          onClick={() => trial.mutate(content)}
        >
          {t('transformations.tryNow')}
        </Button>
      }
    >
      <Stack gap={12}>
        <Segments
          label={t('transformations.tryOn')}
          value={from}
          choices={[
            { value: 'recorded', label: t('transformations.recorded') },
            { value: 'own', label: t('transformations.own') },
          ]}
          onChange={(value) => setFrom(value as 'recorded' | 'own')}
        />
        {from === 'own' ? (
          <CodeField
            label={t('transformations.ownEvents')}
            hint={t('transformations.ownHint')}
            error={typeof given === 'string' ? t('transformations.notEvents', { why: given }) : null}
            value={own}
            onChange={setOwn}
            rows={8}
          />
        ) : null}
        {trial.error ? <Refusal title={t('transformations.tryFailed')} error={trial.error} /> : null}
        {recorded.error && from === 'recorded' ? (
          <Refusal
            title={t('transformations.recordedFailed')}
            error={recorded.error}
            onRetry={() => recorded.refetch()}
          />
        ) : null}
        {trial.data ? <Results trial={trial.data} /> : null}
        {!trial.data && from === 'recorded' && recorded.isPending ? (
          <Loading>
            <Stack>
              <Skeleton height={36} />
              <Skeleton height={36} />
            </Stack>
          </Loading>
        ) : null}
        {!trial.data && nothing ? (
          <NothingHere title={t('transformations.noneRecorded')} text={t('transformations.noneRecordedText')} />
        ) : null}
        {!trial.data && from === 'recorded' && recorded.data && !nothing ? (
          <ul className={styles.events}>
            {recorded.data.items.map((one) => (
              <EventRow key={one.id} name={nameOf(one.event)} note={<Time at={one.at} />}>
                <Lines before={one.event} after={[one.event]} />
              </EventRow>
            ))}
          </ul>
        ) : null}
      </Stack>
    </Card>
  );
}

function Results({ trial }: { trial: Trial }) {
  const t = useText();
  const failed = trial.items.filter((item) => item.error).length;
  const changed = trial.items.filter((item) => !item.error && !item.dropped && isChanged(item)).length;
  const dropped = trial.items.filter((item) => item.dropped).length;
  return (
    <>
      <Row style={{ flexWrap: 'wrap' }}>
        <span role="status" className={styles.summary}>
          <Tag tone="accent">{t('transformations.changedCount', { count: changed })}</Tag>
          <Tag>{t('transformations.droppedCount', { count: dropped })}</Tag>
          <Tag tone={failed > 0 ? 'bad' : 'good'}>{t('transformations.failedCount', { count: failed })}</Tag>
        </span>
      </Row>
      {trial.stopped ? <p className={styles.warning}>{trial.stopped}</p> : null}
      <ul className={styles.events}>
        {trial.items.map((item, at) => {
          const [tone, label] = stateOf(item);
          return (
            <EventRow
              // biome-ignore lint/suspicious/noArrayIndexKey: results have the order of the events.
              key={at}
              name={nameOf(item.before)}
              note={
                <>
                  <Tag tone={tone}>{t(`transformations.result.${label}`)}</Tag>
                  <span className={styles.took}>{formatDuration(item.milliseconds)}</span>
                </>
              }
              open={
                trial.items.length === 1 || (item.error !== null && at === trial.items.findIndex((one) => one.error))
              }
            >
              {item.error ? (
                <p className={styles.error}>
                  {item.error.place ? `${t('transformations.atLine', { line: item.error.place.line })} ` : ''}
                  {item.error.message}
                </p>
              ) : null}
              {item.logs.length > 0 ? (
                <figure aria-label={t('transformations.logs')} className={styles.logs}>
                  <figcaption>{t('transformations.logs')}</figcaption>
                  <pre>{item.logs.join('\n')}</pre>
                </figure>
              ) : null}
              {item.dropped || (item.error && item.after.length === 0) ? null : (
                <Lines before={item.before} after={item.after} />
              )}
            </EventRow>
          );
        })}
      </ul>
    </>
  );
}

function stateOf(item: Tried): [Tone, 'failed' | 'dropped' | 'changed' | 'unchanged'] {
  if (item.error) return ['bad', 'failed'];
  if (item.dropped) return ['plain', 'dropped'];
  return isChanged(item) ? ['accent', 'changed'] : ['plain', 'unchanged'];
}

const isChanged = (item: Tried) => JSON.stringify([item.before]) !== JSON.stringify(item.after);

function nameOf(event: Record<string, unknown>): string {
  for (const name of [event.event, event.name, event.type]) if (typeof name === 'string' && name) return name;
  return '—';
}

function EventRow({
  name,
  note,
  open: opened = false,
  children,
}: {
  name: string;
  note: React.ReactNode;
  open?: boolean;
  children: React.ReactNode;
}) {
  const [open, setOpen] = useState(opened);
  return (
    <li className={styles.event}>
      <button type="button" className={styles.eventHead} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? <IconChevronDown size={15} aria-hidden /> : <IconChevronRight size={15} aria-hidden />}
        <span className={styles.eventName}>{name}</span>
        <span className={styles.eventNote}>{note}</span>
      </button>
      {open ? <div className={styles.eventBody}>{children}</div> : null}
    </li>
  );
}

/** An event before and after, line by line; further events that came of it stand below. */
function Lines({ before, after }: { before: object; after: unknown[] }) {
  const t = useText();
  const text = (value: unknown) => JSON.stringify(value, null, 2);
  return (
    <>
      {after.map((one, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what came out has an order.
        <figure key={at} className={styles.diff} dir="ltr" aria-label={t('transformations.beforeAfter')}>
          {after.length > 1 ? (
            <figcaption>{t('transformations.outOf', { number: formatNumber(at + 1), count: after.length })}</figcaption>
          ) : null}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard. */}
          <pre tabIndex={0}>
            {diffLines(text(before), text(one)).map((line, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have an order.
              <span key={i} className={styles[line.kind]}>
                {`${line.kind === 'removed' ? '−' : line.kind === 'added' ? '+' : ' '} ${line.text}\n`}
              </span>
            ))}
          </pre>
        </figure>
      ))}
    </>
  );
}
