import { z } from 'zod';
import { pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import {
  bodyOf,
  type Delivery,
  deliveryById,
  listDeliveries,
  replay,
  STATUSES,
  sendAgain,
  sendFailedAgain,
  sendTest,
} from './deliveries.ts';
import { destinationById } from './destination.ts';
import { DeliveryContent, DeliveryDetail, DeliveryReply } from './replies.ts';
import { destinationParams } from './routes.ts';
import { messageId } from './send.ts';

const deliveryParams = destinationParams.extend({ eventId: z.guid() });
const Time = z.iso.datetime({ offset: true });

export const deliveryRoutes = [
  route({
    method: 'GET',
    path: '/api/destinations/{id}/deliveries',
    summary: 'What was sent to a webhook, or is to be, in the last 30 days, the newest first',
    permission: 'destinations.read',
    params: destinationParams,
    query: pageQuery.extend({
      status: z.enum(STATUSES).optional(),
      q: z.string().max(200).optional().describe('A part of the event’s name, or the ID of an event or a message.'),
    }),
    reply: pageOf(DeliveryReply),
    run: async ({ context, params, query }) => {
      const { id } = await destinationById(context, Number(params.id));
      const { items, nextCursor } = await listDeliveries(context, id, query);
      return { items: items.map((item) => replyOf(id, item)), nextCursor };
    },
  }),
  route({
    method: 'GET',
    path: '/api/destinations/{id}/deliveries/{eventId}',
    summary: 'One delivery with its attempts',
    permission: 'destinations.read',
    params: deliveryParams,
    reply: DeliveryDetail,
    run: async ({ context, params }) => {
      const { id } = await destinationById(context, Number(params.id));
      return detailOf(id, await deliveryById(context, id, params.eventId));
    },
  }),
  route({
    method: 'GET',
    path: '/api/destinations/{id}/deliveries/{eventId}/content',
    summary: 'What a delivery says, and what the receiver answered',
    permission: 'deliveries.content',
    looksAt: 'person',
    params: deliveryParams,
    reply: DeliveryContent,
    run: async ({ context, params }) => {
      const { id } = await destinationById(context, Number(params.id));
      const delivery = await deliveryById(context, id, params.eventId);
      return {
        body: await bodyOf(context, id, params.eventId),
        responses: delivery.log.map((attempt) => attempt.response),
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/destinations/{id}/deliveries/{eventId}/resend',
    summary: 'Send one delivery again, under the same message ID',
    permission: 'destinations.write',
    params: deliveryParams,
    reply: DeliveryDetail,
    run: async ({ context, params }) => {
      const id = Number(params.id);
      return detailOf(id, await sendAgain(context, id, params.eventId));
    },
  }),
  route({
    method: 'POST',
    path: '/api/destinations/{id}/resend-failed',
    summary: 'Send all again that failed since a time',
    permission: 'destinations.write',
    params: destinationParams,
    body: z.object({ since: Time }),
    reply: z.object({ count: z.number() }),
    run: async ({ context, params, body }) => ({
      count: await sendFailedAgain(context, Number(params.id), new Date(body.since)),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/destinations/{id}/replays',
    summary: 'Send the events received in a time again, from history',
    permission: 'destinations.write',
    params: destinationParams,
    body: z.object({ from: Time, to: Time }),
    reply: z.object({ id: z.string() }),
    status: 202,
    run: async ({ context, params, body }) => ({
      id: String(await replay(context, Number(params.id), new Date(body.from), new Date(body.to))),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/destinations/{id}/test-messages',
    summary: 'Send a test to a webhook; how it went is in the delivery with the ID that is answered',
    permission: 'destinations.write',
    params: destinationParams,
    reply: z.object({ eventId: z.string() }),
    status: 202,
    run: async ({ context, params }) => ({ eventId: await sendTest(context, Number(params.id)) }),
  }),
];

function replyOf(destinationId: number, delivery: Delivery): z.input<typeof DeliveryReply> {
  const last = delivery.log.at(-1);
  return {
    eventId: delivery.eventId,
    messageId: messageId(destinationId, delivery.eventId),
    kind: delivery.kind,
    name: delivery.name,
    personId: delivery.originId === 0 ? null : String(delivery.originId),
    status: delivery.status,
    reason: delivery.reason,
    attempts: delivery.attempts,
    dueAt: delivery.status === 'waiting' ? delivery.dueAt.toISOString() : null,
    createdAt: delivery.createdAt.toISOString(),
    finishedAt: delivery.finishedAt?.toISOString() ?? null,
    last: last ? { at: last.at, status: last.status, ms: last.ms, error: last.error } : null,
  };
}

const detailOf = (destinationId: number, delivery: Delivery): z.input<typeof DeliveryDetail> => ({
  ...replyOf(destinationId, delivery),
  log: delivery.log.map(({ at, status, ms, error }) => ({ at, status, ms, error })),
});
