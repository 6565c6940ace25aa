import { refuse } from '../../kernel/refusal.ts';
import type { Definition } from './definition.ts';
import type { Facts } from './logic.ts';
import type { SendingMail } from './shapes.ts';

/** Characters of a subject; mail programs show about sixty. */
export const SUBJECT_LIMIT = 200;
/** Characters of one value that a mail puts in the place of a pipe. */
export const VALUE_LIMIT = 100;

const PIPE = /\{\{\s*(answer|trait|field):([^{}|]*)/g;
const LINE_BREAKS = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;
/** They turn the direction of what follows, also of what is not theirs. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;
const LINK = /:\/\/|\bwww\.|[^\s.]\.\p{L}{2,}\//iu;
/** The dot in what a mail program takes for the name of a site, and a character of no width that keeps it from doing so. */
const SITE_DOT = /(?<=[\p{L}\p{N}])\.(?=\p{L}{2})/gu;
const JOINER = '\u2060';

const line = (text: string) => text.toWellFormed().replaceAll(TURNS, '').replaceAll(LINE_BREAKS, ' ').trim();
const cut = (text: string, most: number) => [...text].slice(0, most).join('').trimEnd();

/** A subject as one line: no value in it begins another header, or turns the words after it. */
export const subjectLine = (text: string): string => cut(line(text), SUBJECT_LIMIT);

const isPlain = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value);

/**
 * What is known of somebody as a mail may repeat it: one short line. Traits and fields come from devices that anybody may
 * use, also under somebody else's address. So a value that holds a link is none, and the pipe says what it says instead; and
 * the name of a site in it is only a word.
 */
export function factsOfMail(facts: Facts): Facts {
  const said = (value: unknown): string => {
    const words = (Array.isArray(value) ? value : [value]).filter(isPlain).join(', ');
    const text = cut(line(words), VALUE_LIMIT);
    return LINK.test(text) ? '' : text.replaceAll(SITE_DOT, `.${JOINER}`);
  };
  const all = (values: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, said(value)]));
  return { ...facts, traits: all(facts.traits), fields: all(facts.fields) };
}

/**
 * Refuses with 400 a mail without a subject in the survey's default language, and one that asks for what no mail knows:
 * answers, and hidden fields that the published survey does not have.
 */
export function checkMail(definition: Definition, { subject, intro, fields }: SendingMail): void {
  if (!(subject[definition.defaultLanguage] ?? '').trim())
    throw refuse.invalid(`Write a subject in "${definition.defaultLanguage}", the survey's default language.`);
  const known = `The published survey has ${definition.fields.length > 0 ? `the hidden fields ${definition.fields.join(', ')}` : 'no hidden fields'}.`;
  for (const [part, texts] of Object.entries({ subject, intro }))
    for (const [language, text] of Object.entries(texts))
      for (const [, of = '', name = ''] of text.matchAll(PIPE)) {
        const pipe = `${of}:${name.trim()}`;
        const where = `The mail's ${part} in "${language}" asks for "${pipe}"`;
        if (of === 'answer')
          throw refuse.invalid(`${where}, but nothing is answered before the mail. Use a trait or a hidden field.`);
        if (of === 'field' && !definition.fields.includes(name.trim())) throw refuse.invalid(`${where}. ${known}`);
      }
  const unknown = Object.keys(fields).find((name) => !definition.fields.includes(name));
  if (unknown !== undefined) throw refuse.invalid(`There is no hidden field "${unknown}". ${known}`);
}

/** Hidden fields that an event hands over: its properties of their names. None to an anonymous survey: they could tell who it is. */
export function fieldsOfEvent(definition: Definition, properties: Record<string, unknown>): Record<string, string> {
  if (definition.anonymous) return {};
  return Object.fromEntries(
    definition.fields.flatMap((name) => {
      const value = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return isPlain(value) && value !== ''
        ? [[name, cut(String(value).replaceAll('\0', '').toWellFormed(), 500)]]
        : [];
    }),
  );
}
