import { useState } from 'react';
import type { Driver, DriversResult } from '../../../../src/core/query/scores/drivers.ts';
import type { DriversReport } from '../../../../src/core/query/scores/schema.ts';
import { formatNumber, withoutOverrides } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { type Translate, useText } from '../../text.tsx';
import { useFields } from '../reports/parts/choices.ts';
import { PeoplePanel } from '../reports/parts/people-panel.tsx';
import type { Field } from '../reports/parts/types.ts';
import { fieldName, valueName } from '../reports/parts/words.ts';
import type { ScoreReport } from '../reports/report.ts';
import { scoreText } from '../reports/results/score.ts';
import { useAnswerTo } from '../reports/use-answer.ts';
import styles from './scores.module.css';

const FEW = 10;
/** Findings of which so many may be chance are shown as uncertain. */
const CERTAIN = 0.1;

const FIELDS: Field[] = [
  { of: 'event', name: 'device' },
  { of: 'event', name: 'country' },
  { of: 'property', name: 'touchpoint' },
  { of: 'property', name: 'language' },
  { of: 'property', name: 'channel' },
];

/** What goes with a low or a high score, the weightiest first; each leads to those who had it. */
export function Drivers({ report: { of, period, filter, zone } }: { report: ScoreReport }) {
  const t = useText();
  const report: DriversReport = { kind: 'drivers', of, period, filter, zone, days: 30, fields: FIELDS, waits: [] };
  const asking = useAnswerTo(report, () => true);
  const [all, setAll] = useState(false);
  const [behind, setBehind] = useState<{ driver: Driver; has: boolean } | null>(null);
  const result = asking.answer?.result as DriversResult | undefined;
  const { choices } = useFields([]);
  const nameOf = (driver: Driver) => driverName(driver, t, choices);
  return (
    <Card title={t('scores.drivers')}>
      {asking.error && !asking.running ? (
        <Refusal title={t('scores.failed')} error={asking.error} onRetry={asking.refresh} />
      ) : !result ? (
        <Loading>
          <Skeleton height={200} />
        </Loading>
      ) : result.drivers.length === 0 ? (
        <NothingHere title={t('scores.noDrivers')} text={t('scores.noDriversText')} />
      ) : (
        <Stack gap={12}>
          <p className={styles.note}>
            {t('scores.driversNote', {
              count: result.answers,
              answers: formatNumber(result.answers),
              share: formatNumber(result.explained, { style: 'percent', maximumFractionDigits: 0 }),
            })}
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table that may be wider than the page is scrolled with keys too. */}
          <div className={styles.scroll} tabIndex={0}>
            <table className={styles.drivers}>
              <thead>
                <tr>
                  <th scope="col">{t('scores.driver')}</th>
                  <th scope="col">{t('scores.weight')}</th>
                  <th scope="col">{t('scores.with')}</th>
                  <th scope="col">{t('scores.without')}</th>
                  <th scope="col">{t('scores.difference')}</th>
                </tr>
              </thead>
              <tbody>
                {result.drivers.slice(0, all ? undefined : FEW).map((driver) => (
                  <tr key={driver.id}>
                    <th scope="row">
                      <bdi>{nameOf(driver)}</bdi>
                      <span className={styles.track} aria-hidden>
                        <span style={{ inlineSize: `${driver.weight * 100}%` }} />
                      </span>
                    </th>
                    <td>{formatNumber(driver.weight, { style: 'percent', maximumFractionDigits: 0 })}</td>
                    {([true, false] as const).map((has) => (
                      <td key={String(has)}>
                        {scoreText(of, has ? driver.scoreWith : driver.scoreWithout)}{' '}
                        <button type="button" className={styles.behind} onClick={() => setBehind({ driver, has })}>
                          <span className="hidden-visually">
                            {t(has ? 'scores.thoseWith' : 'scores.thoseWithout', { what: nameOf(driver) })}
                          </span>
                          ({formatNumber(has ? driver.with : driver.without)})
                        </button>
                      </td>
                    ))}
                    <td className={driver.q > CERTAIN ? styles.faint : driver.difference < 0 ? styles.down : styles.up}>
                      {differenceText(of, driver.difference)}{' '}
                      <small>
                        {driver.q > CERTAIN
                          ? t('scores.mayBeChance')
                          : `${differenceText(of, driver.low)} … ${differenceText(of, driver.high)}`}
                      </small>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {result.drivers.length > FEW && !all ? (
            <Button small onClick={() => setAll(true)}>
              {t('scores.allDrivers', { count: result.drivers.length })}
            </Button>
          ) : null}
        </Stack>
      )}
      {behind ? (
        <PeoplePanel
          report={report}
          part={{ id: behind.driver.id, has: behind.has }}
          title={nameOf(behind.driver)}
          sub={t(behind.has ? 'scores.with' : 'scores.without')}
          onClose={() => setBehind(null)}
        />
      ) : null}
    </Card>
  );
}

function differenceText(of: ScoreReport['of'], value: number): string {
  const sign = { signDisplay: 'exceptZero' } as const;
  if (of === 'nps') return formatNumber(Math.round(value * 100), sign);
  if (of === 'csat') return formatNumber(value, { style: 'percent', maximumFractionDigits: 0, ...sign });
  return formatNumber(value, { maximumFractionDigits: 2, ...sign });
}

function driverName(driver: Driver, t: Translate, choices: Parameters<typeof fieldName>[2]): string {
  if (driver.kind === 'did') return t('scores.did', { event: withoutOverrides(driver.name) });
  if (driver.kind === 'wait') return t('scores.waited', { hours: formatNumber(driver.medianHours ?? 0) });
  const field = FIELDS.find((one) => 'name' in one && driver.name.endsWith(`:${one.name}`));
  return field
    ? `${fieldName(field, t, choices)}: ${valueName(driver.value, field, t)}`
    : `${driver.name}: ${withoutOverrides(driver.value ?? '')}`;
}
