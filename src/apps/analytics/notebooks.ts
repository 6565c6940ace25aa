import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';

import { refuse } from '../../kernel/refusal.ts';
import { filledText, shortText } from '../../kernel/storable.ts';
import { SQL_LIMIT } from './sql/fence.ts';

/** Notebooks that one member can have. */
export const NOTEBOOKS_LIMIT = 200;
export const CELLS_LIMIT = 50;
/** Versions that are kept of a notebook. */
export const VERSIONS_KEPT = 50;
/** How long a deletion can be taken back. */
const NOTEBOOK_KEPT_DAYS = 30;
const NAME_LIMIT = 200;

export const NotebookName = filledText(NAME_LIMIT);

export const Cell = z.object({
  id: z.string().regex(/^[\w-]{1,40}$/),
  kind: z.enum(['sql', 'note']),
  text: shortText(SQL_LIMIT),
  chart: z
    .enum(['table', 'line', 'bar', 'number'])
    .default('table')
    .describe('How the result is shown. The first column is the time or the name, the others are values.'),
});
export type Cell = z.output<typeof Cell>;

/** The cells of a notebook; together bounded by the body's limit. */
export const Cells = z.array(Cell).max(CELLS_LIMIT);

export interface Notebook {
  id: number;
  name: string;
  cells: Cell[];
  ownerName: string;
  mine: boolean;
  shared: boolean;
  version: number;
  changedAt: Date;
  changedBy: string;
}

export interface NotebookVersion {
  version: number;
  name: string;
  cells: Cell[];
  at: Date;
  byName: string;
}

const ownerOf = (caller: Caller) => `${caller.kind}:${caller.id}`;

/** $1 is who asks. */
const SHOWN = `n.id::float8 AS id, n.name, n.cells, n.owner_name AS "ownerName", n.owner = $1 AS mine, n.shared, n.version,
  n.changed_at AS "changedAt", n.changed_by AS "changedBy"`;

/** The caller's own notebooks and the shared ones, the last changed first. `q` is a part of the name. */
export async function listNotebooks(
  context: Context,
  caller: Caller,
  page: { q: string | undefined; after: { at: string; id: number } | undefined; limit: number },
): Promise<Notebook[]> {
  const { rows } = await context.records.pool.query<Notebook>(
    `SELECT ${SHOWN} FROM analytics_notebooks n
     WHERE deleted_at IS NULL AND (shared OR owner = $1) AND ($2::text IS NULL OR strpos(lower(name), lower($2)) > 0)
       AND ($3::timestamptz IS NULL OR (date_trunc('milliseconds', changed_at), id) < ($3, $4::bigint))
     ORDER BY date_trunc('milliseconds', changed_at) DESC, id DESC LIMIT $5`,
    [ownerOf(caller), page.q ?? null, page.after?.at ?? null, page.after?.id ?? null, page.limit],
  );
  return rows;
}

/** Refuses with 404 what the caller cannot see. */
export async function getNotebook(context: Context, caller: Caller, id: number): Promise<Notebook> {
  const { rows } = await context.records.pool.query<Notebook>(
    `SELECT ${SHOWN} FROM analytics_notebooks n WHERE id = $2 AND deleted_at IS NULL AND (shared OR owner = $1)`,
    [ownerOf(caller), id],
  );
  if (!rows[0]) throw noNotebook(id);
  return rows[0];
}

/** Refuses with 409 one more than the limit. */
export async function createNotebook(
  context: Context,
  caller: Caller,
  input: { name: string; cells: Cell[]; shared: boolean },
): Promise<Notebook> {
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<Notebook>(
      `INSERT INTO analytics_notebooks AS n (name, cells, owner, owner_name, shared, changed_by)
       SELECT $2, $3, $1, $4, $5, $4
       WHERE (SELECT count(*) FROM analytics_notebooks WHERE owner = $1 AND deleted_at IS NULL) < $6 RETURNING ${SHOWN}`,
      [ownerOf(caller), input.name, JSON.stringify(input.cells), caller.name, input.shared, NOTEBOOKS_LIMIT],
    );
    const [made] = rows;
    if (!made) throw refuse.conflict(`You have ${NOTEBOOKS_LIMIT} notebooks, which is the limit. Delete one first.`);
    await keepVersion(client, made.id);
    return made;
  });
}

/**
 * Changes what is given. Whoever sees a shared notebook may change its name and cells, only its owner whether it is
 * shared. Refuses with 404 what they cannot see, with 403 what only the owner may, and with 409 where `version` is not
 * the present one: somebody else changed it meanwhile.
 */
