import { foldText } from '../../../core/people/words.ts';

/**
 * Endings that are taken off, folded (no marks), so that "dostawy" and "dostawa", "prices" and "price" are one word. Light
 * on purpose: a stem too short joins words that have nothing in common.
 */
const ENDINGS: Record<string, readonly string[]> = {
  en: ['ingly', 'edly', 'ments', 'ment', 'ings', 'ing', 'ies', 'ied', 'ers', 'ed', 'er', 'es', 'ly', 's', 'y', 'e'],
  pl: [
    'owaniem',
    'owania',
    'owanie',
    'eniem',
    'aniem',
    'ienia',
    'enia',
    'ania',
    'enie',
    'anie',
    'owych',
    'owego',
    'owej',
    'owym',
    'iego',
    'iemu',
    'ami',
    'ach',
    'ego',
    'emu',
    'ych',
    'ymi',
    'imi',
    'ich',
    'owi',
    'ach',
    'om',
    'ow',
    'ej',
    'ie',
    'ia',
    'iu',
    'em',
    'ym',
    'im',
    'ac',
    'ic',
    'yc',
    'a',
    'e',
    'i',
    'o',
    'u',
    'y',
  ],
  it: [
    'azioni',
    'azione',
    'mente',
    'menti',
    'mento',
    'ando',
    'endo',
    'ate',
    'ati',
    'ato',
    'ata',
    'are',
    'ere',
    'ire',
    'hi',
    'he',
    'a',
    'e',
    'i',
    'o',
  ],
  ru: [
    'иями',
    'ениями',
    'ением',
    'ения',
    'ение',
    'ении',
    'ами',
    'ями',
    'ого',
    'его',
    'ому',
    'ему',
    'ыми',
    'ими',
    'иях',
    'ать',
    'ить',
    'еть',
    'ах',
    'ях',
    'ов',
    'ев',
    'ей',
    'ой',
    'ий',
    'ый',
    'ая',
    'яя',
    'ое',
    'ее',
    'ые',
    'ие',
    'ых',
    'их',
    'ую',
    'юю',
    'ом',
    'ем',
    'ам',
    'ям',
    'ия',
    'ию',
    'ии',
    'а',
    'я',
    'о',
    'е',
    'ы',
    'и',
    'у',
    'ю',
    'ь',
    'й',
  ],
};
const ORDERED = Object.fromEntries(
  Object.entries(ENDINGS).map(([language, endings]) => [
    language,
    [...new Set(endings)].map(foldText).sort((a, b) => b.length - a.length),
  ]),
);
/** Letters that stay at least. */
const STEM_LETTERS = 3;

/** A word, folded already, without the ending that the language gives it. */
export function stemOf(word: string, language: string): string {
  for (const ending of ORDERED[language] ?? []) {
    if (word.length - ending.length >= STEM_LETTERS + (ending.length === 1 ? 0 : 1) && word.endsWith(ending))
      return word.slice(0, -ending.length);
  }
  return word;
}

/** The words of a text, folded, in order, with null where a sentence or clause ends. Chinese runs stand whole. */
export function tokensOf(text: string): (string | null)[] {
  return Array.from(foldText(text).matchAll(/[\p{L}\p{M}\p{N}]+|[.,;:!?…\n。，；！？]/gu), ([token]) =>
    /[\p{L}\p{N}]/u.test(token) ? token : null,
  );
}

export const HAN = /\p{Script=Han}/u;
