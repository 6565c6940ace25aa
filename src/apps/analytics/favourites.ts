import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { getSaved, ownerOf, type SavedKind } from './saved.ts';

/** Makes it a favourite of the caller's, or none any more. Refuses with 404 what they cannot see. */
export async function setFavourite(
  context: Context,
  caller: Caller,
  kind: SavedKind,
  id: number,
  favourite: boolean,
): Promise<void> {
  await getSaved(context, caller, kind, id);
  await context.records.pool.query(
    favourite
      ? 'INSERT INTO analytics_favourites (owner, saved_id) VALUES ($1, $2) ON CONFLICT DO NOTHING'
      : 'DELETE FROM analytics_favourites WHERE owner = $1 AND saved_id = $2',
    [ownerOf(caller), id],
  );
}
