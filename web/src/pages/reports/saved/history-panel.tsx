import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../../kit/button.tsx';
import { Code, Tag, Time } from '../../../kit/data.tsx';
import { Stack } from '../../../kit/layout.tsx';
import { SidePanel } from '../../../kit/panel.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../../kit/states.tsx';
import { toast } from '../../../kit/toast.tsx';
import { MoreOf } from '../../../lists/more.tsx';
import { useText } from '../../../text.tsx';
import type { SavedAbout, SavedCalls } from './calls.ts';
import styles from './saved.module.css';

/** What something saved was: who changed it when, what it said, and a way back to it. */
export function HistoryPanel({ of, calls, onClose }: { of: SavedAbout; calls: SavedCalls; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [shown, setShown] = useState<number | null>(null);
  const key = ['saved', calls.path, of.id, 'versions', of.version];
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => calls.versions(of.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const restore = useMutation({
    mutationFn: (version: number) => calls.restoreVersion(of.id, version),
    onSuccess: async (_, version) => {
      await queries.invalidateQueries({ queryKey: ['saved', calls.path] });
      toast(t('saved.restored', { version }));
    },
  });
  const versions = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <SidePanel icon={<IconHistory size={20} aria-hidden />} title={t('saved.history')} sub={of.name} onClose={onClose}>
      <Stack gap={12}>
        <UntilLoaded query={list} failed={t('saved.historyFailed')}>
          <Skeleton height={56} />
        </UntilLoaded>
        {restore.error ? <Refusal title={t('saved.restoreFailed')} error={restore.error} /> : null}
        <ol className={styles.versions}>
          {versions.map((one) => (
            <li key={one.version}>
              <div className={styles.version}>
                <div>
                  <b>{one.name}</b> {one.version === of.version ? <Tag tone="accent">{t('saved.present')}</Tag> : null}
                  <div className={styles.dim}>
                    {t('saved.versionBy', { version: one.version, name: one.byName })} · <Time at={one.at} />
                  </div>
                </div>
                <Button small look="quiet" onClick={() => setShown(shown === one.version ? null : one.version)}>
                  {t(shown === one.version ? 'saved.hide' : 'saved.show')}
                </Button>
                {one.version !== of.version ? (
                  <Button
                    small
                    busy={restore.isPending && restore.variables === one.version}
                    onClick={() => restore.mutate(one.version)}
                  >
                    {t('saved.restore')}
                  </Button>
                ) : null}
              </div>
              {shown === one.version ? (
                <Code
                  json
                  label={t('saved.contentOf', { version: one.version })}
                  text={JSON.stringify(one.content, null, 2)}
                />
              ) : null}
            </li>
          ))}
        </ol>
        <MoreOf list={list} />
      </Stack>
    </SidePanel>
  );
}
