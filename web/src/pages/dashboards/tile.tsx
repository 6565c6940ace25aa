import { IconArrowUpRight, IconDots, IconPencil, IconRefresh, IconTable, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { ApiRefusal } from '../../api.ts';
import { formatRelative } from '../../format.ts';
import { IconButton } from '../../kit/button.tsx';
import { ChartFramed } from '../../kit/chart/frame.ts';
import { useNow } from '../../kit/hooks.ts';
import { late } from '../../kit/late.tsx';
import { Menu } from '../../kit/menu.tsx';
import { Loading, reasonOf, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { isDrawn } from '../reports/drawn.ts';
import { isShaped, reportAddress } from '../reports/report-url.ts';
import { ReportPictures, ReportSummary } from '../reports/result.tsx';
import { viewOf } from '../reports/results/views.ts';
import type { ShownReportTile, ShownTile } from './draft.ts';
import styles from './grid.module.css';
import type { Handles } from './grid.tsx';
import { GAP, ROW } from './layout.ts';
import type { TileState } from './use-answers.ts';

/** A report of a kind that is not drawn on dashboards: what it is, and the way to it. */
const Elsewhere = late<{ report: NonNullable<ShownReportTile['report']>; saved: string | null }>(() =>
  import('./elsewhere.tsx').then((part) => part.Elsewhere),
);
const Markdown = late(() => import('./markdown.tsx').then((part) => part.Markdown));

/** Pixels of a tile around its picture: its title and edges. */
const AROUND = 54;
const LEAST = 80;

/** What can be done with a tile. */
export interface TileActions {
  onEdit?: (() => void) | undefined;
  onRemove?: (() => void) | undefined;
  onTable: () => void;
  onRefresh: () => void;
  onPart: (part: object) => void;
}

export const nameOfTile = (tile: ShownTile, fallback: string): string =>
  tile.kind === 'text'
    ? (tile.text.split('\n', 1)[0] ?? '').replace(/^#+\s*/, '') || fallback
    : tile.title || tile.name || fallback;

/** Where the report of a tile can be worked on; nothing where there is no editor for it. */
function addressOf(tile: ShownReportTile): string | null {
  if (tile.reportId) return `/reports/${tile.reportId}`;
  return isShaped(tile.report)
    ? reportAddress(tile.report, tile.display.view ? `&view=${tile.display.view}` : '')
    : null;
}

/** A tile with what stands on it: words, or the picture of a report as soon as it is there. */
export function TileContent({
  tile,
  state,
  handles,
  actions,
}: {
  tile: ShownTile;
  state: TileState;
  handles: Handles | null;
  actions: TileActions;
}) {
  const t = useText();
  const go = useNavigate();
  const [head, setHead] = useState<Element | null>(null);
  const name = nameOfTile(tile, t('dashboards.tile'));
  const to = tile.kind === 'report' ? addressOf(tile) : null;
  const isReport = tile.kind === 'report';
  const { onEdit, onRemove } = actions;
  const items = [
    ...(to && !handles
      ? [{ label: t('dashboards.open'), icon: <IconArrowUpRight size={16} />, onClick: () => go(to) }]
      : []),
    ...(onEdit ? [{ label: t('dashboards.edit'), icon: <IconPencil size={16} />, onClick: onEdit }] : []),
    ...(isReport && state.answer
      ? [{ label: t('dashboards.table'), icon: <IconTable size={16} />, onClick: actions.onTable }]
      : []),
    ...(isReport
      ? [{ label: t('dashboards.refresh'), icon: <IconRefresh size={16} />, onClick: actions.onRefresh }]
      : []),
    ...(onRemove ? [{ label: t('dashboards.remove'), icon: <IconTrash size={16} />, onClick: onRemove }] : []),
  ];
  const label = t('dashboards.menuOf', { name });
  const groups = [{ key: 'tile', items }];
  // While it is looked at, the menu is the picture's: with its files. While it is edited, the tile's own.
  const ownMenu = handles !== null || !hasPicture(tile, state);
  const frame = {
    into: ownMenu ? null : head,
    label,
    groups,
    height: Math.max(LEAST, tile.h * ROW + (tile.h - 1) * GAP - AROUND),
  };
  return (
    <>
      {handles || isReport ? (
        <div className={styles.head}>
          {handles?.move}
          <h2 title={name}>{to && !handles ? <Link to={to}>{name}</Link> : name}</h2>
          {isReport ? <Note state={state} /> : null}
          <span ref={setHead} />
          {ownMenu && items.length > 0 ? (
            <Menu
              below="end"
              width={210}
              target={
                <IconButton small label={label}>
                  <IconDots size={16} />
                </IconButton>
              }
              groups={groups}
            />
          ) : null}
        </div>
      ) : null}
      <div
        className={styles.body}
        aria-busy={state.running && state.answer !== undefined}
        tabIndex={tile.kind === 'text' ? 0 : undefined}
      >
        {tile.kind === 'text' ? (
          <Markdown text={tile.text} />
        ) : (
          <ChartFramed value={frame}>
            <Shown tile={tile} state={state} onPart={actions.onPart} />
          </ChartFramed>
        )}
      </div>
      {handles?.resize}
    </>
  );
}

/** Whether it shows a picture, which has a menu. */
function hasPicture(tile: ShownTile, { answer, error, running }: TileState): boolean {
  if (tile.kind === 'text' || tile.problem !== null || !answer || (error && !running)) return false;
  return isDrawn(tile.report) && viewOf(tile.report, String(tile.display.view ?? '')) !== 'table';
}

function Note({ state }: { state: TileState }) {
  const t = useText();
  const now = useNow();
  const { answer } = state;
  if (!answer) return null;
  const { exact, computedAt } = answer.meta;
  return (
    <span className={styles.note} title={t('dashboards.computed', { when: formatRelative(computedAt, now) })}>
      {exact ? null : t('dashboards.sampled')}
    </span>
  );
}

function Shown({ tile, state, onPart }: { tile: ShownReportTile; state: TileState; onPart: (part: object) => void }) {
  const t = useText();
  const { answer, error } = state;
  if (tile.problem !== null || !tile.report)
    return <Trouble title={t('dashboards.cannotShow')} text={tile.problem ?? ''} />;
  if (error && !state.running) return <Trouble title={t('dashboards.failed')} text={reasonOf(error, t)} code={error} />;
  if (!answer)
    return (
      <Loading>
        <Skeleton height={Math.max(LEAST, tile.h * ROW + (tile.h - 1) * GAP - AROUND - 8)} />
      </Loading>
    );
  const { report } = tile;
  if (!isDrawn(report)) return <Elsewhere report={report} saved={tile.reportId ?? null} />;
  const view = viewOf(report, String(tile.display.view ?? ''));
  if (view === 'table') return <ReportSummary report={report} answer={answer} onPart={onPart} />;
  return <ReportPictures report={report} answer={answer} view={view} onPart={onPart} />;
}

/** Why there is no picture, small enough for a tile. */
function Trouble({ title, text, code }: { title: string; text: string; code?: Error }) {
  return (
    <div className={styles.trouble} role="alert" data-code={code instanceof ApiRefusal ? code.code : undefined}>
      <b>{title}</b>
      {text}
    </div>
  );
}
