import { z } from 'zod';
import type { Records } from '../../kernel/records.ts';
import { refuse } from '../../kernel/refusal.ts';
import { type IdentifierKind, type IdentifierKindRow, kindOf, loadKinds, NORMALISATIONS } from './identifier.ts';
import { changeIdentityVersion, lockIdentity } from './merge.ts';

/** What is said of a kind of identifier, beside its name. */
export const KindSettings = z.object({
  unique: z.boolean(),
  maxPerPerson: z.int().min(1).max(10_000),
  /** Lower numbers are kept when a limit is reached. */
  priority: z.int().min(0).max(100_000),
  normalise: z.enum(NORMALISATIONS),
  /** Values that name nobody, in any case, beside those that do so for every kind (`null`, `anonymous`, zeros …). */
  blocked: z.array(z.string().min(1).max(512)).max(1000),
});
export type KindSettings = z.infer<typeof KindSettings>;

export const KindView = KindSettings.extend({ kind: z.string() });
export type KindView = z.infer<typeof KindView>;

export const KindName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, {
  error: 'must be of lower-case letters, digits and _, with a letter first, at most 63 of them',
});

const view = (kind: IdentifierKind): KindView => ({
  kind: kind.kind,
  unique: kind.isUnique,
  maxPerPerson: kind.maxPerPerson,
  priority: kind.priority,
  normalise: kind.normalise,
  blocked: kind.blocked,
});

export async function listKinds(records: Records): Promise<KindView[]> {
  return [...(await loadKinds(records.pool)).values()].map(view);
}

/** Refuses with 404 where there is no kind of that name. */
export async function kindByName(records: Records, name: string): Promise<KindView> {
  const kind = (await loadKinds(records.pool)).get(name);
  if (!kind) throw refuse.notFound(`There is no kind of identifier named "${name}".`);
  return view(kind);
}

/**
 * Makes a kind of identifier, or changes the parts given of one. Values that are stored stay as they are, so refuses with
 * 409 to change the normalisation of a kind that somebody has.
 */
export async function setKind(records: Records, name: string, settings: Partial<KindSettings>): Promise<KindView> {
  return records.transaction(async (client) => {
    await lockIdentity(client);
    const known = (await loadKinds(client)).get(name);
    if (known && settings.normalise !== undefined && settings.normalise !== known.normalise) {
      const { rows } = await client.query('SELECT 1 FROM identifiers WHERE kind_id = $1 LIMIT 1', [known.id]);
      if (rows.length > 0) {
        throw refuse.conflict(
          `People have identifiers of the kind ${name} already, stored in its present form; its normalisation cannot be changed.`,
        );
      }
    }
    const next = {
      unique: true,
      maxPerPerson: 5,
      priority: 100,
      normalise: 'none',
      blocked: [],
      ...(known && view(known)),
      ...settings,
    };
    const { rows } = await client.query<IdentifierKindRow>(
      `INSERT INTO identifier_kinds (kind, is_unique, max_per_person, priority, normalise, blocked)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (kind) DO UPDATE SET is_unique = excluded.is_unique, max_per_person = excluded.max_per_person,
         priority = excluded.priority, normalise = excluded.normalise, blocked = excluded.blocked
       RETURNING id, kind, is_unique, max_per_person, priority, normalise, blocked`,
      [name, next.unique, next.maxPerPerson, next.priority, next.normalise, next.blocked],
    );
    await changeIdentityVersion(client);
    return view(kindOf(rows[0]!));
  });
}
