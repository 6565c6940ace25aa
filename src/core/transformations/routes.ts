import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { filledText } from '../../kernel/storable.ts';
import { sourceParams } from '../sources/routes.ts';
import { Content } from './content.ts';
import { TRIED_EVENTS } from './limits.ts';
import { listRecorded } from './recorded.ts';
import {
  createTransformation,
  deleteTransformation,
  listTransformations,
  orderTransformations,
  type Transformation,
  transformationById,
  updateTransformation,
} from './transformations.ts';
import { tryTransformation } from './try.ts';
import { listVersions, publish, restore } from './versions.ts';

const Name = filledText(100);
const Trial = z.object({ at: z.string(), events: z.number(), failed: z.number() });
const Place = z.object({ line: z.number(), column: z.number().nullable() });
const Event = z.record(z.string(), z.unknown());

export const TransformationReply = z.object({
  id: z.string(),
  sourceId: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  published: z.number().nullable().describe('The version in use; null where none was ever published.'),
  content: Content.describe('What is being worked on, or the version in use.'),
  changed: z.boolean().describe('Whether the content differs from the version in use.'),
  tried: Trial.nullable().describe('The last trial of exactly this content.'),
  pausedAt: z.string().nullable(),
  pausedReason: z.string().nullable(),
  changedAt: z.string(),
  today: z.object({
    events: z.number(),
    dropped: z.number(),
    failed: z.number(),
    slow: z.number(),
    cpuMilliseconds: z.number(),
  }),
});
export type TransformationReply = z.output<typeof TransformationReply>;

export const VersionReply = z.object({
  version: z.number(),
  content: Content,
  publishedAt: z.string(),
  publishedBy: z.string(),
  tried: Trial.nullable().describe('The trial before it was published; null where there was none.'),
  restoredFrom: z.number().nullable(),
});
export type VersionReply = z.output<typeof VersionReply>;

export const RecordedReply = z.object({ id: z.string(), at: z.string(), event: Event });
export type RecordedReply = z.output<typeof RecordedReply>;

export const TrialReply = z.object({
  items: z.array(
    z.object({
      before: Event,
      after: z.array(z.unknown()),
      dropped: z.boolean(),
      error: z.object({ message: z.string(), place: Place.nullable() }).nullable(),
      logs: z.array(z.string()),
      milliseconds: z.number(),
    }),
  ),
  stopped: z.string().nullable().describe('Why it was not tried on the rest.'),
  trial: Trial.nullable(),
});
export type TrialReply = z.output<typeof TrialReply>;

const params = z.object({ id: z.string().regex(/^\d{1,10}$/, 'is not an id of a transformation') });
const TRY_BODY_BYTES = 4 * 1024 * 1024;

