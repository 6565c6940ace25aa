import { formatLocaleName } from '../../format.ts';
import { hasMessage, useText } from '../../text.tsx';
import type { Problem, Survey } from './calls.ts';
import { type Definition, textIn } from './draft.ts';

/** What is wrong, in the reader's language; in the server's words where there are none. */
export function useProblemWords(definition: Definition): (problem: Problem) => string {
  const t = useText();
  return ({ code, message, language, values }) => {
    const key = `surveys.problem.${code}`;
    if (!hasMessage(key)) return message;
    return t(`surveys.problem.${code}`, {
      language: formatLocaleName(language ?? definition.defaultLanguage),
      field: values?.field ?? '',
      pipe: values?.pipe ?? '',
      ratio: values?.ratio ?? '',
      needed: values?.needed ?? '',
    });
  };
}

const ASKING = ['popover', 'repeat', 'quotas', 'from', 'to', 'maxResponses', 'openLink', 'embed', 'fields'];

/** Where a problem is mended: the address of the builder's part, with the words of the question. */
export function placeOf({ path, question, language }: Problem, survey: Survey): { address: string; words: string } {
  const { definition } = survey;
  const [first, index] = path;
  const at = (place: string, words = '') => ({
    address: `/surveys/${survey.id}?at=${encodeURIComponent(place)}${language && language !== definition.defaultLanguage ? `&language=${language}` : ''}`,
    words,
  });
  const asked =
    definition.questions.find((one) => one.id === question) ??
    (first === 'questions' && typeof index === 'number' ? definition.questions[index] : undefined);
  if (asked) {
    const number = definition.questions.indexOf(asked) + 1;
    const words = textIn(asked.title, definition.defaultLanguage, definition.defaultLanguage);
    return at(asked.id, `${number}. ${words || '…'}`.slice(0, 80));
  }
  if (first === 'endings' && typeof index === 'number') {
    const ending = definition.endings[index];
    if (ending)
      return at(`ending:${ending.id}`, textIn(ending.title, definition.defaultLanguage, definition.defaultLanguage));
  }
  if (ASKING.includes(String(first))) return { address: `/surveys/${survey.id}/asking`, words: '' };
  if (first === 'welcome') return at('welcome');
  if (first === 'theme' || first === 'words') return at('look');
  if (first === 'languages' || first === 'defaultLanguage') return at('translations');
  return at('');
}
