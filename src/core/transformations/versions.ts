import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import type { Content } from './content.ts';
import type { Trial } from './tables.ts';
import { hashOf, lockTransformation, type Transformation, transformationById } from './transformations.ts';

/** A content that was, or is, in use. */
export interface Version {
  version: number;
  content: Content;
  publishedAt: Date;
  publishedBy: string;
  tried: Trial | null;
  restoredFrom: number | null;
}

/**
 * Makes the draft the version in use and switches the transformation on. Refuses with 409 where the draft was not tried,
 * or failed on an event when it was, unless `untried` says that this is known.
 */
export async function publish(
  context: Context,
  caller: Caller,
  id: number,
  options: { untried: boolean },
): Promise<Transformation> {
  await context.records.transaction(async (client) => {
    const row = await lockTransformation(client, id);
    if (!row.draft) throw refuse.conflict('Nothing was changed since the last version.');
    const tried = row.tried?.hash === hashOf(row.draft) ? row.tried : null;
    if (!options.untried) {
      if (!tried || tried.events === 0) {
        throw refuse.conflict('This draft was not tried yet. Try it on recorded events, or publish it untried.', {
          why: 'untried',
        });
      }
      if (tried.failed > 0) {
        throw refuse.conflict(
          `It failed on ${tried.failed} of the ${tried.events} events that it was tried on. Mend it, or publish it all the same.`,
          { why: 'failed' },
        );
      }
    }
    await addVersion(client, id, { content: row.draft, tried, by: caller.name, restoredFrom: null });
  });
  return transformationById(context, id);
}

/** Brings an earlier version back as a new one, and switches the transformation on. Refuses with 404 for none. */
export async function restore(context: Context, caller: Caller, id: number, version: number): Promise<Transformation> {
  await context.records.transaction(async (client) => {
    await lockTransformation(client, id);
    const { rows } = await client.query<{ content: Content; tried: Trial | null }>(
      'SELECT content, tried FROM transformation_versions WHERE transformation_id = $1 AND version = $2',
      [id, version],
    );
    if (!rows[0]) throw refuse.notFound(`There is no version ${version} of this transformation.`);
    await addVersion(client, id, { ...rows[0], by: caller.name, restoredFrom: version });
  });
  return transformationById(context, id);
}

/** Newest first; those below `before`. */
export async function listVersions(
  context: Context,
  id: number,
  page: { before: number | undefined; limit: number },
): Promise<Version[]> {
  await transformationById(context, id);
  const { rows } = await context.records.pool.query<Version>(
    `SELECT version, content, published_at AS "publishedAt", published_by AS "publishedBy", tried,
       restored_from AS "restoredFrom"
     FROM transformation_versions WHERE transformation_id = $1 AND ($2::int IS NULL OR version < $2)
     ORDER BY version DESC LIMIT $3`,
    [id, page.before ?? null, page.limit],
  );
  return rows;
}

async function addVersion(
  client: Parameters<typeof lockTransformation>[0],
  id: number,
  made: { content: Content; tried: Trial | null; by: string; restoredFrom: number | null },
): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    `INSERT INTO transformation_versions (transformation_id, version, content, published_by, tried, restored_from)
     SELECT $1, coalesce(max(version), 0) + 1, $2::jsonb, $3, $4::jsonb, $5
     FROM transformation_versions WHERE transformation_id = $1
     RETURNING version`,
    [id, JSON.stringify(made.content), made.by, made.tried ? JSON.stringify(made.tried) : null, made.restoredFrom],
  );
  await client.query(
    `UPDATE transformations SET published = $2, draft = NULL, tried = $3::jsonb, enabled = true, paused_at = NULL,
       paused_reason = NULL, changed_at = now() WHERE id = $1`,
    [id, rows[0]!.version, made.tried ? JSON.stringify(made.tried) : null],
  );
}
