import { z } from 'zod';
import { Condition, Id } from './condition.ts';

export const QUESTION_LIMITS = { options: 100, rows: 50, text: 2000, jumps: 50, files: 5, fileBytes: 10_000_000 };
/** Longest answers, in characters; a question may ask for less. */
const ANSWER_LIMITS = { shortText: 1000, longText: 10_000, email: 320, phone: 40, other: 500 };

/** A language as BCP 47 names it: `en`, `pt-BR`, `zh`, `he`. */
export const Language = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'A language is written like "en", "pt-BR" or "ar".');

/**
 * A text by language. One that is missing is read in the survey's default language. Pipes in it are filled in:
 * `{{answer:q1}}`, `{{trait:first_name}}`, `{{field:order}}`, each with what to say instead: `{{trait:first_name|there}}`.
 * It is plain text: nothing in it is markup, and line breaks are kept.
 */
export const Texts = z.record(Language, z.string().max(QUESTION_LIMITS.text));
export type Texts = z.output<typeof Texts>;

/** A picture: one of `POST /api/surveys/pictures` (`/s/pictures/<id>`), or any https address. */
export const Picture = z
  .string()
  .max(1000)
  .regex(
    /^(\/s\/pictures\/[0-9a-f-]{36}|https:\/\/[^\s"'<>\\]+)$/,
    'A picture is one that was uploaded here, or an https address.',
  );

const Option = z.strictObject({ id: Id, label: Texts, picture: Picture.optional() });
export type Option = z.output<typeof Option>;

/** Where it goes on, if `when` holds (always, where it is left out): a later question's id, an ending's id, or `end`. */
const Jump = z.strictObject({ when: Condition.optional(), to: Id });

const common = {
  id: Id,
  title: Texts,
  description: Texts.optional(),
  picture: Picture.optional(),
  required: z.boolean().default(false),
  /** Shown only where this holds; it may look at questions before this one. */
  showIf: Condition.optional(),
  /** The first that holds is taken once the question is done; without one the next question follows. */
  jumps: z.array(Jump).max(QUESTION_LIMITS.jumps).default([]),
};

const ends = { lowLabel: Texts.optional(), highLabel: Texts.optional() };
/** How options are put: as written, at random (the same for one response), or at random with the last one kept last. */
const Order = z.enum(['asWritten', 'random', 'randomButLast']).default('asWritten');
const options = { options: z.array(Option).max(QUESTION_LIMITS.options), order: Order };
/** A further option, `other`, with a text of one's own. */
const Other = z.strictObject({ label: Texts.optional() });

/**
 * The kinds, and what an answer to each looks like in JSON. An answer of null (or nothing, '', no options) takes back an
 * earlier one.
 *
 * | kind | answer |
 * | --- | --- |
 * | nps | a whole number 0–10 |
 * | csat, ces, rating | a whole number 1–`scale` |
 * | single | `{ options: [id] }`, or `{ options: [], other: 'text' }` |
 * | multiple, picture | `{ options: [id, …], other?: 'text' }` |
 * | ranking | `[id, …]`, best first; all options, or as many as `places` asks |
 * | matrix | `{ [row]: column }` |
 * | shortText, longText, email, phone | a text |
 * | date | `YYYY-MM-DD` |
 * | consent | true |
 * | file | `[{ id, name }]`, of `POST /v1/surveys/responses/{id}/files` |
 * | statement | none |
 */
export const Question = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('nps'), ...ends }),
  z.strictObject({
    ...common,
    kind: z.literal('csat'),
    scale: z.int().min(3).max(10).default(5),
    look: z.enum(['stars', 'smileys', 'numbers']).default('smileys'),
    ...ends,
  }),
  z.strictObject({
    ...common,
    kind: z.literal('ces'),
    scale: z.int().min(3).max(10).default(7),
    look: z.enum(['stars', 'smileys', 'numbers']).default('numbers'),
    ...ends,
  }),
  z.strictObject({
    ...common,
    kind: z.literal('rating'),
    scale: z.int().min(3).max(10).default(5),
    look: z.enum(['stars', 'smileys', 'numbers']).default('stars'),
    ...ends,
  }),
  z.strictObject({
    ...common,
    kind: z.literal('single'),
    ...options,
    other: Other.optional(),
    /** As a list to open. */ list: z.boolean().default(false),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('multiple'),
    ...options,
    other: Other.optional(),
    min: z.int().min(0).max(100).default(0),
    max: z.int().min(1).max(101).optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('picture'),
    ...options,
    min: z.int().min(0).max(100).default(0),
    max: z.int().min(1).max(100).default(1),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('ranking'),
    ...options,
    /** How many are to be ranked; all where it is left out. */ places: z.int().min(1).max(100).optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('matrix'),
    rows: z.array(Option).max(QUESTION_LIMITS.rows),
    /** The order is of the rows. */
    order: Order,
    columns: z.array(Option).max(QUESTION_LIMITS.options),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('shortText'),
    placeholder: Texts.optional(),
    min: z.int().min(0).max(1000).default(0),
    max: z.int().min(1).max(ANSWER_LIMITS.shortText).default(ANSWER_LIMITS.shortText),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('longText'),
    placeholder: Texts.optional(),
    min: z.int().min(0).max(10_000).default(0),
    max: z.int().min(1).max(ANSWER_LIMITS.longText).default(5000),
  }),
  z.strictObject({ ...common, kind: z.literal('email'), placeholder: Texts.optional() }),
  z.strictObject({ ...common, kind: z.literal('phone'), placeholder: Texts.optional() }),
  z.strictObject({
    ...common,
    kind: z.literal('date'),
    earliest: z.iso.date().optional(),
    latest: z.iso.date().optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('consent'),
    /** What is agreed to, beside the box. */ label: Texts,
    link: z
      .url({ protocol: /^https?$/ })
      .max(1000)
      .optional(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('file'),
    max: z.int().min(1).max(QUESTION_LIMITS.files).default(1),
    accept: z.array(z.enum(['image', 'pdf', 'text', 'sound', 'video', 'office'])).default(['image', 'pdf']),
  }),
  z.strictObject({ ...common, kind: z.literal('statement') }),
]);
export type Question = z.output<typeof Question>;
export type QuestionKind = Question['kind'];
