import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import {
  Cell,
  Cells,
  changeNotebook,
  createNotebook,
  deleteNotebook,
  getNotebook,
  listNotebooks,
  type Notebook,
  NotebookName,
  notebookVersions,
  restoreNotebook,
} from './notebooks.ts';
import { MAY_SQL } from './sql/routes.ts';

const Q_LIMIT = 200;
const params = z.object({
  id: z
    .string()
    .regex(/^\d{1,15}$/, 'is not an id of a notebook')
    .transform(Number),
});

const About = z.object({
  id: z.string(),
  name: z.string(),
  ownerName: z.string(),
  mine: z.boolean(),
  shared: z.boolean(),
  version: z.number(),
  changedAt: z.iso.datetime(),
  changedBy: z.string(),
});
export const NotebookSummary = About.extend({ queries: z.number().describe('How many of its cells are SQL.') });
export type NotebookSummary = z.output<typeof NotebookSummary>;
export const NotebookReply = About.extend({ cells: z.array(Cell) });
export type NotebookReply = z.output<typeof NotebookReply>;
export const NotebookVersionReply = z.object({
  version: z.number(),
  name: z.string(),
  cells: z.array(Cell),
  at: z.iso.datetime(),
  byName: z.string(),
});
export type NotebookVersionReply = z.output<typeof NotebookVersionReply>;

const about = ({ cells: _, ...notebook }: Notebook) => ({
  ...notebook,
  id: String(notebook.id),
  changedAt: notebook.changedAt.toISOString(),
});
const shown = (notebook: Notebook) => ({ ...about(notebook), cells: notebook.cells });
const After = z.object({ at: z.iso.datetime(), id: z.number().int().min(0) });

export const notebookRoutes = [
  route({
    method: 'GET',
    path: '/api/notebooks',
    summary: "The caller's own notebooks and the shared ones, the last changed first",
    permission: MAY_SQL,
    query: pageQuery.extend({ q: z.string().max(Q_LIMIT).optional().describe('A part of the name.') }),
    reply: pageOf(NotebookSummary),
    run: async ({ context, caller, query }) => {
      const after = decodeCursor(query.cursor, After);
      const found = await listNotebooks(context, caller, { q: query.q, after, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      return {
        items: page.map((one) => ({ ...about(one), queries: one.cells.filter(({ kind }) => kind === 'sql').length })),
        nextCursor:
          found.length > page.length && last ? encodeCursor({ at: last.changedAt.toISOString(), id: last.id }) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/notebooks',
    summary: 'Make a notebook',
    permission: MAY_SQL,
    body: z.object({ name: NotebookName, cells: Cells.default([]), shared: z.boolean().default(false) }),
    reply: NotebookReply,
    status: 201,
    run: async ({ context, caller, body }) => shown(await createNotebook(context, caller, body)),
  }),
  route({
    method: 'GET',
    path: '/api/notebooks/{id}',
    summary: 'A notebook with its cells',
    permission: MAY_SQL,
    params,
    reply: NotebookReply,
    run: async ({ context, caller, params }) => shown(await getNotebook(context, caller, params.id)),
  }),
  route({
    method: 'PATCH',
    path: '/api/notebooks/{id}',
    summary: 'Change the name, the cells, or whether it is shared',
    permission: MAY_SQL,
    params,
    body: z.object({
      name: NotebookName.optional(),
      cells: Cells.optional(),
      shared: z.boolean().optional(),
      version: z.number().int().describe('The version that was changed; refused where it is not the present one.'),
    }),
    reply: NotebookReply,
    run: async ({ context, caller, params, body }) => shown(await changeNotebook(context, caller, params.id, body)),
  }),
  route({
    method: 'DELETE',
    path: '/api/notebooks/{id}',
    summary: 'Delete a notebook; a restoration brings it back within 30 days',
    permission: MAY_SQL,
    params,
    reply: z.object({ id: z.string() }),
    run: async ({ context, caller, params }) => {
      await deleteNotebook(context, caller, params.id);
      return { id: String(params.id) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/notebooks/{id}/restoration',
    summary: 'Take the deletion of a notebook back',
    permission: MAY_SQL,
    params,
    reply: NotebookReply,
    run: async ({ context, caller, params }) => shown(await restoreNotebook(context, caller, params.id)),
  }),
  route({
    method: 'GET',
    path: '/api/notebooks/{id}/versions',
    summary: 'What a notebook was, the latest first: the last 50 versions',
    permission: MAY_SQL,
    params,
    query: pageQuery,
    reply: pageOf(NotebookVersionReply),
    run: async ({ context, caller, params, query }) => {
      const before = decodeCursor(query.cursor, z.number().int().min(0));
      const found = await notebookVersions(context, caller, params.id, { before, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      return {
        items: page.map((one) => ({ ...one, at: one.at.toISOString() })),
        nextCursor: found.length > page.length && last ? encodeCursor(last.version) : null,
      };
    },
  }),
];
