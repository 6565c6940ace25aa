import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CorrelationResult, CorrelationRow } from '../../../../src/core/query/funnels/correlation.ts';
import { formatNumber, withoutOverrides } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Tag } from '../../kit/data.tsx';
import { Segments } from '../../kit/field.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { Table } from '../../kit/table.tsx';
import { type Translate, useText } from '../../text.tsx';
import { reports } from './calls.ts';
import { asked, type FunnelReport } from './report.ts';
import styles from './reports.module.css';

const AMONG = ['events', 'properties', 'touchpoints'] as const;
type Among = (typeof AMONG)[number];
const ROWS_SHOWN = 20;

/** Which events, values and touchpoints go with converting in a funnel; compared when somebody asks. */
export function Correlations({ report }: { report: FunnelReport }) {
  const t = useText();
  const [among, setAmong] = useState<Among | null>(null);
  const found = useQuery({
    queryKey: ['report', 'correlation', report, among],
    queryFn: async ({ signal }) => {
      const { period, zone, weekStart, filter, sample, steps, order, window, exclusions, hold, by, semantics } =
        asked(report);
      const common = { period, zone, weekStart, filter, sample };
      const rules = { steps, order, window, exclusions, hold, by, semantics };
      const answer = await reports.answer(
        { kind: 'correlation', ...common, ...rules, among: { of: among ?? 'events' }, atLeast: 10 },
        false,
        signal,
      );
      return answer.result as CorrelationResult;
    },
    enabled: among !== null,
    retry: false,
    staleTime: 60_000,
  });
  return (
    <Card title={t('reports.correlations')} hint={t('reports.correlationsHint')}>
      <Stack gap={12}>
        <div>
          {among === null ? (
            <Button onClick={() => setAmong('events')}>{t('reports.compareThem')}</Button>
          ) : (
            <Segments
              label={t('reports.among')}
              value={among}
              choices={AMONG.map((value) => ({ value, label: t(`reports.amongIs.${value}`) }))}
              onChange={(next) => setAmong(AMONG.find((one) => one === next) ?? 'events')}
            />
          )}
        </div>
        {found.isFetching ? (
          <Loading>
            <Skeleton height={140} />
          </Loading>
        ) : null}
        {found.error && !found.isFetching ? (
          <Refusal title={t('reports.failed')} error={found.error} onRetry={() => found.refetch()} />
        ) : null}
        {found.data && !found.isFetching ? <Found of={found.data} /> : null}
      </Stack>
    </Card>
  );
}

function Found({ of }: { of: CorrelationResult }) {
  const t = useText();
  if (of.rows.length === 0)
    return <NothingHere title={t('reports.noCorrelation')} text={t('reports.noCorrelationText')} />;
  return (
    <>
      <span className={styles.meta}>
        {t('reports.compared', {
          count: of.compared,
          entered: formatNumber(of.entered),
          converted: formatNumber(of.converted),
        })}
      </span>
      <div className={styles.table}>
        <Table
          label={t('reports.correlations')}
          keyOf={(row) => `${row.field} ${row.value}`}
          rows={of.rows.slice(0, ROWS_SHOWN)}
          columns={[
            {
              name: t('reports.goesWith'),
              cell: (row) => (
                <span className={styles.rowName}>
                  <bdi>{rowName(row, t)}</bdi>
                  {row.significant ? <Tag tone="accent">{t('reports.significant')}</Tag> : null}
                </span>
              ),
            },
            {
              name: t('reports.converted'),
              number: true,
              cell: (row) => {
                const all = row.withConverted + row.withDropped;
                const share = formatNumber(row.withConverted / all, { style: 'percent', maximumFractionDigits: 1 });
                return t('reports.shareOf', { share, count: formatNumber(all) });
              },
            },
            { name: t('reports.odds'), number: true, cell: (row) => <Odds of={row} /> },
          ]}
        />
      </div>
    </>
  );
}

/** How many times the odds are higher with it, with the interval that they lie in. */
function Odds({ of }: { of: CorrelationRow }) {
  const t = useText();
  const times = (value: number) => formatNumber(value, { maximumSignificantDigits: 2 });
  return (
    <span className={styles.change}>
      {of.oddsRatio >= 1 ? <IconArrowUp size={14} aria-hidden /> : <IconArrowDown size={14} aria-hidden />}
      {t('reports.oddsTimes', { times: times(of.oddsRatio), low: times(of.low), high: times(of.high) })}
    </span>
  );
}

function rowName({ field, value }: CorrelationRow, t: Translate): string {
  const shown = withoutOverrides(value) || t('query.noValue');
  return field === 'event:name' ? shown : `${withoutOverrides(field.slice(field.indexOf(':') + 1))}: ${shown}`;
}
