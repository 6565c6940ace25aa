import { type Answers, isEmpty, type Reason, validateAnswer } from './answer.ts';
import type { Condition, Test } from './condition.ts';
import type { Definition, Ending } from './definition.ts';
import type { Option, Question, Texts } from './question.ts';

/*
 * What follows what in a survey. The server and the renderer run this same file, so that they agree; like answer.ts it
 * imports nothing from elsewhere but types, and its syntax is ES2018.
 *
 * Everything is judged by one walk from the first question on (`walk`): a condition sees only the answers of questions that
 * the walk has passed, so an answer to a question that is not shown any more counts nowhere. The walk only ever goes forward,
 * so it ends for any definition, also one that `checks.ts` refuses.
 */

export { type Answer, type Answers, isEmpty, type Reason, validateAnswer } from './answer.ts';

/** What conditions and pipes look at. Traits and fields stay as they were when the response began. */
export interface Facts {
  answers: Answers;
  traits: Record<string, unknown>;
  fields: Record<string, string>;
  /** The one the survey is read in. */
  language: string;
}

export interface Walk {
  /** The questions that are shown, in their order, as far as can be told from the answers. */
  questions: Question[];
  /** The valid answers to them; all others are left out. */
  kept: Answers;
  /** The ending that is reached; null where the survey has none that fits. */
  ending: Ending | null;
}

/** Longest value that a pipe puts into a text. */
const PIPE_LIMIT = 300;
const RTL = ['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ks', 'ku-arab', 'ps', 'sd', 'syr', 'ug', 'ur', 'yi'];

const own = <T>(record: Record<string, T> | undefined, key: string): T | undefined =>
  // biome-ignore lint/suspicious/noPrototypeBuiltins: Object.hasOwn is younger than the browsers this runs in
  record && Object.prototype.hasOwnProperty.call(record, key) ? record[key] : undefined;

/** The shown questions, the answers that count and the ending, by what is answered so far. */
export function walk(definition: Definition, facts: Facts): Walk {
  const { questions } = definition;
  const kept: Answers = {};
  const known: Facts = { ...facts, answers: kept };
  const shown: Question[] = [];
  let target: string | undefined;
  for (let at = 0; at < questions.length; ) {
    const question = questions[at]!;
    at += 1;
    if (question.showIf && !holds(question.showIf, known)) continue;
    shown.push(question);
    const answer = own(facts.answers, question.id);
    if (!isEmpty(answer) && !validateAnswer(question, answer)) kept[question.id] = answer;
    const jump = question.jumps.find(({ when }) => !when || holds(when, known));
    if (!jump) continue;
    const next = questions.findIndex(({ id }) => id === jump.to);
    if (next >= at) at = next;
    else if (next < 0) {
      target = jump.to;
      break;
    }
  }
  const { endings } = definition;
  const ending =
    endings.find(({ id }) => id === target) ||
    endings.find(({ when }) => when && holds(when, known)) ||
    endings.find(({ when }) => !when) ||
    null;
  return { questions: shown, kept, ending };
}

/** The question after the one named (the first for null); null at the end. One that is not shown any more goes on after it. */
export function nextQuestion(definition: Definition, facts: Facts, after: string | null): Question | null {
  const { questions } = walk(definition, facts);
  if (after === null) return questions[0] || null;
  const place = placeOf(definition, after);
  return questions.find(({ id }) => placeOf(definition, id) > place) || null;
}

/** The question shown before the one named; null at the beginning. With `null`: the last one, to go back from the end. */
export function previousQuestion(definition: Definition, facts: Facts, before: string | null): Question | null {
  const { questions } = walk(definition, facts);
  const place = before === null ? Number.POSITIVE_INFINITY : placeOf(definition, before);
  return questions.filter(({ id }) => placeOf(definition, id) < place).pop() || null;
}

const placeOf = (definition: Definition, id: string) => definition.questions.findIndex((each) => each.id === id);

/** How far somebody is who sees the question named: 0 at the first, 1 at the end. */
export function progressAt(definition: Definition, facts: Facts, id: string | null): number {
  const { questions } = walk(definition, facts);
  const place = questions.findIndex((each) => each.id === id);
  return place < 0 ? 1 : place / questions.length;
}

/** Whether all that is shown is answered as it must be; `wrong` names what is not, in the order of the survey. */
export function completion(definition: Definition, facts: Facts) {
  const walked = walk(definition, facts);
  const wrong: { question: string; reason: Reason }[] = [];
  for (const question of walked.questions) {
    const reason = validateAnswer(question, own(facts.answers, question.id));
    if (reason) wrong.push({ question: question.id, reason });
  }
  return { ...walked, wrong, complete: wrong.length === 0 };
}

