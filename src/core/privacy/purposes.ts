import { z } from 'zod';
import type { Records } from '../../kernel/records.ts';
import { refuse } from '../../kernel/refusal.ts';

export const LEGAL_BASES = [
  'consent',
  'contract',
  'legal_obligation',
  'vital',
  'public_task',
  'legitimate_interest',
] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

/** More purposes than this nobody can decide about. */
export const PURPOSES_LIMIT = 100;
const REMEMBERED_MS = 3000;

/** What customers' data is used for, and by what right. */
export const Purpose = z.object({
  key: z.string(),
  name: z.string(),
  description: z.string(),
  legalBasis: z.enum(LEGAL_BASES),
  needsConsent: z.boolean().describe('Whether data may be used for it only by consent of the person.'),
  archived: z.boolean(),
});
export type Purpose = z.output<typeof Purpose>;

type Stores = { records: Records };

const COLUMNS = `key, name, description, legal_basis AS "legalBasis", legal_basis = 'consent' AS "needsConsent",
  archived_at IS NOT NULL AS archived`;

const remembered = new WeakMap<Records, { until: number; purposes: Promise<Purpose[]> }>();

/** All purposes, archived ones too, by key. Up to three seconds old: cheap enough to ask for with each event. */
export function purposes({ records }: Stores): Promise<Purpose[]> {
  const known = remembered.get(records);
  if (known && performance.now() < known.until) return known.purposes;
  const found = readPurposes(records);
  remembered.set(records, { until: performance.now() + REMEMBERED_MS, purposes: found });
  found.catch(() => remembered.delete(records));
  return found;
}

async function readPurposes(records: Records): Promise<Purpose[]> {
  const { rows } = await records.pool.query<Purpose>(`SELECT ${COLUMNS} FROM privacy_purposes ORDER BY key`);
  return rows;
}

/** The purposes as they are this moment. */
export function listPurposes({ records }: Stores): Promise<Purpose[]> {
  return readPurposes(records);
}

export interface PurposeInput {
  name: string;
  description: string;
  legalBasis: LegalBasis;
}

/** Adds a purpose. Refuses with 409 where the key is taken or there are PURPOSES_LIMIT of them. */
export async function createPurpose({ records }: Stores, input: PurposeInput & { key: string }): Promise<Purpose> {
  const { rows } = await records.pool.query<Purpose>(
    `INSERT INTO privacy_purposes (key, name, description, legal_basis)
     SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM privacy_purposes) < ${PURPOSES_LIMIT}
     ON CONFLICT (key) DO NOTHING RETURNING ${COLUMNS}`,
    [input.key, input.name, input.description, input.legalBasis],
  );
  remembered.delete(records);
  const [made] = rows;
  if (made) return made;
  const all = await readPurposes(records);
  throw all.some((purpose) => purpose.key === input.key)
    ? refuse.conflict(`There is a purpose with the key "${input.key}" already. Change that one, or choose another key.`)
    : refuse.conflict(`There are ${PURPOSES_LIMIT} purposes, the most there can be. Change one that is not used.`);
}

/** Changes a purpose, or archives it: what is archived is offered nowhere, and what was said about it stays. Refuses with 404. */
export async function updatePurpose(
  { records }: Stores,
  key: string,
  change: Partial<PurposeInput> & { archived?: boolean | undefined },
): Promise<Purpose> {
  const { rows } = await records.pool.query<Purpose>(
    `UPDATE privacy_purposes SET name = coalesce($2, name), description = coalesce($3, description),
       legal_basis = coalesce($4, legal_basis), updated_at = now(),
       archived_at = CASE WHEN $5::boolean IS NULL THEN archived_at WHEN $5 THEN coalesce(archived_at, now()) END
     WHERE key = $1 RETURNING ${COLUMNS}`,
    [key, change.name ?? null, change.description ?? null, change.legalBasis ?? null, change.archived ?? null],
  );
  remembered.delete(records);
  const [changed] = rows;
  if (!changed) throw refuse.notFound(`There is no purpose "${key}".`);
  return changed;
}
