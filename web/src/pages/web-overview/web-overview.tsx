import { IconExternalLink, IconX } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { SessionsPart } from '../../../../src/core/query/visits/schema.ts';
import type { WebResult } from '../../../../src/core/query/visits/web.ts';
import { Button, CopyButton, IconButton, LinkButton } from '../../kit/button.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Card, Page, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { type MessageKey, useText } from '../../text.tsx';
import { Exactness } from '../reports/exactness.tsx';
import { NoEvents } from '../reports/no-events.tsx';
import { useEvents } from '../reports/parts/choices.ts';
import { EventPicker } from '../reports/parts/event-picker.tsx';
import { FilterBuilder } from '../reports/parts/filter-builder.tsx';
import { complete } from '../reports/parts/filter-value.ts';
import { PeoplePanel } from '../reports/parts/people-panel.tsx';
import { PeriodBar } from '../reports/parts/period-bar.tsx';
import { type SessionsReport, START } from '../reports/report.ts';
import { fromText, reportAddress, toText } from '../reports/report-url.ts';
import { bucketName } from '../reports/results/shape.ts';
import { localLabel } from '../reports/results/trend.ts';
import { useAnswerTo } from '../reports/use-answer.ts';
import { type Chosen, DIMENSIONS, type Dimension, filterOf, toggled, valueWords } from './dimensions.ts';
import { Lists } from './lists.tsx';
import { type MeasureKey, measureOf } from './measures.ts';
import { NowStrip } from './now-strip.tsx';
import { Numbers } from './numbers.tsx';
import { OverTime } from './over-time.tsx';
import { type Asked, INTERVALS, MANY, useWebState, webReport } from './state.ts';
import { Vitals } from './vitals.tsx';
import styles from './web.module.css';

const COMPARE = {
  previous: 'web.thanBefore',
  year: 'web.thanYear',
} as const satisfies Record<string, MessageKey>;

/** Who is behind something that was clicked: of a point in time, or of a value of a list. */
type Behind = { bucket: string } | { of: Dimension; value: string };

/** One page that answers what the owner of a site asks first. */
export function WebOverviewPage() {
  const t = useText();
  const events = useEvents();
  const isEmpty = events.isLoaded && events.items.length === 0;
  return isEmpty ? (
    <Page title={t('web.title')} purpose={t('web.purpose')}>
      <NoEvents />
    </Page>
  ) : (
    <Overview mayBeEmpty={!events.isLoaded && events.busy} />
  );
}

/** `mayBeEmpty` while it is not known whether anything has happened: until then there is no number to show. */
function Overview({ mayBeEmpty }: { mayBeEmpty: boolean }) {
  const t = useText();
  const { url, asked, chosen, change, setPeriod, choose } = useWebState();
  const filter = complete(asked.filter);
  const report = useMemo(() => webReport({ ...asked, filter }, chosen), [asked, filter, chosen]);
  const asking = useAnswerTo(report, () => true);
  const measure = measureOf(url.get('measure')).key;
  const result = mayBeEmpty ? undefined : (asking.answer?.result as WebResult | undefined);
  const before = asked.compare ? t(COMPARE[asked.compare]) : null;
  const open = (behind: Behind) => url.set({ people: toText(behind) }, true);
  return (
    <Page
      title={t('web.title')}
      purpose={t('web.purpose')}
      action={
        <>
          <CopyButton value={location.href} text={t('reports.copyLink')} label={t('reports.copyLink')} />
          <LinkButton
            to={reportAddress(visitsOf(asked, filterOf(chosen, filter)))}
            icon={<IconExternalLink size={16} />}
          >
            {t('web.asReport')}
          </LinkButton>
        </>
      }
      filters={
        <>
          <PeriodBar
            period={asked.period}
            onPeriod={setPeriod}
            interval={asked.interval}
            onInterval={(interval) => change({ interval })}
            intervals={INTERVALS}
            zone={asked.zone}
          />
          <SelectField
            hideLabel
            label={t('web.compare')}
            width={190}
            value={asked.compare ?? 'none'}
            choices={(['previous', 'year', 'none'] as const).map((one) => ({
              value: one,
              label: t(`web.compareTo.${one}`),
            }))}
            onChange={(next) => change({ compare: next === 'previous' || next === 'year' ? next : null })}
          />
          <Goal goal={asked.goal} onChange={(goal) => change({ goal })} />
        </>
      }
    >
      <Stack gap={16}>
        <NowStrip />
        <div className={styles.filters}>
          <Chips chosen={chosen} onChange={choose} />
          <FilterBuilder label={t('web.filters')} value={asked.filter} onChange={(next) => change({ filter: next })} />
        </div>
        {asking.error && !asking.running ? (
          <Refusal title={t('web.failed')} error={asking.error} onRetry={asking.refresh} />
        ) : !result ? (
          <Loading>
            <Stack gap={16}>
              <Skeleton height={420} />
              <div className={styles.cards}>
                <Skeleton height={340} />
                <Skeleton height={340} />
              </div>
            </Stack>
          </Loading>
        ) : (
          <div className={styles.body} data-outdated={asking.outdated || undefined} aria-busy={asking.outdated}>
            <Card flush>
              <Numbers
                result={result}
                measure={measure}
                before={before}
                onMeasure={(next: MeasureKey) => url.set({ measure: next === 'people' ? null : next })}
              />
              <div className={styles.chart}>
                {result.total.sessions === 0 && !result.before?.sessions ? (
                  <NothingHere
                    title={t('web.noVisits')}
                    text={t('web.noVisitsText')}
                    action={
                      Object.keys(chosen).length > 0 ? (
                        <Button onClick={() => choose({})}>{t('web.clear')}</Button>
                      ) : null
                    }
                  />
                ) : (
                  <OverTime
                    report={report}
                    result={result}
                    measure={measure}
                    before={before}
                    onPoint={(bucket) => open({ bucket })}
                  />
                )}
              </div>
            </Card>
            <Lists
              result={result}
              chosen={chosen}
              onChoose={(dimension, value) => choose(toggled(chosen, dimension, value))}
              onPeople={(of, value) => open({ of, value })}
              onMore={asked.top < MANY ? () => change({ top: MANY }) : undefined}
            />
            <Vitals of={result.vitals} />
            <Exactness meta={asking.answer!.meta} />
          </div>
        )}
      </Stack>
      <People asked={asked} chosen={chosen} said={url.get('people')} onClose={() => url.set({ people: null })} />
    </Page>
  );
}

