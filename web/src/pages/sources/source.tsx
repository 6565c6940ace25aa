import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { api } from '../../api.ts';
import { formatNumber } from '../../format.ts';
import { ConfirmButton } from '../../kit/button.tsx';
import { Code, Dot, Pairs, Secret, Tag, Time } from '../../kit/data.tsx';
import { Switch } from '../../kit/field.tsx';
import { Card, Page, Stack } from '../../kit/layout.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { Tabs } from '../../kit/tabs.tsx';
import { toast } from '../../kit/toast.tsx';
import { useUndoable } from '../../kit/undoable.ts';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import type { Source } from '../../wire.ts';
import { TransformationsCard } from '../transformations/card.tsx';
import { isConnectionKind } from './connection-calls.ts';
import { ConnectionCard } from './connection-card.tsx';
import { MappingCard } from './mapping.tsx';
import { snippetsFor } from './snippets.ts';
import styles from './sources.module.css';
import { TestEventCard } from './test-event.tsx';

function KeyCard({ source }: { source: Source }) {
  const t = useText();
  const queries = useQueryClient();
  const mayWrite = useMay('sources.write');
  const rotate = useMutation({
    mutationFn: () => api.rotateKey(source.id),
    onSuccess: (changed) => {
      queries.setQueryData(['source', source.id], changed);
      toast(t('source.rotated'));
    },
  });
  return (
    <Card title={t('source.key')} hint={t('source.keyHint')}>
      <Stack gap={12}>
        <Secret value={source.writeKey} label={t('source.key')} />
        {rotate.error ? <Refusal title={t('source.rotateFailed')} error={rotate.error} /> : null}
        {mayWrite ? (
          <div>
            <ConfirmButton
              icon={<IconRefresh size={15} />}
              question={t('source.rotateQuestion')}
              confirm={t('source.rotateConfirm')}
              busy={rotate.isPending}
              onConfirm={() => rotate.mutate()}
            >
              {t('source.rotate')}
            </ConfirmButton>
          </div>
        ) : null}
      </Stack>
    </Card>
  );
}

function StateCard({ source }: { source: Source }) {
  const t = useText();
  const queries = useQueryClient();
  const mayWrite = useMay('sources.write');
  const key = ['source', source.id];
  const switchTo = (enabled: boolean) => {
    queries.setQueryData<Source>(key, (before) => (before ? { ...before, enabled } : before));
    return api.changeSource(source.id, { enabled });
  };
  const enable = useUndoable<boolean>({
    act: switchTo,
    undo: (enabled) => switchTo(!enabled),
    done: (enabled) => (enabled ? t('source.nowOn') : t('source.nowOff')),
    changes: [key, ['sources']],
  });
  return (
    <Card title={t('source.state')}>
      <Stack gap={14}>
        <Switch
          label={source.enabled ? t('source.on') : t('source.off')}
          checked={source.enabled}
          disabled={!mayWrite}
          onChange={(enabled) => enable.mutate(enabled)}
        />
        {enable.error ? <Refusal title={t('source.changeFailed')} error={enable.error} /> : null}
        <Pairs
          rows={[
            [t('sources.kind'), t(`sourceKind.${source.kind}`)],
            [t('sources.lastEvent'), <Time key="last" at={source.lastEventAt} />],
            [t('sources.events'), formatNumber(source.eventCount)],
            [t('source.created'), <Time key="created" at={source.createdAt} />],
          ]}
        />
      </Stack>
    </Card>
  );
}

/** One source: what to paste, whether it works, its key. */
export function SourcePage() {
  const t = useText();
  const { sourceId = '' } = useParams();
  const query = useQuery({
    queryKey: ['source', sourceId],
    queryFn: () => api.source(sourceId),
    refetchInterval: 5_000,
  });
  const source = query.data;
  const mayWrite = useMay('sources.write');
  const back = { to: '/sources', label: t('nav.sources') };
  if (!source) {
    return (
      <Page title="" heading={<span />} back={back}>
        <UntilLoaded query={query} failed={t('source.failed')}>
          <Stack gap={20}>
            <Skeleton width={200} height={22} />
            <Skeleton height={280} />
          </Stack>
        </UntilLoaded>
      </Page>
    );
  }
  const { kind } = source;
  const mapped = kind === 'webhook' || isConnectionKind(kind) || source.mapping !== null;
  return (
    <Page
      title={source.name}
      back={back}
      purpose={t(`sourceKindHint.${source.kind}`)}
      action={
        <Tag tone={source.enabled ? 'good' : 'plain'} icon={<Dot tone={source.enabled ? 'good' : 'plain'} />}>
          {source.enabled ? t('sources.enabled') : t('sources.disabled')}
        </Tag>
      }
    >
      <div className={styles.columns}>
        <Stack gap={16}>
          {isConnectionKind(kind) ? (
            <ConnectionCard source={source} kind={kind} />
          ) : (
            <Card title={t('source.paste')} hint={t(`sourcePaste.${kind}`)}>
              <Tabs
                label={t('source.paste')}
                tabs={snippetsFor(source, location.origin).map((snippet) => ({
                  name: snippet.name,
                  content: <Code text={snippet.text} label={snippet.name} />,
                }))}
              />
            </Card>
          )}
          {mapped ? <MappingCard key={source.id} source={source} mayWrite={mayWrite} /> : null}
        </Stack>
        <Stack gap={16}>
          <TestEventCard source={source} mayWrite={mayWrite} />
          <TransformationsCard sourceId={source.id} />
          {kind === 'mqtt' || kind === 'postgres' ? null : <KeyCard source={source} />}
          <StateCard source={source} />
        </Stack>
      </div>
    </Page>
  );
}
