import { IconHistory } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ConfirmButton } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { calls, type Transformation } from './calls.ts';
import styles from './transformations.module.css';

/** Every version that was in use: who published it, when, and the way back to it. */
export function VersionsCard({
  transformation,
  mayWrite,
  onRestored,
}: {
  transformation: Transformation;
  mayWrite: boolean;
  onRestored: (now: Transformation) => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const { id, published } = transformation;
  const key = ['transformation-versions', id, published];
  const list = useQuery({ queryKey: key, queryFn: () => calls.versions(id), enabled: published !== null });
  const restore = useMutation({
    mutationFn: (version: number) => calls.restore(id, version),
    onSuccess: (now) => {
      queries.invalidateQueries({ queryKey: ['transformation-versions', id] });
      toast(t('transformations.restored'));
      onRestored(now);
    },
  });
  if (published === null) return null;
  return (
    <Card title={t('transformations.versions')} hint={t('transformations.versionsHint')}>
      <Stack gap={8}>
        {list.error ? <Refusal title={t('transformations.versionsFailed')} error={list.error} /> : null}
        {restore.error ? <Refusal title={t('transformations.restoreFailed')} error={restore.error} /> : null}
        <ul className={styles.versions}>
          {list.data?.items.map((one) => (
            <li key={one.version}>
              <div>
                <Row gap={6} style={{ flexWrap: 'wrap' }}>
                  <strong>{t('transformations.version', { number: one.version })}</strong>
                  {one.version === published ? <Tag tone="good">{t('transformations.inUse')}</Tag> : null}
                  {one.tried === null ? <Tag tone="warn">{t('transformations.untried')}</Tag> : null}
                  {one.restoredFrom !== null ? (
                    <Tag>{t('transformations.restoredFrom', { number: one.restoredFrom })}</Tag>
                  ) : null}
                </Row>
                <div className={styles.who}>
                  {one.publishedBy} · <Time at={one.publishedAt} />
                </div>
              </div>
              {mayWrite && one.version !== published ? (
                <ConfirmButton
                  icon={<IconHistory size={15} />}
                  question={t('transformations.restoreQuestion', { number: one.version })}
                  confirm={t('transformations.restore')}
                  busy={restore.isPending}
                  onConfirm={() => restore.mutate(one.version)}
                >
                  {t('transformations.restore')}
                </ConfirmButton>
              ) : null}
            </li>
          ))}
        </ul>
      </Stack>
    </Card>
  );
}
