import { IconHistory, IconTargetArrow, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { hasMessage, useText } from '../../text.tsx';
import { complete } from '../reports/parts/filter-value.ts';
import type { EventMatch, What } from '../reports/parts/types.ts';
import { WhatEditor } from '../reports/parts/what-editor.tsx';
import { type ActionUse, actions, type SavedAction } from '../reports/saved/calls.ts';
import { HistoryPanel } from '../reports/saved/history-panel.tsx';
import styles from '../reports/saved/saved.module.css';
import { useRemoval } from '../reports/saved/use-removal.ts';

/** An action: its name, its events and conditions, where it is used, and what it was. */
export function ActionPanel({ id, onClose }: { id: string | null; onClose: () => void }) {
  const t = useText();
  const saved = useQuery({
    queryKey: ['saved', actions.path, id],
    queryFn: () => actions.get(id ?? ''),
    enabled: id !== null,
  });
  if (id === null) return <Form of={null} onClose={onClose} />;
  if (saved.data) return <Form key={saved.data.version} of={saved.data} onClose={onClose} />;
  return (
    <SidePanel title={t('actions.title')} onClose={onClose}>
      <UntilLoaded query={saved} failed={t('saved.loadFailed')}>
        <Skeleton height={120} />
      </UntilLoaded>
    </SidePanel>
  );
}

/** Without conditions that are still being written. */
const ready = (what: What): What => {
  const match = ({ where, ...rest }: EventMatch): EventMatch => {
    const kept = complete(where);
    return kept ? { ...rest, where: kept } : rest;
  };
  const where = complete(what.where);
  return { events: what.events.map(match), ...(where ? { where } : {}) };
};

function Form({ of, onClose }: { of: SavedAction | null; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const mayWrite = useMay('reports.write');
  const removal = useRemoval(actions);
  const [history, setHistory] = useState(false);
  const [name, setName] = useState(of?.name ?? '');
  const [description, setDescription] = useState(of?.description ?? '');
  const [what, setWhat] = useState<What>(of?.content.what ?? { events: [] });
  const save = useMutation({
    mutationFn: () =>
      of
        ? actions.change(of.id, { name, description, content: { what: ready(what) }, version: of.version })
        : actions.create({ name, description, content: { what: ready(what) } }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['saved', actions.path] });
      // Reports that use it count other events now.
      queries.invalidateQueries({ queryKey: ['report'] });
      queries.invalidateQueries({ queryKey: ['query', 'fields'] });
      toast(t('saved.savedNamed', { name: made.name }));
      onClose();
    },
  });
  if (of && history) return <HistoryPanel of={of} calls={actions} onClose={() => setHistory(false)} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <SidePanel
      icon={<IconTargetArrow size={20} aria-hidden />}
      title={of ? of.name : t('actions.new')}
      sub={of ? of.description : t('actions.newHint')}
      onClose={onClose}
      foot={
        of ? (
          <>
            <Button small icon={<IconHistory size={16} />} onClick={() => setHistory(true)}>
              {t('saved.history')}
            </Button>
            {mayWrite ? (
              <Button
                small
                icon={<IconTrash size={16} />}
                busy={removal.isPending}
                onClick={() => removal.mutate(of, { onSuccess: onClose })}
              >
                {t('saved.delete')}
              </Button>
            ) : null}
          </>
        ) : null
      }
    >
      <form className={styles.form} onSubmit={submit}>
        {of?.content.problem ? <p role="alert">{of.content.problem}</p> : null}
        <TextField required autoFocus={!of} label={t('saved.name')} value={name} onChange={setName} />
        <TextField
          label={t('saved.description')}
          hint={t('saved.descriptionHint')}
          value={description}
          onChange={setDescription}
        />
        <div>
          <h3 className={styles.dim}>{t('actions.events')}</h3>
          <WhatEditor label={t('actions.events')} value={what} onChange={setWhat} anyEvent={false} />
        </div>
        {save.error ? <Refusal title={t('saved.saveFailed')} error={save.error} /> : null}
        {removal.error ? <Refusal title={t('saved.deleteFailed')} error={removal.error} /> : null}
        {mayWrite ? (
          <Row>
            <Button
              look="main"
              type="submit"
              busy={save.isPending}
              disabled={name.trim() === '' || what.events.length === 0}
            >
              {t('saved.save')}
            </Button>
          </Row>
        ) : null}
      </form>
      {of ? <Uses of={of} /> : null}
    </SidePanel>
  );
}

const PLACES: Record<string, string> = { report: '/reports', dashboard: '/dashboards', audience: '/audiences' };

/** What would change with the action. */
function Uses({ of }: { of: SavedAction }) {
  const t = useText();
  const uses = useQuery({ queryKey: ['saved', actions.path, of.id, 'uses'], queryFn: () => actions.uses(of.id) });
  const rows = uses.data?.items ?? [];
  const kindOf = (use: ActionUse) => {
    const key = `actions.use.${use.kind}`;
    return hasMessage(key) ? t(key) : use.kind;
  };
  if (!uses.isSuccess) return null;
  return (
    <section className={styles.others} aria-labelledby="action-uses">
      <Stack gap={6}>
        <h3 id="action-uses">{t('actions.usedBy')}</h3>
        {rows.length === 0 ? <p className={styles.dim}>{t('actions.unused')}</p> : null}
        <ul className={styles.versions}>
          {rows.map((use) => (
            <li key={`${use.kind} ${use.id}`}>
              <span className={styles.dim}>{kindOf(use)}</span>{' '}
              {use.name === null ? (
                t('actions.privateUse')
              ) : PLACES[use.kind] ? (
                <Link to={`${PLACES[use.kind]}/${use.id}`}>
                  <bdi>{use.name}</bdi>
                </Link>
              ) : (
                <bdi>{use.name}</bdi>
              )}
            </li>
          ))}
        </ul>
      </Stack>
    </section>
  );
}
