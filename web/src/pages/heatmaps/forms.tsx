import { formatDuration, formatNumber } from '../../format.ts';
import { Stat } from '../../kit/data.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { useText } from '../../text.tsx';
import { useAnswerTo } from '../reports/use-answer.ts';
import type { FormsPart, FormsReport, FormsResult } from './calls.ts';
import styles from './heatmaps.module.css';

type Field = FormsResult['fields'][number];
type Share = FormsResult['submittedShare'];

const percent = (value: number) => formatNumber(value, { style: 'percent', maximumFractionDigits: 0 });
const time = (seconds: number | null) => (seconds === null ? '–' : formatDuration(seconds * 1000));

/** How the forms of a page are filled in, field by field. */
export function Forms({
  report,
  onForm,
  onPart,
}: {
  report: FormsReport;
  onForm: (form: string) => void;
  onPart: (part: FormsPart) => void;
}) {
  const t = useText();
  const asking = useAnswerTo(report, () => true);
  const result = asking.answer?.result as FormsResult | undefined;
  const interval = (one: Share) =>
    one ? t('heatmaps.interval', { low: percent(one.low), high: percent(one.high) }) : '';
  if (asking.error && !asking.running)
    return <Refusal title={t('heatmaps.failed')} error={asking.error} onRetry={asking.refresh} />;
  if (!result)
    return (
      <Loading>
        <Stack gap={12}>
          <Skeleton height={90} />
          <Skeleton height={320} />
        </Stack>
      </Loading>
    );
  if (result.uses === 0 || result.form === null)
    return (
      <Card>
        <NothingHere title={t('heatmaps.noForms')} text={t('heatmaps.noFormsText')} />
      </Card>
    );
  const form = result.form;
  const columns: Column<Field>[] = [
    {
      name: t('heatmaps.field'),
      cell: (row) => (
        <button type="button" className={styles.element} data-row onClick={() => onPart({ form, field: row.field })}>
          <bdi>{row.field}</bdi>
        </button>
      ),
    },
    { name: t('heatmaps.usedBy'), number: true, cell: (row) => `${formatNumber(row.uses)} (${percent(row.share)})` },
    { name: t('heatmaps.medianTime'), number: true, cell: (row) => time(row.medianSeconds) },
    {
      name: t('heatmaps.refilled'),
      number: true,
      cell: (row) => `${formatNumber(row.refilled)} (${percent(row.refilled / row.uses)})`,
    },
    {
      name: t('heatmaps.leftAt'),
      number: true,
      cell: (row) =>
        row.abandoned === 0 ? (
          formatNumber(0)
        ) : (
          <button
            type="button"
            className={styles.link}
            title={interval(row.abandonedShare)}
            onClick={() => onPart({ form, field: row.field, outcome: 'abandoned' })}
          >
            {formatNumber(row.abandoned)} ({percent(row.abandonedShare!.share)})
            <small>{interval(row.abandonedShare)}</small>
          </button>
        ),
    },
  ];
  return (
    <div className={styles.results} data-outdated={asking.outdated || undefined} aria-busy={asking.outdated}>
      {asking.answer!.meta.warnings.map((warning) => (
        <p key={warning} className={styles.note} role="status">
          {warning}
        </p>
      ))}
      <div className={styles.stats}>
        <SelectField
          label={t('heatmaps.form')}
          value={form}
          searchable
          width={260}
          choices={result.forms.map((one) => ({
            value: one.form,
            label: `${one.form} (${formatNumber(one.uses)})`,
          }))}
          onChange={onForm}
        />
        <Stat label={t('heatmaps.uses')} value={formatNumber(result.uses)} />
        <Stat label={t('heatmaps.people')} value={formatNumber(result.people)} />
        <Stat
          label={t('heatmaps.submitted')}
          value={percent(result.submittedShare!.share)}
          note={interval(result.submittedShare)}
        />
        <Stat label={t('heatmaps.medianTime')} value={time(result.medianSeconds)} />
      </div>
      <Card title={t('heatmaps.fields')} hint={t('heatmaps.fieldsHint')} flush>
        <div className={styles.list}>
          <Table
            label={t('heatmaps.fields')}
            columns={columns}
            rows={result.fields}
            keyOf={(row) => row.field}
            clickable
          />
        </div>
      </Card>
    </div>
  );
}
