import { IconTrash } from '@tabler/icons-react';
import { Button } from '../../kit/button.tsx';
import { Switch } from '../../kit/field.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { CheckedField, isAddress } from './checked-field.tsx';
import { ConditionEditor } from './condition-editor.tsx';
import type { Ending } from './draft.ts';
import { useEditing } from './editing.ts';
import { useEndingName } from './names.ts';
import styles from './surveys.module.css';
import { TextsField } from './texts-field.tsx';

/** What stands before the first question. */
export function WelcomeEditor({ isNew }: { isNew: boolean }) {
  const t = useText();
  const { definition, change, locked } = useEditing();
  const { welcome } = definition;
  if (!welcome) return null;
  const put = (next: Partial<typeof welcome>) =>
    change((now) => (now.welcome ? { ...now, welcome: { ...now.welcome, ...next } } : now));
  const remove = () => {
    change(({ welcome: _, ...rest }) => rest);
    toast(t('surveyEdit.removedNamed', { name: t('surveyEdit.welcome') }), {
      undo: () => change((now) => ({ ...now, welcome })),
    });
  };
  return (
    <Card
      title={t('surveyEdit.welcome')}
      action={
        locked ? null : (
          <Button small look="quiet" icon={<IconTrash size={15} />} onClick={remove}>
            {t('surveyEdit.remove')}
          </Button>
        )
      }
    >
      <Stack gap={14}>
        <TextsField
          label={t('surveyEdit.welcomeTitle')}
          rows={2}
          autoFocus={isNew}
          before={definition.questions[0]?.id ?? null}
          texts={welcome.title}
          onChange={(title) => put({ title })}
        />
        <TextsField
          label={t('surveyEdit.description')}
          rows={3}
          before={definition.questions[0]?.id ?? null}
          texts={welcome.description}
          onChange={(description) => put({ description })}
        />
      </Stack>
    </Card>
  );
}

/** What is said at the end, to whom, and where one can go from there. */
export function EndingEditor({ ending, isNew }: { ending: Ending; isNew: boolean }) {
  const t = useText();
  const { definition, change, locked } = useEditing();
  const nameOf = useEndingName();
  const index = definition.endings.findIndex((one) => one.id === ending.id);
  const put = (next: (now: Ending) => Ending) =>
    change((now) => ({ ...now, endings: now.endings.map((one) => (one.id === ending.id ? next(one) : one)) }));
  const remove = () => {
    change((now) => ({ ...now, endings: now.endings.filter((one) => one.id !== ending.id) }));
    toast(t('surveyEdit.removedNamed', { name: nameOf(ending, index) }), {
      undo: () => change((now) => ({ ...now, endings: now.endings.toSpliced(index, 0, ending) })),
    });
  };
  return (
    <Stack gap={14}>
      <Card
        title={t('surveyEdit.ending')}
        action={
          locked ? null : (
            <Button small look="quiet" icon={<IconTrash size={15} />} onClick={remove}>
              {t('surveyEdit.remove')}
            </Button>
          )
        }
      >
        <Stack gap={14}>
          <TextsField
            label={t('surveyEdit.endingTitle')}
            rows={2}
            autoFocus={isNew}
            before={null}
            texts={ending.title}
            onChange={(title) => put((now) => ({ ...now, title }))}
          />
          <TextsField
            label={t('surveyEdit.description')}
            rows={2}
            before={null}
            texts={ending.description}
            onChange={(description) =>
              put(({ description: _, ...rest }) => (Object.keys(description).length ? { ...rest, description } : rest))
            }
          />
          <CheckedField
            label={t('surveyEdit.link')}
            hint={t('surveyEdit.linkHint')}
            placeholder="https://"
            value={ending.link?.url ?? ''}
            problem={(text) => (text === '' || isAddress(text) ? null : t('surveyEdit.noAddress'))}
            onChange={(url) =>
              put(({ link, ...rest }) => (url ? { ...rest, link: { label: link?.label ?? {}, url } } : rest))
            }
          />
          {ending.link ? (
            <TextsField
              label={t('surveyEdit.linkLabel')}
              texts={ending.link.label}
              onChange={(label) => put((now) => (now.link ? { ...now, link: { ...now.link, label } } : now))}
            />
          ) : null}
          <Switch
            label={t('surveyEdit.screenedOut')}
            hint={t('surveyEdit.screenedOutHint')}
            checked={ending.screenedOut}
            disabled={locked}
            onChange={(screenedOut) => put((now) => ({ ...now, screenedOut }))}
          />
        </Stack>
      </Card>
      <Card title={t('surveyEdit.endingWhen')}>
        <Stack gap={8}>
          {ending.when ? null : <span className={styles.dim}>{t('surveyEdit.endingAlways')}</span>}
          <ConditionEditor
            label={t('surveyEdit.endingWhen')}
            value={ending.when}
            before={null}
            onChange={(when) => put(({ when: _, ...rest }) => (when ? { ...rest, when } : rest))}
          />
        </Stack>
      </Card>
    </Stack>
  );
}
