import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Avatar, ProgressBar } from '../../kit/data.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { Card, Stack } from '../../kit/layout.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import styles from './audiences.module.css';
import { audiences, type Definition } from './calls.ts';
import { complete, fromGroup, type Group } from './draft.ts';

const WAIT_MS = 400;

/** How many people the conditions hold for as they are being written. A question that was overtaken is cancelled. */
export function LiveSize({ group }: { group: Group }) {
  const t = useText();
  const { group: asked, lacking } = complete(group);
  const text = JSON.stringify({ is: 'dynamic', who: fromGroup(asked) });
  const [settled] = useDebouncedValue(text, WAIT_MS);
  const definition = JSON.parse(settled) as Definition;
  const size = useQuery({
    queryKey: ['audiences', 'size', settled],
    queryFn: ({ signal }) => audiences.size(definition, signal),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 10_000,
  });
  const behind = settled !== text || size.isPlaceholderData || (size.isFetching && !size.data);
  const found = size.error ? undefined : size.data;
  return (
    <Card title={t('audiences.sizeTitle')}>
      <Stack gap={10}>
        {found ? (
          <div className={styles.size} data-behind={behind || undefined} aria-live="polite">
            <span className={styles.sizeNumber}>{formatNumber(found.matched)}</span>
            <span className={styles.sizeOf}>
              {t('audiences.ofPeople', { count: found.people, people: formatNumber(found.people) })}
              {found.people > 0
                ? ` · ${formatNumber(found.matched / found.people, { style: 'percent', maximumFractionDigits: 1 })}`
                : ''}
            </span>
            <ProgressBar label={t('audiences.share')} value={found.people > 0 ? found.matched / found.people : 0} />
          </div>
        ) : null}
        {!found && !size.error ? (
          <Loading>
            <Skeleton width={110} height={30} />
          </Loading>
        ) : null}
        {size.error ? (
          <Refusal title={t('audiences.sizeFailed')} error={size.error} onRetry={() => size.refetch()} />
        ) : null}
        {lacking > 0 ? <p className={styles.hint}>{t('audiences.lacking', { count: lacking })}</p> : null}
        {found && found.matched > 0 ? <Examples key={settled} definition={definition} /> : null}
      </Stack>
    </Card>
  );
}

function Examples({ definition }: { definition: Definition }) {
  const t = useText();
  const [asked, setAsked] = useState(false);
  const examples = useQuery({
    queryKey: ['audiences', 'examples', definition],
    queryFn: ({ signal }) => audiences.examples(definition, signal),
    enabled: asked,
    retry: false,
  });
  if (!asked) {
    return (
      <div>
        <Button small onClick={() => setAsked(true)}>
          {t('audiences.showExamples')}
        </Button>
      </div>
    );
  }
  if (examples.error) return <Refusal title={t('audiences.examplesFailed')} error={examples.error} />;
  if (!examples.data) return <Skeleton height={24} />;
  return (
    <ul className={styles.people} aria-label={t('audiences.examples')}>
      {examples.data.items.map((person) => (
        <li key={person.id}>
          <Avatar name={person.displayName} size={24} />
          <Link to={`/people/${encodeURIComponent(person.id)}`}>
            <bdi>{person.displayName}</bdi>
          </Link>
        </li>
      ))}
    </ul>
  );
}
