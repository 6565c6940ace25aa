import { IconAdjustmentsHorizontal, IconDeviceFloppy } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { JourneyMapResult } from '../../../../src/core/query/journey-map/journey-map.ts';
import type { JourneyMapPart } from '../../../../src/core/query/journey-map/schema.ts';
import { withoutOverrides } from '../../format.ts';
import { Button, CopyButton } from '../../kit/button.tsx';
import { Segments, SelectField } from '../../kit/field.tsx';
import { Page, Row, Stack } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { Exactness } from '../reports/exactness.tsx';
import { NoEvents } from '../reports/no-events.tsx';
import { useEvents } from '../reports/parts/choices.ts';
import { FilterBuilder } from '../reports/parts/filter-builder.tsx';
import { PeoplePanel } from '../reports/parts/people-panel.tsx';
import { PeriodBar } from '../reports/parts/period-bar.tsx';
import { asked } from '../reports/report.ts';
import { fromText, toText } from '../reports/report-url.ts';
import { savedReports } from '../reports/saved/calls.ts';
import { type Named, SavePanel } from '../reports/saved/save-panel.tsx';
import { useAnswerTo } from '../reports/use-answer.ts';
import styles from './journey-map.module.css';
import { MapEditor } from './map-editor.tsx';
import { isMap, isMapReady, type JourneyMapReport, mapFromLink, mapOf, mapToLink } from './map-report.ts';
import { MapView } from './map-view.tsx';
import { proposedStages } from './proposal.ts';
import { questionsOf } from './satisfaction.ts';

const LIST = ['saved', savedReports.path, 'list', 'journeyMap'];

/**
 * The customers' journey as the company sees it, drawn from what happened. A map is a saved report: the company's is the
 * favourite or the last that was changed; before one is saved, one is proposed from the events that there are.
 */
export function JourneyMapPage() {
  const t = useText();
  const url = useUrlState();
  const events = useEvents();
  const maps = useQuery({ queryKey: LIST, queryFn: () => savedReports.list({ of: 'journeyMap', limit: 100 }) });
  const id = url.get('map') || maps.data?.items[0]?.id || '';
  const isNew = url.get('map') === 'new' || id === '';
  const saved = useQuery({
    queryKey: ['saved', savedReports.path, id],
    queryFn: () => savedReports.get(id),
    enabled: !isNew,
    retry: false,
  });
  const proposal = useMemo(() => mapOf(proposedStages(events.items, t)), [events.items, t]);
  const stored = saved.data?.content.report;
  if (events.isLoaded && events.items.length === 0) {
    return (
      <Page title={t('journeyMap.title')} purpose={t('journeyMap.purpose')}>
        <NoEvents />
      </Page>
    );
  }
  const error = maps.error ?? saved.error;
  const begins = isNew ? (events.isLoaded && maps.isSuccess ? proposal : null) : isMap(stored) ? stored : null;
  if (begins) {
    return (
      <MapPage
        key={isNew ? 'new' : id}
        begins={begins}
        saved={isNew ? null : (saved.data ?? null)}
        choices={maps.data?.items ?? []}
      />
    );
  }
  return (
    <Page title={t('journeyMap.title')} purpose={t('journeyMap.purpose')}>
      {error ? (
        <Refusal
          title={t('journeyMap.loadFailed')}
          error={error}
          onRetry={() => (saved.error ? saved : maps).refetch()}
        />
      ) : saved.data ? (
        <NothingHere
          title={t('saved.unreadable')}
          text={saved.data.content.problem}
          action={<Button onClick={() => url.set({ map: 'new' })}>{t('journeyMap.propose')}</Button>}
        />
      ) : (
        <Loading>
          <Skeleton height={420} />
        </Loading>
      )}
    </Page>
  );
}

type SavedMap = Awaited<ReturnType<typeof savedReports.get>>;

