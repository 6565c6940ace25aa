import { IconPlus, IconX } from '@tabler/icons-react';
import { formatLocaleName } from '../../format.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { DateField, SelectField, TextField } from '../../kit/field.tsx';
import { Picker, TYPED } from '../../kit/picker.tsx';
import { useText } from '../../text.tsx';
import { useFields } from '../reports/parts/choices.ts';
import { begun, entryOf, fromGroup, type Group, type Join, questionOf, testsFor, toGroup } from './conditions.ts';
import type { Condition, Definition, Test, TestName } from './draft.ts';
import { questionsBefore, useEditing } from './editing.ts';
import { useLabelOf, useNameOf } from './names.ts';
import styles from './surveys.module.css';

/**
 * When something holds: tests of earlier answers, traits, fields and the language, joined by all, any or none. `label` names
 * it for screen readers. Groups inside it (which only the API makes) are kept, and said to be there.
 */
export function ConditionEditor({
  label,
  value,
  before,
  onChange,
}: {
  label: string;
  value: Condition | undefined;
  /** The question it belongs to; null where all were asked already. */
  before: string | null;
  onChange: (condition: Condition | undefined) => void;
}) {
  const t = useText();
  const { definition, locked } = useEditing();
  const group = toGroup(value);
  const put = (next: Group) => onChange(fromGroup(next));
  const items = (change: (items: Condition[]) => Condition[]) => put({ ...group, items: change(group.items) });
  const known = questionsBefore(definition, before);
  const add = () => {
    const last = known.at(-1);
    items((all) => [...all, begun(definition, last ? { answer: last.id } : { language: true })]);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out like this.
    <div role="group" aria-label={label} className={styles.conditions}>
      {group.items.length > 1 || group.join === 'none' ? (
        <div>
          <SelectField
            hideLabel
            label={t('surveyEdit.joinOf', { what: label })}
            width={220}
            value={group.join}
            choices={(['all', 'any', 'none'] as const).map((join) => ({
              value: join,
              label: t(`surveyEdit.join.${join}`),
            }))}
            onChange={(join) => put({ ...group, join: join as Join })}
          />
        </div>
      ) : null}
      {group.items.map((item, index) => {
        const name = `${label} ${index + 1}`;
        const remove = (
          <IconButton
            small
            label={t('surveyEdit.removeNamed', { name })}
            onClick={() => items((all) => all.toSpliced(index, 1))}
          >
            <IconX size={15} />
          </IconButton>
        );
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no other identity than their place.
          <div key={index} className={styles.test}>
            {'test' in item ? (
              <TestEditor
                label={name}
                test={item}
                before={before}
                onChange={(next) => items((all) => all.with(index, next))}
              />
            ) : (
              <p className={styles.dim}>{t('surveyEdit.nested')}</p>
            )}
            {locked ? null : remove}
          </div>
        );
      })}
      {locked ? null : (
        <div>
          <Button small look="quiet" icon={<IconPlus size={15} />} onClick={add}>
            {t('surveyEdit.addCondition')}
          </Button>
        </div>
      )}
    </div>
  );
}

const sourceValue = (of: Test['of']) => JSON.stringify(of);

