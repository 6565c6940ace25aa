import { hashText } from '../intake/incoming.ts';

/** Words longer than this are cut: nobody types more of one. */
const WORD_LENGTH = 32;

/** Words of one person that can be found; what comes after is left out. */
export const WORDS_LIMIT = 64;

/** A trait's text longer than this is prose, not a name; only its beginning can be found. */
const TEXT_LENGTH = 200;

/** Letters that Unicode does not take apart into a letter and a mark. */
const PLAIN: Record<string, string> = { ł: 'l', ø: 'o', đ: 'd', ð: 'd', ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th', ı: 'i' };

const HAN = /\p{Script=Han}/u;

/** Text without case, marks and width: `Żółć` and `ZOLC` are the same. */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[łøđðßæœþı]/g, (letter) => PLAIN[letter]!);
}

/**
 * The words of a text by which it can be found, in order, folded. Letters and digits part from one another, Chinese
 * characters stand each on its own, and the last label of an e-mail address (`com`) is no word.
 */
export function wordsOf(text: string): string[] {
  const folded = foldText(text.slice(0, TEXT_LENGTH)).replace(/(@[^\s@]*)\.[^\s@.]*(?=\s|$)/g, '$1');
  const words: string[] = [];
  for (const [run] of folded.matchAll(/\p{N}+|[\p{L}\p{M}]+/gu)) {
    if (!HAN.test(run)) words.push(run.slice(0, WORD_LENGTH));
    else for (const [part] of run.matchAll(/\p{Script=Han}|\P{Script=Han}+/gu)) words.push(part.slice(0, WORD_LENGTH));
  }
  return words;
}

/** A word as the index holds it: 32 bits, so that a person's words take little room. */
export const wordCode = (word: string) => hashText(word) | 0;

/** The first two and the first three characters of a word, as words of their own: how short beginnings are found. */
function shortBeginnings(word: string): string[] {
  const [first, second, third] = word;
  if (second === undefined) return [];
  const two = `*${first}${second}`;
  return third === undefined ? [two] : [two, two + third];
}

/** What the index holds of a person: the words and their short beginnings. */
export function indexedWords(texts: Iterable<string>): Set<string> {
  const words = new Set<string>();
  let count = 0;
  for (const text of texts) {
    for (const word of wordsOf(text)) {
      if (words.has(word)) continue;
      if (++count > WORDS_LIMIT) return words;
      words.add(word);
      for (const beginning of shortBeginnings(word)) words.add(beginning);
    }
  }
  return words;
}

/**
 * How many letters have to be typed, left out, exchanged or swapped with their neighbour to make one word of the other
 * (optimal string alignment distance); `limit + 1` where it is more than `limit`.
 */
export function typingErrors(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    before = last;
    last = row;
  }
  return Math.min(last[b.length]!, limit + 1);
}

const LETTERS: [RegExp, string][] = [
  [/\p{Script=Latin}/u, 'abcdefghijklmnopqrstuvwxyz'],
  [/\p{Script=Cyrillic}/u, 'абвгдежзиклмнопрстуфхцчшщъыьэюяіє'],
  [/\p{Script=Greek}/u, 'αβγδεζηθικλμνξοπρστυφχψως'],
];

/** Every word that is one typing error away from the given one, within the letters of its script. */
export function oneErrorAway(word: string): string[] {
  const characters = [...word];
  const script = LETTERS.find(([pattern]) => pattern.test(word));
  const letters = script ? [...script[1]] : [...new Set(characters)];
  const words = new Set<string>();
  for (let i = 0; i <= characters.length; i++) {
    const before = characters.slice(0, i).join('');
    const [here, next] = characters.slice(i);
    const after = characters.slice(i + 1).join('');
    for (const letter of letters) words.add(before + letter + (here ?? '') + after);
    if (here === undefined) continue;
    words.add(before + after);
    for (const letter of letters) words.add(before + letter + after);
    if (next !== undefined) words.add(before + next + here + characters.slice(i + 2).join(''));
  }
  words.delete(word);
  return [...words];
}
