import { IconBraces } from '@tabler/icons-react';
import { useRef } from 'react';
import { Picker, TYPED } from '../../kit/picker.tsx';
import { WordsField } from '../../kit/words-field.tsx';
import { useText } from '../../text.tsx';
import { useFields } from '../reports/parts/choices.ts';
import { type Texts, textIn, worded } from './draft.ts';
import { questionsBefore, useEditing } from './editing.ts';
import { useNameOf } from './names.ts';

/**
 * A text in the language that is being written; as a hint it shows what is read instead while that is empty. With `before`
 * earlier answers, traits and fields can be put into it.
 */
export function TextsField({
  label,
  hint,
  texts,
  onChange,
  rows,
  before,
  hideLabel,
  placeholder,
  autoFocus,
}: {
  label: string;
  hint?: string;
  texts: Texts | undefined;
  onChange: (texts: Texts) => void;
  rows?: number;
  /** The question that the text is of; null where all were asked already, BEFORE_ALL where none was. Nothing can be put in where it is left out. */
  before?: string | null;
  hideLabel?: boolean;
  placeholder?: string;
  autoFocus?: boolean;
}) {
  const { definition, language, locked } = useEditing();
  const field = useRef<HTMLTextAreaElement>(null);
  const value = texts?.[language] ?? '';
  const instead = textIn(texts, language, definition.defaultLanguage) || placeholder;
  const put = (text: string) => onChange(worded(texts, language, text));
  const insert = (pipe: string) => {
    const { selectionStart: from, selectionEnd: to } = field.current ?? { selectionStart: null, selectionEnd: null };
    const start = from ?? value.length;
    put(value.slice(0, start) + pipe + value.slice(to ?? start));
  };
  return (
    <WordsField
      label={label}
      {...(hint ? { hint } : {})}
      value={value}
      onChange={put}
      inputRef={field}
      language={language}
      disabled={locked}
      {...(rows ? { rows } : {})}
      {...(instead ? { placeholder: instead } : {})}
      {...(hideLabel ? { hideLabel } : {})}
      {...(autoFocus ? { autoFocus } : {})}
      tools={before === undefined || locked ? null : <Pipes label={label} before={before} onPick={insert} />}
    />
  );
}

/** Earlier answers, traits of the person and hidden fields, to be put into a text. */
function Pipes({ label, before, onPick }: { label: string; before: string | null; onPick: (pipe: string) => void }) {
  const t = useText();
  const nameOf = useNameOf();
  const { definition } = useEditing();
  const { choices } = useFields([]);
  const pick = (value: string) => {
    const inner = value.startsWith(TYPED) ? `trait:${value.slice(TYPED.length).replace(/[\s{}|:]/g, '')}` : value;
    onPick(`{{${inner}|…}}`);
  };
  return (
    <Picker
      quiet
      label={t('surveyEdit.insertInto', { what: label })}
      icon={<IconBraces size={14} aria-hidden />}
      searchable
      chosen={[]}
      onPick={pick}
      typed={(trait) => t('surveyEdit.traitNamed', { trait })}
      groups={[
        {
          key: 'answers',
          label: t('surveyEdit.earlierAnswers'),
          items: questionsBefore(definition, before).map((one) => ({ value: `answer:${one.id}`, label: nameOf(one) })),
        },
        {
          key: 'traits',
          label: t('surveyEdit.traits'),
          items: (choices?.traits ?? []).slice(0, 50).map(({ name }) => ({ value: `trait:${name}`, label: name })),
        },
        {
          key: 'fields',
          label: t('surveyEdit.fields'),
          items: definition.fields.map((name) => ({ value: `field:${name}`, label: name })),
        },
      ].filter((group) => group.items.length > 0)}
    >
      {t('surveyEdit.insert')}
    </Picker>
  );
}
