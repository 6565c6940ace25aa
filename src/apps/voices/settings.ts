import { z } from 'zod';
import { forgetPersonalFields } from '../../core/catalogue/personal.ts';
import type { Context } from '../../kernel/context.ts';
import { checkOutgoingUrl } from '../../kernel/outgoing.ts';
import { refuse } from '../../kernel/refusal.ts';
import { seal, unseal } from '../../kernel/seal.ts';
import { shortText } from '../../kernel/storable.ts';
import { LANGUAGES } from '../../kernel/text.ts';

const RULES_LIMIT = 30;
const NAME_LIMIT = 200;
const KEY_LIMIT = 500;
/** Days that voices said before anybody followed are looked for. */
const BACKFILL_DAYS_LIMIT = 730;
/** Tokens of the service a day. */
const TOKENS_LIMIT = 100_000_000;
const SEAL_PLACE = 'voices.service';

const Name = shortText(NAME_LIMIT).trim().min(1);
/** A property by its path, with dots between names. */
const Property = shortText(NAME_LIMIT);

/** Events whose own name would make a voice of what was made of a voice. */
const OURS = new Set(['Voice Understood', 'Case Opened', 'Case Answered', 'Case Closed']);

/** Which events are voices, and where in them the words stand. */
export const FollowRule = z.object({
  event: Name.refine((name) => !OURS.has(name), { error: 'is an event that is made of voices' }),
  text: Property.min(1).default('text'),
  score: Property.default('score').describe('Empty where there is none.'),
  scale: Property.default('scale'),
});
export type FollowRule = z.output<typeof FollowRule>;

const DEFAULT_FOLLOWING: FollowRule[] = [
  'Question Answered',
  'Feedback Given',
  'Review Posted',
  'Mention Published',
].map((event) => ({ event, text: 'text', score: 'score', scale: 'scale' }));

/** What the feedback widget asks, in the visitor's language. */
const WidgetTexts = z.partialRecord(
  z.enum(Object.keys(LANGUAGES) as [keyof typeof LANGUAGES]),
  z.object({
    button: shortText(40).optional(),
    question: shortText(200).optional(),
    thanks: shortText(200).optional(),
  }),
);

export const VoicesSettings = z.object({
  following: z.array(FollowRule).max(RULES_LIMIT).default(DEFAULT_FOLLOWING),
  backfillDays: z.int().min(0).max(BACKFILL_DAYS_LIMIT).default(90),
  feedback: z
    .object({
      on: z.boolean().default(false),
      side: z.enum(['left', 'right']).default('right'),
      color: z
        .string()
        .regex(/^#[0-9a-f]{6}$/i)
        .nullable()
        .default(null),
      scale: z.enum(['smileys', 'stars', 'none']).default('smileys'),
      picture: z.boolean().default(true),
      askEmail: z.boolean().default(true),
      pages: z
        .array(shortText(300).min(1))
        .max(50)
        .default([])
        .describe('Paths, * for anything; none means every page.'),
      texts: WidgetTexts.default({}),
    })
    .prefault({}),
  service: z
    .object({
      on: z.boolean().default(false),
      url: shortText(500).default('').describe('Up to and with /v1, of an OpenAI-compatible service.'),
      model: shortText(200).default(''),
      mask: z.boolean().default(true).describe('Leave out names, addresses and numbers before texts are sent.'),
      tokensADay: z.int().min(0).max(TOKENS_LIMIT).default(1_000_000),
      timeoutSeconds: z.int().min(1).max(120).default(30),
    })
    .prefault({}),
});
export type VoicesSettings = z.output<typeof VoicesSettings>;

/** What PUT takes: the settings and, where it is to change, the key; '' takes it away. */
export const SettingsInput = VoicesSettings.extend({ serviceKey: shortText(KEY_LIMIT).optional() });
export type SettingsInput = z.output<typeof SettingsInput>;

export async function readSettings({ records }: Pick<Context, 'records'>): Promise<VoicesSettings> {
  const { rows } = await records.pool.query<{ settings: unknown }>('SELECT settings FROM voices_state');
  return VoicesSettings.parse(rows[0]!.settings);
}

/**
 * Keeps the settings. Rules that are new make the events of before be looked at too, as far back as is set. Refuses (400)
 * an address of the service that may not be called, and a service switched on without address or model.
 */
export async function writeSettings(context: Context, { serviceKey, ...settings }: SettingsInput): Promise<void> {
  const { service } = settings;
  if (service.url !== '') checkOutgoingUrl(context.config, service.url);
  if (service.on && (service.url === '' || service.model === ''))
    throw refuse.invalid('The service needs an address and a model before it is switched on.');
  const names = settings.following.map((rule) => `${rule.event}\0${rule.text}`);
  if (new Set(names).size < names.length) throw refuse.invalid('A rule is there twice.');
  const before = await readSettings(context);
  const known = new Set(before.following.map((rule) => JSON.stringify(rule)));
  const more =
    settings.following.some((rule) => !known.has(JSON.stringify(rule))) || settings.backfillDays > before.backfillDays;
  await context.records.pool.query(
    `UPDATE voices_state SET settings = $1, service_trouble = NULL, service_rest_until = NULL,
       service_key = CASE WHEN $2::text IS NULL THEN service_key ELSE nullif($2, '') END,
       backfill_before = CASE WHEN $3 AND block IS NOT NULL THEN now() + interval '1 day' ELSE backfill_before END,
       backfill_after = CASE WHEN $3 THEN NULL ELSE backfill_after END,
       backfill_from = CASE WHEN $3 THEN now() - make_interval(days => $4) ELSE backfill_from END,
       backfilled = CASE WHEN $3 THEN 0 ELSE backfilled END`,
    [
      JSON.stringify(settings),
      serviceKey === undefined ? null : serviceKey === '' ? '' : seal(context.config.dataDir, SEAL_PLACE, serviceKey),
      more,
      settings.backfillDays,
    ],
  );
  forgetPersonalFields(context);
}

/** The key of the service; null where none is kept. */
export async function serviceKey({ records, config }: Pick<Context, 'records' | 'config'>): Promise<string | null> {
  const { rows } = await records.pool.query<{ key: string | null }>('SELECT service_key AS key FROM voices_state');
  return rows[0]!.key === null ? null : unseal(config.dataDir, SEAL_PLACE, rows[0]!.key);
}
