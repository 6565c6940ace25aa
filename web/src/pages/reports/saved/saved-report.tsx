import { IconDeviceFloppy, IconFlag } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useLocation, useNavigate, useParams } from 'react-router';
import { Button, CopyButton } from '../../../kit/button.tsx';
import { Tag } from '../../../kit/data.tsx';
import { Page, Row, Stack } from '../../../kit/layout.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../../kit/states.tsx';
import { toast } from '../../../kit/toast.tsx';
import { useMay } from '../../../session.tsx';
import { useText } from '../../../text.tsx';
import { useUrlState } from '../../../url-state.ts';
import { useSharing } from '../../shares/share-menu.tsx';
import { ReportEditor, ReportPeriod } from '../editor.tsx';
import { PeopleBehind } from '../parts/people-behind.tsx';
import { asked, type Report } from '../report.ts';
import { fromLink, fromText, isShaped, toLink, toText } from '../report-url.ts';
import styles from '../reports.module.css';
import { ReportResult } from '../result.tsx';
import { viewOf } from '../results/views.ts';
import { useAnswer } from '../use-answer.ts';
import { type SavedReport, savedReports } from './calls.ts';
import { FavouriteButton } from './favourite.tsx';
import { AnnotationsOf } from './marks.ts';
import { AnnotationsPanel, DetailsPanel, HistoryPanel, Unreadable } from './panels.ts';
import { SaveReport } from './save-report.tsx';
import { SavedMenu } from './saved-menu.tsx';
import { useRemoval } from './use-removal.ts';

/** A saved report: looked at, changed in the address, and saved over what it was, or as another. */
export function SavedReportPage() {
  const t = useText();
  const { reportId = '' } = useParams();
  const saved = useQuery({
    queryKey: ['saved', savedReports.path, reportId],
    queryFn: () => savedReports.get(reportId),
  });
  const back = { to: '/reports', label: t('reports.title') };
  if (saved.data)
    return (
      <AnnotationsOf value={reportId}>
        <Saved key={reportId} of={saved.data} back={back} />
      </AnnotationsOf>
    );
  return (
    <Page title={t('reports.title')} back={back}>
      <UntilLoaded query={saved} failed={t('saved.loadFailed')}>
        <Skeleton height={360} />
      </UntilLoaded>
    </Page>
  );
}

function Saved({ of, back }: { of: SavedReport; back: { to: string; label: string } }) {
  const t = useText();
  const go = useNavigate();
  const url = useUrlState();
  const queries = useQueryClient();
  const mayWrite = useMay('reports.write');
  const removal = useRemoval(savedReports);
  const stored = isShaped(of.content.report) ? of.content.report : null;
  const sharing = useSharing({ kind: 'report', id: of.id, name: of.name }, stored?.kind);
  const draft = useDraft(stored);
  const report = draft.report;
  const view = url.get('view') || String(of.content.display.view ?? '');
  const changed = draft.changed || (url.get('view') !== '' && url.get('view') !== of.content.display.view);
  const save = useMutation({
    mutationFn: () =>
      savedReports.change(of.id, {
        content: { report: asked(report!), display: { ...of.content.display, view: viewOf(report!, view) } },
        version: of.version,
      }),
    onSuccess: async (made) => {
      queries.setQueryData(['saved', savedReports.path, of.id], made);
      await queries.invalidateQueries({ queryKey: ['saved', savedReports.path, 'list'] });
      url.set({ r: null, view: null });
      toast(t('saved.savedNamed', { name: made.name }));
    },
  });
  const panel = url.get('panel');
  const close = () => url.set({ panel: null });
  return (
    <Page
      title={of.name}
      back={back}
      heading={
        <Row gap={6}>
          <h1>
            <bdi>{of.name}</bdi>
          </h1>
          <FavouriteButton of={of} calls={savedReports} />
          <Tag>{t(of.shared ? 'saved.shared' : 'saved.private')}</Tag>
        </Row>
      }
      purpose={of.description}
      action={
        <>
          {changed && report ? (
            <>
              <Button look="quiet" onClick={() => url.set({ r: null, view: null })}>
                {t('saved.discard')}
              </Button>
              <SaveReport report={asked(report)} view={viewOf(report, view)} name={of.name} look="plain" as />
              {mayWrite ? (
                <Button
                  look="main"
                  icon={<IconDeviceFloppy size={16} />}
                  busy={save.isPending}
                  onClick={() => save.mutate()}
                >
                  {t('saved.save')}
                </Button>
              ) : null}
            </>
          ) : (
            <CopyButton value={location.href} text={t('reports.copyLink')} label={t('reports.copyLink')} />
          )}
          <SavedMenu
            mayWrite={mayWrite}
            more={[
              ...sharing.items,
              {
                label: t('saved.annotations'),
                icon: <IconFlag size={16} />,
                onClick: () => url.set({ panel: 'annotations' }, true),
              },
            ]}
            onDelete={() => removal.mutate(of, { onSuccess: () => go('/reports') })}
          />
        </>
      }
      filters={report ? <ReportPeriod report={report} onChange={draft.change} /> : null}
    >
      <Stack gap={16}>
        {removal.error ? <Refusal title={t('saved.deleteFailed')} error={removal.error} /> : null}
        {save.error ? <Refusal title={t('saved.saveFailed')} error={save.error} /> : null}
        {report ? <Work report={report} change={draft.change} view={view} /> : <Unreadable of={of} />}
      </Stack>
      {sharing.panel}
      {panel === 'history' ? <HistoryPanel of={of} calls={savedReports} onClose={close} /> : null}
      {panel === 'annotations' ? <AnnotationsPanel of={of} onClose={close} /> : null}
      {panel === 'details' && mayWrite ? (
        <DetailsPanel of={of} path={savedReports.path} change={savedReports.change} onClose={close} />
      ) : null}
    </Page>
  );
}

/** The saved report, or what was made of it: that stands in the address until it is saved. */
function useDraft(stored: Report | null): { report: Report | null; changed: boolean; change: (next: Report) => void } {
  const { search } = useLocation();
  const url = useUrlState();
  const said = useMemo(() => new URLSearchParams(search).get('r') ?? '', [search]);
  const report = useMemo(() => (stored && said ? (fromLink(stored.kind, said) ?? stored) : stored), [stored, said]);
  const same = stored ? toLink(stored) : '';
  const change = useCallback(
    (next: Report) => {
      const link = toLink(next);
      url.set({ r: link === same ? null : link, people: null });
    },
    [same, url],
  );
  return { report, changed: said !== '' && said !== same, change };
}

function Work({ report, change, view }: { report: Report; change: (report: Report) => void; view: string }) {
  const _t = useText();
  const url = useUrlState();
  const asking = useAnswer(report);
  const people = url.get('people');
  const part = useMemo(() => {
    const read = people ? fromText(people) : null;
    return typeof read === 'object' && read !== null ? read : null;
  }, [people]);
  return (
    <div className={styles.work}>
      <ReportEditor report={report} onChange={change} />
      <ReportResult
        report={report}
        asking={asking}
        view={view}
        onView={(next) => url.set({ view: next })}
        onPart={(one) => url.set({ people: toText(one) }, true)}
      />
      {part ? <PeopleBehind report={report} part={part} onClose={() => url.set({ people: null })} /> : null}
    </div>
  );
}
