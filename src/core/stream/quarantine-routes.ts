import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { looksPersonal, personalFields } from '../catalogue/personal.ts';
import { HIDDEN, hideByName, hideIn } from '../people/hide.ts';
import { listQuarantined, type Quarantined, quarantinedById, readableEvent, resendQuarantined } from './quarantine.ts';
import { changeKeepDays, deleteQuarantined, keepDays, undoDeletion } from './quarantine-deletions.ts';
import { QuarantineFilter } from './quarantine-filter.ts';
import { quarantineGroups } from './quarantine-groups.ts';
import { listResends, type Resend, resendById, startResend, stopResend } from './quarantine-resends.ts';

const params = z.object({ id: z.string().regex(/^\d{1,15}$/, 'is not an id of an event in quarantine') });

export const QuarantinedEvent = z.object({
  id: z.string(),
  at: z.string(),
  sourceId: z.string(),
  step: z.string(),
  reason: z.string(),
  type: z.string(),
  name: z.string().describe('What it calls itself; empty where that cannot be told.'),
  rule: z.string().describe('The rule of the tracking plan that it broke; empty for other reasons.'),
  property: z.string(),
  messageId: z.string().nullable(),
  event: z.unknown().describe('As it came: an object, or text where it is not JSON.'),
  resentAt: z.string().nullable(),
  deletedAt: z.string().nullable(),
});
export type QuarantinedEvent = z.output<typeof QuarantinedEvent>;

/** Where an event is not even JSON, or has text for its properties, it cannot be told what in it is personal. */
async function hidden({ event, ...one }: QuarantinedEvent, context: Context): Promise<QuarantinedEvent> {
  const { isPersonalProperty, said } = await personalFields(context);
  const hides = (path: string) => {
    const property = path.slice(path.indexOf('.') + 1);
    return (
      looksPersonal(path) || isPersonalProperty(one.name, property) || (said.get(one.name)?.has(property) ?? false)
    );
  };
  const holders = Object.entries(typeof event === 'object' && event !== null ? event : {}).map(
    ([name, value]) => [name, HOLDERS.has(name) && typeof value === 'string' ? HIDDEN : value] as const,
  );
  return {
    ...(await hideByName(one)),
    event: typeof event === 'string' ? HIDDEN : hideIn(Object.fromEntries(holders), hides),
  };
}
/** Where an event's own fields lie, by the protocols. */
const HOLDERS = new Set(['properties', 'traits', 'context', 'data']);

export const QuarantineGroupReply = z.object({
  step: z.string(),
  reason: z.string().describe('Without the values that were in it.'),
  type: z.string(),
  event: z.string(),
  sourceId: z.string(),
  rule: z.string(),
  property: z.string(),
  count: z.number(),
  waiting: z.number(),
  firstAt: z.string(),
  lastAt: z.string(),
  days: z.array(z.number()).describe('By day over the last 14 days (UTC), today last.'),
});
export type QuarantineGroupReply = z.output<typeof QuarantineGroupReply>;

export const ResendReply = z.object({
  id: z.string(),
  at: z.string(),
  byName: z.string(),
  filter: QuarantineFilter,
  total: z.number(),
  sent: z.number(),
  failed: z.number().describe('Those that cannot be an event as they are.'),
  state: z.enum(['running', 'done', 'stopped', 'failed']),
  trouble: z.string().nullable(),
  endedAt: z.string().nullable(),
});
export type ResendReply = z.output<typeof ResendReply>;

const Deletion = z.object({ id: z.string().describe('To undo it with.'), count: z.number() });
const Settings = z.object({ keepDays: z.number().int().min(1).max(365) });

