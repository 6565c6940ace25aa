import { IconTable } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import { late } from '../../kit/late.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { NothingHere, Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { isDrawn } from '../reports/drawn.ts';
import { Exactness } from '../reports/exactness.tsx';
import { PeopleBehind } from '../reports/parts/people-behind.tsx';
import type { DrawnReport } from '../reports/report.ts';
import { START } from '../reports/report.ts';
import { fromText, toText } from '../reports/report-url.ts';
import { ReportSummary } from '../reports/result.tsx';
import type { NewReport } from './add-panel.tsx';
import { newTileId, type ShownDashboard, type ShownReportTile, type ShownTile, toSent } from './draft.ts';
import type { Filters } from './filters-bar.tsx';
import { Grid } from './grid.tsx';
import { placeFor } from './layout.ts';
import { nameOfTile, TileContent } from './tile.tsx';
import { useAnswers } from './use-answers.ts';

const AddPanel = late(() => import('./add-panel.tsx').then((part) => part.AddPanel));
const TilePanel = late(() => import('./tile-panel.tsx').then((part) => part.TilePanel));

const REPORT_SIZE = { w: 6, h: 5 };
const TEXT_SIZE = { w: 4, h: 3 };

type ChangeTiles = (change: (tiles: ShownTile[]) => ShownTile[]) => void;

/** A report under the filters of its dashboard, as its tile asks it: for the people behind it. */
function underFilters(report: DrawnReport, { period, zone, filter }: Filters): DrawnReport {
  const both = report.filter && filter ? { all: [report.filter, filter] } : (filter ?? report.filter);
  return { ...report, ...(period ? { period } : {}), ...(zone ? { zone } : {}), ...(both ? { filter: both } : {}) };
}

/** The tiles of a dashboard with their answers; with `onTiles` they can be moved, changed and removed. */
export function Board({
  id,
  content,
  refreshSeconds,
  asked,
  onTiles,
}: {
  id: string;
  content: ShownDashboard;
  refreshSeconds: number | null;
  /** Counts how often somebody asked for newer answers. */
  asked: number;
  onTiles?: ChangeTiles;
}) {
  const t = useText();
  const url = useUrlState();
  const { tiles, filters } = content;
  const sent = useMemo(
    () => tiles.filter((tile) => tile.kind === 'report' && tile.report !== null).map(toSent),
    [tiles],
  );
  const answers = useAnswers(id, sent, filters, refreshSeconds);
  const { refresh } = answers;
  useEffect(() => {
    if (asked > 0) refresh();
  }, [asked, refresh]);
  const at = url.get('tile');
  useEffect(() => {
    if (at) document.querySelector(`[data-tile="${CSS.escape(at)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const editing = onTiles !== undefined;
  const nameOf = (tile: ShownTile) =>
    nameOfTile(tile, t(tile.kind === 'text' ? 'dashboards.words' : 'dashboards.tile'));
  const put = (next: ShownTile) => onTiles?.((all) => all.map((one) => (one.id === next.id ? next : one)));
  const remove = (tile: ShownTile) => {
    onTiles?.((all) => all.filter((one) => one.id !== tile.id));
    toast(t('dashboards.removed', { name: nameOf(tile) }), { undo: () => onTiles?.((all) => [...all, tile]) });
  };
  const add = (tile: ShownTile, open: boolean) => {
    onTiles?.((all) => [...all, { ...tile, ...placeFor(all, tile) }]);
    url.set(open ? { panel: 'tile', tile: tile.id } : { panel: null }, true);
  };
  const addReport = (report: NewReport, open: boolean) =>
    add(
      {
        ...{ kind: 'report', id: newTileId(), x: 0, y: 0, ...REPORT_SIZE, title: '', ownDisplay: null, problem: null },
        ...report,
      },
      open,
    );
  const opened = tiles.find((tile) => tile.id === at);
  const panel = url.get('panel');
  const close = () => url.set({ panel: null, tile: null, people: null });
  return (
    <>
      {answers.error ? (
        <Refusal title={t('dashboards.answersFailed')} error={answers.error} onRetry={() => answers.refresh()} />
      ) : null}
      {tiles.length === 0 ? <NothingHere title={t('dashboards.noTiles')} text={t('dashboards.noTilesText')} /> : null}
      <Grid
        tiles={tiles}
        editing={editing}
        nameOf={nameOf}
        onLayout={(layout) => onTiles?.((all) => all.map((tile) => ({ ...tile, ...placeOf(layout, tile) })))}
      >
        {(tile, handles) => (
          <TileContent
            tile={tile}
            state={answers.of(toSent(tile))}
            handles={handles}
            actions={{
              ...(editing
                ? {
                    onEdit: () => url.set({ panel: 'tile', tile: tile.id }, true),
                    onRemove: () => remove(tile),
                  }
                : {}),
              onTable: () => url.set({ panel: 'table', tile: tile.id }, true),
              onRefresh: () => answers.refresh([tile.id]),
              onPart: (part) => url.set({ panel: 'people', tile: tile.id, people: toText(part) }, true),
            }}
          />
        )}
      </Grid>
      {editing && panel === 'add' ? (
        <AddPanel
          onSaved={(report) => addReport(report, false)}
          onNew={() =>
            addReport(
              { reportId: null, report: START.trend() as ShownReportTile['report'], display: {}, name: '' },
              true,
            )
          }
          onText={() => add({ kind: 'text', id: newTileId(), x: 0, y: 0, ...TEXT_SIZE, text: '' }, true)}
          onClose={close}
        />
      ) : null}
      {editing && panel === 'tile' && opened ? (
        <TilePanel key={opened.id} tile={opened} onChange={put} onClose={close} />
      ) : null}
      {panel === 'table' && opened?.kind === 'report' ? (
        <TablePanel
          tile={opened}
          name={nameOf(opened)}
          answer={answers.of(toSent(opened)).answer}
          onPart={(part) => url.set({ panel: 'people', people: toText(part) }, true)}
          onClose={close}
        />
      ) : null}
      {panel === 'people' && opened?.kind === 'report' && isDrawn(opened.report) ? (
        <Behind report={underFilters(opened.report, filters)} said={url.get('people')} onClose={close} />
      ) : null}
    </>
  );
}

const placeOf = (layout: readonly ShownTile[], tile: ShownTile) => {
  const { x, y, w, h } = layout.find((one) => one.id === tile.id) ?? tile;
  return { x, y, w, h };
};

type Answer = NonNullable<ReturnType<ReturnType<typeof useAnswers>['of']>['answer']>;

function TablePanel({
  tile,
  name,
  answer,
  onPart,
  onClose,
}: {
  tile: ShownReportTile;
  name: string;
  answer: Answer | undefined;
  onPart: (part: object) => void;
  onClose: () => void;
}) {
  if (!answer || !isDrawn(tile.report)) return null;
  return (
    <SidePanel icon={<IconTable size={20} aria-hidden />} title={<bdi>{name}</bdi>} onClose={onClose}>
      <Stack gap={14}>
        <Exactness meta={answer.meta} />
        <ReportSummary report={tile.report} answer={answer} onPart={onPart} />
      </Stack>
    </SidePanel>
  );
}

function Behind({ report, said, onClose }: { report: DrawnReport; said: string; onClose: () => void }) {
  const part = fromText(said);
  if (typeof part !== 'object' || part === null) return null;
  return <PeopleBehind report={report} part={part} onClose={onClose} />;
}
