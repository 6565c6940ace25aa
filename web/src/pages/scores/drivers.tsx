import { useState } from 'react';
import type { Driver, DriversResult } from '../../../../src/core/query/scores/drivers.ts';
import type { DriversReport } from '../../../../src/core/query/scores/schema.ts';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { useFields } from '../reports/parts/choices.ts';
import { PeoplePanel } from '../reports/parts/people-panel.tsx';
import type { Field } from '../reports/parts/types.ts';
import type { ScoreReport } from '../reports/report.ts';
import { CERTAIN, differenceText, driverName } from '../reports/results/drivers.ts';
import { scoreText } from '../reports/results/score.ts';
import { SaveReport } from '../reports/saved/save-report.tsx';
import { useAnswerTo } from '../reports/use-answer.ts';
import styles from './scores.module.css';

const FEW = 10;

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
  const nameOf = (driver: Driver) => driverName(report, driver, t, choices);
  return (
    <Card
      title={t('scores.drivers')}
      action={
        result && result.drivers.length > 0 ? (
          <SaveReport
            report={report}
            view="total"
            name={`${t(`scores.of.${of}`)}: ${t('scores.drivers')}`}
            look="plain"
          />
        ) : null
      }
    >
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
