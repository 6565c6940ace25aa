const ADDRESS = /[^\s@"'<>()[\]{}=&?#;,:/%]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/giu;
const WEB = /https?:\/\/\S{1,500}/gi;
/** Phone, card, order and account numbers: seven digits or more, however they are parted. */
const NUMBER = /\+?\d(?:[\s().-]{0,2}\d){6,40}/g;
/** Words by which a person is known that are looked for. */
const WORDS_LIMIT = 100;
/** What follows is how somebody is called. */
const INTRODUCED =
  /((?:my name is|i am called|nazywam się|mam na imię|mi chiamo|il mio nome è|меня зовут|моё имя)\s+)(\p{Lu}[\p{L}'-]{1,30}(?:\s+\p{Lu}[\p{L}'-]{1,30}){0,2})/giu;
const INTRODUCED_HAN = /(我叫|我的名字是|我是)(\p{Script=Han}{2,3})(?=[，,。.！!\s]|$)/gu;
/** A name after the words that end a letter, where the text ends with it: what follows a capital letter is no more prose. */
const SIGNED =
  /((?<![\p{L}\p{N}])(?i:regards|wishes|thanks|thank you|sincerely|faithfully|cheers|pozdrawiam|pozdrowienia|poważaniem|szacunku|dziękuję|saluti|saluto|grazie|уважением|пожеланиями|спасибо)(?:\s+(?i:serdecznie|gorąco|truly|e grazie))?[\s,.!;–—-]{1,6})\p{Lu}[\p{L}'’-]{1,30}\.?(?:\s+\p{Lu}[\p{L}'’-]{0,30}\.?){0,2}(?=[\s.!)]{0,10}$)/gu;
const SIGNED_HAN = /(?<=[，,。.！!？?\s]|^)\p{Script=Han}{2,4}(?=\s{0,2}(?:敬上|谨上|敬启)[。.！!\s]{0,10}$)/gu;
const NAME_LETTERS = 3;

type Masked = 'link' | 'e-mail' | 'number' | 'name';

/**
 * A text without what tells who wrote it, as far as that can be seen: addresses, long numbers, the names that are known of
 * the person and those by which the text itself introduces somebody or is signed. Not a promise: a name that nobody knows here
 * stays.
 * `sign` gives what stands in the place of each.
 */
export function masked(text: string, names: readonly string[], sign = (what: Masked) => `[${what}]`): string {
  let clean = text
    .replaceAll(WEB, sign('link'))
    .replaceAll(ADDRESS, sign('e-mail'))
    .replaceAll(NUMBER, sign('number'))
    .replaceAll(INTRODUCED, `$1${sign('name')}`)
    .replaceAll(INTRODUCED_HAN, `$1${sign('name')}`)
    .replaceAll(SIGNED, `$1${sign('name')}`)
    .replaceAll(SIGNED_HAN, sign('name'));
  for (const name of wordsOfNames(names)) {
    const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const pattern = /\p{Script=Han}/u.test(name)
      ? new RegExp(escaped, 'gu')
      : new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'giu');
    clean = clean.replaceAll(pattern, sign('name'));
  }
  return clean;
}

function wordsOfNames(names: readonly string[]): string[] {
  const words = names.flatMap((name) => [name.trim(), ...name.split(/[\s,;]+/)]);
  const useful = words.filter((word) =>
    /\p{Script=Han}/u.test(word) ? word.length >= 2 : word.length >= NAME_LETTERS,
  );
  // Longer ones first, so that a whole name is not left half there.
  return [...new Set(useful)].sort((a, b) => b.length - a.length).slice(0, WORDS_LIMIT);
}