/** The same visits as a report of their own, which knows the people. */
function visitsOf({ period, interval, zone, weekStart, goal, sample }: Asked, filter: SessionsReport['filter']) {
  return { ...START.sessions(), period, interval, zone, weekStart, goal, sample, filter } satisfies SessionsReport;
}

function People({ asked, chosen, said, onClose }: { asked: Asked; chosen: Chosen; said: string; onClose: () => void }) {
  const t = useText();
  const behind = useMemo(() => (said ? (fromText(said) as Partial<Behind & { of: Dimension }>) : null), [said]);
  if (!behind || typeof behind !== 'object') return null;
  const filter = complete(asked.filter);
  if ('bucket' in behind && typeof behind.bucket === 'string') {
    return (
      <PeoplePanel
        report={visitsOf(asked, filterOf(chosen, filter))}
        part={{ bucket: behind.bucket } satisfies SessionsPart}
        title={t('web.visitors')}
        sub={bucketName(localLabel(behind.bucket, asked.zone), asked.interval, t)}
        onClose={onClose}
      />
    );
  }
  const { of, value } = behind as { of?: Dimension; value?: unknown };
  if (!of || !DIMENSIONS.includes(of) || typeof value !== 'string') return null;
  return (
    <PeoplePanel
      report={visitsOf(asked, filterOf({ ...chosen, [of]: [value] }, filter))}
      part={{} satisfies SessionsPart}
      title={<bdi>{valueWords(of, value)}</bdi>}
      sub={t(`web.one.${of}`)}
      onClose={onClose}
    />
  );
}

/** What was clicked, each to be taken away again. */
function Chips({ chosen, onChange }: { chosen: Chosen; onChange: (chosen: Chosen) => void }) {
  const t = useText();
  const chips = DIMENSIONS.flatMap((dimension) => (chosen[dimension] ?? []).map((value) => ({ dimension, value })));
  if (chips.length === 0) return null;
  return (
    <ul className={styles.chips} aria-label={t('web.chosen')}>
      {chips.map(({ dimension, value }) => {
        const words = valueWords(dimension, value);
        return (
          <li key={`${dimension} ${value}`} className={styles.chip}>
            <span>
              {t(`web.one.${dimension}`)}: <bdi>{words}</bdi>
            </span>
            <IconButton
              small
              label={t('web.without', { value: words })}
              onClick={() => onChange(toggled(chosen, dimension, value))}
            >
              <IconX size={14} />
            </IconButton>
          </li>
        );
      })}
    </ul>
  );
}

/** What visits are to lead to. */
function Goal({ goal, onChange }: { goal: Asked['goal']; onChange: (goal: Asked['goal']) => void }) {
  const t = useText();
  const [match] = goal?.events ?? [];
  return (
    <span className={styles.goal}>
      <span aria-hidden>{t('web.goal')}</span>
      <EventPicker
        label={t('web.goal')}
        value={match}
        anyEvent={false}
        onChange={(next) => onChange({ events: [next] })}
      />
      {match ? (
        <IconButton small label={t('web.noGoal')} onClick={() => onChange(undefined)}>
          <IconX size={14} />
        </IconButton>
      ) : null}
    </span>
  );
}
