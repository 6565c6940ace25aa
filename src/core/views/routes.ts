import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { filledText, shortText } from '../../kernel/storable.ts';
import { changeView, chooseDefault, createView, deleteView, listViews, restoreView, type View } from './views.ts';

const NAME_LIMIT = 100;
const QUERY_LIMIT = 4000;
const LIST_LIMIT = 60;

const Name = filledText(NAME_LIMIT);
const Query = shortText(QUERY_LIMIT);
const List = z
  .string()
  .max(LIST_LIMIT)
  .regex(/^[a-z][a-z0-9-]*$/, 'is not the name of a list');
const Id = z
  .string()
  .regex(/^\d{1,15}$/, 'is not an id of a view')
  .transform(Number);

export const ViewReply = z.object({
  id: z.string(),
  list: z.string(),
  name: z.string(),
  query: z.string().describe("Filters, order and columns, as the query of the console's address."),
  shared: z.boolean(),
  mine: z.boolean(),
  ownerName: z.string(),
  isDefault: z.boolean().describe('Whether the list opens with it for the caller.'),
});
export type ViewReply = z.output<typeof ViewReply>;

const shown = (view: View) => ({ ...view, id: String(view.id) });

/** Shared views need views.write besides being signed in. */
export const viewsRoutes = [
  route({
    method: 'GET',
    path: '/api/views',
    summary: "The caller's own views of a list, and those that everybody shares",
    permission: 'signed-in',
    query: pageQuery.extend({ list: List }),
    reply: pageOf(ViewReply),
    run: async ({ context, caller, query }) => {
      const after = decodeCursor(query.cursor, z.number().int().min(0)) ?? 0;
      const found = await listViews(context, caller, { list: query.list, after, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      return { items: page.map(shown), nextCursor: found.length > page.length && last ? encodeCursor(last.id) : null };
    },
  }),
  route({
    method: 'POST',
    path: '/api/views',
    summary: 'Save a view of a list',
    permission: 'signed-in',
    body: z.object({ list: List, name: Name, query: Query, shared: z.boolean().default(false) }),
    reply: ViewReply,
    status: 201,
    run: async ({ context, caller, body }) => shown(await createView(context, caller, body)),
  }),
  route({
    method: 'PATCH',
    path: '/api/views/{id}',
    summary: 'Rename a view, change what it shows, share it or not',
    permission: 'signed-in',
    params: z.object({ id: Id }),
    body: z.object({ name: Name.optional(), query: Query.optional(), shared: z.boolean().optional() }),
    reply: ViewReply,
    run: async ({ context, caller, params, body }) => shown(await changeView(context, caller, params.id, body)),
  }),
  route({
    method: 'DELETE',
    path: '/api/views/{id}',
    summary: 'Delete a view; a restoration brings it back within 30 days',
    permission: 'signed-in',
    params: z.object({ id: Id }),
    reply: z.object({ id: z.string() }),
    run: async ({ context, caller, params }) => {
      await deleteView(context, caller, params.id);
      return { id: String(params.id) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/views/{id}/restoration',
    summary: 'Take the deletion of a view back',
    permission: 'signed-in',
    params: z.object({ id: Id }),
    reply: ViewReply,
    run: async ({ context, caller, params }) => shown(await restoreView(context, caller, params.id)),
  }),
  route({
    method: 'PUT',
    path: '/api/views/defaults/{list}',
    summary: 'Choose the view with which a list opens for the caller; null for none',
    permission: 'signed-in',
    params: z.object({ list: List }),
    body: z.object({ viewId: Id.nullable() }),
    reply: z.object({ list: z.string(), viewId: z.string().nullable() }),
    run: async ({ context, caller, params, body }) => {
      await chooseDefault(context, caller, params.list, body.viewId);
      return { list: params.list, viewId: body.viewId === null ? null : String(body.viewId) };
    },
  }),
];
