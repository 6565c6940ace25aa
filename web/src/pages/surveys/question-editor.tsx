import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { Button, IconButton } from '../../kit/button.tsx';
import { SelectField, Switch } from '../../kit/field.tsx';
import { Card, Stack } from '../../kit/layout.tsx';
import { useText } from '../../text.tsx';
import { ConditionEditor } from './condition-editor.tsx';
import { newQuestion, type Question, type QuestionKind, type Texts } from './draft.ts';
import { useEditing } from './editing.ts';
import { KindSettings } from './kind-settings.tsx';
import { KIND_GROUPS } from './kinds.tsx';
import { useEndingName, useNameOf } from './names.ts';
import styles from './surveys.module.css';
import { TextsField } from './texts-field.tsx';

/** The question as one of another kind: with what both have. */
function ofKind(question: Question, kind: QuestionKind): Question {
  const made = newQuestion(kind) as Record<string, unknown>;
  const before = question as Record<string, unknown>;
  const kept = ['id', 'title', 'description', 'required', 'showIf', 'jumps', 'lowLabel', 'highLabel', 'placeholder'];
  const common = new Set<QuestionKind>(['nps', 'csat', 'ces', 'rating']);
  for (const name of kept) {
    if (!(name in before)) continue;
    if ((name === 'lowLabel' || name === 'highLabel') && !common.has(kind)) continue;
    if (name === 'placeholder' && !KIND_GROUPS.words.includes(kind as 'email')) continue;
    made[name] = before[name];
  }
  if (kind === 'date') delete made.placeholder;
  for (const name of ['options', 'order', 'other']) {
    const takes = name === 'other' ? kind === 'single' || kind === 'multiple' : name in made;
    if (takes && name in before) made[name] = before[name];
  }
  return made as Question;
}

/** Everything about one question; a new one can be typed at once. */
export function QuestionEditor({ question, isNew }: { question: Question; isNew: boolean }) {
  const t = useText();
  const { change, locked } = useEditing();
  const put = (next: (now: Question) => Question) =>
    change((now) => ({ ...now, questions: now.questions.map((one) => (one.id === question.id ? next(one) : one)) }));
  const described = (description: Texts) =>
    put(
      ({ description: _, ...rest }) => (Object.keys(description).length ? { ...rest, description } : rest) as Question,
    );
  return (
    <Stack gap={14}>
      <Card>
        <Stack gap={16}>
          <div className={styles.editorHead}>
            <SelectField
              hideLabel
              label={t('surveyEdit.kind')}
              width={230}
              value={question.kind}
              choices={Object.values(KIND_GROUPS)
                .flat()
                .map((kind) => ({ value: kind, label: t(`surveys.kind.${kind}`) }))}
              onChange={(kind) => put((now) => ofKind(now, kind as QuestionKind))}
            />
            {question.kind === 'statement' ? null : (
              <Switch
                label={t('surveyEdit.required')}
                checked={question.required}
                disabled={locked}
                onChange={(required) => put((now) => ({ ...now, required }))}
              />
            )}
          </div>
          <TextsField
            label={question.kind === 'statement' ? t('surveyEdit.statement') : t('surveyEdit.title')}
            rows={2}
            autoFocus={isNew}
            before={question.id}
            texts={question.title}
            onChange={(title) => put((now) => ({ ...now, title }))}
          />
          <TextsField
            label={t('surveyEdit.description')}
            texts={question.description}
            before={question.id}
            onChange={described}
          />
          <KindSettings question={question} onChange={(next) => put(() => next)} />
        </Stack>
      </Card>
      <Logic question={question} put={put} />
    </Stack>
  );
}

/** When it is shown, and where the survey goes on after it. */
function Logic({ question, put }: { question: Question; put: (next: (now: Question) => Question) => void }) {
  const t = useText();
  const nameOf = useNameOf();
  const endingName = useEndingName();
  const { definition, locked } = useEditing();
  const [open, setOpen] = useState(question.showIf !== undefined || question.jumps.length > 0);
  const at = definition.questions.findIndex((one) => one.id === question.id);
  const later = definition.questions.slice(at + 1);
  const targets = [
    ...later.map((one) => ({ value: one.id, label: nameOf(one) })),
    ...definition.endings.map((one, index) => ({
      value: one.id,
      label: t('surveyEdit.endWith', { name: endingName(one, index) }),
    })),
    { value: 'end', label: t('surveyEdit.toEnd') },
  ];
  if (!open && !question.showIf && question.jumps.length === 0) {
    return locked ? null : (
      <div>
        <Button small look="quiet" icon={<IconPlus size={15} />} onClick={() => setOpen(true)}>
          {t('surveyEdit.addLogic')}
        </Button>
      </div>
    );
  }
  const jumps = (change: (jumps: Question['jumps']) => Question['jumps']) =>
    put((now) => ({ ...now, jumps: change(now.jumps) }));
  return (
    <Card title={t('surveyEdit.logic')}>
      <Stack gap={18}>
        <Stack gap={8}>
          <span className={styles.label}>{t('surveyEdit.showIf')}</span>
          <span className={styles.dim}>{question.showIf ? null : t('surveyEdit.showAlways')}</span>
          <ConditionEditor
            label={t('surveyEdit.showIf')}
            value={question.showIf}
            before={question.id}
            onChange={(showIf) => put(({ showIf: _, ...rest }) => (showIf ? { ...rest, showIf } : rest) as Question)}
          />
        </Stack>
        <Stack gap={8}>
          <span className={styles.label}>{t('surveyEdit.jumps')}</span>
          {question.jumps.length === 0 ? <span className={styles.dim}>{t('surveyEdit.noJumps')}</span> : null}
          {question.jumps.map((jump, index) => {
            const name = t('surveyEdit.jumpNumber', { number: index + 1 });
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: jumps have no other identity than their place.
              <div key={index} className={styles.jump}>
                <div className={styles.jumpHead}>
                  <span>{t('surveyEdit.goTo')}</span>
                  <SelectField
                    hideLabel
                    searchable={targets.length > 8}
                    label={t('surveyEdit.targetOf', { what: name })}
                    value={jump.to}
                    width={300}
                    choices={
                      targets.some((one) => one.value === jump.to)
                        ? targets
                        : [...targets, { value: jump.to, label: t('surveyEdit.goneQuestion') }]
                    }
                    onChange={(to) => jumps((all) => all.with(index, { ...all[index]!, to }))}
                  />
                  {locked ? null : (
                    <IconButton
                      small
                      label={t('surveyEdit.removeNamed', { name })}
                      onClick={() => jumps((all) => all.toSpliced(index, 1))}
                    >
                      <IconX size={15} />
                    </IconButton>
                  )}
                </div>
                {jump.when ? null : <span className={styles.dim}>{t('surveyEdit.jumpAlways')}</span>}
                <ConditionEditor
                  label={t('surveyEdit.jumpIf', { what: name })}
                  value={jump.when}
                  // It is judged when this question is done: its own answer counts.
                  before={later[0]?.id ?? null}
                  onChange={(when) =>
                    jumps((all) => all.with(index, { to: all[index]!.to, ...(when ? { when } : {}) }))
                  }
                />
              </div>
            );
          })}
          {locked ? null : (
            <div>
              <Button
                small
                look="quiet"
                icon={<IconPlus size={15} />}
                onClick={() => jumps((all) => [...all, { to: later[1]?.id ?? definition.endings[0]?.id ?? 'end' }])}
              >
                {t('surveyEdit.addJump')}
              </Button>
            </div>
          )}
        </Stack>
      </Stack>
    </Card>
  );
}
