import { readFileSync } from 'node:fs';
import { isModelLanguage, UNKNOWN_LANGUAGE } from './features.ts';
import { LANGUAGE_BUCKETS, languageFeatures } from './language-features.ts';

const CHARACTERS_READ = 1000;
/** How much more likely the languages that most voices here are in, and the one that is told beside the text. */
const OURS = 1.5;
const HINTED = 4;
/** Less sure than this, the hint counts, or nothing. */
const SURE = 0.35;

interface Model {
  languages: string[];
  /** By bucket, then language. */
  weights: Int8Array;
  scale: number;
}
let model: Model | null = null;

/** What scripts/sentiment/train-language.ts made, read when first asked for. */
function modelOfLanguages(): Model {
  if (model) return model;
  const bytes = readFileSync(new URL('./sentiment/languages.bin', import.meta.url));
  const end = bytes.indexOf(10);
  const { languages, scale } = JSON.parse(bytes.toString('utf8', 0, end)) as { languages: string[]; scale: number };
  const weights = new Int8Array(bytes.buffer, bytes.byteOffset + end + 1, LANGUAGE_BUCKETS * languages.length);
  model = { languages, weights, scale };
  return model;
}

const share = (text: string, letters: number, pattern: RegExp) => (text.match(pattern)?.length ?? 0) / letters;

/**
 * The language of a text as ISO 639-1, or "und". Scripts decide where only one of the languages is written in them;
 * short texts are helped by the hint, the language of the page or browser.
 */
export function languageOfText(text: string, hint?: string): string {
  const clean = text
    .slice(0, CHARACTERS_READ)
    .replaceAll(/https?:\/\/\S{1,300}|\S{1,64}@\S{1,100}|<[^<>]{0,200}>/g, ' ');
  const letters = clean.match(/\p{L}/gu)?.length ?? 0;
  const told = hint?.slice(0, 35).toLowerCase().split(/[-_]/, 1)[0] ?? '';
  const known = /^[a-z]{2}$/.test(told) ? told : UNKNOWN_LANGUAGE;
  if (letters === 0) return isModelLanguage(known) ? known : UNKNOWN_LANGUAGE;
  // One Chinese character says as much as several letters, so fewer of them decide.
  if (share(clean, letters, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu) > 0.1) return 'ja';
  if (share(clean, letters, /\p{Script=Hangul}/gu) > 0.3) return 'ko';
  if (share(clean, letters, /\p{Script=Han}/gu) > 0.2) return 'zh';
  const cyrillic = share(clean, letters, /\p{Script=Cyrillic}/gu) > 0.5;
  if (cyrillic) return ofCyrillic(clean, known);
  return ofLatin(clean, known);
}

/** The likeliest of the languages of Latin letters. */
function ofLatin(text: string, hint: string): string {
  const features = languageFeatures(text);
  if (features.length === 0) return hint;
  const { languages, weights, scale } = modelOfLanguages();
  const sums = new Float64Array(languages.length);
  for (const feature of features)
    for (let one = 0; one < sums.length; one++) sums[one]! += weights[feature * sums.length + one]!;
  const scores = languages.map((_, one) => (sums[one]! * scale) / Math.sqrt(features.length));
  const top = Math.max(...scores);
  const likely = languages.map(
    (language, one) =>
      Math.exp(scores[one]! - top) * (language === hint ? HINTED : isModelLanguage(language) ? OURS : 1),
  );
  const all = likely.reduce((sum, one) => sum + one, 0);
  const best = likely.indexOf(Math.max(...likely));
  return likely[best]! / all >= SURE ? languages[best]! : hint;
}

/** Russian, but where letters that it has not, or the hint, say otherwise. */
function ofCyrillic(text: string, hint: string): string {
  if (/ў/i.test(text)) return 'be';
  if (/[іїєґ]/i.test(text)) return 'uk';
  if (/[ђћљњџј]/i.test(text)) return hint === 'mk' ? 'mk' : 'sr';
  if (/[ыэё]/i.test(text)) return 'ru';
  // In Russian hardly a letter in a thousand, in Bulgarian one in fifty.
  if ((text.match(/ъ/gi)?.length ?? 0) > text.length / 100) return 'bg';
  return hint === 'bg' || hint === 'uk' || hint === 'sr' ? hint : 'ru';
}
