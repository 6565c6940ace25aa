import type pg from 'pg';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';

import { refuse } from '../../kernel/refusal.ts';

export type SavedKind = 'report' | 'dashboard' | 'action';

/** Of each kind that one member can have; of actions, that all have together: every report reads them. */
export const SAVED_LIMIT: Record<SavedKind, number> = { report: 1000, dashboard: 200, action: 500 };
export const VERSIONS_KEPT = 50;
/** How long a deletion can be taken back. */
export const SAVED_KEPT_DAYS = 30;

/** A report, a dashboard or an action as it is kept. `content` is what was once saved: whoever reads it parses it. */
export interface Saved {
  id: number;
  name: string;
  description: string;
  content: unknown;
  ownerName: string;
  mine: boolean;
  shared: boolean;
  favourite: boolean;
  version: number;
  createdAt: Date;
  changedAt: Date;
  changedBy: string;
}

export interface SavedVersion {
  version: number;
  name: string;
  description: string;
  content: unknown;
  at: Date;
  byName: string;
}

export interface SavedPlace {
  favourite: boolean;
  at: string;
  id: number;
}

export const ownerOf = (caller: Caller) => `${caller.kind}:${caller.id}`;

/** $1 is who asks. */
const FAVOURITE = 'EXISTS (SELECT FROM analytics_favourites f WHERE f.owner = $1 AND f.saved_id = s.id)';
const SHOWN = `s.id, s.name, s.description, s.content, s.owner_name AS "ownerName", s.owner = $1 AS mine, s.shared,
  ${FAVOURITE} AS favourite, s.version, s.created_at AS "createdAt", s.changed_at AS "changedAt", s.changed_by AS "changedBy"`;

/**
 * The caller's own and the shared ones: favourites first, then the last changed. `q` is a part of name or description, `of`
 * the kind of report.
 */
export async function listSaved(
  context: Context,
  caller: Caller,
  kind: SavedKind,
  page: {
    q: string | undefined;
    of: string | undefined;
    favourites: boolean;
    after: SavedPlace | undefined;
    limit: number;
  },
): Promise<Saved[]> {
  const { rows } = await context.records.pool.query<Saved>(
    `SELECT * FROM (SELECT ${SHOWN} FROM analytics_saved s WHERE kind = $2 AND deleted_at IS NULL AND (shared OR owner = $1)
       AND ($3::text IS NULL OR strpos(lower(name), lower($3)) > 0 OR strpos(lower(description), lower($3)) > 0)
       AND ($9::text IS NULL OR s.content->'report'->>'kind' = $9)) s
     WHERE (favourite OR NOT $4) AND ($5::boolean IS NULL
       OR (favourite, date_trunc('milliseconds', "changedAt"), id) < ($5, $6::timestamptz, $7::bigint))
     ORDER BY favourite DESC, date_trunc('milliseconds', "changedAt") DESC, id DESC LIMIT $8`,
    [
      ...[ownerOf(caller), kind, page.q?.trim() || null, page.favourites],
      ...[page.after?.favourite ?? null, page.after?.at ?? null, page.after?.id ?? null, page.limit, page.of ?? null],
    ],
  );
  return rows;
}

/** Refuses with 404 what the caller cannot see. */
export async function getSaved(context: Context, caller: Caller, kind: SavedKind, id: number): Promise<Saved> {
  const { rows } = await context.records.pool.query<Saved>(
    `SELECT ${SHOWN} FROM analytics_saved s WHERE kind = $2 AND id = $3 AND deleted_at IS NULL AND (shared OR owner = $1)`,
    [ownerOf(caller), kind, id],
  );
  if (!rows[0]) throw noSaved(kind, id);
  return rows[0];
}

/** Refuses with 409 one more than the limit. */
export async function createSaved(
  context: Context,
  caller: Caller,
  kind: SavedKind,
  input: { name: string; description: string; content: unknown; shared: boolean },
): Promise<Saved> {
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<Saved>(
      `INSERT INTO analytics_saved AS s (kind, name, description, content, owner, owner_name, shared, changed_by)
       SELECT $2, $3, $4, $5, $1, $6, $7, $6
       WHERE (SELECT count(*) FROM analytics_saved WHERE kind = $2 AND (owner = $1 OR $2 = 'action') AND deleted_at IS NULL) < $8
       RETURNING ${SHOWN}`,
      [
        ...[ownerOf(caller), kind, input.name, input.description, JSON.stringify(input.content)],
        ...[caller.name, input.shared, SAVED_LIMIT[kind]],
      ],
    );
    const [made] = rows;
    if (!made) throw refuse.conflict(`There are ${SAVED_LIMIT[kind]} ${kind}s, which is the limit. Delete one first.`);
    await keepVersion(client, made.id);
    return made;
  });
}

export interface SavedChange {
  name?: string | undefined;
  description?: string | undefined;
  content?: unknown;
  shared?: boolean | undefined;
  /** The version that was changed. */
  version: number;
}

/**
 * Changes what is given. Whoever sees a shared one may change it; only its owner may make it private or shared. Refuses
 * with 404 what they cannot see, with 403 what only the owner may, and with 409 where `version` is not the present one.
 */
