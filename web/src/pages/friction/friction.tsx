import { IconFilter, IconLink } from '@tabler/icons-react';
import { useCallback, useMemo } from 'react';
import { useLocation, useNavigate } from 'react-router';
import type { FrictionResult } from '../../../../src/core/query/friction/friction.ts';
import type { FrictionPart } from '../../../../src/core/query/friction/schema.ts';
import type { ChartSpec } from '../../../../src/kernel/chart/spec.ts';
import { formatMoney, formatNumber } from '../../format.ts';
import { Button, CopyButton, LinkButton } from '../../kit/button.tsx';
import { Chart } from '../../kit/chart/chart.tsx';
import { Card, Page, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { Exactness } from '../reports/exactness.tsx';
import { NoEvents } from '../reports/no-events.tsx';
import { useEvents, useFields } from '../reports/parts/choices.ts';
import { PeoplePanel } from '../reports/parts/people-panel.tsx';
import { PeriodBar } from '../reports/parts/period-bar.tsx';
import { whatName } from '../reports/parts/words.ts';
import { START } from '../reports/report.ts';
import { fromText, reportAddress, toText } from '../reports/report-url.ts';
import workStyles from '../reports/reports.module.css';
import { SaveReport } from '../reports/saved/save-report.tsx';
import { useAnswerTo } from '../reports/use-answer.ts';
import { FindingCard } from './finding-card.tsx';
import styles from './friction.module.css';
import { FrictionEditor } from './friction-editor.tsx';
import {
  type FrictionReport,
  frictionFromLink,
  frictionStart,
  frictionToLink,
  isFrictionReady,
} from './friction-url.ts';
import { aboutWords, counted, lookedAt } from './friction-words.ts';

/** What costs most conversions of a funnel, found without being told where to look. */
export function FrictionPage() {
  const t = useText();
  const events = useEvents();
  const { search } = useLocation();
  const navigate = useNavigate();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const said = params.get('r') ?? '';
  const people = params.get('people') ?? '';
  const report = useMemo(() => frictionFromLink(said), [said]);
  const go = useCallback(
    (next: FrictionReport, part: string, push: boolean) => {
      const link = frictionToLink(next);
      const query = new URLSearchParams({ ...(link === '()' ? {} : { r: link }), ...(part ? { people: part } : {}) });
      navigate({ search: query.toString() }, { replace: !push, preventScrollReset: true });
    },
    [navigate],
  );
  const change = useCallback((next: FrictionReport) => go(next, '', false), [go]);
  const isEmpty = events.isLoaded && events.items.length === 0;
  return (
    <Page
      title={t('friction.title')}
      purpose={t('friction.purpose')}
      action={
        report && isFrictionReady(report) ? (
          <>
            <CopyButton value={location.href} text={t('reports.copyLink')} label={t('reports.copyLink')} />
            <LinkButton to={reportAddress(asFunnel(report))} icon={<IconFilter size={16} />}>
              {t('friction.asFunnel')}
            </LinkButton>
          </>
        ) : null
      }
      filters={
        report && !isEmpty ? (
          <PeriodBar period={report.period} onPeriod={(period) => change({ ...report, period })} zone={report.zone} />
        ) : null
      }
    >
      {isEmpty ? (
        <NoEvents />
      ) : report === null ? (
        <NothingHere
          icon={<IconLink size={22} aria-hidden />}
          title={t('reports.badLink')}
          text={t('reports.badLinkText')}
          action={<Button onClick={() => change(frictionStart())}>{t('reports.startAnew')}</Button>}
        />
      ) : (
        <div className={workStyles.work}>
          <FrictionEditor report={report} onChange={change} />
          <Findings report={report} onPart={(part) => go(report, toText(part), true)} />
          <Behind report={report} said={people} onClose={() => go(report, '', false)} />
        </div>
      )}
    </Page>
  );
}

const asFunnel = ({ period, filter, zone, weekStart, sample, steps, window, by }: FrictionReport) => ({
  ...START.funnel(),
  ...{ period, filter, zone, weekStart, sample, steps, window, by },
});

function Findings({ report, onPart }: { report: FrictionReport; onPart: (part: FrictionPart) => void }) {
  const t = useText();
  const { choices } = useFields([]);
  const asking = useAnswerTo(report, isFrictionReady);
  const { answer, answered, running, error } = asking;
  const result = answer?.result as FrictionResult | undefined;
  const stepNames = (answered ?? report).steps.map(({ what }) => whatName(what, t, choices));
  if (!isFrictionReady(report)) {
    return (
      <Card>
        <NothingHere title={t('friction.waits')} text={t('friction.waitsText')} />
      </Card>
    );
  }
  if (error && !running) return <Refusal title={t('friction.failed')} error={error} onRetry={asking.refresh} />;
  if (!result) {
    return (
      <Loading>
        <Stack gap={12}>
          <p className={styles.note} role="status">
            {t('friction.searching')}
          </p>
          <Skeleton height={120} />
          <Skeleton height={320} />
        </Stack>
      </Loading>
    );
  }
  const { findings, looked, worth } = result;
  return (
    <div className={styles.results} data-outdated={asking.outdated || undefined} aria-busy={asking.outdated}>
      {answer!.meta.warnings.map((warning) => (
        <p key={warning} className={workStyles.warning} role="status">
          {warning}
        </p>
      ))}
      <Card>
        <Stack gap={12}>
          <Way result={result} names={stepNames} />
          {findings.length > 1 ? <Stakes result={result} onPart={onPart} /> : null}
          <p className={styles.note}>
            {t('friction.looked', {
              ...counted(lookedAt(result)),
              events: formatNumber(looked.events),
              measures: formatNumber(looked.measures.length),
              values: formatNumber(looked.values),
            })}{' '}
            {worth
              ? t('friction.worth', {
                  amount: formatMoney({ currency: worth.currency, amountMinor: Math.round(worth.meanMinor) }),
                  ...counted(worth.orders),
                })
              : t('friction.noWorth')}
          </p>
        </Stack>
      </Card>
      {findings.length === 0 ? (
        <Card>
          {result.steps[0]?.reached === 0 ? (
            <NothingHere title={t('friction.nobody')} text={t('friction.nobodyText')} />
          ) : (
            <NothingHere title={t('friction.nothing', counted(lookedAt(result)))} text={t('friction.nothingText')} />
          )}
        </Card>
      ) : (
        <ol className={styles.findings} aria-label={t('friction.findings')}>
          {findings.map((finding, at) => (
            <li key={finding.id}>
              <FindingCard finding={finding} place={at + 1} worth={worth} stepNames={stepNames} onPart={onPart} />
            </li>
          ))}
        </ol>
      )}
      {findings.length > 0 ? <p className={styles.note}>{t('friction.notCause')}</p> : null}
      <div className={styles.end}>
        <Exactness meta={answer!.meta} />
        <SaveReport report={answered ?? report} view="" look="plain" />
      </div>
    </div>
  );
}

/** The steps with those who did them. */
function Way({ result, names }: { result: FrictionResult; names: readonly string[] }) {
  const t = useText();
  const first = Math.max(1, result.steps[0]?.reached ?? 0);
  return (
    <ol className={styles.way} aria-label={t('friction.steps')}>
      {result.steps.map(({ reached }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps are their numbers.
        <li key={at}>
          <span className={styles.wayName}>
            {at + 1}. <bdi>{names[at] ?? ''}</bdi>
          </span>
          <span className={styles.track} aria-hidden>
            <span style={{ inlineSize: `${(reached / first) * 100}%` }} />
          </span>
          <span className={styles.wayCount}>{formatNumber(reached)}</span>
        </li>
      ))}
    </ol>
  );
}

/** What all findings cost, with their intervals, below one another. */
function Stakes({ result, onPart }: { result: FrictionResult; onPart: (part: FrictionPart) => void }) {
  const t = useText();
  const { findings, worth } = result;
  const of = useMemo(
    (): ChartSpec => ({
      kind: 'estimates',
      items: findings.map((one, at) => ({
        id: one.id,
        label: `${at + 1}. ${aboutWords(one.about, t)}`,
        ...(worth && one.revenue
          ? { value: one.revenue.atStakeMinor, low: one.revenue.lowMinor, high: one.revenue.highMinor }
          : { value: one.lost, low: one.lostLow, high: one.lostHigh }),
      })),
      unit: worth ? { kind: 'money', currency: worth.currency } : { kind: 'number', decimals: 0 },
      level: 0.95,
      reference: 0,
      names: { item: t('friction.finding'), value: t(worth ? 'friction.atStake' : 'friction.lost') },
    }),
    [findings, worth, t],
  );
  const label = t(worth ? 'friction.atStake' : 'friction.lost');
  return (
    <figure className={styles.picture}>
      <figcaption>{label}</figcaption>
      <Chart of={of} label={label} onSelect={({ item }) => (item ? onPart({ finding: item }) : null)} />
    </figure>
  );
}

function Behind({ report, said, onClose }: { report: FrictionReport; said: string; onClose: () => void }) {
  const t = useText();
  const part = useMemo(() => (said ? (fromText(said) as FrictionPart | null) : null), [said]);
  if (typeof part !== 'object' || part === null || typeof part.finding !== 'string') return null;
  return (
    <PeoplePanel
      report={report}
      part={part}
      title={t(part.outcome === 'dropped' ? 'friction.whoLeft' : 'friction.whoMet')}
      sub={t('friction.ofFinding')}
      onClose={onClose}
    />
  );
}
