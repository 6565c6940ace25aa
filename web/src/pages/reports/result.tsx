import { IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useContext, useEffect, useMemo, useState } from 'react';
import { Button, IconButton } from '../../kit/button.tsx';
import { Chart } from '../../kit/chart/chart.tsx';
import { ChartFramed } from '../../kit/chart/frame.ts';
import { SelectField } from '../../kit/field.tsx';
import { late } from '../../kit/late.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { type MessageKey, useText } from '../../text.tsx';
import type { Answer, Meta } from './calls.ts';
import { Exactness } from './exactness.tsx';
import { useFields } from './parts/choices.ts';
import { asked, type DrawnReport, isReady, type Report } from './report.ts';
import styles from './reports.module.css';
import { type Shown, useShown } from './results/result-of.ts';
import type { Saying, View } from './results/shape.ts';
import { viewOf, viewsOf } from './results/views.ts';
import { useMarks } from './saved/marks.ts';
import { SummaryTable } from './summary-table.tsx';
import type { Asking } from './use-answer.ts';

/** What a report needs yet, by its kind, until it can be asked. */
const WAITS = {
  funnel: 'reports.waitsFunnel',
  trend: 'reports.waitsTrend',
} as const satisfies Partial<Record<Report['kind'], MessageKey>>;

const NO_NAMES: readonly string[] = [];
/** Pixels: pictures after the first stand two in a row. */
const BESIDE_HEIGHT = 190;

const FindFriction = late(() => import('../friction/find-friction.tsx').then((part) => part.FindFriction));
const Correlations = late(() => import('./correlations.tsx').then((part) => part.Correlations));

type OnPart = (part: object) => void;

function useSaying(meta: Meta): Saying {
  const t = useText();
  const { choices } = useFields(NO_NAMES);
  return useMemo(() => ({ t, choices, meta }), [t, choices, meta]);
}

/** The pictures of an answer; `onPart` is told what was clicked: a point, a step, a cohort. */
export function ReportPictures(props: PicturesProps) {
  const shown = useShown(props.report.kind);
  return shown ? <Pictures shown={shown} {...props} /> : <Skeleton height={props.height ?? 300} />;
}

interface PicturesProps {
  report: DrawnReport;
  answer: Answer;
  view: View;
  onPart?: OnPart;
  /** Pixels; what suits the picture unless told. */
  height?: number;
}

function Pictures({ shown, report, answer, view, onPart, height }: PicturesProps & { shown: Shown }) {
  const saying = useSaying(answer.meta);
  const marked = useMarks(answer.meta);
  const frame = useContext(ChartFramed);
  const { t, choices } = saying;
  // As a table it says all that its usual picture shows.
  const asTable = view === 'table';
  const drawn = asTable ? viewsOf(report)[0]! : view;
  const pictures = useMemo(
    () =>
      shown.pictures(report, answer.result, drawn, { t, choices, meta: answer.meta }).map((picture) => ({
        ...picture,
        of: marked(picture.of),
      })),
    [shown, report, answer, drawn, t, choices, marked],
  );
  if (pictures.length === 0)
    return <NothingHere title={saying.t('reports.nothing')} text={saying.t('reports.nothingText')} />;
  return (
    <div className={pictures.length > 1 ? styles.pictures : ''}>
      {pictures.map((picture, at) => (
        <figure key={`${picture.key} ${asTable}`} className={styles.picture}>
          {pictures.length > 1 ? <figcaption>{picture.name}</figcaption> : null}
          <ChartFramed value={at === 0 && pictures.length === 1 ? frame : null}>
            <Chart
              of={picture.of}
              label={picture.name}
              table={asTable}
              {...(height ? { height } : at > 0 && picture.of.kind === 'time' ? { height: BESIDE_HEIGHT } : {})}
              {...(onPart
                ? {
                    onSelect: (selected) => {
                      const part = picture.part(selected);
                      if (part) onPart(part);
                    },
                  }
                : {})}
            />
          </ChartFramed>
        </figure>
      ))}
    </div>
  );
}

