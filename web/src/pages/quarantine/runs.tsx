import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { ProgressBar } from '../../kit/data.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { quarantine } from './calls.ts';

/** How far the events are that are being sent again, with a way to stop. */
export function Runs() {
  const t = useText();
  const queries = useQueryClient();
  const mayWrite = useMay('quarantine.write');
  const runs = useQuery({
    queryKey: ['quarantine', 'runs'],
    queryFn: quarantine.runs,
    refetchInterval: (query) => (query.state.data?.items.some((run) => run.state === 'running') ? 1000 : 20_000),
  });
  const stop = useMutation({
    mutationFn: quarantine.stop,
    onSettled: () => queries.invalidateQueries({ queryKey: ['quarantine'] }),
  });
  const running = runs.data?.items.filter((run) => run.state === 'running') ?? [];
  const before = useRef(0);
  useEffect(() => {
    if (running.length < before.current) queries.invalidateQueries({ queryKey: ['quarantine'] });
    before.current = running.length;
  }, [running.length, queries]);
  if (running.length === 0) return null;
  return (
    <Card title={t('quarantine.underWay')}>
      <Stack gap={12}>
        {running.map((run) => (
          <Row key={run.id} gap={12}>
            <div style={{ flex: 1 }}>
              <ProgressBar
                label={t('quarantine.underWay')}
                value={run.total === 0 ? null : (run.sent + run.failed) / run.total}
              />
            </div>
            <span>
              {t('quarantine.progress', { sent: formatNumber(run.sent), total: formatNumber(run.total) })}
              {run.trouble ? ` — ${run.trouble}` : ''}
            </span>
            {mayWrite ? (
              <Button small busy={stop.isPending} onClick={() => stop.mutate(run.id)}>
                {t('quarantine.stop')}
              </Button>
            ) : null}
          </Row>
        ))}
      </Stack>
    </Card>
  );
}