function TestEditor({
  label,
  test,
  before,
  onChange,
}: {
  label: string;
  test: Test;
  before: string | null;
  onChange: (test: Test) => void;
}) {
  const t = useText();
  const nameOf = useNameOf();
  const labelOf = useLabelOf();
  const { definition } = useEditing();
  const { choices } = useFields([]);
  const questions = questionsBefore(definition, before);
  const answers = questions.flatMap((question) => [
    { value: sourceValue({ answer: question.id }), label: nameOf(question) },
    ...(question.kind === 'matrix'
      ? question.rows.map((row, at) => ({
          value: sourceValue({ answer: question.id, row: row.id }),
          label: `${nameOf(question)} · ${labelOf(row, at)}`,
        }))
      : []),
  ]);
  const { of } = test;
  const said =
    'trait' in of
      ? of.trait
      : 'field' in of
        ? of.field
        : 'language' in of
          ? t('surveyEdit.theLanguage')
          : (answers.find((one) => one.value === sourceValue(of))?.label ?? t('surveyEdit.goneQuestion'));
  const pick = (value: string) =>
    onChange(
      begun(
        definition,
        value.startsWith(TYPED) ? { trait: value.slice(TYPED.length).replace(/[\s{}|:]/g, '') } : JSON.parse(value),
      ),
    );
  return (
    <div className={styles.testParts}>
      <Picker
        label={t('surveyEdit.sourceOf', { what: label })}
        chosen={[sourceValue(of)]}
        onPick={pick}
        typed={(trait) => t('surveyEdit.traitNamed', { trait })}
        groups={[
          { key: 'answers', label: t('surveyEdit.earlierAnswers'), items: answers },
          {
            key: 'traits',
            label: t('surveyEdit.traits'),
            items: (choices?.traits ?? [])
              .slice(0, 50)
              .map(({ name }) => ({ value: sourceValue({ trait: name }), label: name })),
          },
          {
            key: 'others',
            label: t('surveyEdit.others'),
            items: [
              ...definition.fields.map((name) => ({ value: sourceValue({ field: name }), label: name })),
              { value: sourceValue({ language: true }), label: t('surveyEdit.theLanguage') },
            ],
          },
        ].filter((group) => group.items.length > 0)}
      >
        <bdi>{said}</bdi>
      </Picker>
      <SelectField
        hideLabel
        label={t('surveyEdit.testOf', { what: label })}
        width={170}
        value={test.test}
        choices={testsFor(definition, test).map((name) => ({ value: name, label: t(`surveyEdit.test.${name}`) }))}
        onChange={(name) => {
          const next = begun(definition, of, name as TestName);
          const same = entryOf(definition, next) === entryOf(definition, test);
          onChange(same && test.value !== undefined ? { ...next, value: test.value } : next);
        }}
      />
      <ValueEditor label={t('surveyEdit.valueOf', { what: label })} test={test} onChange={onChange} />
    </div>
  );
}

const numbersOf = (definition: Definition, test: Test): number[] => {
  const question = questionOf(definition, test);
  if (question?.kind === 'nps') return Array.from({ length: 11 }, (_, n) => n);
  const scale = question && 'scale' in question ? question.scale : 10;
  return Array.from({ length: scale }, (_, n) => n + 1);
};

function ValueEditor({ label, test, onChange }: { label: string; test: Test; onChange: (test: Test) => void }) {
  const t = useText();
  const labelOf = useLabelOf();
  const { definition, language } = useEditing();
  const put = (value: NonNullable<Test['value']>) => onChange({ ...test, value });
  const { of, value } = test;
  const numberEntry = (name: string, now: unknown, set: (next: number) => void) => (
    <SelectField
      hideLabel
      label={name}
      width={76}
      value={String(now)}
      choices={numbersOf(definition, test).map((n) => ({ value: String(n), label: String(n) }))}
      onChange={(next) => set(Number(next))}
    />
  );
  switch (entryOf(definition, test)) {
    case 'none':
      return null;
    case 'number':
      return numberEntry(label, value, put);
    case 'range': {
      const [low = 0, high = 0] = Array.isArray(value) ? value.map(Number) : [];
      return (
        <>
          {numberEntry(t('surveyEdit.lowestOf', { what: label }), low, (next) => put([next, Math.max(next, high)]))}
          <span className={styles.dim}>{t('surveyEdit.and')}</span>
          {numberEntry(t('surveyEdit.highestOf', { what: label }), high, (next) => put([Math.min(low, next), next]))}
        </>
      );
    }
    case 'date':
      return <DateField label={label} value={String(value ?? '')} onChange={put} />;
    case 'text':
      return <TextField hideLabel label={label} value={String(value ?? '')} onChange={put} />;
    default: {
      const question = questionOf(definition, test);
      const row = 'answer' in of && of.row;
      const options =
        'language' in of
          ? definition.languages.map((one) => ({ value: one, label: formatLocaleName(one) }))
          : (question && 'columns' in question && row
              ? question.columns
              : question && 'options' in question
                ? question.options
                : []
            ).map((option, at) => ({ value: option.id, label: labelOf(option, at) }));
      if (question && 'other' in question && question.other)
        options.push({ value: 'other', label: t('surveyEdit.other') });
      const several = entryOf(definition, test) === 'several';
      const chosen = (Array.isArray(value) ? value : value === '' || value === undefined ? [] : [value]).map(String);
      const words = options.filter((one) => chosen.includes(one.value)).map((one) => one.label);
      return (
        <Picker
          label={label}
          several={several}
          empty={words.length === 0}
          chosen={chosen}
          groups={[{ key: language, items: options }]}
          onPick={(picked) => {
            if (!several) put(picked);
            else put(chosen.includes(picked) ? chosen.filter((one) => one !== picked) : [...chosen, picked]);
          }}
        >
          <bdi>{words.join(', ') || t('surveyEdit.choose')}</bdi>
        </Picker>
      );
    }
  }
}
