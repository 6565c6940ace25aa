import type { Option, Question } from './question.ts';

/* Which answers are taken: the same on the server and in the renderer (see logic.ts). */

/** An answer as JSON; the table in question.ts says how each kind's looks. */
export type Answer =
  | number
  | string
  | boolean
  | string[]
  | { id: string; name: string }[]
  | { options: string[]; other?: string }
  | Record<string, string>;
export type Answers = Record<string, Answer | null | undefined>;

/** Why an answer is not taken. The renderer has words for each; the server gives them as `reason`. */
export type Reason =
  | 'required'
  /** Not in the kind's shape at all; a person cannot do this by hand. */
  | 'shape'
  | 'range'
  | 'unknownOption'
  | 'tooFew'
  | 'tooMany'
  | 'tooShort'
  | 'tooLong'
  | 'rowsMissing'
  | 'email'
  | 'phone'
  | 'date'
  | 'tooEarly'
  | 'tooLate';

/** Longest text beside `other`, in characters. */
const OTHER_LIMIT = 500;

/** Nothing was answered; such an answer takes back an earlier one. */
export function isEmpty(answer: unknown): boolean {
  if (answer === undefined || answer === null || answer === false) return true;
  if (typeof answer === 'string') return answer.trim() === '';
  if (typeof answer !== 'object') return false;
  if (Array.isArray(answer)) return answer.length === 0;
  const { options, other } = answer as { options?: unknown; other?: unknown };
  if (Array.isArray(options)) return options.length === 0 && (typeof other !== 'string' || other.trim() === '');
  return Object.keys(answer as object).length === 0;
}

/** Why the answer cannot be taken; null where it can. Nothing answered is right unless the question asks for an answer. */
export function validateAnswer(question: Question, answer: unknown): Reason | null {
  if (question.kind === 'statement') return isEmpty(answer) ? null : 'shape';
  if (isEmpty(answer)) return question.required ? 'required' : null;
  switch (question.kind) {
    case 'nps':
      return score(answer, 0, 10);
    case 'csat':
    case 'ces':
    case 'rating':
      return score(answer, 1, question.scale);
    case 'single':
      return choice(question.options, !!question.other, 1, 1, answer);
    case 'multiple':
      return choice(question.options, !!question.other, question.min, question.max || 101, answer);
    case 'picture':
      return choice(question.options, false, question.min, question.max, answer);
    case 'ranking': {
      const places = Math.min(question.places || question.options.length, question.options.length);
      return chosen(question.options, answer) || count((answer as string[]).length, places, places);
    }
    case 'matrix': {
      if (typeof answer !== 'object' || Array.isArray(answer)) return 'shape';
      const given = answer as Record<string, unknown>;
      const rows = Object.keys(given);
      const known = (list: readonly Option[], id: unknown) => list.some((each) => each.id === id);
      if (rows.some((row) => !known(question.rows, row) || !known(question.columns, given[row])))
        return 'unknownOption';
      return question.required && rows.length < question.rows.length ? 'rowsMissing' : null;
    }
    case 'shortText':
    case 'longText':
      return typeof answer === 'string' ? length(answer.trim(), question.min, question.max) : 'shape';
    case 'email':
      return text(answer, 320, /^[^\s@<>,;"]+@[^\s@<>,;".]+(\.[^\s@<>,;".]+)+$/, 'email');
    case 'phone':
      return text(answer, 40, /^\+?(?:[ ()./-]*[0-9]){5,20}[ ()./-]*$/, 'phone');
    case 'date':
      return date(answer, question.earliest, question.latest);
    case 'consent':
      return answer === true ? null : 'shape';
    case 'file':
      return files(answer, question.max);
  }
}

function score(answer: unknown, lowest: number, highest: number): Reason | null {
  if (typeof answer !== 'number' || answer % 1 !== 0) return 'shape';
  return answer < lowest || answer > highest ? 'range' : null;
}

/** Different ids of options that there are. */
function chosen(options: readonly Option[], list: unknown): Reason | null {
  if (!Array.isArray(list) || list.some((each, n) => typeof each !== 'string' || list.indexOf(each) !== n))
    return 'shape';
  return list.every((each) => options.some(({ id }) => id === each)) ? null : 'unknownOption';
}

function choice(
  options: readonly Option[],
  mayOther: boolean,
  min: number,
  max: number,
  answer: unknown,
): Reason | null {
  if (typeof answer !== 'object') return 'shape';
  const { options: list, other = '' } = answer as { options: unknown; other?: unknown };
  if (typeof other !== 'string' || Object.keys(answer as object).some((key) => key !== 'options' && key !== 'other'))
    return 'shape';
  if (other && !mayOther) return 'unknownOption';
  if (other.length > OTHER_LIMIT) return 'tooLong';
  return chosen(options, list) || count((list as string[]).length + (other.trim() ? 1 : 0), min, max);
}

const count = (number: number, min: number, max: number): Reason | null =>
  number < min ? 'tooFew' : number > max ? 'tooMany' : null;
const length = (value: string, min: number, max: number): Reason | null =>
  value.length < min ? 'tooShort' : value.length > max ? 'tooLong' : null;

function text(answer: unknown, max: number, pattern: RegExp, reason: Reason): Reason | null {
  if (typeof answer !== 'string') return 'shape';
  return length(answer, 0, max) || (pattern.test(answer.trim()) ? null : reason);
}

function date(answer: unknown, earliest?: string, latest?: string): Reason | null {
  if (typeof answer !== 'string') return 'shape';
  const day = new Date(/^\d{4}-\d\d-\d\d$/.test(answer) ? `${answer}T00:00:00Z` : Number.NaN);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== answer) return 'date';
  return earliest && answer < earliest ? 'tooEarly' : latest && answer > latest ? 'tooLate' : null;
}

function files(answer: unknown, max: number): Reason | null {
  if (!Array.isArray(answer)) return 'shape';
  const fits = (each: { id?: unknown; name?: unknown } | null) =>
    each && /^[0-9a-f-]{36}$/.test(String(each.id)) && typeof each.name === 'string' && each.name.length <= 300;
  return answer.every(fits) ? count(answer.length, 0, max) : 'shape';
}
