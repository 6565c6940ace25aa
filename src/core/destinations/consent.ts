import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { purposes } from '../privacy/purposes.ts';

/** Why an event is held back where it is not for want of consent. */
export const RESTRICTED = 'restricted';

/** What a person said, over all that was merged into it. */
export interface Standing {
  /** The person it counts for now. */
  personId: number;
  /** The latest statement for each purpose, with its time in milliseconds since 1970. */
  consent: Map<string, { granted: boolean; at: number }>;
  /** Its data may be kept, and not be used. */
  restricted: boolean;
  /** Purposes it objected to. */
  objections: ReadonlySet<string>;
}

/** Of the purposes that a destination names, those that need the person's consent. A purpose that is not known needs it. */
export async function needingConsent(context: Pick<Context, 'records'>, named: readonly string[]): Promise<string[]> {
  if (named.length === 0) return [];
  const free = new Set((await purposes(context)).filter((one) => !one.needsConsent).map((one) => one.key));
  return named.filter((purpose) => !free.has(purpose));
}

/**
 * Why an event does not leave: a purpose without consent, `restricted`, or null. What the event itself says comes first;
 * what the person said later than that counts against it, so that a withdrawal stops what has not left.
 */
export function heldBack(
  named: readonly string[],
  needed: readonly string[],
  event: { at: number; preferences: Record<string, unknown> },
  standing: Standing | undefined,
): string | null {
  if (standing?.restricted) return RESTRICTED;
  const objected = named.find((purpose) => standing?.objections.has(purpose));
  if (objected !== undefined) return objected;
  for (const purpose of needed) {
    const own = Object.hasOwn(event.preferences, purpose) ? event.preferences[purpose] : undefined;
    const said = standing?.consent.get(purpose);
    if (own === false) return purpose;
    if (own === true) {
      if (said && !said.granted && said.at >= event.at) return purpose;
    } else if (!said?.granted) return purpose;
  }
  return null;
}

/** What an event says about consent: `context.consent.categoryPreferences`. */
export function preferencesOf(context: Record<string, unknown>): Record<string, unknown> {
  const { consent } = context as { consent?: { categoryPreferences?: unknown } | null };
  const told = typeof consent === 'object' && consent !== null ? consent.categoryPreferences : undefined;
  return typeof told === 'object' && told !== null ? (told as Record<string, unknown>) : {};
}

/** The standing of persons as first met; those that are not known have none. */
export async function standingOf(pool: pg.Pool, origins: readonly number[]): Promise<Map<number, Standing>> {
  const { rows } = await pool.query<{
    origin: number;
    root: number;
    consent: Record<string, [granted: unknown, at: number]>[];
    restrictions: string[] | null;
  }>({
    name: 'destinations-standing',
    text: `WITH asked AS (SELECT id, root_id FROM persons WHERE id = ANY ($1::bigint[])),
           members AS (
             SELECT r.root_id AS root, p.id, p.consent FROM (SELECT DISTINCT root_id FROM asked) r
             JOIN persons p ON p.id = r.root_id
             UNION ALL
             SELECT p.root_id, p.id, p.consent FROM persons p
             WHERE p.root_id <> p.id AND p.root_id IN (SELECT root_id FROM asked)),
           said AS (
             SELECT m.root, array_agg(m.consent) FILTER (WHERE m.consent <> '{}') AS consent,
               (SELECT array_agg(DISTINCT x.purpose) FROM privacy_restrictions x WHERE x.person_id = ANY (array_agg(m.id)))
                 AS restrictions
             FROM members m GROUP BY m.root)
           SELECT a.id AS origin, a.root_id AS root, coalesce(s.consent, '{}') AS consent, s.restrictions
           FROM asked a JOIN said s ON s.root = a.root_id`,
    values: [[...new Set(origins)]],
  });
  const byRoot = new Map<number, Standing>();
  const found = new Map<number, Standing>();
  for (const row of rows) {
    let standing = byRoot.get(row.root);
    if (!standing) {
      const restrictions = new Set(row.restrictions ?? []);
      standing = {
        personId: row.root,
        consent: latest(row.consent),
        restricted: restrictions.has(''),
        objections: restrictions,
      };
      byRoot.set(row.root, standing);
    }
    found.set(row.origin, standing);
  }
  return found;
}

function latest(sets: Record<string, [granted: unknown, at: number]>[]): Standing['consent'] {
  const consent: Standing['consent'] = new Map();
  for (const set of sets) {
    for (const [purpose, [granted, at]] of Object.entries(set)) {
      const known = consent.get(purpose);
      if (!known || known.at < at) consent.set(purpose, { granted: granted === true, at });
    }
  }
  return consent;
}
