import { IconPlayerPlay, IconPlayerStop, IconTrash } from '@tabler/icons-react';
import { ApiRefusal } from '../../api.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { CodeField, Segments } from '../../kit/field.tsx';
import { late } from '../../kit/late.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import type { Cell } from './calls.ts';
import { lineOf } from './cells.ts';
import styles from './notebooks.module.css';
import { ResultView } from './result.tsx';
import type { Insert } from './sql-editor.tsx';
import { useRun } from './use-run.ts';

const SqlEditor = late(
  () => import('./sql-editor.tsx').then((part) => part.SqlEditor),
  () => <Skeleton height={118} />,
);
const CHARTS = ['table', 'line', 'bar', 'number'] as const;

interface CellProps {
  cell: Cell;
  /** From 1. */
  number: number;
  period: { from: string; to: string };
  onChange: (change: Partial<Cell>) => void;
  onRemove: () => void;
  onFocus: (insert: Insert) => void;
}

export function CellView(props: CellProps) {
  return props.cell.kind === 'sql' ? <SqlCell {...props} /> : <NoteCell {...props} />;
}

function NoteCell({ cell, number, onChange, onRemove }: CellProps) {
  const t = useText();
  return (
    <Card>
      <Stack gap={8}>
        <CodeField
          label={t('notebooks.noteNumber', { n: number })}
          value={cell.text}
          rows={4}
          onChange={(text) => onChange({ text })}
        />
        <Row>
          <IconButton small label={t('notebooks.removeNumber', { n: number })} onClick={onRemove}>
            <IconTrash size={16} />
          </IconButton>
        </Row>
      </Stack>
    </Card>
  );
}

function SqlCell({ cell, number, period, onChange, onRemove, onFocus }: CellProps) {
  const t = useText();
  const run = useRun(period);
  const running = run.state === 'running';
  const start = () => run.start(cell.text);
  const details = run.error instanceof ApiRefusal ? (run.error.details as { position?: number | null } | null) : null;
  const wrong = run.state === 'failed' && run.sql === cell.text ? (details?.position ?? null) : null;
  const cancelled = run.error instanceof ApiRefusal && run.error.code === 'cancelled';
  return (
    <Card>
      <Stack gap={10}>
        <SqlEditor
          label={t('notebooks.queryNumber', { n: number })}
          value={cell.text}
          wrong={wrong}
          onChange={(text) => onChange({ text })}
          onRun={start}
          onFocus={onFocus}
        />
        <Row style={{ flexWrap: 'wrap' }}>
          {running ? (
            <Button look="main" icon={<IconPlayerStop size={16} />} onClick={run.cancel}>
              {t('notebooks.cancel')}
            </Button>
          ) : (
            <Button look="main" icon={<IconPlayerPlay size={16} />} onClick={start}>
              {t('notebooks.run')}
            </Button>
          )}
          <span className={styles.note}>{t('notebooks.runHint')}</span>
          <Segments
            label={t('notebooks.showAs')}
            value={cell.chart}
            choices={CHARTS.map((value) => ({ value, label: t(`notebooks.chart.${value}`) }))}
            onChange={(chart) => onChange({ chart: chart as Cell['chart'] })}
          />
          <IconButton small label={t('notebooks.removeNumber', { n: number })} onClick={onRemove}>
            <IconTrash size={16} />
          </IconButton>
        </Row>
        {running ? (
          <Loading>
            <Skeleton height={120} />
          </Loading>
        ) : null}
        {run.state === 'failed' && !cancelled ? (
          <Refusal
            title={wrong === null ? t('notebooks.failed') : t('notebooks.failedAt', { n: lineOf(cell.text, wrong) })}
            error={run.error}
          />
        ) : null}
        {cancelled && !running ? <p role="status">{t('notebooks.cancelled')}</p> : null}
        {run.result && !running ? (
          <ResultView result={run.result} chart={cell.chart} label={t('notebooks.resultNumber', { n: number })} />
        ) : null}
      </Stack>
    </Card>
  );
}
