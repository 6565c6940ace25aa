import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { sourceById } from '../sources/sources.ts';
import type { Content } from './content.ts';
import { compileSteps } from './engine/declared.ts';
import { TRANSFORMATIONS_OF_SOURCE } from './limits.ts';
import type { TransformationTables, Trial } from './tables.ts';

/** What it did since midnight (UTC). */
export interface Today {
  events: number;
  dropped: number;
  failed: number;
  slow: number;
  micros: number;
}

/** What a source's events go through: its content is worked on as a draft, and used as versions. */
export interface Transformation {
  id: number;
  sourceId: number;
  name: string;
  enabled: boolean;
  /** The version in use when it is switched on; null where none was ever published. */
  published: number | null;
  /** What is being worked on, or the version in use. */
  content: Content;
  /** Whether `content` differs from the version in use. */
  changed: boolean;
  /** The last trial of exactly this content. */
  tried: Trial | null;
  pausedAt: Date | null;
  pausedReason: string | null;
  changedAt: Date;
  today: Today;
}

type Row = Selectable<TransformationTables['transformations']> & { content: Content | null } & Today;

const SELECT = `
  SELECT t.*, v.content, coalesce(c.events, 0) AS events, coalesce(c.dropped, 0) AS dropped,
    coalesce(c.failed, 0) AS failed, coalesce(c.slow, 0) AS slow, coalesce(c.micros, 0) AS micros
  FROM transformations t
  LEFT JOIN transformation_versions v ON v.transformation_id = t.id AND v.version = t.published
  LEFT JOIN transformation_counts c ON c.transformation_id = t.id AND c.day = (now() AT TIME ZONE 'UTC')::date`;

/** All of a source, in the order in which events pass them. Refuses with 404 where there is no such source. */
export async function listTransformations(context: Context, sourceId: number): Promise<Transformation[]> {
  await sourceById(context, sourceId);
  const { rows } = await context.records.pool.query<Row>(`${SELECT} WHERE t.source_id = $1 ORDER BY t.position, t.id`, [
    sourceId,
  ]);
  return rows.map(transformationOf);
}

/** Refuses with 404 where there is none. */
export async function transformationById(context: Context, id: number): Promise<Transformation> {
  const { rows } = await context.records.pool.query<Row>(`${SELECT} WHERE t.id = $1`, [isId(id) ? id : 0]);
  if (!rows[0]) throw noTransformation(id);
  return transformationOf(rows[0]);
}

/** Makes one at the end of its source's, switched off. Refuses the 21st, and steps that cannot be read. */
export async function createTransformation(
  context: Context,
  sourceId: number,
  input: { name: string; content: Content },
): Promise<Transformation> {
  await sourceById(context, sourceId);
  checkContent(input.content);
  const id = await context.records.transaction(async (client) => {
    await client.query('SELECT 1 FROM sources WHERE id = $1 FOR UPDATE', [sourceId]);
    const { rows } = await client.query<{ n: number; last: number | null }>(
      'SELECT count(*) AS n, max(position) AS last FROM transformations WHERE source_id = $1',
      [sourceId],
    );
    if (rows[0]!.n >= TRANSFORMATIONS_OF_SOURCE) {
      throw refuse.conflict(`A source may have ${TRANSFORMATIONS_OF_SOURCE} transformations. Delete one first.`);
    }
    const made = await client.query<{ id: number }>(
      'INSERT INTO transformations (source_id, name, position, draft) VALUES ($1, $2, $3, $4) RETURNING id',
      [sourceId, input.name, (rows[0]!.last ?? 0) + 1, JSON.stringify(input.content)],
    );
    return made.rows[0]!.id;
  });
  return transformationById(context, id);
}

/**
 * Renames it, saves a draft, switches it on or off. Switching on ends a pause. Refuses with 409 to switch on what was
 * never published.
 */
export async function updateTransformation(
  context: Context,
  id: number,
  change: { name?: string; content?: Content; enabled?: boolean },
): Promise<Transformation> {
  const known = await transformationById(context, id);
  if (change.content) checkContent(change.content);
  if (change.enabled && known.published === null) {
    throw refuse.conflict('It was never published. Try it on recorded events, then publish it.');
  }
  await tables(context)
    .updateTable('transformations')
    .set({
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.content === undefined ? {} : { draft: sql<Content>`${JSON.stringify(change.content)}::jsonb` }),
      ...(change.enabled === undefined ? {} : { enabled: change.enabled }),
      ...(change.enabled ? { paused_at: null, paused_reason: null } : {}),
      changed_at: new Date(),
    })
    .where('id', '=', id)
    .execute();
  return transformationById(context, id);
}

/** Puts those of a source into an order. Refuses with 400 a list that is not exactly of them. */
export async function orderTransformations(context: Context, sourceId: number, ids: readonly number[]): Promise<void> {
  const known = (await listTransformations(context, sourceId)).map((one) => one.id);
  if (known.length !== ids.length || !known.every((id) => ids.includes(id))) {
    throw refuse.invalid('The order must name each transformation of the source once.');
  }
  await context.records.pool.query(
    `UPDATE transformations t SET position = o.position
     FROM unnest($1::int[]) WITH ORDINALITY AS o (id, position) WHERE t.id = o.id`,
    [ids],
  );
}

/** Deletes it with its versions; its events go on without it. Refuses with 404 where there is none. */
export async function deleteTransformation(context: Context, id: number): Promise<void> {
  const { rowCount } = await context.records.pool.query('DELETE FROM transformations WHERE id = $1', [
    isId(id) ? id : 0,
  ]);
  if (!rowCount) throw noTransformation(id);
}

/** Locks a transformation in a transaction; refuses with 404 where there is none. */
export async function lockTransformation(
  client: pg.PoolClient,
  id: number,
): Promise<Selectable<TransformationTables['transformations']>> {
  const { rows } = await client.query<Selectable<TransformationTables['transformations']>>(
    'SELECT * FROM transformations WHERE id = $1 FOR UPDATE',
    [isId(id) ? id : 0],
  );
  if (!rows[0]) throw noTransformation(id);
  return rows[0];
}

/** The same for the same content, whatever the order of its fields. */
export function hashOf(content: Content): string {
  const sorted = (_: string, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return createHash('sha256').update(JSON.stringify(content, sorted)).digest('hex');
}

/** Refuses steps with an expression that cannot be read. Code is read by the engine when it is tried. */
export function checkContent(content: Content): void {
  if (content.kind === 'steps') compileSteps(content.steps);
}

const tables = (context: Context) => context.records.tables<TransformationTables>();
const LAST_ID = 2_147_483_647;
const isId = (id: number) => Number.isInteger(id) && id > 0 && id <= LAST_ID;
const noTransformation = (id: number) => refuse.notFound(`There is no transformation ${id}.`);

function transformationOf(row: Row): Transformation {
  const content = row.draft ?? row.content!;
  const hash = hashOf(content);
  return {
    id: row.id,
    sourceId: row.source_id,
    name: row.name,
    enabled: row.enabled,
    published: row.published,
    content,
    changed: row.content === null || hashOf(row.content) !== hash,
    tried: row.tried?.hash === hash ? row.tried : null,
    pausedAt: row.paused_at,
    pausedReason: row.paused_reason,
    changedAt: row.changed_at,
    today: { events: row.events, dropped: row.dropped, failed: row.failed, slow: row.slow, micros: row.micros },
  };
}