// ---- Conditions

type Value = number | string | boolean | string[] | undefined;

/** Whether a condition holds; it sees the answers as they are given, so hand it those that `walk` kept. */
export function holds(condition: Condition, facts: Facts): boolean {
  if ('test' in condition) return passes(condition, facts);
  if ('all' in condition) return condition.all.every((each) => holds(each, facts));
  if ('any' in condition) return condition.any.some((each) => holds(each, facts));
  return !condition.none.some((each) => holds(each, facts));
}

function passes({ of, test, value }: Test, facts: Facts): boolean {
  const found = sourceValue(of, facts);
  const wanted = Array.isArray(value) ? value : value === undefined ? [] : [value];
  const first = wanted[0];
  const list = Array.isArray(found) ? found : found === undefined ? [] : [found];
  const has = (item: unknown) => list.some((each) => same(each, item));
  // In a ranking and other lists "is" means the first where several are chosen in an order, else the only one.
  const is = (item: unknown) =>
    Array.isArray(found) ? (ordered(of, facts) || list.length === 1) && same(list[0], item) : has(item);
  const text = list.join(' ').toLowerCase();
  const part = String(first === undefined ? '' : first).toLowerCase();
  switch (test) {
    case 'answered':
      return list.length > 0;
    case 'unanswered':
      return list.length === 0;
    case 'is':
      return is(first);
    case 'isNot':
      return !is(first);
    case 'less':
      return compare(list[0], first) < 0;
    case 'atMost':
      return compare(list[0], first) <= 0;
    case 'atLeast':
      return compare(list[0], first) >= 0;
    case 'more':
      return compare(list[0], first) > 0;
    case 'between':
      return compare(list[0], first) >= 0 && compare(list[0], wanted[1]) <= 0;
    case 'includes':
      return has(first);
    case 'excludes':
      return !has(first);
    case 'oneOf':
    case 'includesAny':
      return wanted.some(has);
    case 'noneOf':
      return !wanted.some(has);
    case 'includesAll':
      return wanted.length > 0 && wanted.every(has);
    case 'contains':
      return list.length > 0 && text.includes(part);
    case 'lacks':
      return list.length === 0 || !text.includes(part);
    case 'startsWith':
      return list.length > 0 && text.startsWith(part);
    case 'endsWith':
      return list.length > 0 && text.endsWith(part);
  }
}

const ordered = (of: Test['of'], facts: Facts) => 'answer' in of && Array.isArray(own(facts.answers, of.answer));

function sourceValue(of: Test['of'], facts: Facts): Value {
  if ('trait' in of) return plain(own(facts.traits, of.trait));
  if ('field' in of) return plain(own(facts.fields, of.field));
  if ('language' in of) return facts.language;
  const answer = own(facts.answers, of.answer);
  if (isEmpty(answer)) return undefined;
  if (typeof answer !== 'object') return answer as Value;
  if (Array.isArray(answer))
    return (answer as (string | { id: string })[]).map((each) => (typeof each === 'string' ? each : each.id));
  const chosen = answer as { options?: unknown; other?: string };
  if (Array.isArray(chosen.options)) return chosen.other ? [...chosen.options, 'other'] : chosen.options;
  const rows = answer as Record<string, string>;
  return of.row ? own(rows, of.row) : Object.keys(rows).map((row) => rows[row]!);
}

function plain(value: unknown): Value {
  if (value === null || value === undefined || value === '') return undefined;
  if (Array.isArray(value)) return value.length ? value.map(String) : undefined;
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}

const same = (a: unknown, b: unknown): boolean =>
  a === b || (a !== undefined && b !== undefined && String(a).toLowerCase() === String(b).toLowerCase());

/** Numbers as numbers, dates and other texts as texts; NaN, with which no comparison holds, where that cannot be said. */
function compare(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number.NaN;
  const [x, y] = [a, b].map((each) => (String(each).trim() === '' ? Number.NaN : Number(each))) as [number, number];
  const [numberX, numberY] = [!Number.isNaN(x), !Number.isNaN(y)];
  if (numberX && numberY) return x - y;
  if (numberX || numberY || typeof a !== 'string' || typeof b !== 'string') return Number.NaN;
  return a < b ? -1 : a > b ? 1 : 0;
}

// ---- Texts

