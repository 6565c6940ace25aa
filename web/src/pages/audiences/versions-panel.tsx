import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from '../../kit/button.tsx';
import { Time } from '../../kit/data.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useText } from '../../text.tsx';
import styles from './audiences.module.css';
import { type Audience, audiences, type Definition } from './calls.ts';

/** The conditions that it had before, each with a way back to it. */
export function VersionsPanel({
  audience,
  mayWrite,
  onUsed,
  onClose,
}: {
  audience: Audience;
  mayWrite: boolean;
  /** Earlier conditions hold again. */
  onUsed: () => void;
  onClose: () => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const versions = useInfiniteQuery({
    queryKey: ['audiences', 'versions', audience.id, audience.version],
    queryFn: ({ pageParam }) => audiences.versions(audience.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const back = useMutation({
    mutationFn: (definition: Definition) => audiences.change(audience.id, { definition }),
    onSuccess: (changed) => {
      queries.setQueryData(['audiences', 'one', String(audience.id)], changed);
      queries.invalidateQueries({ queryKey: ['audiences'] });
      onUsed();
    },
  });
  const rows = versions.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <SidePanel icon={<IconHistory size={20} aria-hidden />} title={t('audiences.versions')} onClose={onClose}>
      <Stack gap={12}>
        {versions.isPending ? (
          <Loading>
            <Skeleton height={60} />
          </Loading>
        ) : null}
        {versions.error ? <Refusal title={t('audiences.versionsFailed')} error={versions.error} /> : null}
        {back.error ? <Refusal title={t('audiences.saveFailed')} error={back.error} /> : null}
        {rows.map((one) => (
          <Card key={one.version} title={t('audiences.versionNumber', { number: one.version })}>
            <Row>
              <span className={styles.hint}>
                <Time at={one.at} /> · <bdi>{one.byName}</bdi>
              </span>
              {one.definition && mayWrite && one.version !== audience.version ? (
                <Button
                  small
                  busy={back.isPending}
                  onClick={() => (one.definition ? back.mutate(one.definition) : undefined)}
                >
                  {t('audiences.useVersion')}
                </Button>
              ) : null}
              {one.version === audience.version ? (
                <span className={styles.hint}>{t('audiences.thisVersion')}</span>
              ) : null}
            </Row>
          </Card>
        ))}
        <MoreOf list={versions} />
      </Stack>
    </SidePanel>
  );
}
