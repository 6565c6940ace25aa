import { IconChartLine, IconLetterT, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { SearchField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { NothingHere, Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { savedReports } from '../reports/saved/calls.ts';
import { nameOfKind } from '../reports/saved/home-of.ts';
import styles from './dashboards.module.css';
import type { ShownReportTile } from './draft.ts';

export type NewReport = Pick<ShownReportTile, 'reportId' | 'report' | 'display' | 'name'>;

/** What comes onto a dashboard: a saved report, a new one, or words. */
export function AddPanel({
  onSaved,
  onNew,
  onText,
  onClose,
}: {
  onSaved: (report: NewReport) => void;
  onNew: () => void;
  onText: () => void;
  onClose: () => void;
}) {
  const t = useText();
  const [q, setQ] = useState('');
  const [typed] = useDebouncedValue(q, 250);
  const list = useQuery({
    queryKey: ['saved', savedReports.path, 'list', 'choose', typed],
    queryFn: () => savedReports.list({ q: typed, limit: 100 }),
    placeholderData: (before) => before,
  });
  const add = useMutation({
    mutationFn: (id: string) => savedReports.get(id),
    onSuccess: (saved) =>
      onSaved({
        reportId: saved.id,
        report: saved.content.report,
        display: saved.content.display,
        name: saved.name,
      }),
  });
  const rows = list.data?.items ?? [];
  return (
    <SidePanel icon={<IconPlus size={20} aria-hidden />} title={t('dashboards.add')} onClose={onClose}>
      <Stack gap={16}>
        <Row>
          <Button icon={<IconChartLine size={16} />} onClick={onNew}>
            {t('dashboards.newReport')}
          </Button>
          <Button icon={<IconLetterT size={16} />} onClick={onText}>
            {t('dashboards.words')}
          </Button>
        </Row>
        <h3 className={styles.small}>{t('dashboards.savedReports')}</h3>
        <SearchField label={t('saved.search')} value={q} onChange={setQ} width={420} />
        {add.error ? <Refusal title={t('saved.loadFailed')} error={add.error} /> : null}
        <UntilLoaded query={list} failed={t('saved.listFailed')}>
          <Skeleton height={44} />
        </UntilLoaded>
        {list.isSuccess && rows.length === 0 ? (
          <NothingHere title={t(typed ? 'saved.noneFound' : 'dashboards.noReport')} />
        ) : null}
        <ul className={styles.suggestions}>
          {rows.map((row) => (
            <li key={row.id}>
              <div>
                <b>
                  <bdi>{row.name}</bdi>
                </b>
                <div className={styles.dim}>{nameOfKind(row.about.kind, t)}</div>
              </div>
              <Button small busy={add.isPending && add.variables === row.id} onClick={() => add.mutate(row.id)}>
                {t('dashboards.addOne')}
                <span className="hidden-visually">: {row.name}</span>
              </Button>
            </li>
          ))}
        </ul>
      </Stack>
    </SidePanel>
  );
}
