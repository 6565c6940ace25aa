import { IconExternalLink } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { ScoreResult } from '../../../../src/core/query/scores/score.ts';
import { formatNumber } from '../../format.ts';
import { CopyButton, LinkButton } from '../../kit/button.tsx';
import { Card, Page, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { Exactness } from '../reports/exactness.tsx';
import { NoEvents } from '../reports/no-events.tsx';
import { BreakdownPicker } from '../reports/parts/breakdown-picker.tsx';
import { AboutEvents, useEvents } from '../reports/parts/choices.ts';
import { FilterBuilder } from '../reports/parts/filter-builder.tsx';
import { PeopleBehind } from '../reports/parts/people-behind.tsx';
import { PeriodBar } from '../reports/parts/period-bar.tsx';
import { intervalFor } from '../reports/parts/period-value.ts';
import type { Interval } from '../reports/parts/types.ts';
import { type ScoreReport, START } from '../reports/report.ts';
import { fromText, isShaped, reportAddress, toText, unusualText } from '../reports/report-url.ts';
import { ReportPictures, ReportSummary } from '../reports/result.tsx';
import { intervalText, scoreText } from '../reports/results/score.ts';
import { useAnswerTo } from '../reports/use-answer.ts';
import { Drivers } from './drivers-late.tsx';
import styles from './scores.module.css';

const SCORES = ['nps', 'csat', 'ces', 'rating'] as const;
const INTERVALS: readonly Interval[] = ['day', 'week', 'month', 'quarter'];
const ANSWERED = ['Question Answered'];

/** What customers said in numbers: how they score, how that moves, by what it differs, and what goes with it. */
export function ScoresPage() {
  const t = useText();
  const events = useEvents();
  const isEmpty = events.isLoaded && events.items.length === 0;
  return isEmpty ? (
    <Page title={t('scores.title')} purpose={t('scores.purpose')}>
      <NoEvents />
    </Page>
  ) : (
    <Scores />
  );
}

/** What an address says; what the page begins with where that is no such report. */
function reportFrom(said: string): ScoreReport {
  const found = said === '' ? null : fromText(said);
  const report = { ...START.score(), ...(typeof found === 'object' && found !== null ? found : {}), kind: 'score' };
  const known = (SCORES as readonly string[]).includes(String(report.of));
  return isShaped(report) && report.kind === 'score' && known ? report : START.score();
}

function Scores() {
  const t = useText();
  const url = useUrlState();
  const said = url.get('r');
  const report = useMemo(() => reportFrom(said), [said]);
  const asking = useAnswerTo(report, () => true, true);
  const people = url.get('people');
  const part = useMemo(() => (people ? (fromText(people) as object | undefined) : undefined), [people]);
  const set = (change: Partial<ScoreReport>) =>
    url.set({ r: unusualText({ ...report, ...change }, START.score()), people: null });
  const open = (of: object) => url.set({ people: toText(of) }, true);
  const result = asking.answer?.result as ScoreResult | undefined;
  const base = { period: report.period, filter: report.filter, zone: report.zone, interval: report.interval };
  return (
    <Page
      title={t('scores.title')}
      purpose={t('scores.purpose')}
      action={
        <>
          <CopyButton value={location.href} text={t('reports.copyLink')} label={t('reports.copyLink')} />
          <LinkButton to={reportAddress(report)} icon={<IconExternalLink size={16} />}>
            {t('scores.asReport')}
          </LinkButton>
        </>
      }
      filters={
        <PeriodBar
          period={report.period}
          onPeriod={(period) => set({ period, interval: intervalFor(period, report.interval, INTERVALS) })}
          interval={report.interval}
          onInterval={(interval) => set({ interval })}
          intervals={INTERVALS}
          zone={report.zone}
        />
      }
    >
      <AboutEvents value={ANSWERED}>
        <Stack gap={16}>
          <FilterBuilder
            label={t('reports.filterTitle')}
            value={report.filter}
            onChange={(filter) => set({ filter })}
          />
          {/* biome-ignore lint/a11y/useSemanticElements: a row of buttons of which one is pressed, without a frame of its own. */}
          <div className={styles.tiles} role="group" aria-label={t('scores.which')}>
            {SCORES.map((of) => (
              <Tile key={of} of={of} base={base} pressed={report.of === of} onPress={() => set({ of })} />
            ))}
          </div>
          {asking.error && !asking.running ? (
            <Refusal title={t('scores.failed')} error={asking.error} onRetry={asking.refresh} />
          ) : !result ? (
            <Loading>
              <Skeleton height={320} />
            </Loading>
          ) : result.scale === null ? (
            <Card>
              <NothingHere
                title={t('scores.none')}
                text={t('scores.noneText')}
                action={<LinkButton to="/surveys">{t('scores.toSurveys')}</LinkButton>}
              />
            </Card>
          ) : (
            <div className={styles.body} data-outdated={asking.outdated || undefined} aria-busy={asking.outdated}>
              <Card title={t('scores.overTime')}>
                <Stack gap={12}>
                  <BreakdownPicker
                    value={report.breakdown ? [report.breakdown] : []}
                    limit={1}
                    onChange={([breakdown]) => set({ breakdown })}
                    top={report.top}
                    onTop={(top) => set({ top })}
                  />
                  <ReportPictures report={report} answer={asking.answer!} view="line" onPart={open} />
                  <Exactness meta={asking.answer!.meta} />
                </Stack>
              </Card>
              <div className={styles.two}>
                <Card title={t('scores.distribution')}>
                  <ReportPictures report={report} answer={asking.answer!} view="histogram" onPart={open} height={240} />
                </Card>
                <Card title={t('scores.compared')}>
                  {report.breakdown ? (
                    <ReportPictures report={report} answer={asking.answer!} view="total" onPart={open} />
                  ) : null}
                  <ReportSummary report={report} answer={asking.answer!} onPart={open} />
                </Card>
              </div>
              <Drivers report={report} />
            </div>
          )}
        </Stack>
      </AboutEvents>
      {part ? <PeopleBehind report={report} part={part} onClose={() => url.set({ people: null })} /> : null}
    </Page>
  );
}

/** One score with the interval in which it lies, and how many answered. */
function Tile({
  of,
  base,
  pressed,
  onPress,
}: {
  of: ScoreReport['of'];
  base: Pick<ScoreReport, 'period' | 'filter' | 'zone' | 'interval'>;
  pressed: boolean;
  onPress: () => void;
}) {
  const t = useText();
  const { answer } = useAnswerTo<ScoreReport>({ ...START.score(), ...base, of }, () => true, true);
  const all = (answer?.result as ScoreResult | undefined)?.series[0];
  const scale = (answer?.result as ScoreResult | undefined)?.scale;
  return (
    <button type="button" className={styles.tile} aria-pressed={pressed} onClick={onPress}>
      <span className={styles.tileName}>{t(`scores.of.${of}`)}</span>
      {all ? (
        <>
          <span className={styles.tileValue}>
            {scoreText(of, all.total?.value)}
            {all.total && (of === 'ces' || of === 'rating') ? <small> / {formatNumber(scale ?? 0)}</small> : null}
          </span>
          <span className={styles.tileNote}>
            {all.total ? t('scores.between', { interval: intervalText(of, all.total) }) : t('scores.noAnswers')}
          </span>
          {all.total ? (
            <span className={styles.tileNote}>
              {t('scores.answersCount', { count: all.total.answers, number: formatNumber(all.total.answers) })}
              {all.responses?.rate
                ? ` · ${t('scores.rate', { share: formatNumber(all.responses.rate.value, { style: 'percent', maximumFractionDigits: 0 }) })}`
                : ''}
            </span>
          ) : null}
        </>
      ) : (
        <Skeleton height={40} />
      )}
    </button>
  );
}
