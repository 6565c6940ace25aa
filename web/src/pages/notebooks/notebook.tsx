import { IconHistory, IconNote, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { DateField, Switch, TextField } from '../../kit/field.tsx';
import { Page, Row, Stack } from '../../kit/layout.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type Cell, calls, type Notebook } from './calls.ts';
import { CellView } from './cell.tsx';
import { isSame, newCell } from './cells.ts';
import styles from './notebooks.module.css';
import { SchemaBrowser } from './schema.tsx';
import type { Insert } from './sql-editor.tsx';
import { VersionsPanel } from './versions.tsx';

const DAY_MS = 86_400_000;
const day = (time: number) => new Date(time).toISOString().slice(0, 10);

/** One notebook: its cells beside the tables that they can read. */
export function NotebookPage() {
  const t = useText();
  const { notebookId = '' } = useParams();
  const key = ['notebook', notebookId];
  const query = useQuery({ queryKey: key, queryFn: () => calls.get(notebookId), refetchOnWindowFocus: false });
  const back = { to: '/notebooks', label: t('notebooks.title') };
  if (query.data) return <Editor key={query.data.id} notebook={query.data} back={back} />;
  return (
    <Page title="" heading={<span />} back={back}>
      <UntilLoaded query={query} failed={t('notebooks.loadFailed')}>
        <Stack gap={20}>
          <Skeleton width={240} height={22} />
          <Skeleton height={320} />
        </Stack>
      </UntilLoaded>
    </Page>
  );
}

function Editor({ notebook, back }: { notebook: Notebook; back: { to: string; label: string } }) {
  const t = useText();
  const url = useUrlState();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState(notebook.name);
  const [cells, setCells] = useState<Cell[]>(notebook.cells);
  const [insert, setInsert] = useState<{ put: Insert } | null>(null);
  const saved = name.trim() === notebook.name && isSame(cells, notebook.cells);
  const keep = (now: Notebook) => {
    queries.setQueryData(['notebook', now.id], now);
    queries.invalidateQueries({ queryKey: ['notebooks'] });
    queries.invalidateQueries({ queryKey: ['notebook-versions', now.id] });
  };
  const change = useMutation({
    mutationFn: (what: { name?: string; cells?: Cell[]; shared?: boolean }) =>
      calls.change(notebook.id, { ...what, version: notebook.version }),
    onSuccess: keep,
  });
  const undelete = useMutation({
    mutationFn: () => calls.restore(notebook.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['notebooks'] }),
    onError: () => toast(t('notebooks.saveFailed'), { bad: true }),
  });
  const remove = useMutation({
    mutationFn: () => calls.remove(notebook.id),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['notebooks'] });
      toast(t('notebooks.deleted', { name: notebook.name }), { undo: () => undelete.mutate() });
      navigate('/notebooks');
    },
  });
  const from = url.get('from') || day(Date.now() - 30 * DAY_MS);
  const to = url.get('to') || day(Date.now());
  // The period is days in UTC, the last one included.
  const period = {
    from: `${from}T00:00:00Z`,
    to: `${day(Date.parse(`${to}T00:00:00Z`) + DAY_MS)}T00:00:00Z`,
  };
  const add = (kind: Cell['kind']) => setCells([...cells, newCell(kind)]);
  return (
    <Page
      title={notebook.name}
      purpose={t('notebooks.pagePurpose')}
      back={back}
      action={
        <Row>
          <Button icon={<IconHistory size={16} />} onClick={() => url.set({ versions: '1' }, true)}>
            {t('notebooks.versions')}
          </Button>
          <Button
            look="main"
            busy={change.isPending}
            disabled={saved || name.trim() === ''}
            onClick={() => change.mutate({ name: name.trim(), cells })}
          >
            {saved ? t('notebooks.saved') : t('notebooks.save')}
          </Button>
        </Row>
      }
      filters={
        <Row style={{ flexWrap: 'wrap' }}>
          <DateField label={t('notebooks.from')} value={from} onChange={(value) => url.set({ from: value })} />
          <DateField label={t('notebooks.to')} value={to} onChange={(value) => url.set({ to: value })} />
          {notebook.mine ? (
            <Switch
              label={t('notebooks.share')}
              checked={notebook.shared}
              onChange={(shared) => change.mutate({ shared })}
            />
          ) : null}
        </Row>
      }
    >
      {change.error ? <Refusal title={t('notebooks.saveFailed')} error={change.error} /> : null}
      {remove.error ? <Refusal title={t('notebooks.deleteFailed')} error={remove.error} /> : null}
      <div className={styles.columns}>
        <Stack gap={14}>
          <TextField label={t('notebooks.name')} value={name} onChange={setName} />
          {cells.map((cell, i) => (
            <CellView
              key={cell.id}
              cell={cell}
              number={i + 1}
              period={period}
              onChange={(part) => setCells((all) => all.map((one) => (one.id === cell.id ? { ...one, ...part } : one)))}
              onRemove={() => setCells((all) => all.filter((one) => one.id !== cell.id))}
              onFocus={(put) => setInsert({ put })}
            />
          ))}
          <Row style={{ flexWrap: 'wrap' }}>
            <Button icon={<IconPlus size={16} />} onClick={() => add('sql')}>
              {t('notebooks.addQuery')}
            </Button>
            <Button icon={<IconNote size={16} />} onClick={() => add('note')}>
              {t('notebooks.addNote')}
            </Button>
            {notebook.mine ? (
              <ConfirmButton
                icon={<IconTrash size={16} />}
                question={t('notebooks.deleteQuestion', { name: notebook.name })}
                confirm={t('notebooks.delete')}
                busy={remove.isPending}
                onConfirm={() => remove.mutate()}
              >
                {t('notebooks.delete')}
              </ConfirmButton>
            ) : null}
          </Row>
        </Stack>
        <SchemaBrowser insert={insert?.put ?? null} />
      </div>
      {url.get('versions') ? (
        <VersionsPanel
          notebook={notebook}
          onClose={() => url.set({ versions: null })}
          onRestore={(version) => {
            setName(version.name);
            setCells(version.cells);
            url.set({ versions: null });
          }}
        />
      ) : null}
    </Page>
  );
}
