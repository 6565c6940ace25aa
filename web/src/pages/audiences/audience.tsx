import { IconArchive, IconHistory, IconPencil, IconRestore, IconUpload, IconUsers } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useParams } from 'react-router';
import { formatDate, formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Chart, type ChartSpec } from '../../kit/chart/chart.tsx';
import { Pairs, Stat, Time } from '../../kit/data.tsx';
import { Switch } from '../../kit/field.tsx';
import { Card, Page, Row, Stack } from '../../kit/layout.tsx';
import { NothingHere, Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { useUndoable } from '../../kit/undoable.ts';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import styles from './audiences.module.css';
import { type Audience, audiences } from './calls.ts';
import { complete, fromGroup, type Group, toGroup } from './draft.ts';
import { GroupEditor } from './group-editor.tsx';
import { LiveSize } from './live-size.tsx';
import { MembersPanel } from './members-panel.tsx';
import { RenamePanel } from './rename-panel.tsx';
import { StateTag } from './state-tag.tsx';
import { UploadPanel } from './upload-panel.tsx';
import { VersionsPanel } from './versions-panel.tsx';

/** One audience: who is meant, how many they are, how that changed, and who they are. */
export function AudiencePage() {
  const t = useText();
  const url = useUrlState();
  const { audienceId = '' } = useParams();
  const mayWrite = useMay('audiences.write');
  const [begun, begin] = useState(0);
  const query = useQuery({
    queryKey: ['audiences', 'one', audienceId],
    queryFn: () => audiences.one(audienceId),
    refetchInterval: (found) =>
      found.state.data?.current === false || found.state.data?.size === null ? 1500 : 15_000,
  });
  const one = query.data;
  const back = { to: '/audiences', label: t('nav.audiences') };
  if (!one) {
    return (
      <Page title="" heading={<span />} back={back}>
        <UntilLoaded query={query} failed={t('audiences.oneFailed')}>
          <Stack gap={20}>
            <Skeleton width={220} height={24} />
            <Skeleton height={260} />
          </Stack>
        </UntilLoaded>
      </Page>
    );
  }
  const writable = mayWrite && one.archivedAt === null;
  const open = (panel: string) =>
    url.set({ members: null, versions: null, upload: null, rename: null, [panel]: '1' }, true);
  const close = (panel: string) => () => url.set({ [panel]: null });
  return (
    <Page
      title={one.name}
      back={back}
      purpose={one.description || null}
      action={
        <Row>
          <StateTag audience={one} />
          <Button icon={<IconUsers size={16} />} onClick={() => open('members')}>
            {t('audiences.people')}
          </Button>
          {one.is === 'dynamic' ? (
            <Button icon={<IconHistory size={16} />} onClick={() => open('versions')}>
              {t('audiences.versions')}
            </Button>
          ) : writable ? (
            <Button icon={<IconUpload size={16} />} onClick={() => open('upload')}>
              {t('audiences.upload')}
            </Button>
          ) : null}
          {writable ? (
            <Button icon={<IconPencil size={16} />} onClick={() => open('rename')}>
              {t('audiences.rename')}
            </Button>
          ) : null}
          <ArchiveButton one={one} mayWrite={mayWrite} />
        </Row>
      }
    >
      <Stack gap={16}>
        {one.error ? (
          <p role="alert" className={styles.hint}>
            {t('audiences.errorIs', { why: one.error })}
          </p>
        ) : null}
        {one.is === 'dynamic' ? (
          <Conditions key={`${one.id} ${begun}`} one={one} mayWrite={writable} />
        ) : (
          <div className={styles.columns}>
            <Sizes one={one} />
            <Facts one={one} mayWrite={writable} />
          </div>
        )}
        {one.is === 'dynamic' ? (
          <div className={styles.columns}>
            <Sizes one={one} />
            <Facts one={one} mayWrite={writable} />
          </div>
        ) : null}
      </Stack>
      {url.get('members') ? <MembersPanel audience={one} onClose={close('members')} /> : null}
      {url.get('versions') ? (
        <VersionsPanel
          audience={one}
          mayWrite={writable}
          onUsed={() => begin((before) => before + 1)}
          onClose={close('versions')}
        />
      ) : null}
      {url.get('upload') && writable ? <UploadPanel audience={one} onClose={close('upload')} /> : null}
      {url.get('rename') && writable ? <RenamePanel audience={one} onClose={close('rename')} /> : null}
    </Page>
  );
}

/**
 * What it is made of, with the size that it would have while it is being changed. What is written stays until it is saved,
 * also while something else is being saved, here or by a colleague.
 */
function Conditions({ one, mayWrite }: { one: Audience; mayWrite: boolean }) {
  const t = useText();
  const queries = useQueryClient();
  const stored = useMemo(
    () => (one.definition?.is === 'dynamic' ? toGroup(one.definition.who) : null),
    [one.definition],
  );
  const [draft, setDraft] = useState<Group | null>(null);
  const group = draft ?? stored;
  const save = useMutation({
    mutationFn: ({ whole }: { whole: Group; written: Group | null }) =>
      audiences.change(one.id, { definition: { is: 'dynamic', who: fromGroup(whole) } }),
    onSuccess: (changed, { written }) => {
      queries.setQueryData(['audiences', 'one', String(one.id)], changed);
      queries.invalidateQueries({ queryKey: ['audiences'] });
      setDraft((now) => (now === written ? null : now));
    },
  });
  if (!group) return <NothingHere title={t('audiences.hiddenTitle')} text={t('audiences.hiddenText')} />;
  const { group: whole, lacking } = complete(group);
  const changed = draft !== null && JSON.stringify(draft) !== JSON.stringify(stored);
  return (
    <div className={styles.columns}>
      <Card
        title={t('audiences.conditions')}
        action={
          mayWrite && changed ? (
            <Row>
              <Button small look="quiet" onClick={() => setDraft(null)}>
                {t('audiences.discard')}
              </Button>
              <Button
                small
                look="main"
                busy={save.isPending}
                disabled={lacking > 0 || whole.items.length === 0}
                onClick={() => save.mutate({ whole, written: draft })}
              >
                {t('audiences.save')}
              </Button>
            </Row>
          ) : null
        }
      >
        <Stack gap={12}>
          {save.error ? <Refusal title={t('audiences.saveFailed')} error={save.error} /> : null}
          <GroupEditor label={t('audiences.conditions')} group={group} onChange={setDraft} self={one.id} />
        </Stack>
      </Card>
      <LiveSize group={group} />
    </div>
  );
}

/** How its size went, a point a day. */
function Sizes({ one }: { one: Audience }) {
  const t = useText();
  const sizes = useQuery({
    queryKey: ['audiences', 'sizes', one.id, one.computedAt],
    queryFn: () => audiences.sizes(one.id),
    placeholderData: (before) => before,
  });
  const days = useMemo(() => sizes.data?.items.toReversed() ?? [], [sizes.data]);
  const spec = useMemo<ChartSpec>(
    () => ({
      kind: 'time',
      shape: 'area',
      points: days.map(({ day }) => ({
        at: day,
        label: formatDate(`${day}T12:00:00Z`, { day: 'numeric', month: 'short', timeZone: 'UTC' }),
      })),
      series: [{ id: 'size', name: t('audiences.size'), values: days.map(({ size }) => size) }],
      unit: { kind: 'number' },
      partial: true,
    }),
    [days, t],
  );
  return (
    <Card title={t('audiences.history')}>
      {sizes.error ? <Refusal title={t('audiences.historyFailed')} error={sizes.error} /> : null}
      {days.length > 1 ? (
        <Chart of={spec} label={t('audiences.history')} height={240} />
      ) : (
        <p className={styles.hint}>{t('audiences.historySoon')}</p>
      )}
    </Card>
  );
}

function Facts({ one, mayWrite }: { one: Audience; mayWrite: boolean }) {
  const t = useText();
  const queries = useQueryClient();
  const tell = useMutation({
    mutationFn: (tells: boolean) => audiences.change(one.id, { tells }),
    onSuccess: (changed) => queries.setQueryData(['audiences', 'one', String(one.id)], changed),
  });
  return (
    <Card title={t('audiences.now')}>
      <Stack gap={14}>
        <Stat
          label={t('audiences.size')}
          value={one.size === null || !one.current ? t('audiences.counting') : formatNumber(one.size)}
        />
        <Pairs
          rows={[
            [t('audiences.computed'), <Time key="computed" at={one.computedAt} />],
            [t('audiences.changed'), <Time key="changed" at={one.changedAt} />],
            [t('audiences.owner'), <bdi key="owner">{one.ownerName}</bdi>],
          ]}
        />
        <Switch
          label={t('audiences.tells')}
          hint={t('audiences.tellsHint')}
          checked={one.tells}
          disabled={!mayWrite || tell.isPending}
          onChange={(tells) => tell.mutate(tells)}
        />
        {tell.error ? <Refusal title={t('audiences.saveFailed')} error={tell.error} /> : null}
      </Stack>
    </Card>
  );
}

function ArchiveButton({ one, mayWrite }: { one: Audience; mayWrite: boolean }) {
  const t = useText();
  const changes = [['audiences']] as const;
  const archive = useUndoable({
    act: (id: number) => audiences.archive(id),
    undo: (id) => audiences.restore(id),
    done: () => t('audiences.archivedDone', { name: one.name }),
    changes,
  });
  const restore = useUndoable({
    act: (id: number) => audiences.restore(id),
    undo: (id) => audiences.archive(id),
    done: () => t('audiences.restoredDone', { name: one.name }),
    changes,
  });
  if (!mayWrite) return null;
  const error = archive.error ?? restore.error;
  return (
    <>
      {one.archivedAt ? (
        <Button busy={restore.isPending} icon={<IconRestore size={16} />} onClick={() => restore.mutate(one.id)}>
          {t('audiences.restore')}
        </Button>
      ) : (
        <Button busy={archive.isPending} icon={<IconArchive size={16} />} onClick={() => archive.mutate(one.id)}>
          {t('audiences.archive')}
        </Button>
      )}
      {error ? <Refusal title={t('audiences.archiveFailed')} error={error} /> : null}
    </>
  );
}
