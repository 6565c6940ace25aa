import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Button } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useText } from '../../text.tsx';
import { type Survey, surveys } from './calls.ts';
import styles from './surveys.module.css';
import type { Draft } from './use-draft.ts';

/** What was published and when; an earlier one can be the draft again. */
export function VersionsPanel({
  survey,
  draft,
  mayWrite,
  onClose,
}: {
  survey: Survey;
  draft: Draft;
  mayWrite: boolean;
  onClose: () => void;
}) {
  const t = useText();
  const list = useInfiniteQuery({
    queryKey: ['surveys', 'versions', survey.id],
    queryFn: ({ pageParam }) => surveys.versions(survey.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const restore = useMutation({
    mutationFn: (version: number) => surveys.version(survey.id, version),
    onSuccess: ({ definition }, version) => {
      const before = draft.definition;
      draft.change(definition);
      toast(t('surveys.restored', { version }), { undo: () => draft.change(before) });
      onClose();
    },
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <SidePanel icon={<IconHistory size={20} aria-hidden />} title={t('surveys.versions')} onClose={onClose}>
      <Stack gap={12}>
        {restore.error ? <Refusal title={t('surveys.restoreFailed')} error={restore.error} /> : null}
        {list.error ? <Refusal title={t('surveys.versionsFailed')} error={list.error} /> : null}
        {list.isPending ? (
          <Loading>
            <Skeleton height={48} />
          </Loading>
        ) : null}
        {list.isSuccess && rows.length === 0 ? (
          <NothingHere title={t('surveys.noVersions')} text={t('surveys.noVersionsText')} />
        ) : null}
        <ol className={styles.versions}>
          {rows.map((one) => (
            <li key={one.version}>
              <div>
                <Row gap={8}>
                  <strong>{t('surveys.versionNumber', { version: one.version })}</strong>
                  {one.version === survey.version ? <Tag tone="good">{t('surveys.shownNow')}</Tag> : null}
                </Row>
                <span className={styles.sub}>
                  <Time at={one.publishedAt} /> · <bdi>{one.publishedBy}</bdi> ·{' '}
                  {t('surveys.responseCount', { count: one.responses })}
                </span>
              </div>
              {mayWrite ? (
                <Button small busy={restore.isPending} onClick={() => restore.mutate(one.version)}>
                  {t('surveys.restore')}
                </Button>
              ) : null}
            </li>
          ))}
        </ol>
        <MoreOf list={list} />
      </Stack>
    </SidePanel>
  );
}
