import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { personById } from '../people/person.ts';
import type { ErasureRow } from './erasure.ts';
import { exportsOf } from './exports.ts';
import { subjectOf } from './subject.ts';

/** An erasure, done or under way; it names nobody. */
export const Erasure = z.object({
  id: z.string(),
  personId: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  steps: z.array(
    z.object({
      name: z.string(),
      at: z.string(),
      left: z.array(z.string()).describe('What the server could not do itself, for its operator.'),
    }),
  ),
  error: z.string().nullable(),
  by: z.string(),
  at: z.string(),
  finishedAt: z.string().nullable(),
});
export type Erasure = z.output<typeof Erasure>;

export const shownErasure = (row: ErasureRow): Erasure => ({
  id: row.id,
  personId: String(row.person_id),
  state: row.state,
  steps: Object.entries(row.steps)
    .map(([name, { at, left }]) => ({ name, at, left: left ?? [] }))
    .sort((a, b) => a.at.localeCompare(b.at)),
  error: row.error,
  by: row.by_name,
  at: row.at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});

/** Erasures, newest first. */
export async function listErasures(
  { records }: Pick<Context, 'records'>,
  query: { cursor?: string | undefined; limit: number },
): Promise<{ items: Erasure[]; nextCursor: string | null }> {
  const after = decodeCursor(query.cursor, z.tuple([z.string(), z.uuid()]));
  const { rows } = await records.pool.query<ErasureRow & { exact: string }>(
    `SELECT *, at::text AS exact FROM privacy_erasures
     WHERE $1::timestamptz IS NULL OR (at, id) < ($1, $2::uuid) ORDER BY at DESC, id DESC LIMIT $3`,
    [after?.[0] ?? null, after?.[1] ?? null, query.limit + 1],
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map(shownErasure),
    nextCursor: rows.length > page.length && last ? encodeCursor([last.exact, last.id]) : null,
  };
}

/** One erasure; refuses with 404. */
export async function erasureById({ records }: Pick<Context, 'records'>, id: string): Promise<Erasure> {
  const { rows } = await records.pool.query<ErasureRow>('SELECT * FROM privacy_erasures WHERE id = $1', [id]);
  if (!rows[0]) throw refuse.notFound('There is no such erasure.');
  return shownErasure(rows[0]);
}

/** What would go with a person: shown before anybody decides. */
export const ErasurePreview = z.object({
  personId: z.string(),
  displayName: z.string().describe('To be typed as the confirmation.'),
  events: z.number(),
  identifiers: z.number(),
  traits: z.number(),
  consents: z.number(),
  archives: z.number(),
  mergedPersons: z.number().describe('Of how many persons, as first met, it is made.'),
});
export type ErasurePreview = z.output<typeof ErasurePreview>;

export async function previewErasure(context: Context, personId: number): Promise<ErasurePreview> {
  const person = await personById(context, personId);
  const subject = (await subjectOf(context.records.pool, personId))!;
  const { rows } = await context.records.pool.query<{ count: number }>(
    'SELECT count(*) AS count FROM privacy_consents WHERE person_id = ANY ($1::bigint[])',
    [subject.origins],
  );
  return {
    personId: person.id,
    displayName: person.displayName,
    events: person.eventCount,
    identifiers: person.identifiers.length,
    traits: Object.keys(person.traits).length,
    consents: rows[0]!.count,
    archives: (await exportsOf(context, personId)).filter((one) => one.state === 'done').length,
    mergedPersons: person.origins.length,
  };
}
