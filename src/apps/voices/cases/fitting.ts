import type { CaseRule, Conditions } from './rules.ts';

/** Something that a customer said, as rules look at it. */
export interface Said {
  of: string;
  text: string;
  language: string;
  score: number | null;
  scoreKind: string | null;
  surveyId: string | null;
  mood: string | null;
  /** With those above each. */
  topics: ReadonlySet<number>;
  /** The customer's traits that rules ask for, by name, as far as they are numbers. */
  traits: ReadonlyMap<string, number>;
}

/** The first rule that fits. */
export const fittingRule = (rules: readonly CaseRule[], said: Said): CaseRule | undefined =>
  rules.find((rule) => fits(rule.conditions, said));

export function fits(is: Conditions, said: Said): boolean {
  const among = <T>(wanted: readonly T[], value: T | null) =>
    wanted.length === 0 || (value !== null && wanted.includes(value));
  const text = said.text.toLowerCase();
  return (
    (is.scoreAtMost === undefined || (said.score !== null && said.score <= is.scoreAtMost)) &&
    among<string>(is.scoreKinds, said.scoreKind) &&
    among<string>(is.moods, said.mood) &&
    (is.topics.length === 0 || is.topics.some((topic) => said.topics.has(topic))) &&
    (is.words.length === 0 || is.words.some((word) => holds(text, word.toLowerCase()))) &&
    among(is.of, said.of) &&
    among(is.surveys, said.surveyId) &&
    among<string>(is.languages, said.language) &&
    (is.trait === undefined || (said.traits.get(is.trait.name) ?? Number.NEGATIVE_INFINITY) >= is.trait.atLeast)
  );
}

const LETTER = /[\p{L}\p{N}]/u;
/** Writing that puts no space between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Whether a text has a word that begins so: "late" is in "lately", and not in "plate". */
function holds(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = at === 0 ? '' : [...text.slice(Math.max(0, at - 2), at)].at(-1)!;
    if (before === '' || !LETTER.test(before) || UNSPACED.test(word)) return true;
  }
  return false;
}
