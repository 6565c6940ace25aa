import { IconEraser } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from '../../kit/button.tsx';
import { Tag, Time, type Tone } from '../../kit/data.tsx';
import { Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { type Erasure, privacyApi } from './calls.ts';
import { Listing } from './listing.tsx';

const TONE: Record<Erasure['state'], Tone> = { waiting: 'plain', running: 'accent', done: 'good', failed: 'bad' };
const LOOK_MS = 2000;

/** Erasures, done and under way: numbers, no names. */
export function Erasures() {
  const t = useText();
  const queries = useQueryClient();
  const mayErase = useMay('privacy.erase');
  const query = useInfiniteQuery({
    queryKey: ['privacy', 'erasures'],
    queryFn: ({ pageParam }) => privacyApi.erasures(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: ({ state }) => {
      const under = state.data?.pages.some(({ items }) => items.some((one) => /waiting|running/.test(one.state)));
      return under ? LOOK_MS : false;
    },
  });
  const retry = useMutation({
    mutationFn: privacyApi.retry,
    onSettled: () => queries.invalidateQueries({ queryKey: ['privacy', 'erasures'] }),
  });
  return (
    <>
      {retry.error ? <Refusal title={t('privacy.notSaved')} error={retry.error} /> : null}
      <Listing
        label={t('privacy.erasures.tab')}
        query={query}
        rows={query.data?.pages.flatMap((page) => page.items) ?? []}
        keyOf={(erasure) => erasure.id}
        icon={<IconEraser size={30} stroke={1.5} aria-hidden />}
        empty={{ title: t('privacy.erasures.emptyTitle'), text: t('privacy.erasures.emptyText') }}
        columns={[
          {
            name: t('privacy.erasures.person'),
            cell: (erasure) => <strong>{t('privacy.erasures.personId', { id: erasure.personId })}</strong>,
          },
          {
            name: t('privacy.erasures.state'),
            long: true,
            cell: (erasure) => (
              <Stack gap={4}>
                <span>
                  <Tag tone={TONE[erasure.state]}>{t(`privacy.erasures.${erasure.state}`)}</Tag>
                </span>
                {erasure.error ? <span style={{ color: 'var(--ink-dim)' }}>{erasure.error}</span> : null}
                {erasure.steps
                  .filter((step) => step.left.length > 0)
                  .map((step) => (
                    <span key={step.name} style={{ color: 'var(--ink-dim)' }}>
                      {t('privacy.erasures.left', { what: step.left.join(', ') })}
                    </span>
                  ))}
              </Stack>
            ),
          },
          { name: t('privacy.suppressed.who'), room: 'medium', cell: (erasure) => erasure.by },
          { name: t('privacy.when'), cell: (erasure) => <Time at={erasure.at} /> },
          {
            name: t('privacy.erasures.finished'),
            room: 'wide',
            cell: (erasure) => (erasure.finishedAt ? <Time at={erasure.finishedAt} /> : null),
          },
          {
            name: t('privacy.actions'),
            number: true,
            cell: (erasure) =>
              mayErase && erasure.state === 'failed' ? (
                <Button small busy={retry.isPending} onClick={() => retry.mutate(erasure.id)}>
                  {t('privacy.erasures.retry')}
                </Button>
              ) : null,
          },
        ]}
        foot={<MoreOf list={query} />}
      />
    </>
  );
}
