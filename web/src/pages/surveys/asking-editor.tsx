import { Segments, Switch, TextField } from '../../kit/field.tsx';
import { Card, Stack } from '../../kit/layout.tsx';

import { useText } from '../../text.tsx';
import { CheckedField } from './checked-field.tsx';
import type { Definition } from './draft.ts';
import { newPopover } from './draft.ts';
import { useEditing } from './editing.ts';
import { NumberField } from './number-field.tsx';
import { PopoverEditor } from './popover-editor.tsx';
import { QuotasEditor } from './quotas-editor.tsx';
import { AskingSummary } from './summary.tsx';
import styles from './surveys.module.css';

/** A moment as a field of the browser writes it, in its own zone, and back. */
const toLocal = (at: string | undefined): string => {
  if (!at) return '';
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

export function AskingEditor() {
  const t = useText();
  const { definition, change, locked } = useEditing();
  const { popover, repeat } = definition;
  const put = (next: Partial<Definition>) => change((now) => ({ ...now, ...next }));
  const without = (name: 'popover' | 'from' | 'to' | 'maxResponses', value: unknown) =>
    change(({ [name]: _, ...now }) => (value === undefined ? now : { ...now, [name]: value }) as Definition);
  const moment = (name: 'from' | 'to') => (
    <TextField
      type={'datetime-local' as 'date'}
      label={t(`surveyEdit.${name}`)}
      value={toLocal(definition[name])}
      onChange={(text) => without(name, text ? new Date(text).toISOString() : undefined)}
    />
  );
  return (
    <div className={styles.asking}>
      <Stack gap={14}>
        <Card
          title={t('surveyEdit.inPages')}
          hint={t('surveyEdit.inPagesHint')}
          action={
            <Switch
              label={t('surveyEdit.popoverOn')}
              checked={popover !== undefined}
              disabled={locked}
              onChange={(on) => without('popover', on ? newPopover() : undefined)}
            />
          }
        >
          {popover ? <PopoverEditor popover={popover} /> : <p className={styles.dim}>{t('surveyEdit.popoverOff')}</p>}
        </Card>
        <Card title={t('surveyEdit.howOften')} hint={t('surveyEdit.howOftenHint')}>
          <Stack gap={14}>
            <Segments
              label={t('surveyEdit.howOften')}
              value={repeat.kind}
              choices={(['once', 'untilAnswered', 'every'] as const).map((kind) => ({
                value: kind,
                label: t(`surveyEdit.repeat.${kind}`),
              }))}
              onChange={(kind) =>
                put({
                  repeat:
                    kind === 'once'
                      ? { kind }
                      : kind === 'every'
                        ? { kind, days: 90 }
                        : { kind: 'untilAnswered', days: 7, times: 3 },
                })
              }
            />
            {repeat.kind !== 'once' ? (
              <div className={styles.pair}>
                <NumberField
                  label={t('surveyEdit.days')}
                  value={repeat.days}
                  low={1}
                  high={3650}
                  onChange={(days) => days !== undefined && put({ repeat: { ...repeat, days } })}
                />
                {repeat.kind === 'untilAnswered' ? (
                  <NumberField
                    label={t('surveyEdit.times')}
                    value={repeat.times}
                    low={1}
                    high={100}
                    onChange={(times) => times !== undefined && put({ repeat: { ...repeat, times } })}
                  />
                ) : null}
              </div>
            ) : null}
          </Stack>
        </Card>
        <Card title={t('surveyEdit.howLong')}>
          <div className={styles.thirds}>
            {moment('from')}
            {moment('to')}
            <NumberField
              label={t('surveyEdit.maxResponses')}
              value={definition.maxResponses}
              placeholder={t('surveyEdit.any')}
              low={1}
              high={100_000_000}
              onChange={(most) => without('maxResponses', most)}
            />
          </div>
        </Card>
        <QuotasEditor />
        <Card title={t('surveyEdit.hiddenFields')} hint={t('surveyEdit.hiddenFieldsHint')}>
          <CheckedField
            hideLabel
            label={t('surveyEdit.hiddenFields')}
            placeholder="order, shop"
            value={definition.fields.join(', ')}
            problem={(text) =>
              namesIn(text).every((name) => /^[A-Za-z][A-Za-z0-9_-]{0,49}$/.test(name))
                ? null
                : t('surveyEdit.noFieldName')
            }
            onChange={(text) => put({ fields: [...new Set(namesIn(text))] })}
          />
        </Card>
      </Stack>
      <div className={styles.askingSide}>
        <Card title={t('surveyEdit.inWords')}>
          <AskingSummary definition={definition} />
        </Card>
      </div>
    </div>
  );
}

const namesIn = (text: string) =>
  text
    .split(/[\s,;]+/)
    .map((name) => name.trim())
    .filter(Boolean);