const events = [
  route({
    method: 'GET',
    path: '/api/quarantine',
    summary: 'Events that could not be used, with the reasons, newest first',
    permission: 'quarantine.read',
    query: pageQuery.extend({ ...QuarantineFilter.shape, state: QuarantineFilter.shape.state.unwrap().default('all') }),
    reply: pageOf(QuarantinedEvent),
    looksAt: 'person',
    auditIds: (reply) => reply.items.map((item) => `quarantine/${item.id}`),
    hide: async (reply, context) => ({
      ...reply,
      items: await Promise.all(reply.items.map((one) => hidden(one, context))),
    }),
    run: async ({ context, query }) => {
      const before = decodeCursor(query.cursor, z.number().int().min(0));
      const { cursor: _, limit, ...filter } = query;
      const found = await listQuarantined(context, { before, limit: limit + 1 }, filter);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map(shown),
        nextCursor: found.length > page.length && last ? encodeCursor(last.id) : null,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/quarantine/groups',
    summary: 'Why events could not be used, and how many: grouped by reason, event and source',
    permission: 'quarantine.read',
    query: pageQuery.extend(QuarantineFilter.shape),
    reply: pageOf(QuarantineGroupReply),
    looksAt: 'person',
    hide: hideByName,
    run: async ({ context, query }) => {
      const offset = decodeCursor(query.cursor, z.number().int().min(0).max(1_000_000)) ?? 0;
      const { cursor: _, limit, ...filter } = query;
      const found = await quarantineGroups(context, filter, { offset, limit: limit + 1 });
      return {
        items: found.slice(0, limit).map((group) => ({
          ...group,
          sourceId: String(group.sourceId),
          firstAt: group.firstAt.toISOString(),
          lastAt: group.lastAt.toISOString(),
        })),
        nextCursor: found.length > limit ? encodeCursor(offset + limit) : null,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/quarantine/settings',
    summary: 'How long events are kept in quarantine',
    permission: 'quarantine.read',
    reply: Settings,
    run: async ({ context }) => ({ keepDays: await keepDays(context) }),
  }),
  route({
    method: 'PATCH',
    path: '/api/quarantine/settings',
    summary: 'Change how long events are kept in quarantine',
    permission: 'quarantine.write',
    body: Settings,
    reply: Settings,
    run: async ({ context, body }) => {
      await changeKeepDays(context, body.keepDays);
      return { keepDays: await keepDays(context) };
    },
  }),
];

const many = [
  route({
    method: 'GET',
    path: '/api/quarantine/resends',
    summary: 'Runs that send many events again, newest first',
    permission: 'quarantine.read',
    query: pageQuery,
    reply: pageOf(ResendReply),
    run: async ({ context, query }) => {
      const before = decodeCursor(query.cursor, z.number().int().min(0));
      const found = await listResends(context, { before, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      return {
        items: page.map(shownResend),
        nextCursor: found.length > page.length ? encodeCursor(page.at(-1)!.id) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/quarantine/resends',
    summary: 'Send all events that wait and are meant by the filter again, in the background',
    permission: 'quarantine.write',
    body: QuarantineFilter,
    reply: ResendReply,
    status: 202,
    run: async ({ context, caller, body }) => shownResend(await startResend(context, caller, body)),
  }),
  route({
    method: 'GET',
    path: '/api/quarantine/resends/{id}',
    summary: 'How far such a run is',
    permission: 'quarantine.read',
    params,
    reply: ResendReply,
    run: async ({ context, params: { id } }) => shownResend(await resendById(context, Number(id))),
  }),
  route({
    method: 'DELETE',
    path: '/api/quarantine/resends/{id}',
    summary: 'Stop such a run; what was sent is sent',
    permission: 'quarantine.write',
    params,
    reply: ResendReply,
    run: async ({ context, params: { id } }) => shownResend(await stopResend(context, Number(id))),
  }),
  route({
    method: 'POST',
    path: '/api/quarantine/deletions',
    summary: 'Throw all events away that are meant by the filter; it can be undone for a day',
    permission: 'quarantine.write',
    body: QuarantineFilter,
    reply: Deletion,
    status: 201,
    run: async ({ context, caller, body }) => {
      const done = await deleteQuarantined(context, caller, { filter: body });
      return { id: String(done.id), count: done.count };
    },
  }),
  route({
    method: 'POST',
    path: '/api/quarantine/deletions/{id}/undo',
    summary: 'Bring back what was thrown away',
    permission: 'quarantine.write',
    params,
    reply: Deletion,
    run: async ({ context, params: { id } }) => ({ id, count: (await undoDeletion(context, Number(id))).count }),
  }),
];

const one = [
  route({
    method: 'GET',
    path: '/api/quarantine/{id}',
    summary: 'One event in quarantine',
    permission: 'quarantine.read',
    params,
    reply: QuarantinedEvent,
    looksAt: 'person',
    auditIds: (reply) => [`quarantine/${reply.id}`],
    hide: hidden,
    run: async ({ context, params: { id } }) => shown(await quarantinedById(context, Number(id))),
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
    summary: 'Throw an event in quarantine away; it can be undone for a day',
    permission: 'quarantine.write',
    params,
    reply: Deletion,
    run: async ({ context, caller, params: { id } }) => {
      const done = await deleteQuarantined(context, caller, { id: Number(id) });
      return { id: String(done.id), count: done.count };
    },
  }),
];

/** Need the permissions quarantine.read and quarantine.write in the stream's list. Fixed words come before `{id}`. */
export const quarantineRoutes = [...events, ...many, ...one];

function shown(entry: Quarantined): QuarantinedEvent {
  const { id, at, sourceId, event, resentAt, deletedAt, step, reason, type, name, rule, property, messageId } = entry;
  return {
    id: String(id),
    at: at.toISOString(),
    sourceId: String(sourceId),
    step,
    reason,
    type,
    name,
    rule,
    property,
    messageId,
    event: readableEvent(event),
    resentAt: resentAt?.toISOString() ?? null,
    deletedAt: deletedAt?.toISOString() ?? null,
  };
}

function shownResend(run: Resend): ResendReply {
  return { ...run, id: String(run.id), at: run.at.toISOString(), endedAt: run.endedAt?.toISOString() ?? null };
}
