import { z } from 'zod';
import { pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { RunDetail, RunReply } from './replies.ts';
import { destinationParams } from './routes.ts';
import { filesById, listRuns, type Run, runAgain, runById } from './runs.ts';

const runParams = destinationParams.extend({ runId: z.string().regex(/^\d{1,15}$/, 'is not an id of a run') });
const Time = z.iso.datetime({ offset: true });

export const runRoutes = [
  route({
    method: 'GET',
    path: '/api/destinations/{id}/runs',
    summary: 'Periods written to files, the newest first',
    permission: 'destinations.read',
    params: destinationParams,
    query: pageQuery,
    reply: pageOf(RunReply),
    run: async ({ context, params, query }) => {
      const { id } = await filesById(context, Number(params.id));
      const { items, nextCursor } = await listRuns(context, id, query);
      return { items: items.map(replyOf), nextCursor };
    },
  }),
  route({
    method: 'GET',
    path: '/api/destinations/{id}/runs/{runId}',
    summary: 'One period with its files',
    permission: 'destinations.read',
    params: runParams,
    reply: RunDetail,
    run: async ({ context, params }) => {
      const { id } = await filesById(context, Number(params.id));
      const run = await runById(context, id, Number(params.runId));
      return {
        ...replyOf(run),
        list: run.list
          .filter((file) => file.path !== '')
          .map(({ path, rows, bytes, sha256, rewrittenAt }) => ({
            path,
            rows,
            bytes,
            sha256,
            rewrittenAt: rewrittenAt?.toISOString() ?? null,
          })),
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/destinations/{id}/runs',
    summary: 'Write the periods of a past time again; what is written takes the place of the files of before',
    permission: 'destinations.write',
    params: destinationParams,
    body: z.object({ from: Time, to: Time }),
    reply: z.object({ runs: z.array(z.string()) }),
    status: 202,
    run: async ({ context, params, body }) => ({
      runs: (await runAgain(context, Number(params.id), new Date(body.from), new Date(body.to))).map(String),
    }),
  }),
];

const replyOf = (run: Run): z.input<typeof RunReply> => ({
  id: String(run.id),
  from: run.from.toISOString(),
  to: run.to.toISOString(),
  state: run.state,
  cause: run.cause,
  rows: run.rows,
  bytes: run.bytes,
  files: run.files,
  held: run.held,
  error: run.error,
  createdAt: run.createdAt.toISOString(),
  startedAt: run.startedAt?.toISOString() ?? null,
  finishedAt: run.finishedAt?.toISOString() ?? null,
  replaced: run.replacedBy !== null,
});
