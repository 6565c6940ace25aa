/** A text with a form for each plural category of its language, of which `other` is always there. */
type Counted = { other: string } & Partial<Record<'zero' | 'one' | 'two' | 'few' | 'many', string>>;

type Plain =
  | 'survey'
  | 'language'
  | 'start'
  | 'next'
  | 'back'
  | 'submit'
  | 'skip'
  | 'close'
  | 'optional'
  | 'other'
  | 'otherText'
  | 'progress'
  | 'choose'
  | 'required'
  | 'email'
  | 'phone'
  | 'date'
  | 'tooEarly'
  | 'tooLate'
  | 'number'
  | 'wrong'
  | 'npsLow'
  | 'npsHigh'
  | 'csatLow'
  | 'csatHigh'
  | 'cesLow'
  | 'cesHigh'
  | 'outOf'
  | 'up'
  | 'down'
  | 'moved'
  | 'rankHint'
  | 'file'
  | 'drop'
  | 'uploading'
  | 'remove'
  | 'fileLarge'
  | 'fileKind'
  | 'fileFailed'
  | 'thanks'
  | 'thanksText'
  | 'offline'
  | 'over';
type Plural = 'tooFew' | 'tooMany' | 'tooShort' | 'tooLong' | 'left' | 'rows' | 'upTo' | 'places' | 'stars' | 'files';

/** The interface's own words in one language. */
export type Words = Record<Plain, string> & Record<Plural, Counted>;
export type WordKey = Plain | Plural;
export type Say = (key: WordKey, values?: Record<string, string | number>) => string;

/** Says words in a language; `n` chooses the form, and numbers are written as that language writes them. */
export function sayIn(language: string, words: Words): Say {
  return (key, values = {}) => {
    const found = words[key];
    const forms = found as Counted;
    const text =
      typeof found === 'string'
        ? found
        : forms[new Intl.PluralRules(language).select(values.n as number)] || forms.other;
    return text.replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name];
      return typeof value === 'number' ? value.toLocaleString(language) : `${value}`;
    });
  };
}
