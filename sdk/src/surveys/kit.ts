import type { Answer, Question, Texts } from './model.ts';
import type { Say } from './say.ts';

/** What a kind of question needs to draw itself. */
export interface Kit<Q extends Question = Question> {
  question: Q;
  /** What was answered before. */
  given: Answer | null | undefined;
  /** A text of the survey, with its pipes filled in. */
  text(texts: Texts | undefined): string;
  /** A word of the interface's own. */
  say: Say;
  language: string;
  /** Ids of the question's title, and of its help and complaint. */
  labelledBy: string;
  describedBy: string;
  seed: string;
  /** The address of a picture. */
  address(picture: string): string;
  /** To be called with each change; `chosen` where a pointer chose the whole answer. */
  changed(chosen?: boolean): void;
  upload(question: string, file: File): Promise<{ id: string; name: string }>;
}

export interface Field {
  element: HTMLElement;
  /** null where nothing is answered. */
  value(): Answer | null;
  /** What it waits for, in words: until then nobody goes on. */
  waits?(): string | undefined;
}

/** What names a control, or a group of them, for those who do not see it. */
export const named = ({ question, labelledBy, describedBy }: Kit, role?: 'group' | 'radiogroup') => ({
  role,
  'aria-labelledby': labelledBy,
  'aria-describedby': describedBy,
  'aria-required': question.required && role !== 'group' ? 'true' : null,
});

/** How a kind of question is drawn. */
export type Draw<K extends Question['kind']> = (kit: Kit<Extract<Question, { kind: K }>>) => Field;
