import { IconUsers } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Link } from 'react-router';
import type { Finding, FrictionResult } from '../../../../src/core/query/friction/friction.ts';
import type { FrictionPart } from '../../../../src/core/query/friction/schema.ts';
import type { ChartSpec } from '../../../../src/kernel/chart/spec.ts';
import { formatList, formatNumber, withoutOverrides } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Chart } from '../../kit/chart/chart.tsx';
import { useMay } from '../../session.tsx';
import { Rich, useText } from '../../text.tsx';
import styles from './friction.module.css';
import {
  aboutWords,
  chanceWords,
  counted,
  measured,
  measureTitle,
  mostlyOn,
  percent,
  roughMoney,
} from './friction-words.ts';

const amount = (value: number) => formatNumber(value, { maximumFractionDigits: value < 10 ? 1 : 0 });

/** One finding: what, how many met it, what it costs and with what certainty, where it lies, and who it was. */
export function FindingCard({
  finding,
  place,
  worth,
  stepNames,
  onPart,
}: {
  finding: Finding;
  place: number;
  worth: FrictionResult['worth'];
  stepNames: readonly string[];
  onPart: (part: FrictionPart) => void;
}) {
  const t = useText();
  const { about, also, step, met, rate, expected, lost, lostLow, lostHigh, revenue } = finding;
  const device = mostlyOn(finding);
  const money = (amountMinor: number) => roughMoney({ currency: revenue!.currency, amountMinor });
  return (
    <article className={styles.finding}>
      <header className={styles.findingHead}>
        <span className={styles.place} aria-hidden>
          {place}
        </span>
        <h3>
          <Rich
            k="friction.between"
            values={{
              from: <bdi>{stepNames[step] ?? ''}</bdi>,
              to: <bdi>{stepNames[step + 1] ?? ''}</bdi>,
              what: <bdi>{aboutWords(about, t)}</bdi>,
            }}
          />
          {device ? <span className={styles.mostly}> · {t('friction.mostlyOn', { device })}</span> : null}
        </h3>
      </header>
      {also.length > 0 ? (
        <p className={styles.note}>{t('friction.also', { what: formatList(also.map((one) => aboutWords(one, t))) })}</p>
      ) : null}
      <dl className={styles.facts}>
        <div>
          <dt>{t('friction.met')}</dt>
          <dd>
            <button type="button" className={styles.behind} onClick={() => onPart({ finding: finding.id })}>
              {t('friction.people', counted(met))}
            </button>
          </dd>
        </div>
        <div>
          <dt>{t('friction.wentOn')}</dt>
          <dd>
            {percent(rate)} <small>{t('friction.insteadOf', { share: percent(expected) })}</small>
          </dd>
        </div>
        <div>
          <dt>{t('friction.lost')}</dt>
          <dd>
            {amount(lost)} <small>{t('friction.interval', { low: amount(lostLow), high: amount(lostHigh) })}</small>
          </dd>
        </div>
        {revenue && worth ? (
          <div>
            <dt>{t('friction.atStake')}</dt>
            <dd>
              {money(revenue.atStakeMinor)}{' '}
              <small>{t('friction.interval', { low: money(revenue.lowMinor), high: money(revenue.highMinor) })}</small>
            </dd>
          </div>
        ) : null}
        <div>
          <dt>{t('friction.chanceTitle')}</dt>
          <dd className={styles.words} title={`q = ${finding.q.toPrecision(2)}`}>
            {chanceWords(finding.q, t)}
          </dd>
        </div>
      </dl>
      <div className={styles.pictures}>
        {finding.curve && about.of === 'measure' ? <Curve curve={finding.curve} about={about} /> : null}
        {about.of === 'value' && about.field === 'device' ? null : <Devices of={finding} />}
      </div>
      <footer className={styles.foot}>
        <Button
          small
          icon={<IconUsers size={15} />}
          onClick={() => onPart({ finding: finding.id, outcome: 'dropped' })}
        >
          {t('friction.whoLeft')}
        </Button>
        <Examples ids={finding.examples} />
      </footer>
    </article>
  );
}

/** How the share that went on falls from the quickest tenth of the ways to the slowest. */
function Curve({
  curve,
  about,
}: {
  curve: NonNullable<Finding['curve']>;
  about: Extract<Finding['about'], { of: 'measure' }>;
}) {
  const t = useText();
  const of = useMemo((): ChartSpec => {
    const at = curve.findIndex((tenth) => tenth.upTo > about.threshold);
    return {
      kind: 'bars',
      direction: 'up',
      categories: curve.map((tenth, index) => ({
        id: String(index),
        label: t('friction.upTo', { value: measured(about.measure, tenth.upTo) }),
      })),
      series: [{ id: 'rate', name: t('friction.wentOn'), values: curve.map((tenth) => tenth.rate), slot: 0 }],
      unit: { kind: 'percent', decimals: 0 },
      histogram: true,
      ...(at > 0 ? { marks: [{ index: at, text: t('friction.fromHere') }] } : {}),
    };
  }, [curve, about, t]);
  const label = t('friction.curve', { measure: measureTitle(about.measure, t) });
  return (
    <figure className={styles.picture}>
      <figcaption>{label}</figcaption>
      <Chart of={of} label={label} height={200} bare />
    </figure>
  );
}

/** How much of the loss lies with each device. */
function Devices({ of }: { of: Finding }) {
  const t = useText();
  const devices = of.byDevice.filter((one) => one.device !== '' || one.lost > 0);
  if (devices.length === 0) return null;
  const most = Math.max(1, ...devices.map((one) => Math.abs(one.lost)));
  return (
    <figure className={styles.picture}>
      <figcaption>{t('friction.byDevice')}</figcaption>
      <table className={styles.devices}>
        <thead>
          <tr>
            <th scope="col">{t('friction.device')}</th>
            <th scope="col">{t('friction.metShort')}</th>
            <th scope="col">{t('friction.lostShort')}</th>
          </tr>
        </thead>
        <tbody>
          {devices.map(({ device, met, lost }) => (
            <tr key={device}>
              <th scope="row">
                <bdi>{device === '' ? t('friction.noDevice') : withoutOverrides(device)}</bdi>
                <span className={styles.track} aria-hidden>
                  <span style={{ inlineSize: `${(Math.max(0, lost) / most) * 100}%` }} />
                </span>
              </th>
              <td>{formatNumber(met)}</td>
              <td>{formatNumber(lost, { maximumFractionDigits: 1 })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

/** Some who met it and did not go on, to be looked at one by one. */
function Examples({ ids }: { ids: readonly number[] }) {
  const t = useText();
  const maySee = useMay('people.read');
  if (!maySee || ids.length === 0) return null;
  return (
    <span className={styles.examples}>
      <span>{t('friction.examples')}</span>
      {ids.map((id, at) => (
        <Link key={id} to={`/people/${id}`} aria-label={t('friction.example', { number: at + 1 })}>
          {formatNumber(at + 1)}
        </Link>
      ))}
    </span>
  );
}
