import { z } from 'zod';
import { route } from '../../kernel/route.ts';
import { sendTestEvent, testEventState } from './test-events.ts';

const SourceId = z.string().regex(/^\d{1,10}$/, 'is not an id of a source');
const MessageId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'is not the ID of a test event');

export const testEventRoutes = [
  route({
    method: 'POST',
    path: '/api/sources/{id}/test-events',
    summary: 'Send a test event through a source',
    permission: 'sources.write',
    params: z.object({ id: SourceId }),
    reply: z.object({ messageId: z.string() }),
    status: 201,
    run: async ({ context, params }) => ({ messageId: await sendTestEvent(context, Number(params.id)) }),
  }),
  route({
    method: 'GET',
    path: '/api/sources/{id}/test-events/{messageId}',
    summary: 'How far a test event has come; waits up to a second for news',
    permission: 'sources.read',
    params: z.object({ id: SourceId, messageId: MessageId }),
    reply: z.object({
      state: z.enum(['accepted', 'stored', 'dropped', 'quarantined']),
      steps: z.array(z.object({ name: z.enum(['accepted', 'resolved', 'stored']), at: z.string().nullable() })),
      personId: z.string().nullable(),
      elapsedMs: z.number().nullable().describe('From accepted to stored.'),
      reason: z.string().nullable().describe('Why it was dropped or put into quarantine.'),
    }),
    run: async ({ context, params, signal }) => {
      const state = await testEventState(context, Number(params.id), params.messageId, signal);
      return { ...state, steps: state.steps.map(({ name, at }) => ({ name, at: at?.toISOString() ?? null })) };
    },
  }),
];
