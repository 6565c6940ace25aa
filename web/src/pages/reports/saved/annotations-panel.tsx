import { IconFlag, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { formatDate } from '../../../format.ts';
import { Button, IconButton } from '../../../kit/button.tsx';
import { DateField, Segments, TextField } from '../../../kit/field.tsx';
import { Row, Stack } from '../../../kit/layout.tsx';
import { SidePanel } from '../../../kit/panel.tsx';
import { NothingHere, Refusal, Skeleton, UntilLoaded } from '../../../kit/states.tsx';
import { useUndoable } from '../../../kit/undoable.ts';
import { MoreOf } from '../../../lists/more.tsx';
import { useMay } from '../../../session.tsx';
import { useText } from '../../../text.tsx';
import { dayOf, startOfDay } from '../../../zone.ts';
import { type Annotation, annotations, type SavedAbout } from './calls.ts';
import styles from './saved.module.css';

const HOURS = 3_600_000;

/** The middle of a day: it stays that day in every zone that people look from, but the farthest. */
const noonOf = (day: string) => new Date((startOfDay(day)?.getTime() ?? Date.parse(day)) + 12 * HOURS).toISOString();

/** What was noted of everything, and of one report or dashboard: marks in charts over time. */
export function AnnotationsPanel({ of, onClose }: { of: SavedAbout; onClose: () => void }) {
  const t = useText();
  const mayWrite = useMay('reports.write');
  const [editing, setEditing] = useState<Annotation | 'new' | null>(null);
  const list = useInfiniteQuery({
    queryKey: ['annotations', 'list', of.id],
    queryFn: ({ pageParam }) => annotations.list({ of: of.id, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const removal = useUndoable<Annotation>({
    act: (one) => annotations.remove(one.id),
    undo: (one) => annotations.restore(one.id),
    done: () => t('saved.annotationDeleted'),
    changes: [['annotations']],
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <SidePanel
      icon={<IconFlag size={20} aria-hidden />}
      title={t('saved.annotations')}
      sub={t('saved.annotationsHint')}
      onClose={onClose}
    >
      <Stack gap={14}>
        {mayWrite && editing === null ? (
          <Row>
            <Button icon={<IconPlus size={16} />} onClick={() => setEditing('new')}>
              {t('saved.newAnnotation')}
            </Button>
          </Row>
        ) : null}
        {editing ? (
          <AnnotationForm
            key={editing === 'new' ? 'new' : editing.id}
            of={of}
            annotation={editing === 'new' ? null : editing}
            onDone={() => setEditing(null)}
          />
        ) : null}
        <UntilLoaded query={list} failed={t('saved.annotationsFailed')}>
          <Skeleton height={48} />
        </UntilLoaded>
        {removal.error ? <Refusal title={t('saved.deleteFailed')} error={removal.error} /> : null}
        {list.isSuccess && rows.length === 0 && editing === null ? (
          <NothingHere title={t('saved.noAnnotation')} text={t('saved.noAnnotationText')} />
        ) : null}
        <ul className={styles.versions}>
          {rows.map((one) => (
            <li key={one.id} className={styles.version}>
              <div>
                <b>{one.text}</b>
                <div className={styles.dim}>
                  {formatDate(one.at, { dateStyle: 'medium' })} · {one.of ? t('saved.onlyHere') : t('saved.everywhere')}{' '}
                  · <bdi>{one.ownerName}</bdi>
                </div>
              </div>
              {mayWrite ? (
                <Row gap={0}>
                  <IconButton small label={t('saved.editNamed', { name: one.text })} onClick={() => setEditing(one)}>
                    <IconPencil size={16} />
                  </IconButton>
                  <IconButton
                    small
                    label={t('saved.deleteNamed', { name: one.text })}
                    onClick={() => removal.mutate(one)}
                  >
                    <IconTrash size={16} />
                  </IconButton>
                </Row>
              ) : null}
            </li>
          ))}
        </ul>
        <MoreOf list={list} />
      </Stack>
    </SidePanel>
  );
}

function AnnotationForm({
  of,
  annotation,
  onDone,
}: {
  of: SavedAbout;
  annotation: Annotation | null;
  onDone: () => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const [day, setDay] = useState(dayOf(annotation?.at ?? new Date().toISOString()));
  const [text, setText] = useState(annotation?.text ?? '');
  const [everywhere, setEverywhere] = useState(true);
  const save = useMutation({
    mutationFn: () =>
      annotation
        ? annotations.change(annotation.id, {
            text,
            ...(day === dayOf(annotation.at) ? {} : { at: noonOf(day) }),
          })
        : annotations.create({ at: noonOf(day), text, of: everywhere ? null : of.id }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['annotations'] });
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <TextField required autoFocus label={t('saved.annotationText')} value={text} onChange={setText} />
      <Row>
        <DateField label={t('saved.annotationDay')} value={day} onChange={(next) => (next ? setDay(next) : null)} />
        {annotation ? null : (
          <Segments
            label={t('saved.annotationWhere')}
            value={everywhere ? 'everywhere' : 'here'}
            choices={[
              { value: 'everywhere', label: t('saved.everywhere') },
              { value: 'here', label: t('saved.onlyHere') },
            ]}
            onChange={(where) => setEverywhere(where === 'everywhere')}
          />
        )}
      </Row>
      {save.error ? <Refusal title={t('saved.saveFailed')} error={save.error} /> : null}
      <div className={styles.formEnd}>
        <Button look="main" type="submit" busy={save.isPending} disabled={text.trim() === ''}>
          {t('saved.save')}
        </Button>
        <Button look="quiet" onClick={onDone}>
          {t('kit.cancel')}
        </Button>
      </div>
    </form>
  );
}
