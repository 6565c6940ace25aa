import { IconLayoutDashboard, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { Num } from '../../kit/data.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { Nothing, Refusal } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { SampleButton } from '../people/sample-button.tsx';
import { type Dashboard, type DashboardSummary, dashboards } from '../reports/saved/calls.ts';
import { type Named, SavePanel } from '../reports/saved/save-panel.tsx';
import { SavedList } from '../reports/saved/saved-list.tsx';
import styles from './dashboards.module.css';

const AGAIN_MS = 3000;

/** Dashboards, one's favourites first; where there is none, those that can be made of what has come. */
export function DashboardsPage() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('reports.write');
  return (
    <SavedList<DashboardSummary>
      list="dashboards"
      title={t('dashboards.title')}
      purpose={t('dashboards.purpose')}
      calls={dashboards}
      to={(row) => `/dashboards/${row.id}`}
      columns={[
        { id: 'tiles', name: t('dashboards.tiles'), number: true, cell: (row) => <Num value={row.about.tiles} /> },
      ]}
      action={
        mayWrite ? (
          <Button look="main" icon={<IconPlus size={16} />} onClick={() => url.set({ new: '1' }, true)}>
            {t('dashboards.new')}
          </Button>
        ) : null
      }
      empty={<NoDashboard />}
    >
      {url.get('new') && mayWrite ? <NewDashboard onClose={() => url.set({ new: null })} /> : null}
    </SavedList>
  );
}

function useMade(): (made: Dashboard) => void {
  const go = useNavigate();
  const queries = useQueryClient();
  return (made) => {
    queries.setQueryData(['saved', dashboards.path, made.id], made);
    queries.invalidateQueries({ queryKey: ['saved', dashboards.path, 'list'] });
    go(`/dashboards/${made.id}${made.content.tiles.length === 0 ? '?edit=1' : ''}`);
  };
}

function NewDashboard({ onClose }: { onClose: () => void }) {
  const t = useText();
  const made = useMade();
  const create = useMutation({
    mutationFn: (named: Named) =>
      dashboards.create({ ...named, content: { tiles: [], filters: {}, refreshSeconds: null } }),
    onSuccess: made,
  });
  return (
    <SavePanel
      title={t('dashboards.new')}
      start={{ name: '', description: '', shared: true }}
      error={create.error}
      busy={create.isPending}
      onSave={create.mutate}
      onClose={onClose}
    >
      <Suggestions />
    </SavePanel>
  );
}

/** Asked again until there are some: the first events may be on their way. */
const useSuggestions = () =>
  useQuery({
    queryKey: ['dashboard-suggestions'],
    queryFn: dashboards.suggestions,
    refetchInterval: (query) => (query.state.data?.items.length === 0 ? AGAIN_MS : false),
  });

/** Dashboards that one click makes, because the events that they are about are there. */
function Suggestions() {
  const t = useText();
  const made = useMade();
  const list = useSuggestions();
  const make = useMutation({ mutationFn: dashboards.makeSuggested, onSuccess: made });
  const items = list.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Stack gap={8}>
      <h3 className={styles.small}>{t('dashboards.ready')}</h3>
      {make.error ? <Refusal title={t('dashboards.makeFailed')} error={make.error} /> : null}
      <ul className={styles.suggestions}>
        {items.map((one) => (
          <li key={one.key}>
            <div>
              <b>{one.name}</b>
              <div className={styles.dim}>{one.description}</div>
            </div>
            <Button
              small
              icon={<IconLayoutDashboard size={15} />}
              busy={make.isPending && make.variables === one.key}
              onClick={() => make.mutate(one.key)}
            >
              {t('dashboards.make')}
              <span className="hidden-visually">: {one.name}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Stack>
  );
}

function NoDashboard() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('reports.write');
  const list = useSuggestions();
  const none = list.isSuccess && list.data.items.length === 0;
  // It says how far the loading is: it stays when the first events have come.
  const [sample, setSample] = useState(false);
  if (none && !sample) setSample(true);
  return (
    <Nothing
      title={t('dashboards.emptyTitle')}
      text={t('dashboards.emptyText')}
      actions={
        <Stack gap={16}>
          {mayWrite ? <Suggestions /> : null}
          <Row>
            {mayWrite ? (
              <Button
                look={none ? 'plain' : 'main'}
                icon={<IconPlus size={16} />}
                onClick={() => url.set({ new: '1' }, true)}
              >
                {t('dashboards.new')}
              </Button>
            ) : null}
            {sample ? <SampleButton look={none ? 'main' : 'plain'} /> : null}
          </Row>
        </Stack>
      }
      preview={<ExampleGrid />}
    />
  );
}

/** What a dashboard will look like. */
function ExampleGrid() {
  return (
    <div className={styles.example}>
      {[4, 4, 4, 8, 4, 6, 6].map((width, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a picture, which never changes.
        <div key={index} style={{ gridColumn: `span ${width}` }} data-tall={index > 2 || undefined}>
          <span />
          <span />
        </div>
      ))}
    </div>
  );
}
