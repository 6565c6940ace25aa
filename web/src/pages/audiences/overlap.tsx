import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Chart, type ChartSpec } from '../../kit/chart/chart.tsx';
import { Card, Page, Stack } from '../../kit/layout.tsx';
import { Picker } from '../../kit/picker.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import styles from './audiences.module.css';
import { audiences } from './calls.ts';

const MOST = 6;

/** How up to six audiences lie over one another. */
export function OverlapPage() {
  const t = useText();
  const url = useUrlState();
  const ids = url
    .get('of')
    .split(',')
    .filter((id) => /^\d{1,9}$/.test(id))
    .map(Number)
    .slice(0, MOST);
  const all = useQuery({ queryKey: ['audiences', 'list', '', false, 'all'], queryFn: () => audiences.list({}) });
  const overlap = useQuery({
    queryKey: ['audiences', 'overlap', ids],
    queryFn: ({ signal }) => audiences.overlap(ids, signal),
    enabled: ids.length > 1,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const known = all.data?.items ?? [];
  const found = ids.length > 1 ? overlap.data : undefined;
  const spec = useMemo<ChartSpec | null>(
    () =>
      found
        ? {
            kind: 'overlap',
            sets: found.audiences.map(({ id, name, size }) => ({ id: String(id), label: name, size })),
            intersections: found.parts.map((part) => ({ among: part.ids.map(String), size: part.people })),
            unit: { kind: 'number' },
            names: { sets: t('audiences.title'), size: t('audiences.people') },
          }
        : null,
    [found, t],
  );
  return (
    <Page
      title={t('audiences.overlap')}
      back={{ to: '/audiences', label: t('nav.audiences') }}
      purpose={t('audiences.overlapPurpose')}
      filters={
        <Picker
          several
          label={t('audiences.chooseAudiences')}
          chosen={ids.map(String)}
          empty={ids.length === 0}
          groups={[
            {
              key: 'audiences',
              items: known.map((one) => ({
                value: String(one.id),
                label: one.name,
              })),
            },
          ]}
          onPick={(picked) => {
            const id = Number(picked);
            const next = ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id].slice(-MOST);
            url.set({ of: next.join(',') || null });
          }}
          width={320}
        >
          {ids.length > 0 ? t('audiences.chosen', { count: ids.length }) : t('audiences.chooseAudiences')}
        </Picker>
      }
    >
      <Stack gap={16}>
        {ids.length < 2 ? (
          <NothingHere title={t('audiences.overlapEmpty')} text={t('audiences.overlapEmptyText')} />
        ) : null}
        {overlap.error && ids.length > 1 ? (
          <Refusal title={t('audiences.overlapFailed')} error={overlap.error} onRetry={() => overlap.refetch()} />
        ) : null}
        {ids.length > 1 && overlap.isPending ? (
          <Loading>
            <Skeleton height={280} />
          </Loading>
        ) : null}
        {spec ? (
          <Card
            title={t('audiences.overlapTitle')}
            hint={<span className={styles.hint}>{t('audiences.overlapHint')}</span>}
          >
            <Chart of={spec} label={t('audiences.overlapTitle')} />
          </Card>
        ) : null}
      </Stack>
    </Page>
  );
}