export const transformationRoutes = [
  route({
    method: 'GET',
    path: '/api/sources/{id}/transformations',
    summary: 'The transformations of a source, in the order in which its events pass them',
    permission: 'transformations.read',
    params: sourceParams,
    reply: z.object({ items: z.array(TransformationReply) }),
    run: async ({ context, params: { id } }) => ({
      items: (await listTransformations(context, Number(id))).map(shown),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/sources/{id}/transformations',
    summary: 'Add a transformation to a source, switched off',
    permission: 'transformations.write',
    params: sourceParams,
    body: z.object({ name: Name, content: Content }),
    reply: TransformationReply,
    status: 201,
    run: async ({ context, params: { id }, body }) => shown(await createTransformation(context, Number(id), body)),
  }),
  route({
    method: 'PUT',
    path: '/api/sources/{id}/transformations/order',
    summary: 'Change the order in which events pass the transformations of a source',
    permission: 'transformations.write',
    params: sourceParams,
    body: z.object({ ids: z.array(params.shape.id).max(100) }),
    reply: z.object({ items: z.array(TransformationReply) }),
    run: async ({ context, params: { id }, body }) => {
      await orderTransformations(context, Number(id), body.ids.map(Number));
      return { items: (await listTransformations(context, Number(id))).map(shown) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/sources/{id}/recorded',
    summary: 'The last events of a source as they came in, newest first, to try transformations with',
    permission: 'transformations.write',
    params: sourceParams,
    reply: z.object({ items: z.array(RecordedReply) }),
    looksAt: 'person',
    auditIds: (reply) => reply.items.map((item) => `recorded/${item.id}`),
    run: async ({ context, params: { id } }) => ({
      items: (await listRecorded(context, Number(id))).map((one) => ({
        id: String(one.id),
        at: one.at.toISOString(),
        event: one.event,
      })),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/sources/{id}/transformations/try',
    summary: 'Try code or steps on recorded events, or on others; nothing is stored',
    permission: 'transformations.write',
    params: sourceParams,
    bodyLimit: TRY_BODY_BYTES,
    body: z.object({
      content: Content,
      events: z.array(Event).min(1).max(TRIED_EVENTS).optional().describe('Instead of the recorded ones.'),
      transformationId: params.shape.id.optional().describe('Counts as the trial of this one, if the content is its.'),
    }),
    reply: TrialReply,
    looksAt: 'person',
    run: ({ context, params: { id }, body }) =>
      tryTransformation(context, Number(id), {
        content: body.content,
        ...(body.events ? { events: body.events } : {}),
        ...(body.transformationId ? { transformationId: Number(body.transformationId) } : {}),
      }),
  }),
  route({
    method: 'GET',
    path: '/api/transformations/{id}',
    summary: 'One transformation',
    permission: 'transformations.read',
    params,
    reply: TransformationReply,
    run: async ({ context, params: { id } }) => shown(await transformationById(context, Number(id))),
  }),
  route({
    method: 'PATCH',
    path: '/api/transformations/{id}',
    summary: 'Rename a transformation, save a draft, switch it on (which ends a pause) or off',
    permission: 'transformations.write',
    params,
    body: z.object({ name: Name.optional(), content: Content.optional(), enabled: z.boolean().optional() }),
    reply: TransformationReply,
    run: async ({ context, params: { id }, body }) => shown(await updateTransformation(context, Number(id), body)),
  }),
  route({
    method: 'DELETE',
    path: '/api/transformations/{id}',
    summary: 'Delete a transformation with its versions',
    permission: 'transformations.write',
    params,
    reply: z.object({ id: z.string() }),
    run: async ({ context, params: { id } }) => {
      await deleteTransformation(context, Number(id));
      return { id };
    },
  }),
  route({
    method: 'POST',
    path: '/api/transformations/{id}/publish',
    summary: 'Make the draft the version in use, and switch the transformation on',
    permission: 'transformations.write',
    params,
    body: z.object({
      untried: z.boolean().default(false).describe('Also where it was not tried, or failed when it was.'),
    }),
    reply: TransformationReply,
    run: async ({ context, caller, params: { id }, body }) => shown(await publish(context, caller, Number(id), body)),
  }),
  route({
    method: 'GET',
    path: '/api/transformations/{id}/versions',
    summary: 'Every version that was ever in use, newest first',
    permission: 'transformations.read',
    params,
    query: pageQuery,
    reply: pageOf(VersionReply),
    run: async ({ context, params: { id }, query }) => {
      const before = decodeCursor(query.cursor, z.number().int().min(0));
      const found = await listVersions(context, Number(id), { before, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      return {
        items: page.map((one) => ({ ...one, publishedAt: one.publishedAt.toISOString() })),
        nextCursor: found.length > page.length ? encodeCursor(page.at(-1)!.version) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/transformations/{id}/versions/{version}/restore',
    summary: 'Go back to an earlier version: it becomes a new one, in use',
    permission: 'transformations.write',
    params: params.extend({ version: z.string().regex(/^\d{1,9}$/, 'is not a version') }),
    reply: TransformationReply,
    run: async ({ context, caller, params: { id, version } }) =>
      shown(await restore(context, caller, Number(id), Number(version))),
  }),
];

function shown(one: Transformation): TransformationReply {
  const { today } = one;
  return {
    ...one,
    id: String(one.id),
    sourceId: String(one.sourceId),
    pausedAt: one.pausedAt?.toISOString() ?? null,
    changedAt: one.changedAt.toISOString(),
    today: {
      events: today.events,
      dropped: today.dropped,
      failed: today.failed,
      slow: today.slow,
      cpuMilliseconds: today.micros / 1000,
    },
  };
}
