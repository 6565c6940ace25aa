import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { deleteQuarantined, listQuarantined, readableEvent, resendQuarantined } from './quarantine.ts';

const params = z.object({ id: z.string().regex(/^\d{1,15}$/, 'is not an id of an event in quarantine') });

/** Needs the permissions quarantine.read and quarantine.write in the stream's list. */
export const quarantineRoutes = [
  route({
    method: 'GET',
    path: '/api/quarantine',
    summary: 'Events that could not be used, with the reasons, newest first',
    permission: 'quarantine.read',
    query: pageQuery,
    reply: pageOf(
      z.object({
        id: z.string(),
        at: z.string(),
        sourceId: z.string(),
        step: z.string(),
        reason: z.string(),
        event: z.unknown().describe('As it came: an object, or text where it is not JSON.'),
        resentAt: z.string().nullable(),
      }),
    ),
    run: async ({ context, query }) => {
      const before = decodeCursor(query.cursor, z.number().int().min(0));
      const found = await listQuarantined(context, { before, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      return {
        items: page.map(({ id, at, sourceId, step, reason, event, resentAt }) => ({
          id: String(id),
          at: at.toISOString(),
          sourceId: String(sourceId),
          step,
          reason,
          event: readableEvent(event),
          resentAt: resentAt?.toISOString() ?? null,
        })),
        nextCursor: found.length > page.length && last ? encodeCursor(last.id) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/quarantine/{id}/resend',
    summary: 'Send an event from quarantine again, as it is or mended',
    permission: 'quarantine.write',
    params,
    body: z.object({
      event: z
        .record(z.string(), z.unknown())
        .optional()
        .describe('The mended event, in the form of the Segment protocol.'),
    }),
    reply: z.object({ id: z.string(), messageId: z.string(), resentAt: z.string() }),
    run: async ({ context, params: { id }, body }) => {
      const sent = await resendQuarantined(context, Number(id), body.event);
      return { id, messageId: sent.messageId, resentAt: sent.resentAt.toISOString() };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/quarantine/{id}',
    summary: 'Throw an event in quarantine away for good',
    permission: 'quarantine.write',
    params,
    reply: z.object({ id: z.string() }),
    run: async ({ context, params: { id } }) => {
      await deleteQuarantined(context, Number(id));
      return { id };
    },
  }),
];
