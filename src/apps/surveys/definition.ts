import { z } from 'zod';
import { Condition, FieldName, Id } from './condition.ts';
import { Language, Picture, Question, Texts } from './question.ts';

/**
 * A survey as a value: what is asked, in which languages, how it looks, whom it is shown and how often. The console's builder
 * makes it, the server keeps each published one as a version, and the renderer (in the page, on the hosted page, in the
 * preview) draws it. The schema says what can be kept, also half done; `checks.ts` says what must be mended before it can be
 * published. `logic.ts` says what follows what.
 */
export const DEFINITION_LIMITS = {
  questions: 200,
  endings: 50,
  quotas: 50,
  languages: 30,
  fields: 50,
  bytes: 512_000,
  pages: 50,
  origins: 50,
};

const Colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'A colour is written like "#1a2b3c".');
const Colours = z.strictObject({ background: Colour, text: Colour, accent: Colour });
export type Colours = z.output<typeof Colours>;

const LIGHT: Colours = { background: '#ffffff', text: '#1b1f24', accent: '#2457d6' };
const DARK: Colours = { background: '#17191d', text: '#f2f4f7', accent: '#8fb0ff' };

/** What stands on the accent colour is black or white, whichever is read better (`onColour` in logic.ts). */
const Theme = z.strictObject({
  light: Colours.default(LIGHT),
  dark: Colours.default(DARK),
  /** Which of them: as the visitor's device wants it, or always one. */
  mode: z.enum(['auto', 'light', 'dark']).default('auto'),
  /** Pixels. */
  radius: z.int().min(0).max(24).default(8),
  fontSize: z.int().min(13).max(22).default(16),
  font: z.enum(['system', 'serif', 'rounded']).default('system'),
  logo: Picture.optional(),
});
export type Theme = z.output<typeof Theme>;

/** The first ending whose `when` holds is shown, or the first without one; a jump may name another. */
const Ending = z.strictObject({
  id: Id,
  when: Condition.optional(),
  title: Texts,
  description: Texts.optional(),
  link: z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(1000), label: Texts }).optional(),
  /** The person does not belong to those asked: the response is kept, and counts neither for scores' rate nor for quotas. */
  screenedOut: z.boolean().default(false),
});
export type Ending = z.output<typeof Ending>;

/** At most so many complete responses where the condition holds; who would be one more is led to an ending. */
const Quota = z.strictObject({
  id: Id,
  name: z.string().max(200),
  when: Condition,
  limit: z.int().min(0).max(10_000_000),
  /** An ending's id; the survey's own way of ending where it is left out. */
  ending: Id.optional(),
});
export type Quota = z.output<typeof Quota>;

/**
 * `pattern`: a path or an address with `*` for anything, for example `/shop/*`. A value that begins with `/` is compared with
 * the path, any other with the whole address without its query.
 */
const Page = z.strictObject({
  match: z.enum(['is', 'startsWith', 'contains', 'pattern']),
  value: z.string().min(1).max(500),
  /** Pages where it is not shown, whatever else matches. */
  not: z.boolean().default(false),
});
export type Page = z.output<typeof Page>;

/** Where the event's property has one of the values (compared as texts). */
const Where = z.strictObject({
  property: z.string().min(1).max(200),
  oneOf: z.array(z.string().max(500)).min(1).max(50),
});

/**
 * Shown as a popover in the page: to whom and when. Everything named must hold at once. `audiences`, `share`, languages and all
 * limits are judged on the server, which hands out only what may be shown; the rest in the browser.
 */
