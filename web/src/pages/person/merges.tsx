import { IconArrowBackUp } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { api } from '../../api.ts';
import { formatList, humanise } from '../../format.ts';
import { ConfirmButton } from '../../kit/button.tsx';
import { Time } from '../../kit/data.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import type { Merge, MergeCause, Person } from '../../wire.ts';
import { identifierName } from './identifier-name.ts';
import styles from './person.module.css';

function causeText(cause: MergeCause, t: Translate): string {
  if (cause.by) return t('person.mergedBy', { name: cause.by });
  const named = (cause.identifiers ?? []).map(({ kind, value }) => `${identifierName(kind, t)} ${value}`);
  if (named.length > 0) return t('person.seenTogether', { what: formatList(named) });
  return humanise(cause.type ?? '');
}

/** The merges that made this person of several, each of which can be undone. */
export function Merges({ person }: { person: Person }) {
  const t = useText();
  const queries = useQueryClient();
  const mayUndo = useMay('people.write');
  const key = ['person', person.id];
  const undo = useMutation({
    mutationFn: (merge: Merge) => api.undoMerge(merge.id),
    onMutate: (merge) => {
      const before = queries.getQueryData<Person>(key);
      const undoneAt = new Date().toISOString();
      queries.setQueryData<Person>(key, (now) =>
        now ? { ...now, merges: now.merges.map((one) => (one.id === merge.id ? { ...one, undoneAt } : one)) } : now,
      );
      return { before };
    },
    onError: (_error, _merge, context) => queries.setQueryData(key, context?.before),
    onSettled: () => {
      queries.invalidateQueries({ queryKey: ['person'] });
      queries.invalidateQueries({ queryKey: ['people'] });
      queries.invalidateQueries({ queryKey: ['timeline'] });
    },
  });
  return (
    <Card title={t('person.merges')}>
      {undo.error ? <Refusal title={t('person.undoFailed')} error={undo.error} /> : null}
      <ul>
        {person.merges.map((merge) => {
          const other = merge.fromId === person.id ? merge.intoId : merge.fromId;
          return (
            <li key={merge.id} className={styles.item}>
              <Stack gap={6}>
                <span className={styles.value}>{causeText(merge.cause, t)}</span>
                <span className={styles.origin}>
                  <Time at={merge.at} />
                </span>
                {merge.undoneAt ? (
                  <p className={styles.none}>
                    {t('person.undone')} <Time at={merge.undoneAt} />
                    {' · '}
                    <Link to={`/people/${encodeURIComponent(other)}`}>{t('person.other')}</Link>
                  </p>
                ) : mayUndo ? (
                  <ConfirmButton
                    icon={<IconArrowBackUp size={15} />}
                    question={t('person.undoQuestion')}
                    confirm={t('person.undoConfirm')}
                    busy={undo.isPending && undo.variables?.id === merge.id}
                    onConfirm={() => undo.mutate(merge)}
                  >
                    {t('person.undo')}
                  </ConfirmButton>
                ) : null}
              </Stack>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
