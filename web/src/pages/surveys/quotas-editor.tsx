import { IconPlus, IconX } from '@tabler/icons-react';
import { Button, IconButton } from '../../kit/button.tsx';
import { SelectField } from '../../kit/field.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { CheckedField } from './checked-field.tsx';
import { ConditionEditor } from './condition-editor.tsx';
import { newId, type Quota } from './draft.ts';
import { useEditing } from './editing.ts';
import { useEndingName } from './names.ts';
import { NumberField } from './number-field.tsx';
import styles from './surveys.module.css';

/** So many complete answers of a sort at most; who would be one more is led to an ending. */
export function QuotasEditor() {
  const t = useText();
  const endingName = useEndingName();
  const { definition, change, locked } = useEditing();
  const quotas = (next: (all: Quota[]) => Quota[]) => change((now) => ({ ...now, quotas: next(now.quotas) }));
  const put = (id: string, next: (now: Quota) => Quota) =>
    quotas((all) => all.map((one) => (one.id === id ? next(one) : one)));
  const remove = (quota: Quota, index: number) => {
    quotas((all) => all.filter((one) => one.id !== quota.id));
    toast(t('surveyEdit.removedNamed', { name: quota.name }), {
      undo: () => quotas((all) => all.toSpliced(index, 0, quota)),
    });
  };
  return (
    <Card title={t('surveyEdit.quotas')} hint={t('surveyEdit.quotasHint')}>
      <Stack gap={14}>
        {definition.quotas.map((quota, index) => (
          <div key={quota.id} className={styles.quota}>
            <div className={styles.quotaHead}>
              <div className={styles.grow}>
                <CheckedField
                  label={t('surveyEdit.quotaName')}
                  value={quota.name}
                  problem={(text) => (text.length > 200 ? t('surveyEdit.tooLong', { count: 200 }) : null)}
                  onChange={(name) => put(quota.id, (now) => ({ ...now, name }))}
                />
              </div>
              <NumberField
                label={t('surveyEdit.quotaLimit')}
                value={quota.limit}
                low={0}
                high={10_000_000}
                onChange={(limit) => limit !== undefined && put(quota.id, (now) => ({ ...now, limit }))}
              />
              <SelectField
                label={t('surveyEdit.quotaEnding')}
                value={quota.ending ?? ''}
                choices={[
                  { value: '', label: t('surveyEdit.usualEnding') },
                  ...definition.endings.map((one, at) => ({ value: one.id, label: endingName(one, at) })),
                ]}
                onChange={(ending) => put(quota.id, ({ ending: _, ...rest }) => (ending ? { ...rest, ending } : rest))}
              />
              {locked ? null : (
                <IconButton
                  small
                  label={t('surveyEdit.removeNamed', { name: quota.name || t('surveyEdit.quotaName') })}
                  onClick={() => remove(quota, index)}
                >
                  <IconX size={15} />
                </IconButton>
              )}
            </div>
            <ConditionEditor
              label={t('surveyEdit.quotaWhen')}
              value={quota.when}
              before={null}
              onChange={(when) => put(quota.id, (now) => ({ ...now, when: when ?? { all: [] } }))}
            />
          </div>
        ))}
        {locked ? null : (
          <div>
            <Button
              small
              look="quiet"
              icon={<IconPlus size={15} />}
              onClick={() =>
                quotas((all) => [
                  ...all,
                  { id: newId('u'), name: t('surveyEdit.newQuota'), when: { all: [] }, limit: 100 },
                ])
              }
            >
              {t('surveyEdit.addQuota')}
            </Button>
          </div>
        )}
      </Stack>
    </Card>
  );
}