const Popover = z.strictObject({
  position: z.enum(['bottomEnd', 'bottomStart', 'bottom', 'centre']).default('bottomEnd'),
  /** Only once this event was tracked on this page view; left out: as soon as the page is there. */
  event: z.strictObject({ name: z.string().min(1).max(200), where: z.array(Where).max(10).default([]) }).optional(),
  /** Everywhere, where empty. */
  pages: z.array(Page).max(DEFINITION_LIMITS.pages).default([]),
  /** IDs of audiences; members of any of them. Everybody, where empty. */
  audiences: z.array(z.int().positive()).max(50).default([]),
  notAudiences: z.array(z.int().positive()).max(50).default([]),
  devices: z
    .array(z.enum(['desktop', 'mobile', 'tablet']))
    .max(3)
    .default([]),
  /** Languages of the visitor; any, where empty. */
  languages: z.array(Language).max(DEFINITION_LIMITS.languages).default([]),
  /** Per cent of visitors, the same ones each time; steps of 0.01. */
  share: z.number().min(0).max(100).default(100),
  /** After the event, or the page view. */
  delaySeconds: z.number().min(0).max(3600).default(0),
  /** Only once this much of the page was scrolled. */
  scrollPercent: z.int().min(1).max(100).optional(),
  /** Only when the pointer leaves the page at its top, or (without a pointer) the visitor goes back or up quickly. */
  exitIntent: z.boolean().default(false),
});
export type Popover = z.output<typeof Popover>;

/** How often one person is shown it. The installation's quiet days between any two surveys come on top. */
const Repeat = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once') }),
  /** Again until it is answered, but not before so many days have gone, and so often at most. */
  z.strictObject({
    kind: z.literal('untilAnswered'),
    days: z.int().min(1).max(3650).default(7),
    times: z.int().min(1).max(100).default(3),
  }),
  z.strictObject({ kind: z.literal('every'), days: z.int().min(1).max(3650) }),
]);

const Origin = z
  .string()
  .max(300)
  .regex(
    /^https?:\/\/(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?$/,
    'An origin is written like "https://shop.example" or "https://*.shop.example".',
  );

/** Words of the renderer, where the survey's own are wanted, or its language is none of the five. */
const WORDS = ['next', 'back', 'submit', 'start', 'close', 'skip', 'other', 'required'] as const;

const Shape = z.strictObject({
  /** For the team; customers do not see it. */
  name: z.string().trim().min(1, 'A survey has a name.').max(200),
  languages: z.array(Language).min(1).max(DEFINITION_LIMITS.languages).default(['en']),
  defaultLanguage: Language.default('en'),
  welcome: z.strictObject({ title: Texts, description: Texts.optional(), picture: Picture.optional() }).optional(),
  questions: z.array(Question).max(DEFINITION_LIMITS.questions).default([]),
  endings: z.array(Ending).max(DEFINITION_LIMITS.endings).default([]),
  words: z.partialRecord(z.enum(WORDS), Texts).default({}),
  progress: z.boolean().default(true),
  back: z.boolean().default(true),
  theme: Theme.prefault({}),
  /** Names of what a link or page may hand over; anything else is left out. */
  fields: z.array(FieldName).max(DEFINITION_LIMITS.fields).default([]),
  quotas: z.array(Quota).max(DEFINITION_LIMITS.quotas).default([]),
  popover: Popover.optional(),
  /** Anybody with the open link may answer; personal links work without it. */
  openLink: z.boolean().default(true),
  /** Sites that may show the hosted page in a frame. */
  embed: z.array(Origin).max(DEFINITION_LIMITS.origins).default([]),
  repeat: Repeat.prefault({ kind: 'once' }),
  /** Answers are taken from then, until then; any time where left out. */
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  /** Complete responses; after them it is closed. */
  maxResponses: z.int().min(1).max(100_000_000).optional(),
  /** No person, device or address is kept with what is answered, and results of fewer than `groupSize` are not shown. */
  anonymous: z.boolean().default(false),
  groupSize: z.int().min(3).max(1000).default(5),
  /** Where on the customer's way it asks, for scores by touchpoint: "Delivery". */
  touchpoint: z.string().trim().max(100).default(''),
  /** The purpose of consent without which nobody is sent a mail about it; none, where left out. */
  purpose: z.string().min(1).max(100).optional(),
});

export const Definition = Shape.refine(
  (value) => new TextEncoder().encode(JSON.stringify(value)).length <= DEFINITION_LIMITS.bytes,
  {
    message: `A survey may have ${DEFINITION_LIMITS.bytes.toLocaleString('en')} bytes in all.`,
  },
);
export type Definition = z.output<typeof Definition>;
export type DefinitionInput = z.input<typeof Definition>;
