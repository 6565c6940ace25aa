import type {
  RetentionCohort,
  RetentionResult,
  RetentionValue,
} from '../../../../../src/core/query/retention/result.ts';
import type { RetentionPart } from '../../../../../src/core/query/retention/schema.ts';
import type { Unit } from '../../../../../src/kernel/chart/spec.ts';
import { formatNumber } from '../../../format.ts';
import type { Translate } from '../../../text.tsx';
import { valueName, whatName } from '../parts/words.ts';
import type { RetentionReport } from '../report.ts';
import { bucketName, type PartWords, type Picture, type Saying, type Summary, type View } from './shape.ts';

const ALL = 'all';

function cohortName(
  report: RetentionReport,
  { key, label }: Pick<RetentionCohort, 'key' | 'label'>,
  t: Translate,
): string {
  if (report.breakdown) return valueName(key, report.breakdown, t);
  return label === null ? t('query.otherValues') : bucketName(label, report.interval, t);
}

function periodName(report: RetentionReport, { from, to }: { from: number; to: number }, t: Translate): string {
  const said = to - from === 1 ? formatNumber(from) : `${formatNumber(from)}–${formatNumber(to - 1)}`;
  return t(`reports.periodNumber.${report.interval}`, { number: said });
}

/** The id of a row in the pictures; a cohort's key may be any text, also one of ours. */
const idOf = (key: string | null) => JSON.stringify(key);

export function retentionPictures(
  report: RetentionReport,
  result: RetentionResult,
  view: View,
  { t }: Saying,
): Picture[] {
  const periods = result.periods.map((period) => periodName(report, period, t));
  const shape = view === 'curves' ? 'curves' : 'table';
  const names = { row: t('reports.cohort'), size: t('reports.people') };
  const all = { id: ALL, label: t('reports.allCohorts'), size: result.total.size };
  const part: Picture['part'] = ({ series, index }) =>
    series === undefined || index === undefined
      ? null
      : ({
          ...(series === ALL ? {} : { cohort: JSON.parse(series) as string | null }),
          period: index,
        } satisfies Partial<RetentionPart>);
  const picture = (
    key: string,
    name: string,
    unit: Unit,
    value: (cohort: RetentionCohort['periods'][number]) => number | null,
  ): Picture => ({
    key,
    name,
    of: {
      kind: 'retention',
      shape,
      periods,
      rows: [
        { ...all, values: result.total.periods.map(value) },
        ...result.cohorts.map((cohort, at) => ({
          id: idOf(cohort.key),
          label: cohortName(report, cohort, t),
          size: cohort.size,
          values: cohort.periods.map(value),
          partial: cohort.periods.at(-1)?.complete === false,
          slot: at + 1,
        })),
      ],
      unit,
      names,
    },
    part,
  });
  const shares = picture('share', t('reports.cameBack'), { kind: 'percent', decimals: 1 }, (period) => period.share);
  if (!report.value) return [shares];
  const currencies = new Set(result.total.periods.flatMap((period) => period.values?.map((one) => one.currency) ?? []));
  return [
    shares,
    ...[...currencies].map((currency) =>
      picture(
        `value ${currency}`,
        `${t(`reports.valueOf.${report.value?.of ?? 'sum'}`)}${currency ? ` (${currency})` : ''}`,
        currency ? { kind: 'money', currency } : { kind: 'number' },
        (period) => valueIn(period.values, currency)?.value ?? null,
      ),
    ),
    ...(report.value.of === 'sum'
      ? [...currencies].map((currency) =>
          picture(
            `kept ${currency}`,
            `${t('reports.valueKept')}${currency ? ` (${currency})` : ''}`,
            { kind: 'percent', decimals: 1 },
            (period) => valueIn(period.values, currency)?.share ?? null,
          ),
        )
      : []),
  ];
}

const valueIn = (values: RetentionValue[] | undefined, currency: string | null) =>
  values?.find((one) => one.currency === currency);

export function retentionSummary(report: RetentionReport, result: RetentionResult, { t }: Saying): Summary {
  const percent = (value: number | null | undefined) =>
    value == null ? '–' : formatNumber(value, { style: 'percent', maximumFractionDigits: 1 });
  return {
    first: t('reports.period'),
    columns: [t('reports.cameBackPeople'), t('reports.ofPeople'), t('reports.share'), t('reports.medianOfCohorts')],
    rows: result.total.periods.map((period, index) => ({
      key: String(index),
      name: periodName(report, result.periods[index] ?? { from: index, to: index + 1 }, t),
      slot: null,
      cells: [
        { text: formatNumber(period.people), part: { period: index } },
        { text: formatNumber(period.of) },
        { text: percent(period.share) },
        { text: percent(result.median[index]) },
      ],
    })),
  };
}

/** What the people behind a part did. */
export function retentionPart(
  report: RetentionReport,
  part: Partial<RetentionPart>,
  { t, choices }: Omit<Saying, 'meta'>,
): PartWords {
  const cohort =
    part.cohort === undefined
      ? t('reports.allCohorts')
      : cohortName(report, { key: part.cohort, label: part.cohort }, t);
  const did = whatName(report.return ?? report.start, t, choices);
  return {
    title: t(part.outcome === 'notReturned' ? 'reports.notBack' : 'reports.back', { what: did }),
    sub: `${cohort} · ${periodOf(report, part.period ?? 0, t)}`,
  };
}

/** The name of a period without an answer at hand: after a link was opened. */
function periodOf(report: RetentionReport, period: number, t: Translate): string {
  const brackets = report.brackets;
  if (!brackets) return periodName(report, { from: period, to: period + 1 }, t);
  const from = brackets.slice(0, period).reduce((sum, length) => sum + length, 0);
  return periodName(report, { from, to: from + (brackets[period] ?? 1) }, t);
}
