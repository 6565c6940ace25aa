import type { Language } from '../../../kernel/text.ts';
import { Chance } from './chance.ts';
import en from './words/en.json' with { type: 'json' };
import italian from './words/it.json' with { type: 'json' };
import pl from './words/pl.json' with { type: 'json' };
import ru from './words/ru.json' with { type: 'json' };
import zh from './words/zh.json' with { type: 'json' };

/** What people of the sample say, by what it is about. */
export type Theme = keyof typeof en;

const WORDS: Record<Language, Record<Theme, string[]>> = { en, pl, it: italian, ru, zh };
/** Languages of customers whose country does not tell it: many who order from Britain grew up elsewhere. */
const SPOKEN = { en: 62, pl: 12, it: 9, ru: 8, zh: 9 };
const OF_COUNTRY: Record<string, Language> = { PL: 'pl', IT: 'it' };

/** The language that a customer always writes in. */
export const languageOf = (customer: string, country: string): Language =>
  OF_COUNTRY[country] ?? new Chance(`language ${customer}`).of<Language>(SPOKEN);

export const words = (theme: Theme, language: Language, chance: Chance): string => chance.pick(WORDS[language][theme]);
