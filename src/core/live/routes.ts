import { z } from 'zod';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { rootOf } from '../people/root.ts';
import { Id } from '../people/routes.ts';
import { TimelineEvent } from '../people/timeline-event.ts';
import { eventStream } from './event-stream.ts';
import { feedOf, RECENT_LIMIT } from './feed.ts';
import { followPerson } from './person-tail.ts';
import { recentItems } from './recent.ts';

const LiveEvent = TimelineEvent.extend({ personId: z.string(), personName: z.string().nullable() });

const LiveDrop = z.object({
  at: z.string(),
  step: z.string(),
  reason: z.string(),
  sourceId: z.union([z.string(), z.number()]),
  name: z.string(),
  messageId: z.string(),
});

export const liveRoutes = [
  route({
    method: 'GET',
    path: '/api/live',
    summary: 'Server-sent events: `event` and `drop` as they happen, under load a part of them; `rate` once a second',
    permission: 'events.read',
    run: ({ context, signal }) =>
      eventStream(signal, (send) =>
        feedOf(context).follow({
          event: (event) => send('event', event),
          drop: (drop) => send('drop', drop),
          rate: (rate) => send('rate', rate),
        }),
      ),
  }),
  route({
    method: 'GET',
    path: '/api/live/recent',
    summary: 'The last events and drops, newest first',
    permission: 'events.read',
    query: z.object({ limit: z.coerce.number().int().min(1).max(RECENT_LIMIT).default(50) }),
    reply: z.object({ items: z.array(z.union([LiveEvent, LiveDrop])) }),
    run: async ({ context, query }) => ({ items: await recentItems(context, query.limit) }),
  }),
  route({
    method: 'GET',
    path: '/api/people/{id}/live',
    summary: "Server-sent events: each `event` that comes to a person, in the timeline's form",
    permission: 'events.read',
    params: z.object({ id: Id }),
    run: async ({ context, params, signal }) => {
      if ((await rootOf(context.records.pool, params.id)) === null) throw refuse.notFound('There is no such person.');
      const feed = feedOf(context);
      return eventStream(signal, (send) =>
        followPerson(
          context,
          params.id,
          () => feed.activity,
          (event) => send('event', event),
        ),
      );
    },
  }),
];