export async function changeSaved(
  context: Context,
  caller: Caller,
  kind: SavedKind,
  id: number,
  change: SavedChange,
): Promise<Saved> {
  return context.records.transaction(async (client) => {
    const now = await locked(client, caller, kind, id);
    if (change.shared !== undefined && change.shared !== now.shared && !now.mine)
      throw refuse.forbidden(`The ${kind} belongs to ${now.ownerName}, who alone can share it or keep it private.`);
    if (now.version !== change.version)
      throw refuse.conflict(`${now.changedBy} changed the ${kind} meanwhile. Load it again, or save yours as a copy.`);
    return write(client, caller, id, change);
  });
}

/** Brings a former version back as a new one. Refuses as `changeSaved`, and with 404 a version that is not kept. */
export async function restoreVersion(
  context: Context,
  caller: Caller,
  kind: SavedKind,
  id: number,
  version: number,
): Promise<Saved> {
  return context.records.transaction(async (client) => {
    await locked(client, caller, kind, id);
    const { rows } = await client.query<{ name: string; description: string; content: unknown }>(
      'SELECT name, description, content FROM analytics_saved_versions WHERE saved_id = $1 AND version = $2',
      [id, version],
    );
    if (!rows[0]) throw refuse.notFound(`Version ${version} is not kept; the last ${VERSIONS_KEPT} are.`);
    return write(client, caller, id, rows[0]);
  });
}

/** Deletes it; for SAVED_KEPT_DAYS it can come back. Whoever may change it may delete it. */
export async function deleteSaved(context: Context, caller: Caller, kind: SavedKind, id: number): Promise<void> {
  await context.records.transaction(async (client) => {
    await locked(client, caller, kind, id);
    await client.query('UPDATE analytics_saved SET deleted_at = now(), changed_by = $2 WHERE id = $1', [
      id,
      caller.name,
    ]);
  });
}

/** Takes the deletion back. Refuses with 404 once it is gone for good. */
export async function undeleteSaved(context: Context, caller: Caller, kind: SavedKind, id: number): Promise<Saved> {
  const { rows } = await context.records.pool.query<Saved>(
    `UPDATE analytics_saved s SET deleted_at = NULL WHERE kind = $2 AND id = $3 AND (shared OR owner = $1) RETURNING ${SHOWN}`,
    [ownerOf(caller), kind, id],
  );
  if (!rows[0]) throw noSaved(kind, id);
  return rows[0];
}

/** What it was, the latest first. */
export async function savedVersions(
  context: Context,
  caller: Caller,
  kind: SavedKind,
  id: number,
  page: { before: number | undefined; limit: number },
): Promise<SavedVersion[]> {
  await getSaved(context, caller, kind, id);
  const { rows } = await context.records.pool.query<SavedVersion>(
    `SELECT version, name, description, content, at, by_name AS "byName" FROM analytics_saved_versions
     WHERE saved_id = $1 AND ($2::int IS NULL OR version < $2) ORDER BY version DESC LIMIT $3`,
    [id, page.before ?? null, page.limit],
  );
  return rows;
}

/** Removes for good what was deleted long enough ago. */
export async function forgetDeletedSaved({ records }: Context): Promise<void> {
  for (const table of ['analytics_saved', 'analytics_annotations'])
    await records.pool.query(`DELETE FROM ${table} WHERE deleted_at < now() - make_interval(days => $1)`, [
      SAVED_KEPT_DAYS,
    ]);
}

async function write(
  client: pg.ClientBase,
  caller: Caller,
  id: number,
  change: Omit<SavedChange, 'version'>,
): Promise<Saved> {
  const again = change.name !== undefined || change.description !== undefined || change.content !== undefined;
  const { rows } = await client.query<Saved>(
    `UPDATE analytics_saved s SET name = coalesce($3, name), description = coalesce($4, description),
       content = coalesce($5, content), shared = coalesce($6, shared), version = version + $7::int, changed_at = now(),
       changed_by = $8 WHERE id = $2 RETURNING ${SHOWN}`,
    [
      ...[ownerOf(caller), id, change.name ?? null, change.description ?? null],
      change.content === undefined ? null : JSON.stringify(change.content),
      ...[change.shared ?? null, again ? 1 : 0, caller.name],
    ],
  );
  if (again) await keepVersion(client, id);
  return rows[0]!;
}

async function keepVersion(client: pg.ClientBase, id: number): Promise<void> {
  await client.query(
    `INSERT INTO analytics_saved_versions (saved_id, version, name, description, content, by_name)
     SELECT id, version, name, description, content, changed_by FROM analytics_saved WHERE id = $1`,
    [id],
  );
  await client.query(
    `DELETE FROM analytics_saved_versions v USING analytics_saved s
     WHERE s.id = $1 AND v.saved_id = s.id AND v.version <= s.version - $2`,
    [id, VERSIONS_KEPT],
  );
}

async function locked(client: pg.ClientBase, caller: Caller, kind: SavedKind, id: number): Promise<Saved> {
  const { rows } = await client.query<Saved>(
    `SELECT ${SHOWN} FROM analytics_saved s
     WHERE kind = $2 AND id = $3 AND deleted_at IS NULL AND (shared OR owner = $1) FOR UPDATE`,
    [ownerOf(caller), kind, id],
  );
  if (!rows[0]) throw noSaved(kind, id);
  return rows[0];
}

export const noSaved = (kind: SavedKind, id: number) =>
  refuse.notFound(`There is no ${kind} ${id}. It may have been deleted, or is private to a colleague.`);