export async function changeNotebook(
  context: Context,
  caller: Caller,
  id: number,
  change: { name?: string | undefined; cells?: Cell[] | undefined; shared?: boolean | undefined; version: number },
): Promise<Notebook> {
  return context.records.transaction(async (client) => {
    const now = await locked(client, caller, id);
    if (change.shared !== undefined && change.shared !== now.shared) mustOwn(now);
    if (now.version !== change.version) {
      throw refuse.conflict(`${now.changedBy} changed the notebook meanwhile. Load it again; your text can be copied.`);
    }
    const content = change.name !== undefined || change.cells !== undefined;
    const { rows } = await client.query<Notebook>(
      `UPDATE analytics_notebooks n SET name = coalesce($3, name), cells = coalesce($4, cells), shared = coalesce($5, shared),
         version = version + $6::int, changed_at = now(), changed_by = $7 WHERE id = $2 RETURNING ${SHOWN}`,
      [
        ...[ownerOf(caller), id, change.name ?? null, change.cells ? JSON.stringify(change.cells) : null],
        ...[change.shared ?? null, content ? 1 : 0, caller.name],
      ],
    );
    if (content) await keepVersion(client, id);
    return rows[0]!;
  });
}

/** Deletes a notebook of the caller's own; for NOTEBOOK_KEPT_DAYS it can come back. Refuses with 403 another's. */
export async function deleteNotebook(context: Context, caller: Caller, id: number): Promise<void> {
  await context.records.transaction(async (client) => {
    mustOwn(await locked(client, caller, id));
    await client.query('UPDATE analytics_notebooks SET deleted_at = now() WHERE id = $1', [id]);
  });
}

/** Takes the deletion back. Refuses with 404 once the notebook is gone for good, or was never the caller's. */
export async function restoreNotebook(context: Context, caller: Caller, id: number): Promise<Notebook> {
  const { rows } = await context.records.pool.query<Notebook>(
    `UPDATE analytics_notebooks n SET deleted_at = NULL WHERE id = $2 AND owner = $1 RETURNING ${SHOWN}`,
    [ownerOf(caller), id],
  );
  if (!rows[0]) throw noNotebook(id);
  return rows[0];
}

/** What the notebook was, the latest first. Refuses with 404 what the caller cannot see. */
export async function notebookVersions(
  context: Context,
  caller: Caller,
  id: number,
  page: { before: number | undefined; limit: number },
): Promise<NotebookVersion[]> {
  await getNotebook(context, caller, id);
  const { rows } = await context.records.pool.query<NotebookVersion>(
    `SELECT version, name, cells, at, by_name AS "byName" FROM analytics_notebook_versions
     WHERE notebook_id = $1 AND ($2::int IS NULL OR version < $2) ORDER BY version DESC LIMIT $3`,
    [id, page.before ?? null, page.limit],
  );
  return rows;
}

/** Removes for good what was deleted long enough ago. */
export async function forgetDeletedNotebooks(context: Context): Promise<void> {
  await context.records.pool.query(
    'DELETE FROM analytics_notebooks WHERE deleted_at < now() - make_interval(days => $1)',
    [NOTEBOOK_KEPT_DAYS],
  );
}

async function keepVersion(client: PoolClient, id: number): Promise<void> {
  await client.query(
    `INSERT INTO analytics_notebook_versions (notebook_id, version, name, cells, by_name)
     SELECT id, version, name, cells, changed_by FROM analytics_notebooks WHERE id = $1`,
    [id],
  );
  await client.query(
    `DELETE FROM analytics_notebook_versions v USING analytics_notebooks n
     WHERE n.id = $1 AND v.notebook_id = n.id AND v.version <= n.version - $2`,
    [id, VERSIONS_KEPT],
  );
}

async function locked(client: PoolClient, caller: Caller, id: number): Promise<Notebook> {
  const { rows } = await client.query<Notebook>(
    `SELECT ${SHOWN} FROM analytics_notebooks n WHERE id = $2 AND deleted_at IS NULL AND (shared OR owner = $1) FOR UPDATE`,
    [ownerOf(caller), id],
  );
  if (!rows[0]) throw noNotebook(id);
  return rows[0];
}

function mustOwn(notebook: Notebook): void {
  if (notebook.mine) return;
  throw refuse.forbidden(
    `The notebook belongs to ${notebook.ownerName}, who alone can do that. Copy it to change it freely.`,
  );
}

const noNotebook = (id: number) => refuse.notFound(`There is no notebook ${id}.`);