/** An answer as a table; numbers of people lead to the people. */
export function ReportSummary({ report, answer, onPart }: Omit<PicturesProps, 'view' | 'height'>) {
  const shown = useShown(report.kind);
  const saying = useSaying(answer.meta);
  if (!shown) return <Skeleton height={120} />;
  return (
    <SummaryTable
      label={saying.t('reports.table')}
      of={shown.summary(report, answer.result, saying)}
      {...(onPart ? { onPart } : {})}
    />
  );
}

/** Long enough to be asked about: from here on a run says how long it takes, and can be stopped. */
const LONG_MS = 1000;

function useSeconds(running: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    setSeconds(0);
    if (!running) return;
    const timer = setInterval(() => setSeconds((now) => now + 1), LONG_MS);
    return () => clearInterval(timer);
  }, [running]);
  return seconds;
}

/**
 * The answer to a report with everything around it: ways to look at it, how fresh and exact it is, a run that can be
 * stopped, what went wrong, and the table below.
 */
export function ReportResult({
  report,
  asking,
  view,
  onView,
  onPart,
}: {
  report: Report;
  asking: Asking;
  /** A way to look at it; the usual one where it is none of the report's. */
  view: string;
  onView: (view: View) => void;
  onPart?: OnPart;
}) {
  const t = useText();
  const { answer, error, running } = asking;
  const answered = asking.answered ?? report;
  const shown = viewOf(answered, view);
  const seconds = useSeconds(running);
  const waits = !isReady(report);
  return (
    <Stack gap={16}>
      <section className={styles.result} aria-label={t('reports.result')} aria-busy={running}>
        <div className={styles.resultHead}>
          <SelectField
            hideLabel
            label={t('reports.view')}
            width={180}
            value={shown}
            choices={viewsOf(report).map((one) => ({ value: one, label: t(`reports.views.${one}`) }))}
            onChange={(next) => onView(next as View)}
          />
          <span className={styles.space} />
          {running && seconds > 0 ? (
            <Row gap={8}>
              <span className={styles.meta} role="status">
                {t('reports.runningFor', { count: seconds })}
              </span>
              <Button small icon={<IconPlayerStop size={15} />} onClick={asking.cancel}>
                {t('reports.stop')}
              </Button>
            </Row>
          ) : null}
          {report.kind === 'funnel' && !waits ? <FindFriction funnel={asked(report)} /> : null}
          <IconButton small label={t('reports.refresh')} onClick={asking.refresh}>
            <IconRefresh size={16} />
          </IconButton>
        </div>
        <div className={styles.resultBody} data-outdated={asking.outdated || undefined}>
          {waits ? (
            <NothingHere
              title={t('reports.waits')}
              text={t(WAITS[report.kind as keyof typeof WAITS] ?? 'reports.waitsText')}
            />
          ) : error && !running ? (
            <Refusal title={t('reports.failed')} error={error} onRetry={asking.refresh} />
          ) : asking.stopped && !answer ? (
            <NothingHere
              title={t('reports.stopped')}
              text={t('reports.stoppedText')}
              action={<Button onClick={asking.refresh}>{t('reports.runAgain')}</Button>}
            />
          ) : answer ? (
            <>
              {answer.meta.warnings.map((warning) => (
                <p key={warning} className={styles.warning} role="status">
                  {warning}
                </p>
              ))}
              <ReportPictures report={answered} answer={answer} view={shown} {...(onPart ? { onPart } : {})} />
            </>
          ) : (
            <Loading>
              <Skeleton height={300} />
            </Loading>
          )}
        </div>
        {answer && !waits ? (
          <div className={styles.resultFoot}>
            <Exactness meta={answer.meta} />
          </div>
        ) : null}
      </section>
      {answer && !waits && !error ? (
        <ReportSummary report={answered} answer={answer} {...(onPart ? { onPart } : {})} />
      ) : null}
      {answer && !waits && !error && answered.kind === 'funnel' && onPart ? <Correlations report={answered} /> : null}
    </Stack>
  );
}
