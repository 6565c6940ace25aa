import { IconLink } from '@tabler/icons-react';
import { useCallback, useMemo } from 'react';
import { useNavigate, useParams } from 'react-router';
import { Button, CopyButton } from '../../kit/button.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Page } from '../../kit/layout.tsx';
import { NothingHere } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { ReportEditor, ReportPeriod } from './editor.tsx';
import { NoEvents } from './no-events.tsx';
import { useEvents } from './parts/choices.ts';
import { PeopleBehind } from './parts/people-behind.tsx';
import { asked, isKind, isReady, KINDS, type Kind, type Report, START } from './report.ts';
import { fromText, reportAddress, searchWith, toText } from './report-url.ts';
import styles from './reports.module.css';
import { ReportResult } from './result.tsx';
import { SaveReport } from './saved/save-report.tsx';
import { useAnswer } from './use-answer.ts';
import { useReport } from './use-report.ts';

/** A report of its own: asked, looked at, changed and sent to others; all of it stands in the address. */
export function NewReportPage() {
  const t = useText();
  const { kind } = useParams();
  if (!isKind(kind)) {
    return (
      <Page title={t('reports.title')} back={{ to: '/reports', label: t('reports.title') }}>
        <NothingHere title={t('reports.noKind')} text={t('reports.noKindText')} />
      </Page>
    );
  }
  return <NewReport key={kind} kind={kind} />;
}

function NewReport({ kind }: { kind: Kind }) {
  const t = useText();
  const navigate = useNavigate();
  const events = useEvents();
  const { report, change, others, setOthers } = useReport(kind);
  const title = t(`reports.kind.${kind}`);
  return (
    <Page
      title={title}
      purpose={t(`reports.kindHint.${kind}`)}
      back={{ to: '/reports', label: t('reports.title') }}
      action={
        report ? (
          <>
            <CopyButton value={location.href} text={t('reports.copyLink')} label={t('reports.copyLink')} />
            {isReady(report) ? <SaveReport report={asked(report)} view={others.view} /> : null}
          </>
        ) : null
      }
      filters={
        report && !(events.isLoaded && events.items.length === 0) ? (
          <>
            <SelectField
              hideLabel
              label={t('reports.kindLabel')}
              width={170}
              value={kind}
              choices={KINDS.map((one) => ({ value: one, label: t(`reports.kind.${one}`) }))}
              onChange={(next) => navigate(reportAddress(asOtherKind(report, next as Kind)))}
            />
            <ReportPeriod report={report} onChange={change} />
          </>
        ) : null
      }
    >
      {report === null ? (
        <NothingHere
          icon={<IconLink size={22} aria-hidden />}
          title={t('reports.badLink')}
          text={t('reports.badLinkText')}
          action={<Button onClick={() => change(START[kind]())}>{t('reports.startAnew')}</Button>}
        />
      ) : events.isLoaded && events.items.length === 0 ? (
        <NoEvents />
      ) : (
        <Work report={report} change={change} others={others} setOthers={setOthers} />
      )}
    </Page>
  );
}

/** A report of another kind on the same period and conditions. */
function asOtherKind(report: Report, kind: Kind): Report {
  const { period, filter, zone, weekStart, sample } = report;
  return { ...START[kind](), period, filter, zone, weekStart, sample };
}

function Work({
  report,
  change,
  others,
  setOthers,
}: { report: Report } & Pick<ReturnType<typeof useReport>, 'change' | 'others' | 'setOthers'>) {
  const asking = useAnswer(report);
  const openPart = useCallback((part: object) => setOthers({ people: toText(part) }, true), [setOthers]);
  const part = useMemo(() => {
    const read = others.people ? fromText(others.people) : null;
    return typeof read === 'object' && read !== null ? read : null;
  }, [others.people]);
  return (
    <div className={styles.work}>
      <ReportEditor report={report} onChange={change} />
      <ReportResult
        report={report}
        asking={asking}
        view={others.view}
        onView={(view) => setOthers({ view })}
        onPart={openPart}
      />
      {part ? <Behind report={report} part={part} onClose={() => setOthers({ people: '' })} /> : null}
    </div>
  );
}

function Behind({ report, part, onClose }: { report: Report; part: object; onClose: () => void }) {
  return (
    <PeopleBehind
      report={report}
      part={part}
      onClose={onClose}
      link={`${location.origin}${location.pathname}${searchWith(report, { people: toText(part) })}`}
    />
  );
}
