import { z } from 'zod';
import { preferencesOf } from '../../core/preferences/preferences.ts';
import { refusePersonal } from '../../core/query/personal.ts';
import { MaxAge } from '../../core/query/routes.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { languageOf } from '../../kernel/text.ts';
import {
  DashboardContent,
  DashboardFilters,
  readDashboard,
  readTiles,
  ShownDashboard,
  TILES_LIMIT,
  Tile,
} from './dashboards.ts';
import { answerTiles, streamAnswers } from './dashboards-answers.ts';
import { Suggestion, suggestionsFor } from './dashboards-templates.ts';
import { createSaved, getSaved } from './saved.ts';
import { about, SavedAbout, SavedId } from './saved-routes.ts';

const Asked = z.strictObject({
  filters: DashboardFilters.optional().describe("In place of the dashboard's own."),
  only: z
    .array(z.string().max(40))
    .max(TILES_LIMIT)
    .optional()
    .describe('Ids of the tiles that are asked for; all without.'),
  tiles: z
    .array(Tile)
    .max(TILES_LIMIT)
    .optional()
    .describe('In place of those that are stored: a draft of the dashboard.'),
  maxAgeSeconds: MaxAge,
});

export const dashboardRoutes = [
  route({
    method: 'POST',
    path: '/api/dashboards/{id}/answers',
    summary:
      'Answers all tiles of a dashboard: a line of JSON for each as it is ready, {"tiles":[ids],"answer":…} as from /api/query, or {"tiles":[ids],"error":…}',
    permission: 'reports.read',
    asks: true,
    params: z.object({ id: SavedId }),
    body: Asked,
    run: async ({ context, caller, params, body, signal }) => {
      const { content } = await getSaved(context, caller, 'dashboard', params.id);
      const stored = await readDashboard(context, caller, content);
      const filters = body.filters ?? stored.filters;
      if (caller.hidesPersonalData) await refusePersonal(context, filters);
      const all = body.tiles ? await readTiles(context, caller, body.tiles) : stored.tiles;
      const tiles = body.only ? all.filter(({ id }) => body.only!.includes(id)) : all;
      const { maxAgeSeconds } = body;
      return streamAnswers(signal, (either) =>
        answerTiles(context, caller, tiles, filters, { signal: either, maxAgeSeconds }),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/api/dashboard-suggestions',
    summary: 'Dashboards that can be made of the events that there are',
    permission: 'reports.read',
    query: pageQuery,
    reply: pageOf(Suggestion),
    run: async ({ context, caller, http }) => {
      const found = await suggestionsFor(context, await language(context, caller, http.req.header('accept-language')));
      return { items: found.map(({ content, ...one }) => ({ ...one, tiles: content.tiles.length })), nextCursor: null };
    },
  }),
  route({
    method: 'POST',
    path: '/api/dashboard-suggestions/{key}/dashboards',
    summary: 'Make a dashboard as suggested, shared with all colleagues',
    permission: 'reports.write',
    params: z.object({ key: z.string().max(40) }),
    reply: SavedAbout.extend({ content: ShownDashboard }),
    status: 201,
    run: async ({ context, caller, params, http }) => {
      const suggestions = await suggestionsFor(
        context,
        await language(context, caller, http.req.header('accept-language')),
      );
      const chosen = suggestions.find(({ key }) => key === params.key);
      if (!chosen) throw refuse.notFound('There is no such suggestion, or the events that it needs have not come yet.');
      const { name, description, content } = chosen;
      const made = await createSaved(context, caller, 'dashboard', {
        name,
        description,
        content: DashboardContent.parse(content),
        shared: true,
      });
      const shown = await readDashboard(context, caller, made.content);
      return { ...about(made), content: shown as z.input<typeof ShownDashboard> };
    },
  }),
];

async function language(context: Context, caller: Caller, accepted: string | undefined) {
  return languageOf((await preferencesOf(context, caller)).language, accepted);
}
