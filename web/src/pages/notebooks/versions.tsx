import { useQuery } from '@tanstack/react-query';
import { Button } from '../../kit/button.tsx';
import { Time } from '../../kit/data.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { calls, type Notebook, type Version } from './calls.ts';
import styles from './notebooks.module.css';

/** What the notebook was. Taking a version back puts it into the editor; it counts once it is saved. */
export function VersionsPanel({
  notebook,
  onClose,
  onRestore,
}: {
  notebook: Notebook;
  onClose: () => void;
  onRestore: (version: Version) => void;
}) {
  const t = useText();
  const list = useQuery({ queryKey: ['notebook-versions', notebook.id], queryFn: () => calls.versions(notebook.id) });
  return (
    <SidePanel title={t('notebooks.versions')} sub={t('notebooks.versionsHint')} onClose={onClose}>
      {list.error ? (
        <Refusal title={t('notebooks.loadFailed')} error={list.error} onRetry={() => list.refetch()} />
      ) : null}
      {list.isPending ? (
        <Loading>
          <Skeleton height={120} />
        </Loading>
      ) : null}
      <Stack gap={14}>
        {(list.data?.items ?? []).map((version) => (
          <section key={version.version}>
            <Row style={{ justifyContent: 'space-between' }}>
              <h3 className={styles.version}>{t('notebooks.version', { n: version.version })}</h3>
              {version.version === notebook.version ? null : (
                <Button
                  small
                  onClick={() => onRestore(version)}
                  aria-label={t('notebooks.restoreNumber', { n: version.version })}
                >
                  {t('notebooks.restore')}
                </Button>
              )}
            </Row>
            <p className={styles.note}>
              {version.byName}, <Time at={version.at} />
            </p>
            <pre className={styles.old}>{version.cells.map(({ text }) => text).join('\n\n')}</pre>
          </section>
        ))}
      </Stack>
    </SidePanel>
  );
}
