import { IconFiles, IconRefresh } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { formatBytes, formatDate, formatDuration, formatExact, formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Num, Pairs } from '../../kit/data.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, NothingHere, Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { calls, type Destination, type Run } from './calls.ts';
import styles from './destinations.module.css';
import { PastPanel } from './past-panel.tsx';
import { RunTag } from './state.tsx';

/** The periods that were written to files. */
export function Runs({ destination, mayWrite }: { destination: Destination; mayWrite: boolean }) {
  const t = useText();
  const url = useUrlState();
  const { id } = destination;
  const list = useInfiniteQuery({
    queryKey: ['destination', id, 'runs'],
    queryFn: ({ pageParam }) => calls.runs(id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 4_000,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const columns: Column<Run>[] = [
    {
      name: t('destinations.period'),
      cell: (run) => (
        <RowLink keepScroll to={`?run=${run.id}`}>
          {formatDate(run.from, { dateStyle: 'medium', timeStyle: 'short' })}
        </RowLink>
      ),
    },
    { name: t('destinations.stateName'), cell: (run) => <RunTag run={run} /> },
    { name: t('destinations.rows'), number: true, cell: (run) => <Num value={run.rows} /> },
    { name: t('destinations.files'), number: true, room: 'medium', cell: (run) => <Num value={run.files} /> },
    {
      name: t('destinations.size'),
      number: true,
      room: 'medium',
      cell: (run) => <span className={styles.whole}>{formatBytes(run.bytes)}</span>,
    },
    { name: t('destinations.took'), number: true, room: 'wide', cell: took },
  ];
  const open = url.get('run');
  return (
    <Card
      title={t('destinations.runs')}
      hint={t('destinations.runsHint')}
      action={
        mayWrite && destination.enabled ? (
          <Button small icon={<IconRefresh size={15} />} onClick={() => url.set({ past: '1' }, true)}>
            {t('destinations.runAgain')}
          </Button>
        ) : null
      }
    >
      <Stack gap={14}>
        <UntilLoaded query={list} failed={t('destinations.runsFailed')}>
          <TableSkeleton columns={4} rows={5} />
        </UntilLoaded>
        {list.isSuccess && rows.length === 0 ? (
          <NothingHere
            icon={<IconFiles size={32} stroke={1.5} aria-hidden />}
            title={t('destinations.runsEmpty')}
            text={t('destinations.runsEmptyText')}
          />
        ) : null}
        {rows.length > 0 ? (
          <Table
            label={t('destinations.runs')}
            columns={columns}
            rows={rows}
            keyOf={(run) => run.id}
            isOpen={(run) => run.id === open}
            clickable
          />
        ) : null}
        <MoreOf list={list} />
      </Stack>
      {open ? <RunPanel key={open} destinationId={id} runId={open} onClose={() => url.set({ run: null })} /> : null}
      {url.get('past') && mayWrite ? (
        <PastPanel destination={destination} onClose={() => url.set({ past: null })} />
      ) : null}
    </Card>
  );
}

const took = (run: Run) =>
  run.startedAt && run.finishedAt ? formatDuration(Date.parse(run.finishedAt) - Date.parse(run.startedAt)) : '—';

function RunPanel({ destinationId, runId, onClose }: { destinationId: string; runId: string; onClose: () => void }) {
  const t = useText();
  const query = useQuery({
    queryKey: ['destination', destinationId, 'run', runId],
    queryFn: () => calls.run(destinationId, runId),
    refetchInterval: 4_000,
  });
  const run = query.data;
  return (
    <SidePanel
      title={t('destinations.period')}
      sub={run ? `${formatExact(run.from)} – ${formatExact(run.to)}` : null}
      onClose={onClose}
    >
      <Stack gap={20}>
        {query.error ? <Refusal title={t('destinations.runsFailed')} error={query.error} /> : null}
        {query.isPending ? (
          <Loading>
            <Skeleton height={160} />
          </Loading>
        ) : null}
        {run ? (
          <>
            <Pairs
              rows={[
                [t('destinations.stateName'), <RunTag key="state" run={run} />],
                [t('destinations.cause'), t(`destinations.causes.${run.cause as 'schedule'}`)],
                [t('destinations.rows'), formatNumber(run.rows)],
                [t('destinations.size'), formatBytes(run.bytes)],
                [t('destinations.took'), took(run)],
                ...Object.entries(run.held).map(([purpose, count]): [string, string] => [
                  purpose === 'restricted' ? t('destinations.restricted') : t('destinations.heldFor', { purpose }),
                  formatNumber(count),
                ]),
                ...(run.error ? ([[t('destinations.lastError'), run.error]] as [string, string][]) : []),
              ]}
            />
            <section>
              <h3>{t('destinations.files')}</h3>
              {run.list.length === 0 && run.state === 'done' ? (
                <p className={styles.hint}>{t('destinations.noFiles')}</p>
              ) : null}
              <ol className={styles.attempts}>
                {run.list.map((file) => (
                  <li key={file.path}>
                    <span className={styles.path}>{file.path}</span>
                    <span className={styles.hint}>
                      {t('destinations.fileRows', { count: file.rows, number: formatNumber(file.rows) })},{' '}
                      {formatBytes(file.bytes)}
                      {file.rewrittenAt
                        ? `, ${t('destinations.rewritten', { at: formatExact(file.rewrittenAt) })}`
                        : ''}
                    </span>
                  </li>
                ))}
              </ol>
            </section>
          </>
        ) : null}
      </Stack>
    </SidePanel>
  );
}
