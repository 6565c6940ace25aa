import { Checkbox } from '../../kit/checkbox.tsx';
import { SelectField, Switch, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { useText } from '../../text.tsx';
import type { Option, Question, Texts } from './draft.ts';
import { useEditing } from './editing.ts';
import { NumberField } from './number-field.tsx';
import { OptionsEditor } from './options-editor.tsx';
import styles from './surveys.module.css';
import { TextsField } from './texts-field.tsx';

const SCALES = [3, 4, 5, 6, 7, 8, 9, 10];
const LOOKS = ['smileys', 'stars', 'numbers'] as const;
const ORDERS = ['asWritten', 'random', 'randomButLast'] as const;
const FILES = ['image', 'pdf', 'text', 'sound', 'video', 'office'] as const;

/** What only questions of its kind have. */
export function KindSettings({ question, onChange }: { question: Question; onChange: (question: Question) => void }) {
  const t = useText();
  const { locked } = useEditing();
  /** Sets properties; undefined ones are taken away. */
  const put = (change: Record<string, unknown>) => {
    const next = { ...question, ...change } as Record<string, unknown>;
    for (const [name, value] of Object.entries(next)) if (value === undefined) delete next[name];
    onChange(next as Question);
  };
  const texts = (name: 'lowLabel' | 'highLabel' | 'placeholder', label: string, given: Texts | undefined) => (
    <TextsField
      label={label}
      texts={given}
      onChange={(next) => put({ [name]: Object.keys(next).length ? next : undefined })}
    />
  );
  const list = (name: 'options' | 'rows' | 'columns', prefix: 'o' | 'r' | 'c', given: readonly Option[]) => (
    <OptionsEditor
      label={t(`surveyEdit.${name}`)}
      prefix={prefix}
      options={given}
      pictures={name === 'options' && question.kind === 'picture'}
      onChange={(change) => put({ [name]: change([...given]) })}
    />
  );
  const order = 'order' in question && (
    <SelectField
      label={t('surveyEdit.order')}
      value={question.order}
      choices={ORDERS.map((one) => ({ value: one, label: t(`surveyEdit.orders.${one}`) }))}
      onChange={(next) => put({ order: next })}
    />
  );
  const other = (question.kind === 'single' || question.kind === 'multiple') && (
    <>
      <Switch
        label={t('surveyEdit.withOther')}
        hint={t('surveyEdit.withOtherHint')}
        checked={question.other !== undefined}
        disabled={locked}
        onChange={(on) => put({ other: on ? {} : undefined })}
      />
      {question.other ? (
        <TextsField
          label={t('surveyEdit.otherLabel')}
          placeholder={t('surveyEdit.other')}
          texts={question.other.label}
          onChange={(label) => put({ other: Object.keys(label).length ? { label } : {} })}
        />
      ) : null}
    </>
  );
  const ends =
    'lowLabel' in question || ['nps', 'csat', 'ces', 'rating'].includes(question.kind) ? (
      <div className={styles.pair}>
        {texts('lowLabel', t('surveyEdit.low'), 'lowLabel' in question ? question.lowLabel : undefined)}
        {texts('highLabel', t('surveyEdit.high'), 'highLabel' in question ? question.highLabel : undefined)}
      </div>
    ) : null;
  switch (question.kind) {
    case 'nps':
      return ends;
    case 'csat':
    case 'ces':
    case 'rating':
      return (
        <Stack gap={14}>
          <Row gap={12}>
            <SelectField
              label={t('surveyEdit.scale')}
              width={130}
              value={String(question.scale)}
              choices={SCALES.map((n) => ({ value: String(n), label: t('surveyEdit.oneTo', { count: n }) }))}
              onChange={(scale) => put({ scale: Number(scale) })}
            />
            <SelectField
              label={t('surveyEdit.look')}
              width={170}
              value={question.look}
              choices={LOOKS.map((look) => ({ value: look, label: t(`surveyEdit.looks.${look}`) }))}
              onChange={(look) => put({ look })}
            />
          </Row>
          {ends}
        </Stack>
      );
    case 'single':
      return (
        <Stack gap={14}>
          {list('options', 'o', question.options)}
          {other}
          <div className={styles.pair}>{order}</div>
          <Switch
            label={t('surveyEdit.asList')}
            checked={question.list}
            disabled={locked}
            onChange={(on) => put({ list: on })}
          />
        </Stack>
      );
    case 'multiple':
    case 'picture':
      return (
        <Stack gap={14}>
          {list('options', 'o', question.options)}
          {other}
          <div className={styles.thirds}>
            {order}
            <NumberField
              label={t('surveyEdit.atLeast')}
              value={question.min || undefined}
              placeholder="0"
              low={0}
              high={100}
              onChange={(min) => put({ min: min ?? 0 })}
            />
            <NumberField
              label={t('surveyEdit.atMost')}
              value={question.max}
              placeholder={t('surveyEdit.any')}
              low={1}
              high={100}
              onChange={(max) => put({ max: max ?? (question.kind === 'picture' ? 1 : undefined) })}
            />
          </div>
        </Stack>
      );
    case 'ranking':
      return (
        <Stack gap={14}>
          {list('options', 'o', question.options)}
          <div className={styles.pair}>
            {order}
            <NumberField
              label={t('surveyEdit.places')}
              value={question.places}
              placeholder={t('surveyEdit.all')}
              low={1}
              high={100}
              onChange={(places) => put({ places })}
            />
          </div>
        </Stack>
      );
    case 'matrix':
      return (
        <Stack gap={14}>
          {list('rows', 'r', question.rows)}
          {list('columns', 'c', question.columns)}
          <div className={styles.pair}>{order}</div>
        </Stack>
      );
    case 'shortText':
    case 'longText':
      return (
        <Stack gap={14}>
          {texts('placeholder', t('surveyEdit.placeholder'), question.placeholder)}
          <div className={styles.pair}>
            <NumberField
              label={t('surveyEdit.leastCharacters')}
              value={question.min || undefined}
              placeholder="0"
              low={0}
              high={question.kind === 'shortText' ? 1000 : 10_000}
              onChange={(min) => put({ min: min ?? 0 })}
            />
            <NumberField
              label={t('surveyEdit.mostCharacters')}
              value={question.max}
              low={1}
              high={question.kind === 'shortText' ? 1000 : 10_000}
              onChange={(max) => put({ max: max ?? (question.kind === 'shortText' ? 1000 : 5000) })}
            />
          </div>
        </Stack>
      );
    case 'email':
    case 'phone':
      return texts('placeholder', t('surveyEdit.placeholder'), question.placeholder);
    case 'date':
      return (
        <div className={styles.pair}>
          <TextField
            type="date"
            label={t('surveyEdit.earliest')}
            value={question.earliest ?? ''}
            onChange={(earliest) => put({ earliest: earliest || undefined })}
          />
          <TextField
            type="date"
            label={t('surveyEdit.latest')}
            value={question.latest ?? ''}
            onChange={(latest) => put({ latest: latest || undefined })}
          />
        </div>
      );
    case 'consent':
      return (
        <TextsField
          label={t('surveyEdit.consentLabel')}
          hint={t('surveyEdit.consentHint')}
          texts={question.label}
          before={question.id}
          onChange={(label) => put({ label })}
        />
      );
    case 'file':
      return (
        <Stack gap={12}>
          <div className={styles.pair}>
            <NumberField
              label={t('surveyEdit.files')}
              value={question.max}
              low={1}
              high={5}
              onChange={(max) => put({ max: max ?? 1 })}
            />
          </div>
          <Row gap={16}>
            {FILES.map((kind) => (
              <Checkbox
                key={kind}
                label={t(`surveyEdit.fileKinds.${kind}`)}
                checked={question.accept.includes(kind)}
                onChange={(on) =>
                  put({ accept: FILES.filter((one) => (one === kind ? on : question.accept.includes(one))) })
                }
              />
            ))}
          </Row>
        </Stack>
      );
    case 'statement':
      return null;
  }
}
