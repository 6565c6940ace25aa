import { emailOf, latestOf, type StoredSet } from '../../core/people/traits.ts';
import { purposes } from '../../core/privacy/purposes.ts';
import { restrictions } from '../../core/privacy/restrictions.ts';
import type { Context } from '../../kernel/context.ts';
import type { Definition } from './definition.ts';
import { isQuiet } from './quiet.ts';
import { readSettings } from './surveys.ts';
import { mayAsk, namesOf, seenBy } from './targeting.ts';

/** Why somebody gets no mail. */
const SKIPPED = [
  'unknown',
  'noAddress',
  'unsubscribed',
  'restricted',
  'objected',
  'noConsent',
  'askedRecently',
  'quiet',
  'surveyClosed',
] as const;
export type Skipped = (typeof SKIPPED)[number];

/** Whom a mail goes to, and what its texts look at. */
export interface Reached {
  personId: number;
  names: string[];
  address: string;
  language: string | null;
  traits: Record<string, unknown>;
}

/** Whether a person may be mailed about a survey now: whom it reaches, or why not. */
export async function reach(
  context: Context,
  survey: { id: string; definition: Definition },
  origin: number,
): Promise<Reached | Skipped> {
  const { pool } = context.records;
  const { rows } = await pool.query<{ root: number; traits: StoredSet; consent: StoredSet }>(
    'SELECT root_id AS root, traits, consent FROM persons WHERE root_id = (SELECT root_id FROM persons WHERE id = $1)',
    [origin],
  );
  const personId = rows[0]?.root;
  if (personId === undefined) return 'unknown';
  const traits = latestOf(rows.map((row) => row.traits));
  const identifiers = await pool.query<{ kind: string; value: string }>(
    `SELECT k.kind, i.value FROM persons p JOIN identifiers i ON i.person_id = p.id JOIN identifier_kinds k ON k.id = i.kind_id
     WHERE p.root_id = $1 AND k.kind = 'email' ORDER BY i.first_seen_at DESC LIMIT 5`,
    [personId],
  );
  const address = emailOf(traits, identifiers.rows);
  if (address === null || !/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(address)) return 'noAddress';
  const names = await namesOf(pool, { personId });
  const off = await pool.query('SELECT FROM surveys_unsubscribed WHERE $1 @> ARRAY[person_id]', [
    names.map((name) => Number(name.slice(2))),
  ]);
  if (off.rowCount) return 'unsubscribed';
  const standing = (await restrictions(context, [personId])).get(personId);
  if (standing?.restricted) return 'restricted';
  const { purpose } = survey.definition;
  if (purpose !== undefined) {
    if (standing?.objections.has(purpose)) return 'objected';
    const needed = (await purposes(context)).find(({ key }) => key === purpose);
    // A purpose that is not there any more allows nothing.
    const granted = latestOf(rows.map((row) => row.consent)).get(purpose)?.[0] === true;
    if (!needed || needed.archived || (needed.needsConsent && !granted)) return 'noConsent';
  }
  const { quietDays } = await readSettings(pool);
  if (!mayAsk(survey, await seenBy(pool, names), quietDays)) return 'askedRecently';
  if (await isQuiet(context, personId)) return 'quiet';
  const text = (name: string) => {
    const value = traits.get(name)?.[0];
    return typeof value === 'string' && /^[A-Za-z]{2,3}([-_]\w{2,8})*$/.test(value) ? value.replaceAll('_', '-') : null;
  };
  return {
    ...{ personId, names, address },
    language: text('language') ?? text('locale') ?? text('preferred_language'),
    traits: Object.fromEntries([...traits].map(([name, stored]) => [name, stored[0]])),
  };
}
