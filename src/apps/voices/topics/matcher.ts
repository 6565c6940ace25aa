import { foldText } from '../../../core/people/words.ts';
import { HAN, stemOf, tokensOf } from './stem.ts';

/** Words of any language stand under this. */
export const ANY = 'any';
/** Words of a text that are looked at. */
const TOKENS_READ = 2000;

export interface Sorted {
  id: number;
  /** By language, or under "any". */
  words: Record<string, string[]>;
}

interface Phrase {
  topic: number;
  /** Stems, or beginnings of words where `open`. */
  parts: { text: string; open: boolean }[];
}

/** How the words of one language are found in a text. */
interface Index {
  /** By the first stem. */
  byStem: Map<string, Phrase[]>;
  /** Those that begin with the beginning of a word, by its first two letters. */
  byBeginning: Map<string, Phrase[]>;
  /** Chinese, found anywhere. */
  inside: { topic: number; text: string }[];
}

/**
 * Finds topics by their words: a word is found whatever its ending, `deliver*` finds every word that begins so, several
 * words only one after another; Chinese is found inside a text. A text is looked through with the words of its language
 * and those of any; of a language without words, with all.
 */
export class Matcher {
  readonly #indexes = new Map<string, Index>();

  constructor(topics: readonly Sorted[]) {
    for (const { id, words } of topics)
      for (const [language, list] of Object.entries(words)) for (const word of list) this.#add(id, language, word);
  }

  /** IDs of the topics that the text is about, in their order. */
  topicsOf(text: string, language: string): number[] {
    const tokens = tokensOf(text).slice(0, TOKENS_READ);
    const folded = foldText(text);
    const found = new Set<number>();
    const languages = this.#indexes.has(language) ? [language, ANY] : [...this.#indexes.keys()];
    for (const one of languages) {
      const index = this.#indexes.get(one);
      if (index) find(index, tokens, folded, one, found);
    }
    return [...found].sort((a, b) => a - b);
  }

  #add(topic: number, language: string, word: string): void {
    let index = this.#indexes.get(language);
    if (!index) {
      index = { byStem: new Map(), byBeginning: new Map(), inside: [] };
      this.#indexes.set(language, index);
    }
    if (HAN.test(word)) {
      index.inside.push({ topic, text: foldText(word).replaceAll(/\s/g, '') });
      return;
    }
    const parts = Array.from(foldText(word).matchAll(/([\p{L}\p{M}\p{N}]+)(\*?)/gu), ([, text = '', star]) =>
      star ? { text, open: true } : { text: stemOf(text, language), open: false },
    );
    const [first] = parts;
    if (!first) return;
    const map = first.open ? index.byBeginning : index.byStem;
    const key = first.open ? first.text.slice(0, 2) : first.text;
    map.set(key, [...(map.get(key) ?? []), { topic, parts }]);
  }
}

function find(index: Index, tokens: (string | null)[], folded: string, language: string, found: Set<number>): void {
  for (const { topic, text } of index.inside) if (folded.includes(text)) found.add(topic);
  if (index.byStem.size + index.byBeginning.size === 0) return;
  const stems = tokens.map((token) => (token === null ? null : stemOf(token, language)));
  tokens.forEach((token, at) => {
    if (token === null) return;
    const begun = [
      ...(index.byStem.get(stems[at]!) ?? []),
      ...(index.byBeginning.get(token.slice(0, 2)) ?? []),
      ...(index.byBeginning.get(token.slice(0, 1)) ?? []),
    ];
    for (const { topic, parts } of begun) {
      const fits = parts.every(({ text, open }, n) =>
        open ? tokens[at + n]?.startsWith(text) === true : stems[at + n] === text,
      );
      if (fits) found.add(topic);
    }
  });
}
