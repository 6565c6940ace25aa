import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { isLanguage, LANGUAGES, type Language } from '../../kernel/text.ts';

const ZONE_LIMIT = 64;
const LANGUAGE_CODES = Object.keys(LANGUAGES) as [Language, ...Language[]];

/** Whether this is a zone of the IANA database that this program knows. Offsets such as `+02:00` are none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** How somebody likes the console. What was never chosen is not there; `auto` is a choice: as the browser says. */
export const Preferences = z.object({
  scheme: z.enum(['auto', 'light', 'dark']).optional().describe('Light or dark; auto as the system.'),
  density: z.enum(['comfortable', 'compact']).optional(),
  timeZone: z
    .string()
    .max(ZONE_LIMIT)
    .refine((name) => name === 'auto' || isTimeZone(name), {
      error: 'is not a time zone; they are named like Europe/Warsaw',
    })
    .optional()
    .describe('In which times are shown: a name of the IANA database, or auto.'),
  language: z.enum(['auto', ...LANGUAGE_CODES]).optional(),
  weekStart: z.enum(['auto', 'monday', 'saturday', 'sunday']).optional(),
  shortcuts: z.boolean().optional().describe('Whether single keys are shortcuts.'),
});
export type Preferences = z.output<typeof Preferences>;

const ownerOf = (caller: Caller) => `${caller.kind}:${caller.id}`;

/** What the caller has chosen; what is stored and no longer a choice is left out. */
export async function preferencesOf(context: Context, caller: Caller): Promise<Preferences> {
  const { rows } = await context.records.pool.query<{ chosen: unknown }>(
    'SELECT chosen FROM preferences WHERE owner = $1',
    [ownerOf(caller)],
  );
  return readable(rows[0]?.chosen);
}

/** The language in which a member of staff is written to: the chosen one, or English. */
export async function languageOfMember({ records }: Pick<Context, 'records'>, member: string): Promise<Language> {
  const { rows } = await records.pool.query<{ chosen: unknown }>('SELECT chosen FROM preferences WHERE owner = $1', [
    `staff:${member}`,
  ]);
  const { language } = readable(rows[0]?.chosen);
  return isLanguage(language) ? language : 'en';
}

/** Adds to what the caller has chosen; what is not given stays. */
export async function choosePreferences(context: Context, caller: Caller, change: Preferences): Promise<Preferences> {
  const { rows } = await context.records.pool.query<{ chosen: unknown }>(
    `INSERT INTO preferences (owner, chosen) VALUES ($1, $2)
     ON CONFLICT (owner) DO UPDATE SET chosen = preferences.chosen || excluded.chosen, changed_at = now()
     RETURNING chosen`,
    [ownerOf(caller), JSON.stringify(change)],
  );
  return readable(rows[0]?.chosen);
}

function readable(chosen: unknown): Preferences {
  const parts = Object.entries(typeof chosen === 'object' && chosen !== null ? chosen : {});
  const good = parts.filter(([name, value]) => Preferences.safeParse({ [name]: value }).success);
  return Preferences.parse(Object.fromEntries(good));
}
