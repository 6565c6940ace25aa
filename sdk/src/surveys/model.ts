import type { Definition } from '../../../src/apps/surveys/definition.ts';
import type { Answers } from '../../../src/apps/surveys/logic.ts';
import type { Words } from './say.ts';

/** What the renderer takes from the server's side of surveys: the shape of a definition as types, and its logic as code. */
export type { Colours, Definition, Popover, Theme } from '../../../src/apps/surveys/definition.ts';
export {
  type Answer,
  type Answers,
  contrast,
  directionOf,
  type Facts,
  isEmpty,
  nextQuestion,
  onColour,
  optionsInOrder,
  previousQuestion,
  progressAt,
  type Reason,
  say,
  validateAnswer,
  walk,
} from '../../../src/apps/surveys/logic.ts';
export type { Option, Question, Texts } from '../../../src/apps/surveys/question.ts';

/** The variables that the styles use, by name. */
export type Palettes = Record<'light' | 'dark', Record<string, string>>;

/** A survey as a visitor gets it. */
export interface Survey {
  id: string | number;
  version: number;
  /** The one of the definition's in which it is read. */
  language: string;
  definition: Definition;
  /** Of the person, as far as the texts and conditions look at them. */
  traits?: Record<string, unknown>;
  fields?: Record<string, string>;
  /** The interface's own words in that language. */
  words: Words;
  /** The theme's colours, each readable on the one it stands on. */
  colours: Palettes;
}

/** What is kept of a response while it goes on. */
export interface Progress {
  answers: Answers;
  /** The question that is shown; null for the welcome or, when `done`, the ending. */
  at: string | null;
  done?: boolean;
  /** Decides what is in a random order; the same for one response. */
  seed: string;
}
