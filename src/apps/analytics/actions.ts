import { z } from 'zod';
import { registerActions } from '../../core/query/environment.ts';
import { What } from '../../core/query/matching.ts';
import { personalFieldIn, refusePersonal } from '../../core/query/personal.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { pageOf, pageQuery } from '../../kernel/page.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { getSaved, ownerOf } from './saved.ts';
import { type SavedAbout, SavedId, type SavedNoun } from './saved-routes.ts';

/** Places named that use an action; more are counted. */
const USES_SHOWN = 50;

/** A named set of events and conditions, which reports mean by its id. */
const ActionContent = z.strictObject({ what: What });

export const ShownAction = z.object({
  what: z.unknown().describe('Its events and conditions, as reports take them; null where they cannot be read.'),
  problem: z.string().nullable(),
});
export interface ShownAction {
  what: What | null;
  problem: string | null;
}
export type SavedAction = SavedAbout & { content: ShownAction };
const ActionListed = z.object({
  events: z.array(z.string()).describe('Names of its events; empty for any event.'),
});
export type SavedActionSummary = SavedAbout & { about: z.output<typeof ActionListed> };

export const ActionUse = z.object({
  kind: z.string().describe('report, dashboard, audience …'),
  id: z.string(),
  name: z.string().nullable().describe('Null where it is private to a colleague.'),
});
export type ActionUse = z.output<typeof ActionUse>;

/** Other places whose things may mean an action by its id register here; they are asked before it is deleted. */
export type ActionUses = (context: Context, action: number) => Promise<ActionUse[]>;
const places: ActionUses[] = [];
export const registerActionUses = (uses: ActionUses): void => void (places.includes(uses) || places.push(uses));

/** Every action that can be read, by its id: what reports are answered with. */
async function allActions({ records }: Pick<Context, 'records'>): Promise<ReadonlyMap<number, What>> {
  const { rows } = await records.pool.query<{ id: number; name: string; content: { what?: unknown } | null }>(
    `SELECT id, name, content FROM analytics_saved WHERE kind = 'action' AND deleted_at IS NULL ORDER BY id`,
  );
  return new Map(
    rows.flatMap(({ id, name, content }) => {
      const what = What.safeParse(content?.what);
      return what.success ? [[id, { ...what.data, label: name }] as const] : [];
    }),
  );
}
registerActions(allActions);

/** Who uses an action: saved reports, dashboards and whatever else registered. */
export async function actionUses(context: Context, caller: Caller, id: number): Promise<ActionUse[]> {
  const { rows } = await context.records.pool.query<ActionUse>(
    `SELECT kind, id::text AS id, CASE WHEN shared OR owner = $2 THEN name END AS name FROM analytics_saved
     WHERE deleted_at IS NULL AND kind <> 'action'
       AND jsonb_path_exists(content, '$.** ? (@.action == $id)', jsonb_build_object('id', $1::bigint))
     ORDER BY changed_at DESC LIMIT ${USES_SHOWN}`,
    [id, ownerOf(caller)],
  );
  return [...rows, ...(await Promise.all(places.map((place) => place(context, id)))).flat()].slice(0, USES_SHOWN);
}

export const actionNoun: SavedNoun<typeof ActionContent, typeof ShownAction, typeof ActionListed> = {
  kind: 'action',
  path: '/api/actions',
  content: ActionContent,
  shown: ShownAction,
  listed: ActionListed,
  alwaysShared: true,
  async check(context, caller, { what }) {
    if (what.events.some((event) => 'action' in event))
      throw refuse.invalid('An action cannot contain another action. Name the events themselves.');
    if (caller.hidesPersonalData) await refusePersonal(context, what);
    return { what };
  },
  async show(context, caller, content) {
    const { what } = (content ?? {}) as { what?: unknown };
    if (caller.hidesPersonalData && (await personalFieldIn(context, what)))
      return { what: null, problem: 'It names personal data, which your role does not show. Ask an administrator.' };
    const parsed = What.safeParse(what);
    if (parsed.success) return { what: parsed.data, problem: null };
    return { what: null, problem: 'It cannot be read any more. Make it anew, or restore an earlier version.' };
  },
  list: (content) => {
    const parsed = What.safeParse((content as { what?: unknown } | null)?.what);
    const events = parsed.success ? parsed.data.events : [];
    return { events: events.flatMap((event) => ('name' in event && event.name ? [event.name] : [])) };
  },
  async mayDelete(context, caller, id) {
    await getSaved(context, caller, 'action', id);
    const uses = await actionUses(context, caller, id);
    if (uses.length === 0) return;
    const named = uses.find((use) => use.name !== null);
    const first = named ? `the ${named.kind} "${named.name}"` : `a private ${uses[0]!.kind} of a colleague`;
    const more = uses.length > 1 ? ` and ${uses.length - 1} more` : '';
    throw new Refusal(422, 'in_use', `The action is used by ${first}${more}. Take it out there first.`, {
      details: uses,
    });
  },
};

export const actionUsesRoute = route({
  method: 'GET',
  path: '/api/actions/{id}/uses',
  summary: 'What uses an action: reports, dashboards, audiences',
  permission: 'reports.read',
  params: z.object({ id: SavedId }),
  query: pageQuery,
  reply: pageOf(ActionUse),
  run: async ({ context, caller, params, query }) => {
    await getSaved(context, caller, 'action', params.id);
    const uses = await actionUses(context, caller, params.id);
    return { items: uses.slice(0, query.limit), nextCursor: null };
  },
});
