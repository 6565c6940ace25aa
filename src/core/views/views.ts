import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';

/** Views of one list that one person can have, and that all share. */
export const VIEWS_LIMIT = 100;
/** How long a deletion can be taken back. */
export const KEPT_DAYS = 30;
export const MAY_SHARE = 'views.write';

/** A list as somebody wants to see it again. */
export interface View {
  id: number;
  list: string;
  name: string;
  /** Filters, order and columns, as the query of the console's address. */
  query: string;
  shared: boolean;
  mine: boolean;
  ownerName: string;
  isDefault: boolean;
}

const ownerOf = (caller: Caller) => `${caller.kind}:${caller.id}`;

/** $1 is who asks. */
const SHOWN = `v.id, v.list, v.name, v.query, v.shared, v.owner = $1 AS mine, v.owner_name AS "ownerName",
  EXISTS (SELECT FROM views_defaults d WHERE d.owner = $1 AND d.view_id = v.id) AS "isDefault"`;

/** The caller's own views of a list and the shared ones, in the order of their making, those with an id above `after`. */
export async function listViews(
  context: Context,
  caller: Caller,
  page: { list: string; after: number; limit: number },
): Promise<View[]> {
  const { rows } = await context.records.pool.query<View>(
    `SELECT ${SHOWN} FROM views v WHERE list = $2 AND id > $3 AND deleted_at IS NULL AND (shared OR owner = $1)
     ORDER BY id LIMIT $4`,
    [ownerOf(caller), page.list, page.after, page.limit],
  );
  return rows;
}

/** Keeps a view; refuses with 403 a shared one of who may not share, with 409 one more than the limit. */
export async function createView(
  context: Context,
  caller: Caller,
  input: { list: string; name: string; query: string; shared: boolean },
): Promise<View> {
  if (input.shared) mustShare(caller);
  const { rows } = await context.records.pool.query<View>(
    `INSERT INTO views AS v (owner, list, name, query, shared, owner_name)
     SELECT $1, $2, $3, $4, $5, $6 WHERE (
       SELECT count(*) FROM views WHERE list = $2 AND deleted_at IS NULL AND shared = $5 AND (shared OR owner = $1)
     ) < $7
     RETURNING ${SHOWN}`,
    [ownerOf(caller), input.list, input.name, input.query, input.shared, caller.name, VIEWS_LIMIT],
  );
  if (!rows[0]) {
    throw refuse.conflict(
      `There are ${VIEWS_LIMIT} ${input.shared ? 'shared views' : 'views of yours'} of this list, which is the limit. Delete one first.`,
    );
  }
  return rows[0];
}

/** Changes what is given of a view; refuses with 404 what the caller cannot see, with 403 what they may only look at. */
export async function changeView(
  context: Context,
  caller: Caller,
  id: number,
  change: { name?: string | undefined; query?: string | undefined; shared?: boolean | undefined },
): Promise<View> {
  await mayChange(context, caller, id);
  if (change.shared !== undefined) mustShare(caller);
  const { rows } = await context.records.pool.query<View>(
    `UPDATE views v SET name = coalesce($3, name), query = coalesce($4, query), shared = coalesce($5, shared)
     WHERE id = $2 AND deleted_at IS NULL RETURNING ${SHOWN}`,
    [ownerOf(caller), id, change.name ?? null, change.query ?? null, change.shared ?? null],
  );
  if (!rows[0]) throw noView(id);
  return rows[0];
}

/** Deletes a view; for KEPT_DAYS it can come back. Refuses as `changeView`. */
export async function deleteView(context: Context, caller: Caller, id: number): Promise<void> {
  await mayChange(context, caller, id);
  await context.records.pool.query('UPDATE views SET deleted_at = now() WHERE id = $1', [id]);
}

/** Takes a deletion back. Refuses as `changeView`, and with 404 once the view is gone for good. */
export async function restoreView(context: Context, caller: Caller, id: number): Promise<View> {
  await mayChange(context, caller, id, true);
  const { rows } = await context.records.pool.query<View>(
    `UPDATE views v SET deleted_at = NULL WHERE id = $2 RETURNING ${SHOWN}`,
    [ownerOf(caller), id],
  );
  if (!rows[0]) throw noView(id);
  return rows[0];
}

/** Makes a view the one with which the list opens for the caller; null for none. Refuses with 404 what they cannot see. */
export async function chooseDefault(context: Context, caller: Caller, list: string, id: number | null): Promise<void> {
  const owner = ownerOf(caller);
  if (id === null) {
    await context.records.pool.query('DELETE FROM views_defaults WHERE owner = $1 AND list = $2', [owner, list]);
    return;
  }
  const { rowCount } = await context.records.pool.query(
    `INSERT INTO views_defaults (owner, list, view_id)
     SELECT $1, list, id FROM views WHERE id = $3 AND list = $2 AND deleted_at IS NULL AND (shared OR owner = $1)
     ON CONFLICT (owner, list) DO UPDATE SET view_id = excluded.view_id`,
    [owner, list, id],
  );
  if (!rowCount) throw noView(id);
}

/** Removes for good what was deleted long enough ago. */
export async function forgetDeletedViews(context: Context): Promise<void> {
  await context.records.pool.query(`DELETE FROM views WHERE deleted_at < now() - make_interval(days => $1)`, [
    KEPT_DAYS,
  ]);
}

async function mayChange(context: Context, caller: Caller, id: number, deleted = false): Promise<void> {
  const { rows } = await context.records.pool.query<{ owner: string; shared: boolean }>(
    'SELECT owner, shared FROM views WHERE id = $1 AND (deleted_at IS NULL OR $2)',
    [id, deleted],
  );
  const [view] = rows;
  if (!view || (!view.shared && view.owner !== ownerOf(caller))) throw noView(id);
  if (view.shared) mustShare(caller);
}

function mustShare(caller: Caller): void {
  if (caller.permissions.has(MAY_SHARE)) return;
  throw refuse.forbidden(
    `Shared views need the permission ${MAY_SHARE}, which the role "${caller.role}" does not have. Save the view for yourself.`,
  );
}

const noView = (id: number) => refuse.notFound(`There is no view ${id}.`);
