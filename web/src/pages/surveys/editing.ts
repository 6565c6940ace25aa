import { createContext, useContext } from 'react';
import type { Definition, Question } from './draft.ts';

/** What all parts of the builder share: the survey as it is now, how it is changed, and the language that is written. */
export interface Editing {
  definition: Definition;
  change: (change: (now: Definition) => Definition) => void;
  language: string;
  /** It may be looked at but not changed. */
  locked: boolean;
}

const EditingContext = createContext<Editing | null>(null);
export const EditingOf = EditingContext.Provider;

export function useEditing(): Editing {
  const editing = useContext(EditingContext);
  if (!editing) throw new Error('useEditing stands outside the builder');
  return editing;
}

/** In place of a question: where none was asked yet, as in a mail. */
export const BEFORE_ALL = '';

/** What can be known where a text or condition stands: the questions before it; all of them for endings and quotas. */
export function questionsBefore(definition: Definition, id: string | null): Question[] {
  const { questions } = definition;
  const at = id === null ? questions.length : questions.findIndex((one) => one.id === id);
  return questions.slice(0, Math.max(0, at)).filter((one) => one.kind !== 'statement');
}
