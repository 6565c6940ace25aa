import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { personalFields } from '../catalogue/personal.ts';
import { hideItem, hideItems } from '../people/hide.ts';
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

/** How what comes is shown to somebody: as it is, or with personal data hidden. */
async function showing(context: Context, caller: Caller): Promise<(item: object) => object> {
  if (!caller.hidesPersonalData) return (item) => item;
  let fields = await personalFields(context);
  return (item) => {
    // A stream stays open for long: marks that are set meanwhile count soon.
    personalFields(context).then(
      (now) => {
        fields = now;
      },
      () => {},
    );
    return hideItem(item, fields);
  };
}

export const liveRoutes = [
  route({
    method: 'GET',
    path: '/api/live',
    summary: 'Server-sent events: `event` and `drop` as they happen, under load a part of them; `rate` once a second',
    permission: 'events.read',
    looksAt: 'person',
    hide: 'itself',
    run: async ({ context, caller, signal }) => {
      const shown = await showing(context, caller);
      return eventStream(signal, (send) =>
        feedOf(context).follow({
          event: (event) => send('event', shown(event)),
          drop: (drop) => send('drop', shown(drop)),
          rate: (rate) => send('rate', rate),
        }),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/api/live/recent',
    summary: 'The last events and drops, newest first',
    permission: 'events.read',
    query: z.object({ limit: z.coerce.number().int().min(1).max(RECENT_LIMIT).default(50) }),
    reply: z.object({ items: z.array(z.union([LiveEvent, LiveDrop])) }),
    looksAt: 'person',
    auditIds: (reply) => reply.items.flatMap((item) => ('personId' in item ? [item.personId] : [])),
    hide: hideItems,
    run: async ({ context, query }) => ({ items: await recentItems(context, query.limit) }),
  }),
  route({
    method: 'GET',
    path: '/api/people/{id}/live',
    summary: "Server-sent events: each `event` that comes to a person, in the timeline's form",
    permission: 'events.read',
    params: z.object({ id: Id }),
    looksAt: 'person',
    hide: 'itself',
    run: async ({ context, caller, params, signal }) => {
      const shown = await showing(context, caller);
      if ((await rootOf(context.records.pool, params.id)) === null) throw refuse.notFound('There is no such person.');
      const feed = feedOf(context);
      return eventStream(signal, (send) =>
        followPerson(
          context,
          params.id,
          () => feed.activity,
          (event) => send('event', shown(event)),
        ),
      );
    },
  }),
];
