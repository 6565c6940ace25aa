import { useText } from '../../text.tsx';
import { type Ending, type Option, type Question, textIn } from './draft.ts';
import { useEditing } from './editing.ts';

/** Pipes as a reader of the builder sees them: `{{trait:first_name|there}}` is … */
const plain = (text: string) => text.replace(/\{\{[^}]*\}\}/g, '…');

/** What a question is called here: its number and words in the language that is written, or its kind. */
export function useNameOf(): (question: Question) => string {
  const t = useText();
  const { definition, language } = useEditing();
  return (question) => {
    const number = definition.questions.findIndex((one) => one.id === question.id) + 1;
    const text = plain(textIn(question.title, language, definition.defaultLanguage));
    return t('surveyEdit.numbered', { number, name: text || t(`surveys.kind.${question.kind}`) });
  };
}

export function useLabelOf(): (option: Option, index: number) => string {
  const t = useText();
  const { definition, language } = useEditing();
  return (option, index) =>
    plain(textIn(option.label, language, definition.defaultLanguage)) ||
    t('surveyEdit.optionNumber', { number: index + 1 });
}

export function useEndingName(): (ending: Ending, index: number) => string {
  const t = useText();
  const { definition, language } = useEditing();
  return (ending, index) =>
    plain(textIn(ending.title, language, definition.defaultLanguage)) ||
    t('surveyEdit.endingNumber', { number: index + 1 });
}
