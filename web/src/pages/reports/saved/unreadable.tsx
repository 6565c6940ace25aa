import { useState } from 'react';
import { LinkButton } from '../../../kit/button.tsx';
import { Code } from '../../../kit/data.tsx';
import { Card, Stack } from '../../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../../kit/states.tsx';
import { useText } from '../../../text.tsx';
import { isDrawn } from '../drawn.ts';
import { Exactness } from '../exactness.tsx';
import { PeopleBehind } from '../parts/people-behind.tsx';
import type { DrawnReport } from '../report.ts';
import { ReportPictures, ReportSummary } from '../result.tsx';
import { viewsOf } from '../results/views.ts';
import { useAnswerTo } from '../use-answer.ts';
import type { SavedReport } from './calls.ts';
import { homeOf, nameOfKind } from './home-of.ts';

/** A saved report without an editor here: its picture where it has one, else where it is looked at, or what is stored. */
export function Unreadable({ of }: { of: SavedReport }) {
  const t = useText();
  const { problem, stored, report } = of.content;
  const home = problem || !report ? null : homeOf(report, of.id);
  if (!problem && isDrawn(report)) return <Drawn report={report} home={home} />;
  return (
    <Card>
      <Stack gap={12}>
        <NothingHere
          title={t(problem ? 'saved.unreadable' : home ? 'saved.onOwnPage' : 'saved.noEditor')}
          text={problem ?? t(home ? 'saved.ownPageText' : 'saved.noEditorText')}
          action={home ? <LinkButton to={home}>{t('saved.ownPage')}</LinkButton> : null}
        />
        {!home && (stored ?? report) ? (
          <Code json label={t('saved.stored')} text={JSON.stringify(stored ?? report, null, 2)} />
        ) : null}
      </Stack>
    </Card>
  );
}

function Drawn({ report, home }: { report: DrawnReport; home: string | null }) {
  const t = useText();
  const { answer, error, running, refresh } = useAnswerTo(report, () => true);
  const [part, setPart] = useState<object | null>(null);
  return (
    <Card
      title={nameOfKind(report.kind, t)}
      action={home ? <LinkButton to={home}>{t('saved.ownPage')}</LinkButton> : null}
    >
      {error && !running ? (
        <Refusal title={t('reports.failed')} error={error} onRetry={refresh} />
      ) : !answer ? (
        <Loading>
          <Skeleton height={300} />
        </Loading>
      ) : (
        <Stack gap={16}>
          <ReportPictures report={report} answer={answer} view={viewsOf(report)[0]!} onPart={setPart} />
          <ReportSummary report={report} answer={answer} onPart={setPart} />
          <Exactness meta={answer.meta} />
        </Stack>
      )}
      {part ? <PeopleBehind report={report} part={part} onClose={() => setPart(null)} /> : null}
    </Card>
  );
}
