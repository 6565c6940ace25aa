/** Languages whose voices are understood without anything from outside. */
export const MODEL_LANGUAGES = ['en', 'pl', 'it', 'ru', 'zh'] as const;
export type ModelLanguage = (typeof MODEL_LANGUAGES)[number];
export const isModelLanguage = (value: string): value is ModelLanguage =>
  (MODEL_LANGUAGES as readonly string[]).includes(value);

/** What stands for a language that cannot be told: ISO 639-2's code for it. */
export const UNKNOWN_LANGUAGE = 'und';

/** Weights of a language's model: a power of two. */
export const BUCKETS = 1 << 18;
/** Characters of a text that are looked at; what comes after is as a rule said again. */
const TEXT_READ = 5000;

/** Words that turn round what comes after them, up to the end of the clause or this many words on. */
const NEGATION_WORDS = 3;
const NEGATIONS: Record<Exclude<ModelLanguage, 'zh'>, RegExp> = {
  en: /^(?:not|no|never|nothing|nobody|none|neither|nor|without|cannot|cant|hardly|barely|(?:.+n['’]t)|(?:dont|doesnt|didnt|isnt|wasnt|wont))$/u,
  pl: /^(?:nie|nigdy|nic|bez|ani|żaden|żadna|żadne|żadnej|żadnego|brak|brakuje)$/u,
  it: /^(?:non|mai|niente|nulla|nessun[oa]?|senza|né|neanche|nemmeno)$/u,
  ru: /^(?:не|ни|нет|никогда|ничего|без|нельзя|никак)$/u,
};
const CLAUSE_END = /^[.,;:!?…。，；！？]$/u;
const TOKEN = /\p{L}[\p{L}\p{M}'’-]*|\p{N}+|\p{Extended_Pictographic}|[:;=]-?[()DPp/\\|]|[.,;:!?…。，；！？]/gu;
const HAN = /\p{Script=Han}+/gu;

/** A text as models see it: no markup, no addresses, one form of each letter, no long repeats. */
export function normalized(text: string): string {
  return text
    .slice(0, TEXT_READ)
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/<[^<>]{0,200}>/g, ' ')
    .replaceAll(/https?:\/\/\S{1,300}|\S{1,64}@\S{1,100}/g, ' ')
    .replaceAll(/(.)\1{2,}/gu, '$1$1');
}

/**
 * What of a text is counted, each as the number of its bucket: words, pairs of words, pieces of words (so that endings do
 * not matter) and what stands after a negation; in Chinese one to three characters.
 */
export function featuresOf(text: string, language: ModelLanguage): Int32Array {
  const found = new Set<number>();
  const clean = normalized(text);
  if (language === 'zh') addHan(clean, found);
  else addWords(clean, NEGATIONS[language], found);
  return Int32Array.from(found);
}

function addHan(text: string, found: Set<number>): void {
  for (const [run] of text.matchAll(HAN)) {
    const characters = [...run];
    for (let at = 0; at < characters.length; at++) {
      let gram = '';
      for (let length = 1; length <= 4 && at + length <= characters.length; length++) {
        gram += characters[at + length - 1];
        found.add(bucketOf(`h${gram}`));
      }
    }
  }
  for (const [token] of text.replaceAll(HAN, ' ').matchAll(TOKEN)) found.add(bucketOf(`w${token}`));
}

function addWords(text: string, negation: RegExp, found: Set<number>): void {
  let before = '^';
  let negated = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    if (CLAUSE_END.test(token)) {
      negated = 0;
      found.add(bucketOf(`w${token}`));
      before = '^';
      continue;
    }
    const mark = negated > 0 ? '¬' : '';
    found.add(bucketOf(`w${mark}${token}`));
    found.add(bucketOf(`b${before} ${token}`));
    const framed = `_${token}_`;
    for (const length of [3, 4, 5])
      for (let at = 0; at + length <= framed.length && at < 24; at++)
        found.add(bucketOf(`c${mark}${framed.slice(at, at + length)}`));
    if (negated > 0) negated--;
    if (negation.test(token)) negated = NEGATION_WORDS;
    before = token;
  }
}

/** FNV-1a over UTF-16 code units, its upper bits folded in. */
function bucketOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash ^ (hash >>> 15)) & (BUCKETS - 1);
}
