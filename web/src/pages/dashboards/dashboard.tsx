import {
  IconDeviceFloppy,
  IconFlag,
  IconMaximize,
  IconPencil,
  IconPlus,
  IconRefresh,
  IconX,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { Button, IconButton } from '../../kit/button.tsx';
import { Tag } from '../../kit/data.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Page, Row, Stack } from '../../kit/layout.tsx';
import { NothingHere, Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type Dashboard, dashboards } from '../reports/saved/calls.ts';
import { FavouriteButton } from '../reports/saved/favourite.tsx';
import { AnnotationsOf } from '../reports/saved/marks.ts';
import { AnnotationsPanel, DetailsPanel, HistoryPanel } from '../reports/saved/panels.ts';
import { SavedMenu } from '../reports/saved/saved-menu.tsx';
import { useRemoval } from '../reports/saved/use-removal.ts';
import { useSharing } from '../shares/share-menu.tsx';
import { Board } from './board.tsx';
import { type ShownDashboard, sentOf } from './draft.ts';
import { type Filters, FiltersBar } from './filters-bar.tsx';
import styles from './grid.module.css';
import { useFilters } from './use-filters.ts';

/** How often a dashboard may ask again by itself, in seconds. */
const REFRESHES = [60, 300, 900, 3600] as const;

/** One dashboard: looked at under filters that stand in the address, edited in place. */
export function DashboardPage() {
  const t = useText();
  const { dashboardId = '' } = useParams();
  const saved = useQuery({
    queryKey: ['saved', dashboards.path, dashboardId],
    queryFn: () => dashboards.get(dashboardId),
  });
  const back = { to: '/dashboards', label: t('dashboards.title') };
  if (saved.data) {
    const of = [
      dashboardId,
      ...saved.data.content.tiles.flatMap((tile) => ('reportId' in tile && tile.reportId) || []),
    ];
    return (
      <AnnotationsOf value={[...new Set(of)].slice(0, 100).join(',')}>
        <Open key={dashboardId} of={saved.data} back={back} />
      </AnnotationsOf>
    );
  }
  return (
    <Page title={t('dashboards.title')} back={back}>
      <UntilLoaded query={saved} failed={t('saved.loadFailed')}>
        <Skeleton height={360} />
      </UntilLoaded>
    </Page>
  );
}

function Open({ of, back }: { of: Dashboard; back: { to: string; label: string } }) {
  const t = useText();
  const go = useNavigate();
  const url = useUrlState();
  const mayWrite = useMay('reports.write');
  const removal = useRemoval(dashboards);
  const sharing = useSharing({ kind: 'dashboard', id: of.id, name: of.name });
  const editing = url.get('edit') === '1' && mayWrite;
  const presenting = url.get('present') === '1' && !editing;
  const filters = useFilters(of.content.filters);
  const [asked, setAsked] = useState(0);
  const panel = url.get('panel');
  const close = () => url.set({ panel: null });
  const refreshSeconds = of.content.refreshSeconds;

  if (editing) return <Editing of={of} back={back} onDone={() => url.set({ edit: null, panel: null })} />;
  const content = { ...of.content, filters: filters.value };
  const board = <Board id={of.id} content={content} refreshSeconds={refreshSeconds} asked={asked} />;
  if (presenting) return <Presentation name={of.name}>{board}</Presentation>;
  const present = () => {
    url.set({ present: '1' }, true);
    document.documentElement.requestFullscreen?.().catch(() => {});
  };
  const empty = of.content.tiles.length === 0;
  return (
    <Page
      title={of.name}
      back={back}
      heading={
        <Row gap={6}>
          <h1>
            <bdi>{of.name}</bdi>
          </h1>
          <FavouriteButton of={of} calls={dashboards} />
          {of.shared ? null : <Tag>{t('saved.private')}</Tag>}
        </Row>
      }
      purpose={of.description}
      action={
        <>
          <IconButton label={t('dashboards.refreshAll')} onClick={() => setAsked((before) => before + 1)}>
            <IconRefresh size={18} />
          </IconButton>
          {mayWrite ? (
            <Button icon={<IconPencil size={16} />} onClick={() => url.set({ edit: '1' }, true)}>
              {t('dashboards.edit')}
            </Button>
          ) : null}
          <SavedMenu
            mayWrite={mayWrite}
            more={[
              ...sharing.items,
              { label: t('dashboards.present'), icon: <IconMaximize size={16} />, onClick: present },
              {
                label: t('saved.annotations'),
                icon: <IconFlag size={16} />,
                onClick: () => url.set({ panel: 'annotations' }, true),
              },
            ]}
            onDelete={() => removal.mutate(of, { onSuccess: () => go('/dashboards') })}
          />
        </>
      }
      filters={empty ? null : <FiltersBar value={filters.value} onChange={filters.change} />}
    >
      <Stack gap={12}>
        {removal.error ? <Refusal title={t('saved.deleteFailed')} error={removal.error} /> : null}
        {of.content.problem ? <NothingHere title={t('dashboards.damaged')} text={of.content.problem} /> : null}
        {empty ? (
          <NothingHere
            title={t('dashboards.noTiles')}
            text={t('dashboards.noTilesText')}
            action={
              mayWrite ? (
                <Button
                  look="main"
                  icon={<IconPlus size={16} />}
                  onClick={() => url.set({ edit: '1', panel: 'add' }, true)}
                >
                  {t('dashboards.add')}
                </Button>
              ) : null
            }
          />
        ) : (
          board
        )}
      </Stack>
      {sharing.panel}
      {panel === 'history' ? <HistoryPanel of={of} calls={dashboards} onClose={close} /> : null}
      {panel === 'annotations' ? <AnnotationsPanel of={of} onClose={close} /> : null}
      {panel === 'details' && mayWrite ? (
        <DetailsPanel of={of} path={dashboards.path} change={dashboards.change} onClose={close} />
      ) : null}
    </Page>
  );
}

/** Nothing but the dashboard, for a screen on the wall; Escape leaves. */
function Presentation({ name, children }: { name: string; children: React.ReactNode }) {
  const t = useText();
  const url = useUrlState();
  useEffect(() => {
    const left = () => document.fullscreenElement === null && url.set({ present: null });
    const key = (event: KeyboardEvent) => event.key === 'Escape' && url.set({ present: null });
    document.addEventListener('fullscreenchange', left);
    document.addEventListener('keydown', key);
    return () => {
      document.removeEventListener('fullscreenchange', left);
      document.removeEventListener('keydown', key);
    };
  }, [url]);
  const leave = () => {
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    url.set({ present: null });
  };
  return (
    <div className={styles.full}>
      <div className={styles.fullHead}>
        <h1>
          <bdi>{name}</bdi>
        </h1>
        <IconButton label={t('dashboards.leave')} onClick={leave}>
          <IconX size={20} />
        </IconButton>
      </div>
      {children}
    </div>
  );
}

/** The dashboard as it will be: nothing is stored before it is saved. */
function Editing({ of, back, onDone }: { of: Dashboard; back: { to: string; label: string }; onDone: () => void }) {
  const t = useText();
  const url = useUrlState();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<ShownDashboard>(of.content);
  const changed = useMemo(
    () => JSON.stringify(sentOf(draft)) !== JSON.stringify(sentOf(of.content)),
    [draft, of.content],
  );
  useEffect(() => {
    if (!changed) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', stay);
    return () => removeEventListener('beforeunload', stay);
  }, [changed]);
  const save = useMutation({
    mutationFn: () => dashboards.change(of.id, { content: sentOf(draft), version: of.version }),
    onSuccess: async (made) => {
      queries.setQueryData(['saved', dashboards.path, of.id], made);
      await queries.invalidateQueries({ queryKey: ['saved', dashboards.path, 'list'] });
      toast(t('saved.savedNamed', { name: made.name }));
      onDone();
    },
  });
  const setFilters = (filters: Filters) => setDraft((before) => ({ ...before, filters }));
  return (
    <Page
      title={of.name}
      back={back}
      purpose={t('dashboards.editHint')}
      action={
        <>
          <Button icon={<IconPlus size={16} />} onClick={() => url.set({ panel: 'add' }, true)}>
            {t('dashboards.add')}
          </Button>
          <Button look="quiet" onClick={onDone}>
            {changed ? t('saved.discard') : t('dashboards.done')}
          </Button>
          <Button
            look="main"
            icon={<IconDeviceFloppy size={16} />}
            busy={save.isPending}
            disabled={!changed}
            onClick={() => save.mutate()}
          >
            {t('saved.save')}
          </Button>
        </>
      }
      filters={
        <>
          <FiltersBar value={draft.filters} onChange={setFilters} />
          <SelectField
            hideLabel
            label={t('dashboards.refreshEvery')}
            width={230}
            value={String(draft.refreshSeconds ?? '')}
            choices={[
              { value: '', label: t('dashboards.noRefresh') },
              ...REFRESHES.map((seconds) => ({
                value: String(seconds),
                label: t('dashboards.everyMinutes', { count: seconds / 60 }),
              })),
            ]}
            onChange={(seconds) =>
              setDraft((before) => ({ ...before, refreshSeconds: seconds ? Number(seconds) : null }))
            }
          />
        </>
      }
    >
      <Stack gap={12}>
        {save.error ? <Refusal title={t('saved.saveFailed')} error={save.error} /> : null}
        <Board
          id={of.id}
          content={draft}
          refreshSeconds={null}
          asked={0}
          onTiles={(change) => setDraft((before) => ({ ...before, tiles: change(before.tiles) }))}
        />
      </Stack>
    </Page>
  );
}
