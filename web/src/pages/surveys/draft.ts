import type { Condition, Test, TestName } from '../../../../src/apps/surveys/condition.ts';
import type { Definition, Ending, Page, Popover, Quota, Theme } from '../../../../src/apps/surveys/definition.ts';
import type { Option, Question, QuestionKind, Texts } from '../../../../src/apps/surveys/question.ts';

export type {
  Condition,
  Definition,
  Ending,
  Option,
  Page,
  Popover,
  Question,
  QuestionKind,
  Quota,
  Test,
  TestName,
  Texts,
  Theme,
};

/** A condition on a property of an event. */
export type Where = NonNullable<Popover['event']>['where'][number];

/** An ID that no other question, option or ending of the survey has. */
export const newId = (prefix: string): string => `${prefix}${crypto.randomUUID().slice(0, 8)}`;

const common = (id: string) => ({ id, title: {}, required: false, jumps: [] });
const options = (prefix: string, count: number): Option[] =>
  Array.from({ length: count }, () => ({ id: newId(prefix), label: {} }));

/** A question of a kind, with nothing said yet. */
export function newQuestion(kind: QuestionKind): Question {
  const base = common(newId('q'));
  switch (kind) {
    case 'nps':
    case 'email':
    case 'phone':
    case 'date':
    case 'statement':
      return { ...base, kind };
    case 'csat':
      return { ...base, kind, scale: 5, look: 'smileys' };
    case 'ces':
      return { ...base, kind, scale: 7, look: 'numbers' };
    case 'rating':
      return { ...base, kind, scale: 5, look: 'stars' };
    case 'single':
      return { ...base, kind, options: options('o', 2), order: 'asWritten', list: false };
    case 'multiple':
      return { ...base, kind, options: options('o', 3), order: 'asWritten', min: 0 };
    case 'picture':
      return { ...base, kind, options: options('o', 2), order: 'asWritten', min: 0, max: 1 };
    case 'ranking':
      return { ...base, kind, options: options('o', 3), order: 'asWritten' };
    case 'matrix':
      return { ...base, kind, rows: options('r', 2), columns: options('c', 3), order: 'asWritten' };
    case 'shortText':
      return { ...base, kind, min: 0, max: 1000 };
    case 'longText':
      return { ...base, kind, min: 0, max: 5000 };
    case 'consent':
      return { ...base, kind, label: {} };
    case 'file':
      return { ...base, kind, max: 1, accept: ['image', 'pdf'] };
  }
}

export const newPopover = (): Popover => ({
  position: 'bottomEnd',
  pages: [],
  audiences: [],
  notAudiences: [],
  devices: [],
  languages: [],
  share: 100,
  delaySeconds: 0,
  exitIntent: false,
});

/** The same question once more, directly behind: with an ID of its own, and its options' IDs as they are. */
export function duplicated(questions: readonly Question[], id: string): { questions: Question[]; id: string } {
  const at = questions.findIndex((one) => one.id === id);
  const question = questions[at];
  if (!question) return { questions: [...questions], id };
  const copy = { ...structuredClone(question), id: newId('q') };
  return { questions: questions.toSpliced(at + 1, 0, copy), id: copy.id };
}

/** The text with another wording in one language; an empty one is left out. */
export function worded(texts: Texts | undefined, language: string, text: string): Texts {
  const { [language]: _, ...others } = texts ?? {};
  return text === '' ? others : { ...others, [language]: text };
}

/** As it is read in a language: in the default one where it is missing, in any where that is missing too. */
export function textIn(texts: Texts | undefined, language: string, fallback: string): string {
  return texts?.[language] || texts?.[fallback] || Object.values(texts ?? {})[0] || '';
}

export interface Place {
  /** Where it stands: what the builder opens. */
  at: string;
  /** Of which part it is the text: as the list of texts names it. */
  part:
    | 'title'
    | 'description'
    | 'option'
    | 'row'
    | 'column'
    | 'low'
    | 'high'
    | 'placeholder'
    | 'label'
    | 'link'
    | 'other';
  texts: Texts;
  put: (definition: Definition, texts: Texts) => Definition;
}

type Hidden = Record<string, unknown>;

const withQuestion = (id: string, change: (question: Question) => Question) => (definition: Definition) => ({
  ...definition,
  questions: definition.questions.map((one) => (one.id === id ? change(one) : one)),
});

/** Every text that customers read, with where it stands and how to put another there. */
export function textsOf(definition: Definition): Place[] {
  const places: Place[] = [];
  const { welcome } = definition;
  if (welcome) {
    for (const part of ['title', 'description'] as const) {
      const texts = welcome[part];
      if (texts)
        places.push({
          at: 'welcome',
          part,
          texts,
          put: (now, next) => (now.welcome ? { ...now, welcome: { ...now.welcome, [part]: next } } : now),
        });
    }
  }
  const named = { title: 'title', description: 'description', lowLabel: 'low', highLabel: 'high' } as const;
  const further = { placeholder: 'placeholder', label: 'label' } as const;
  for (const question of definition.questions) {
    const { id } = question;
    for (const [name, part] of Object.entries({ ...named, ...further })) {
      const texts = (question as Hidden)[name] as Texts | undefined;
      if (texts)
        places.push({
          at: id,
          part,
          texts,
          put: (now, next) => withQuestion(id, (one) => ({ ...one, [name]: next }) as Question)(now),
        });
    }
    const lists = { options: 'option', rows: 'row', columns: 'column' } as const;
    for (const [name, part] of Object.entries(lists)) {
      const found = (question as Hidden)[name] as Option[] | undefined;
      for (const option of found ?? [])
        places.push({
          at: id,
          part,
          texts: option.label,
          put: (now, next) =>
            withQuestion(
              id,
              (one) =>
                ({
                  ...one,
                  [name]: ((one as Hidden)[name] as Option[]).map((each) =>
                    each.id === option.id ? { ...each, label: next } : each,
                  ),
                }) as Question,
            )(now),
        });
    }
    if ('other' in question && question.other?.label)
      places.push({
        at: id,
        part: 'other',
        texts: question.other.label,
        put: (now, next) => withQuestion(id, (one) => ({ ...one, other: { label: next } }) as Question)(now),
      });
  }
  for (const ending of definition.endings) {
    const put = (change: (one: Ending, next: Texts) => Ending) => (now: Definition, next: Texts) => ({
      ...now,
      endings: now.endings.map((one) => (one.id === ending.id ? change(one, next) : one)),
    });
    const at = `ending:${ending.id}`;
    places.push({ at, part: 'title', texts: ending.title, put: put((one, title) => ({ ...one, title })) });
    if (ending.description)
      places.push({
        at,
        part: 'description',
        texts: ending.description,
        put: put((one, description) => ({ ...one, description })),
      });
    if (ending.link)
      places.push({
        at,
        part: 'link',
        texts: ending.link.label,
        put: put((one, label) => (one.link ? { ...one, link: { ...one.link, label } } : one)),
      });
  }
  // What is said in no language at all is not meant to be said.
  return places.filter((place) => Object.values(place.texts).some((text) => text !== ''));
}

/** How many texts a language lacks that others have. */
export const missingIn = (definition: Definition, language: string): number =>
  textsOf(definition).filter((place) => !place.texts[language]).length;
