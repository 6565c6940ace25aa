import type { Driver, DriversResult } from '../../../../../src/core/query/scores/drivers.ts';
import type { DriversPart } from '../../../../../src/core/query/scores/schema.ts';
import { formatNumber, withoutOverrides } from '../../../format.ts';
import type { Translate } from '../../../text.tsx';
import type { FieldChoices } from '../calls.ts';
import { fieldName, valueName } from '../parts/words.ts';
import type { DriversReport } from '../report.ts';
import { scoreText, UNITS } from './score.ts';
import type { PartWords, Picture, Saying, Summary, View } from './shape.ts';

/** Findings of which so many may be chance are shown as uncertain. */
export const CERTAIN = 0.1;
/** The weightiest are drawn; the table has all. */
const DRAWN = 8;

type Of = DriversReport['of'];
type Named = Pick<Driver, 'kind' | 'name' | 'value' | 'medianHours'>;

export function differenceText(of: Of, value: number): string {
  const sign = { signDisplay: 'exceptZero' } as const;
  if (of === 'nps') return formatNumber(Math.round(value * 100), sign);
  if (of === 'csat') return formatNumber(value, { style: 'percent', maximumFractionDigits: 0, ...sign });
  return formatNumber(value, { maximumFractionDigits: 2, ...sign });
}

export function driverName(
  report: Pick<DriversReport, 'fields' | 'waits'>,
  driver: Named,
  t: Translate,
  choices: FieldChoices | undefined,
): string {
  if (driver.kind === 'did') return t('scores.did', { event: withoutOverrides(driver.name) });
  if (driver.kind === 'wait') {
    const label = report.waits[Number(driver.name)]?.label;
    return label
      ? withoutOverrides(label)
      : t('scores.waited', { hours: formatNumber(driver.medianHours ?? 0, { maximumFractionDigits: 0 }) });
  }
  const field = report.fields.find((one) => 'name' in one && driver.name.endsWith(`:${one.name}`));
  return field
    ? `${fieldName(field, t, choices)}: ${valueName(driver.value, field, t)}`
    : `${withoutOverrides(driver.name)}: ${withoutOverrides(driver.value ?? '')}`;
}

export function driversPictures(report: DriversReport, result: DriversResult, _: View, saying: Saying): Picture[] {
  const { t, choices } = saying;
  const { of } = report;
  if (result.drivers.length === 0) return [];
  const drawn = (value: number) => (of === 'nps' ? value * 100 : value);
  const items = result.drivers.slice(0, DRAWN).map((driver) => ({
    ...{ id: driver.id, label: driverName(report, driver, t, choices), value: drawn(driver.difference) },
    ...{ low: drawn(driver.low), high: drawn(driver.high) },
  }));
  const names = { item: t('scores.driver'), value: `${t(`scores.of.${of}`)}: ${t('scores.difference')}` };
  return [
    {
      key: 'drivers',
      name: t('scores.drivers'),
      of: { kind: 'estimates', items, unit: UNITS[of], level: 0.95, reference: 0, names },
      part: ({ item }) => (item === undefined ? null : ({ id: item, has: true } satisfies DriversPart)),
    },
  ];
}

export function driversSummary(report: DriversReport, result: DriversResult, { t, choices }: Saying): Summary {
  const { of } = report;
  const cell = (id: string, has: boolean, score: number, answers: number) => ({
    text: `${scoreText(of, score)} (${formatNumber(answers)})`,
    part: { id, has } satisfies DriversPart,
  });
  return {
    first: t('scores.driver'),
    columns: [t('scores.weight'), t('scores.with'), t('scores.without'), t('scores.difference'), t('scores.interval')],
    rows: result.drivers.map((driver) => ({
      key: driver.id,
      name: driverName(report, driver, t, choices),
      slot: null,
      cells: [
        { text: formatNumber(driver.weight, { style: 'percent', maximumFractionDigits: 0 }) },
        cell(driver.id, true, driver.scoreWith, driver.with),
        cell(driver.id, false, driver.scoreWithout, driver.without),
        { text: differenceText(of, driver.difference) },
        {
          text:
            driver.q > CERTAIN
              ? t('scores.mayBeChance')
              : `${differenceText(of, driver.low)} … ${differenceText(of, driver.high)}`,
        },
      ],
    })),
  };
}

/** The part names its driver by the words that the server made: its kind, and what it is. */
export function driversPart(
  report: DriversReport,
  part: Partial<DriversPart>,
  { t, choices }: Omit<Saying, 'meta'>,
): PartWords {
  const [, kind = 'did', rest = ''] = /^(did|field|wait) (.*)$/s.exec(part.id ?? '') ?? [];
  const [name, value] = kind === 'field' ? (/^(\S+) (.*)$/s.exec(rest)?.slice(1) ?? [rest, '']) : [rest, ''];
  const driver: Named = { kind: kind as Driver['kind'], name: name ?? '', value: value ?? '', medianHours: null };
  const isUnnamedWait = kind === 'wait' && !report.waits[Number(rest)]?.label;
  return {
    title: isUnnamedWait ? t('scores.drivers') : driverName(report, driver, t, choices),
    sub: t(part.has === false ? 'scores.without' : 'scores.with'),
  };
}