/** The text in a language, else in its base (`pt` for `pt-BR`), else in the default one, else in any. */
export function textIn(texts: Texts | undefined, language: string, fallback: string): string {
  const found = texts || {};
  const tried = [language, language.split('-')[0]!, fallback, ...Object.keys(found)];
  return tried.map((each) => own(found, each)).find((each) => each) || '';
}

/** A text of the survey as it is to be read: in the language of the facts, with its pipes filled in. Plain text. */
export function say(definition: Definition, texts: Texts | undefined, facts: Facts): string {
  return textIn(texts, facts.language, definition.defaultLanguage).replace(
    /\{\{\s*(answer|trait|field):([^{}|]*)(?:\|([^{}]*))?\}\}/g,
    (_, of: string, name: string, instead = '') => {
      const key = name.trim();
      const value =
        of === 'answer'
          ? answerText(definition, key, facts)
          : plain(own(of === 'trait' ? facts.traits : facts.fields, key));
      const said = Array.isArray(value) ? value.join(', ') : value === undefined ? '' : String(value);
      return said.slice(0, PIPE_LIMIT) || String(instead).trim();
    },
  );
}

/** An answer in words, in the language of the facts. */
export function answerText(definition: Definition, id: string, facts: Facts): string {
  const question = definition.questions.find((each) => each.id === id);
  const answer = own(facts.answers, id);
  if (!question || isEmpty(answer)) return '';
  const label = (list: readonly Option[], of: string) => {
    const option = list.find((each) => each.id === of);
    return option ? textIn(option.label, facts.language, definition.defaultLanguage) : '';
  };
  if (question.kind === 'matrix') {
    const rows = answer as Record<string, string>;
    return question.rows
      .filter(({ id: row }) => own(rows, row))
      .map(({ id: row }) => `${label(question.rows, row)}: ${label(question.columns, rows[row]!)}`)
      .join(', ');
  }
  if ('options' in question) {
    const { options, other } = Array.isArray(answer)
      ? { options: answer as string[], other: '' }
      : (answer as { options: string[]; other?: string });
    return [...options.map((each) => label(question.options, each)), other || ''].filter((each) => each).join(', ');
  }
  if (Array.isArray(answer)) return answer.map((each) => (each as { name: string }).name).join(', ');
  return question.kind === 'consent' ? '✓' : String(answer);
}

/** The survey's language for a reader who wants these, the first the most; its default where it speaks none of them. */
export function pickLanguage(
  definition: Pick<Definition, 'languages' | 'defaultLanguage'>,
  wanted: readonly string[],
): string {
  for (const each of wanted) {
    const asked = each.toLowerCase();
    const found =
      definition.languages.find((language) => language.toLowerCase() === asked) ||
      definition.languages.find((language) => language.toLowerCase().split('-')[0] === asked.split('-')[0]);
    if (found) return found;
  }
  return definition.defaultLanguage;
}

export const directionOf = (language: string): 'rtl' | 'ltr' => {
  const name = language.toLowerCase();
  return RTL.indexOf(name) >= 0 || RTL.indexOf(name.split('-')[0]!) >= 0 ? 'rtl' : 'ltr';
};

// ---- Order and colours

/** The list in an order that depends on nothing but the seed, each order as likely as another. */
export function shuffled<T>(list: readonly T[], seed: string): T[] {
  let state = 2166136261;
  for (let at = 0; at < seed.length; at++) state = Math.imul(state ^ seed.charCodeAt(at), 16777619);
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const result = [...list];
  for (let at = result.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [result[at], result[other]] = [result[other]!, result[at]!];
  }
  return result;
}

/** A question's options (of a matrix: its rows) as this response sees them; the seed is the response's id. */
export function optionsInOrder(question: Question, seed: string): Option[] {
  const list = 'rows' in question ? question.rows : 'options' in question ? question.options : [];
  const order = 'order' in question ? question.order : 'asWritten';
  if (order === 'asWritten') return list;
  if (order === 'random') return shuffled(list, seed + question.id);
  return [...shuffled(list.slice(0, -1), seed + question.id), ...list.slice(-1)];
}

const luminance = (colour: string): number =>
  [1, 3, 5].reduce((sum, at, n) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return sum + [0.2126, 0.7152, 0.0722][n]! * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0);

/** Contrast of two colours `#rrggbb`, 1 to 21, as WCAG counts it. */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Black or white, whichever is read better on a colour. */
export const onColour = (colour: string): string =>
  contrast(colour, '#ffffff') >= contrast(colour, '#000000') ? '#ffffff' : '#000000';
