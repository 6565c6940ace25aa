import { registerUses } from '../../core/audiences/audience.ts';
import type { Context } from '../../kernel/context.ts';
import { type ActionUse, registerActionUses } from './actions.ts';

/** Saved reports and dashboards that name an audience: it is not archived under them. Private ones are not named. */
registerUses(async ({ records }: Context, audience) => {
  const { rows } = await records.pool.query<{ kind: string; id: string; name: string }>(
    `SELECT kind, id::text AS id, CASE WHEN shared THEN name ELSE '' END AS name FROM analytics_saved
     WHERE deleted_at IS NULL AND jsonb_path_exists(content, '$.** ? (@.of == "audience" && @.id == $id)', jsonb_build_object('id', $1::int))
     ORDER BY analytics_saved.id`,
    [audience],
  );
  return rows;
});

/** Audiences whose conditions name an action. */
registerActionUses(async ({ records }: Context, action) => {
  const { rows } = await records.pool.query<ActionUse>(
    `SELECT 'audience' AS kind, id::text AS id, name FROM audiences WHERE archived_at IS NULL
       AND jsonb_path_exists(definition, '$.** ? (@.action == $id)', jsonb_build_object('id', $1::bigint)) ORDER BY name`,
    [action],
  );
  return rows;
});
