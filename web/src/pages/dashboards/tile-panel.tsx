import { IconChartLine, IconLetterT } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { CodeField, SelectField, TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { useText } from '../../text.tsx';
import { ReportEditor, ReportPeriod } from '../reports/editor.tsx';
import { asked, isReady, KINDS, type Kind, type Report, START } from '../reports/report.ts';
import { isShaped } from '../reports/report-url.ts';
import { viewOf, viewsOf } from '../reports/results/views.ts';
import styles from './dashboards.module.css';
import type { ShownReportTile, ShownTextTile, ShownTile } from './draft.ts';

/** Words on a tile, or the report of one: changed beside the dashboard, which shows it at once. */
export function TilePanel({
  tile,
  onChange,
  onClose,
}: {
  tile: ShownTile;
  onChange: (tile: ShownTile) => void;
  onClose: () => void;
}) {
  return tile.kind === 'text' ? (
    <TextPanel tile={tile} onChange={onChange} onClose={onClose} />
  ) : (
    <ReportPanel tile={tile} onChange={onChange} onClose={onClose} />
  );
}

function TextPanel({
  tile,
  onChange,
  onClose,
}: {
  tile: ShownTextTile;
  onChange: (tile: ShownTile) => void;
  onClose: () => void;
}) {
  const t = useText();
  return (
    <SidePanel
      icon={<IconLetterT size={20} aria-hidden />}
      title={t('dashboards.words')}
      sub={t('dashboards.wordsHint')}
      onClose={onClose}
      foot={<Button onClick={onClose}>{t('dashboards.done')}</Button>}
    >
      <CodeField
        autoFocus
        rows={14}
        label={t('dashboards.markdown')}
        value={tile.text}
        onChange={(text) => onChange({ ...tile, text })}
      />
    </SidePanel>
  );
}

function ReportPanel({
  tile,
  onChange,
  onClose,
}: {
  tile: ShownReportTile;
  onChange: (tile: ShownTile) => void;
  onClose: () => void;
}) {
  const t = useText();
  const shaped = isShaped(tile.report) ? tile.report : null;
  // What is being written may have blanks yet: the tile shows the last that could be asked.
  const [report, setReport] = useState<Report | null>(shaped);
  const change = (next: Report) => {
    setReport(next);
    if (isReady(next)) onChange({ ...tile, report: asked(next) as ShownReportTile['report'], problem: null });
  };
  const draw = (view: string) => {
    const display = { ...tile.display, view };
    onChange({ ...tile, display, ownDisplay: display });
  };
  return (
    <SidePanel
      icon={<IconChartLine size={20} aria-hidden />}
      title={t('dashboards.editTile')}
      onClose={onClose}
      foot={<Button onClick={onClose}>{t('dashboards.done')}</Button>}
    >
      <Stack gap={14}>
        <TextField
          label={t('dashboards.tileTitle')}
          value={tile.title}
          placeholder={tile.name}
          onChange={(title) => onChange({ ...tile, title })}
        />
        {report ? (
          <SelectField
            label={t('reports.view')}
            value={viewOf(report, String(tile.display.view ?? ''))}
            choices={viewsOf(report).map((view) => ({ value: view, label: t(`reports.views.${view}`) }))}
            onChange={draw}
          />
        ) : null}
        {tile.reportId ? (
          <p className={styles.dim}>
            {t('dashboards.ofSaved')} <Link to={`/reports/${tile.reportId}`}>{tile.name || tile.reportId}</Link>
          </p>
        ) : report ? (
          <>
            <SelectField
              label={t('reports.kindLabel')}
              value={report.kind}
              choices={KINDS.map((kind) => ({ value: kind, label: t(`reports.kind.${kind}`) }))}
              onChange={(kind) => change({ ...START[kind as Kind](), period: report.period })}
            />
            <div className={styles.period}>
              <ReportPeriod report={report} onChange={change} />
            </div>
            <ReportEditor report={report} onChange={change} />
          </>
        ) : (
          <p className={styles.dim}>{tile.problem}</p>
        )}
      </Stack>
    </SidePanel>
  );
}
