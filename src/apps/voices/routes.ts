import { z } from 'zod';
import { pageOf } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { changeVoice, MARKED_LIMIT, markVoices, VoiceChange } from './change.ts';
import { hideVoices } from './hide.ts';
import { pictureOf } from './pictures.ts';
import { countVoices, listVoices, VoiceCounts, VoiceReply, voiceById, voiceFilters, voicesQuery } from './voices.ts';

const params = z.object({
  id: z
    .string()
    .regex(/^\d{1,15}$/, 'is not an id of a voice')
    .transform(Number),
});

export const voiceRoutes = [
  route({
    method: 'GET',
    path: '/api/voices',
    summary: 'What customers said, the latest first',
    permission: 'voices.read',
    query: voicesQuery,
    reply: pageOf(VoiceReply),
    looksAt: 'person',
    auditIds: (reply) => [...new Set(reply.items.map((voice) => voice.person.id))],
    hide: async (reply, context) => ({ ...reply, items: await hideVoices(context, reply.items) }),
    run: ({ context, caller, query }) => listVoices(context, caller, query),
  }),
  route({
    method: 'GET',
    path: '/api/voices/counts',
    summary: 'How many voices there are, by mood, language, event and topic',
    permission: 'voices.read',
    query: voiceFilters,
    reply: VoiceCounts,
    run: ({ context, caller, query }) => countVoices(context, caller, query),
  }),
  route({
    method: 'POST',
    path: '/api/voices/mark',
    summary: 'Mark voices as read, or as unread',
    permission: 'voices.write',
    body: z.object({ ids: z.array(params.shape.id).min(1).max(MARKED_LIMIT), read: z.boolean() }),
    reply: z.object({ changed: z.number() }),
    run: async ({ context, caller, body }) => ({ changed: await markVoices(context, body.ids, body.read, caller) }),
  }),
  route({
    method: 'GET',
    path: '/api/voices/{id}',
    summary: 'One voice',
    permission: 'voices.read',
    params,
    reply: VoiceReply,
    looksAt: 'person',
    auditIds: (reply) => [reply.person.id],
    hide: async (reply, context) => (await hideVoices(context, [reply]))[0],
    run: ({ context, params }) => voiceById(context, params.id),
  }),
  route({
    method: 'PATCH',
    path: '/api/voices/{id}',
    summary: 'Correct the mood or topics of a voice, read, assign or note it',
    permission: 'voices.write',
    params,
    body: VoiceChange,
    reply: VoiceReply,
    looksAt: 'person',
    hide: async (reply, context) => (await hideVoices(context, [reply]))[0],
    async run({ context, caller, params, body }) {
      await changeVoice(context, params.id, body, caller);
      return voiceById(context, params.id);
    },
  }),
  route({
    method: 'GET',
    path: '/api/voices/{id}/picture',
    summary: 'The page as the customer saw it, as recorded events that are safe to draw in a frame without scripts',
    permission: 'voices.read',
    params,
    reply: z.object({ events: z.array(z.unknown()) }),
    looksAt: 'person',
    run: ({ context, params }) => pictureOf(context, params.id),
  }),
];
