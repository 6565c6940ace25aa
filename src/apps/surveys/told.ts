import type { About, AppEvent } from '../../core/stream/outbox.ts';
import type { Definition } from './definition.ts';
import { type Answer, type Answers, isEmpty, textIn } from './logic.ts';
import type { Option, Question } from './question.ts';
import type { SurveyChannel } from './shapes.ts';

/** What events tell of a response; of an anonymous one there are none. */
export interface Told {
  about: About;
  surveyId: string;
  version: number;
  definition: Definition;
  responseId: string;
  channel: SurveyChannel;
  language: string;
  page: string | null;
}

const SCORES = ['nps', 'csat', 'ces', 'rating'];
const KIND: Partial<Record<Question['kind'], string>> = {
  single: 'choice',
  multiple: 'choices',
  picture: 'choices',
  shortText: 'text',
  longText: 'text',
};

const event = (
  told: Omit<Told, 'responseId'> & { responseId: string | null },
  name: string,
  properties: Record<string, unknown>,
): AppEvent => ({
  ...told.about,
  name,
  channel: told.channel === 'mail' ? 'email' : 'web',
  properties: {
    surveyId: told.surveyId,
    survey: told.definition.name,
    ...(told.responseId === null ? {} : { responseId: told.responseId }),
    channel: told.channel,
    ...(told.definition.touchpoint ? { touchpoint: told.definition.touchpoint } : {}),
    ...properties,
  },
  context: { locale: told.language, ...(told.page ? { page: { url: told.page } } : {}) },
});

/** `asks`: the scores it could give, so that the response rate of each is counted over those who were asked for it. */
export const surveyShown = (told: Told): AppEvent => {
  const kinds = new Set<string>(told.definition.questions.map(({ kind }) => kind));
  return event(told, 'Survey Shown', { version: told.version, asks: SCORES.filter((kind) => kinds.has(kind)) });
};
/** Only of mails: a link that is made by hand goes its own way. */
export const surveySent = (told: Omit<Told, 'responseId'>): AppEvent =>
  event({ ...told, responseId: null }, 'Survey Sent', { version: told.version, language: told.language });
export const surveyDismissed = (told: Told): AppEvent => event(told, 'Survey Dismissed', { version: told.version });
export const surveyCompleted = (told: Told, seconds: number): AppEvent =>
  event(told, 'Survey Completed', { version: told.version, seconds });

/**
 * One for each answer that is another than before. A later one with the same `responseId` and `questionId` replaces it; one
 * that was taken back, or whose question is not shown any more, is told of with `withdrawn` and without a value.
 */
export function questionsAnswered(told: Told, before: Answers, after: Answers): AppEvent[] {
  return told.definition.questions.flatMap((question) => {
    const [was, is] = [before[question.id], after[question.id]];
    if (same(was, is)) return [];
    return event(told, 'Question Answered', {
      version: told.version,
      questionId: question.id,
      question: textIn(question.title, told.definition.defaultLanguage, told.definition.defaultLanguage),
      kind: KIND[question.kind] ?? question.kind,
      language: told.language,
      ...(isEmpty(is) ? { withdrawn: true } : valueTold(question, is as Answer, told.definition.defaultLanguage)),
    });
  });
}

/** The order of keys does not matter: PostgreSQL keeps its own. */
export function same(a: unknown, b: unknown): boolean {
  if (isEmpty(a) && isEmpty(b)) return true;
  return sorted(a) === sorted(b);
}
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1)))
      : inner,
  );

/** Choices are named in the survey's default language, so that answers in all languages count together. */
function valueTold(question: Question, answer: Answer, language: string): Record<string, unknown> {
  const label = (list: readonly Option[], id: string) => {
    const option = list.find((one) => one.id === id);
    return (option && textIn(option.label, language, language)) || id;
  };
  switch (question.kind) {
    case 'nps':
      return { score: answer, scale: 10 };
    case 'csat':
    case 'ces':
    case 'rating':
      return { score: answer, scale: question.scale };
    case 'single':
    case 'multiple':
    case 'picture': {
      const { options, other } = answer as { options: string[]; other?: string };
      const own = 'other' in question && other ? [textIn(question.other?.label, language, language) || 'Other'] : [];
      const choices = [...options.map((id) => label(question.options, id)), ...own];
      return {
        ...(question.kind === 'single' ? { choice: choices[0] } : { choices }),
        ...(other ? { text: other } : {}),
      };
    }
    case 'ranking':
      return { choices: (answer as string[]).map((id) => label(question.options, id)) };
    case 'matrix': {
      const rows = answer as Record<string, string>;
      const choices = question.rows
        .filter(({ id }) => id in rows)
        .map(({ id }) => `${label(question.rows, id)}: ${label(question.columns, rows[id]!)}`);
      return { choices };
    }
    case 'email':
      return { email: answer };
    case 'phone':
      return { phone: answer };
    case 'date':
      return { date: answer };
    case 'consent':
      return { agreed: true };
    case 'file':
      return { files: (answer as unknown[]).length };
    default:
      return { text: answer };
  }
}