function MapPage({
  begins,
  saved,
  choices,
}: {
  begins: JourneyMapReport;
  saved: SavedMap | null;
  choices: readonly { id: string; name: string }[];
}) {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('reports.write');
  const said = url.get('r');
  const draft = useMemo(() => mapFromLink(said), [said]);
  const report = draft ?? begins;
  const changed = draft !== null && mapToLink(draft) !== mapToLink(begins);
  const change = (next: JourneyMapReport) => url.set({ r: mapToLink(next), people: null });
  const edits = url.get('edit') === '1';
  const saving = useSave(report, saved);
  const maySave = mayWrite && (changed || !saved) && isMapReady(report);
  const asking = useAnswerTo(report, isMapReady);
  const result = asking.answer?.result as JourneyMapResult | undefined;
  const questions = result ? questionsOf(result) : [];
  const question = questions.find((one) => one === url.get('q')) ?? questions[0] ?? null;
  const name = saved?.name ?? t('journeyMap.proposed');
  return (
    <Page
      title={t('journeyMap.title')}
      purpose={t('journeyMap.purpose')}
      action={
        <>
          <CopyButton value={location.href} text={t('reports.copyLink')} label={t('reports.copyLink')} />
          {maySave && !edits ? <SaveButtons saved={saved} of={saving} /> : null}
          {edits ? null : (
            <Button
              icon={<IconAdjustmentsHorizontal size={16} />}
              onClick={() => url.set({ edit: '1', people: null }, true)}
            >
              {t('journeyMap.edit')}
            </Button>
          )}
        </>
      }
      filters={
        <>
          {choices.length > 0 ? (
            <SelectField
              hideLabel
              label={t('journeyMap.which')}
              width={220}
              value={saved?.id ?? 'new'}
              choices={[
                ...choices.map((one) => ({ value: one.id, label: withoutOverrides(one.name) })),
                { value: 'new', label: t('journeyMap.proposed') },
              ]}
              onChange={(map) => url.set({ map, r: null, people: null, edit: null })}
            />
          ) : null}
          <PeriodBar period={report.period} onPeriod={(period) => change({ ...report, period })} zone={report.zone} />
          {questions.length > 1 && question ? (
            <Segments
              label={t('journeyMap.satisfaction')}
              value={question}
              choices={questions.map((one) => ({ value: one, label: t(`journeyMap.question.${one}`) }))}
              onChange={(next) => url.set({ q: next })}
            />
          ) : null}
        </>
      }
    >
      <Stack gap={16}>
        {saved ? null : <p className={styles.hint}>{t('journeyMap.proposedHint')}</p>}
        {changed && saved ? (
          <Row>
            <span className={styles.hint}>{t('journeyMap.changed', { name: withoutOverrides(name) })}</span>
            <Button small look="quiet" onClick={() => url.set({ r: null })}>
              {t('saved.discard')}
            </Button>
          </Row>
        ) : null}
        <FilterBuilder
          label={t('reports.filterTitle')}
          value={report.filter}
          onChange={(filter) => change({ ...report, filter })}
        />
        {saving.save.error && !saving.asks ? <Refusal title={t('saved.saveFailed')} error={saving.save.error} /> : null}
        {asking.error && !asking.running ? (
          <Refusal title={t('journeyMap.failed')} error={asking.error} onRetry={asking.refresh} />
        ) : !isMapReady(report) ? (
          <NothingHere
            title={t('journeyMap.incomplete')}
            text={t('journeyMap.incompleteText')}
            action={edits ? null : <Button onClick={() => url.set({ edit: '1' }, true)}>{t('journeyMap.edit')}</Button>}
          />
        ) : result ? (
          <div className={styles.body} data-outdated={asking.outdated || undefined} aria-busy={asking.outdated}>
            {asking.answer!.meta.warnings.map((warning) => (
              <p key={warning} className={styles.warning} role="status">
                {warning}
              </p>
            ))}
            <MapView
              result={result}
              question={question}
              onPart={(part) => url.set({ people: toText(part), edit: null }, true)}
            />
            <Exactness meta={asking.answer!.meta} />
          </div>
        ) : (
          <Loading>
            <Skeleton height={420} />
          </Loading>
        )}
      </Stack>
      {saving.asks ? (
        <NameIt saved={saved} of={saving} />
      ) : edits ? (
        <MapEditor
          report={report}
          onChange={change}
          onClose={() => url.set({ edit: null })}
          foot={maySave ? <SaveButtons saved={saved} of={saving} /> : null}
        />
      ) : (
        <Behind report={report} said={url.get('people')} onClose={() => url.set({ people: null })} />
      )}
    </Page>
  );
}

function Behind({ report, said, onClose }: { report: JourneyMapReport; said: string; onClose: () => void }) {
  const t = useText();
  const part = useMemo(() => (said ? (fromText(said) as JourneyMapPart | null) : null), [said]);
  const stage = typeof part === 'object' && part !== null ? report.stages[part.stage] : undefined;
  if (!part || !stage) return null;
  const touchpoint = part.touchpoint === undefined ? null : stage.touchpoints[part.touchpoint];
  return (
    <PeoplePanel
      report={report}
      part={part}
      title={<bdi>{withoutOverrides(touchpoint?.name ?? stage.name)}</bdi>}
      sub={
        touchpoint ? (
          <bdi>{withoutOverrides(stage.name)}</bdi>
        ) : part.outcome ? (
          t(`journeyMap.outcome.${part.outcome}`)
        ) : (
          t('journeyMap.stageNumber', { number: part.stage + 1 })
        )
      }
      onClose={onClose}
    />
  );
}

/** Saves the map over what it was, or as a new one after its name was asked for. */
function useSave(report: JourneyMapReport, saved: SavedMap | null) {
  const t = useText();
  const url = useUrlState();
  const queries = useQueryClient();
  const [asks, setAsks] = useState(false);
  const content = { report: asked(report), display: saved?.content.display ?? {} };
  const save = useMutation({
    mutationFn: (named: Named | null) =>
      named || !saved
        ? savedReports.create({ ...(named ?? { name: t('journeyMap.title') }), content })
        : savedReports.change(saved.id, { content, version: saved.version }),
    onSuccess: async (made) => {
      queries.setQueryData(['saved', savedReports.path, made.id], made);
      await queries.invalidateQueries({ queryKey: ['saved', savedReports.path, 'list'] });
      toast(t('saved.savedNamed', { name: made.name }));
      setAsks(false);
      url.set({ map: made.id, r: null, edit: null });
    },
  });
  return { save, asks, setAsks };
}

function SaveButtons({ saved, of: { save, setAsks } }: { saved: SavedMap | null; of: ReturnType<typeof useSave> }) {
  const t = useText();
  return (
    <>
      <Button
        look="main"
        icon={<IconDeviceFloppy size={16} />}
        busy={save.isPending}
        onClick={() => (saved ? save.mutate(null) : setAsks(true))}
      >
        {t('saved.save')}
      </Button>
      {saved ? <Button onClick={() => setAsks(true)}>{t('saved.saveAs')}</Button> : null}
    </>
  );
}

function NameIt({ saved, of: { save, setAsks } }: { saved: SavedMap | null; of: ReturnType<typeof useSave> }) {
  const t = useText();
  return (
    <SavePanel
      title={t('journeyMap.saveTitle')}
      start={{ name: saved?.name ?? t('journeyMap.title'), description: '', shared: true }}
      error={save.error}
      busy={save.isPending}
      onSave={save.mutate}
      onClose={() => {
        setAsks(false);
        save.reset();
      }}
    />
  );
}
