import { useQuery } from '@tanstack/react-query';
import { SelectField } from '../../kit/field.tsx';
import { late } from '../../kit/late.tsx';
import { Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { zoneNames } from '../../zone.ts';
import { reports } from './calls.ts';
import { Line, Section } from './editors/section.tsx';
import { AboutEvents } from './parts/choices.ts';
import { FilterBuilder } from './parts/filter-builder.tsx';
import { INTERVALS } from './parts/intervals.ts';
import { PeriodBar } from './parts/period-bar.tsx';
import { intervalFor } from './parts/period-value.ts';
import { type Interval, namesOf, type Period } from './parts/types.ts';
import { type Report, whatsOf } from './report.ts';
import styles from './reports.module.css';

// Each comes when a report of its kind is opened.
const TrendEditor = late(() => import('./editors/trend.tsx').then((part) => part.TrendEditor), EditorSkeleton);
const FunnelEditor = late(() => import('./editors/funnel.tsx').then((part) => part.FunnelEditor), EditorSkeleton);
const RetentionEditor = late(
  () => import('./editors/retention.tsx').then((part) => part.RetentionEditor),
  EditorSkeleton,
);
const JourneyEditor = late(() => import('./editors/journey.tsx').then((part) => part.JourneyEditor), EditorSkeleton);
const UsageEditor = late(() => import('./editors/usage.tsx').then((part) => part.UsageEditor), EditorSkeleton);
const ScoreEditor = late(() => import('./editors/score.tsx').then((part) => part.ScoreEditor), EditorSkeleton);
const SessionsEditor = late(() => import('./editors/usage.tsx').then((part) => part.SessionsEditor), EditorSkeleton);

const SAMPLES = ['1', '0.5', '0.1', '0.01'] as const;
/** Kinds of report whose interval is another list than that of all. */
const SHORT: readonly Interval[] = ['hour', 'day', 'week', 'month'];
const OF_RETENTION: readonly Interval[] = ['hour', 'day', 'week', 'month', 'quarter', 'year'];

/** The intervals that a kind of report has; none where it has no interval of its own in the bar. */
function intervalsOf(kind: Report['kind']): readonly Interval[] | null {
  if (kind === 'trend' || kind === 'sessions' || kind === 'score') return INTERVALS;
  if (kind === 'retention') return OF_RETENTION;
  return kind === 'lifecycle' || kind === 'stickiness' ? SHORT : null;
}

/** The period of a report in a bar of filters, with the length of its intervals where it has any. */
export function ReportPeriod({ report, onChange }: { report: Report; onChange: (report: Report) => void }) {
  const intervals = intervalsOf(report.kind);
  const interval = intervals && 'interval' in report ? report.interval : undefined;
  const setPeriod = (period: Period) =>
    onChange(
      interval && intervals
        ? ({ ...report, period, interval: intervalFor(period, interval, intervals) } as Report)
        : { ...report, period },
    );
  return (
    <PeriodBar
      period={report.period}
      onPeriod={setPeriod}
      interval={interval}
      onInterval={(next) => onChange({ ...report, interval: next } as Report)}
      {...(intervals ? { intervals } : {})}
      zone={report.zone}
    />
  );
}

/** Everything that a report asks, but its period: see `ReportPeriod`. */
export function ReportEditor({ report, onChange }: { report: Report; onChange: (report: Report) => void }) {
  const t = useText();
  return (
    <div className={styles.editor}>
      <KindEditor report={report} onChange={onChange} />
      <AboutEvents value={namesOf(whatsOf(report))}>
        <Section title={t('reports.filterTitle')}>
          <FilterBuilder
            label={t('reports.filterTitle')}
            value={report.filter}
            onChange={(filter) => onChange({ ...report, filter })}
          />
        </Section>
      </AboutEvents>
      <MoreOptions report={report} onChange={onChange} />
    </div>
  );
}

function EditorSkeleton() {
  return (
    <div className={styles.section}>
      <Skeleton width={120} />
      <Skeleton height={30} width={180} />
      <Skeleton height={30} />
      <Skeleton height={30} />
    </div>
  );
}

function KindEditor({ report, onChange }: { report: Report; onChange: (report: Report) => void }) {
  switch (report.kind) {
    case 'trend':
      return <TrendEditor report={report} onChange={onChange} />;
    case 'funnel':
      return <FunnelEditor report={report} onChange={onChange} />;
    case 'retention':
      return <RetentionEditor report={report} onChange={onChange} />;
    case 'journey':
      return <JourneyEditor report={report} onChange={onChange} />;
    case 'sessions':
      return <SessionsEditor report={report} onChange={onChange} />;
    case 'score':
      return <ScoreEditor report={report} onChange={onChange} />;
    default:
      return <UsageEditor report={report} onChange={onChange} />;
  }
}

/** What is seldom changed: folded away until somebody asks for it. */
function MoreOptions({ report, onChange }: { report: Report; onChange: (report: Report) => void }) {
  const t = useText();
  const settings = useQuery({ queryKey: ['query', 'settings'], queryFn: reports.settings, staleTime: 60_000 });
  const usual = settings.data;
  return (
    <details className={styles.more}>
      <summary>{t('reports.moreOptions')}</summary>
      <div className={styles.moreBody}>
        <Line label={t('reports.sample')}>
          <SelectField
            hideLabel
            label={t('reports.sample')}
            width={210}
            value={String(report.sample ?? 1)}
            choices={[...new Set([...SAMPLES, String(report.sample ?? 1)])].map((share) => ({
              value: share,
              label: share === '1' ? t('reports.everybody') : t('reports.sampleOf', { share: Number(share) * 100 }),
            }))}
            onChange={(share) => onChange({ ...report, sample: share === '1' ? undefined : Number(share) })}
          />
        </Line>
        <Line label={t('reports.zone')}>
          <SelectField
            hideLabel
            searchable
            label={t('reports.zone')}
            width={210}
            value={report.zone ?? ''}
            choices={[
              { value: '', label: t('reports.usual', { value: usual?.zone ?? '' }) },
              ...zoneNames().map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') })),
            ]}
            onChange={(zone) => onChange({ ...report, zone: zone || undefined })}
          />
        </Line>
        <Line label={t('reports.weekStart')}>
          <SelectField
            hideLabel
            label={t('reports.weekStart')}
            width={210}
            value={report.weekStart ?? ''}
            choices={[
              {
                value: '',
                label: t('reports.usual', { value: usual ? t(`reports.weekday.${usual.weekStart}`) : '' }),
              },
              ...(['monday', 'sunday'] as const).map((day) => ({ value: day, label: t(`reports.weekday.${day}`) })),
            ]}
            onChange={(day) =>
              onChange({ ...report, weekStart: day === 'monday' || day === 'sunday' ? day : undefined })
            }
          />
        </Line>
      </div>
    </details>
  );
}
