import { z } from 'zod';
import { HIDDEN } from '../../core/people/hide.ts';
import { rootOf } from '../../core/people/root.ts';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { namesOfPeople } from './answers-list.ts';
import { FieldName } from './condition.ts';
import { createLinks, LINKS_AT_ONCE, listLinks, revokeLink } from './links.ts';
import { openLinkOf } from './page.ts';
import { surveyParams } from './routes.ts';
import { createSending, listSendings, type SendingCounts, sendingById, setSending } from './sendings.ts';
import { LinkRow, SendingMail, SendingRow, SendingTo } from './shapes.ts';
import { surveyById } from './surveys.ts';

const number = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const sendingParams = surveyParams.extend({ sending: number });

const shownSending = ({
  id,
  surveyId: _,
  position: __,
  createdAt,
  finishedAt,
  ...sending
}: SendingCounts): SendingRow => ({
  ...sending,
  id: String(id),
  createdAt: createdAt.toISOString(),
  finishedAt: finishedAt?.toISOString() ?? null,
});

const changeSending = (verb: 'stop' | 'start', state: 'running' | 'stopped', summary: string) =>
  route({
    method: 'POST',
    path: `/api/surveys/{id}/sendings/{sending}/${verb}`,
    summary,
    permission: 'surveys.write',
    params: sendingParams,
    reply: SendingRow,
    run: async ({ context, params }) => {
      await setSending(context, params.id, params.sending, state);
      return shownSending(await sendingById(context, params.id, params.sending));
    },
  });

async function shownLinks(
  context: Context,
  surveyId: string,
  before: number | undefined,
  limit: number,
): Promise<LinkRow[]> {
  const rows = await listLinks(context, surveyId, before, limit);
  const names = await namesOfPeople(
    context,
    rows.flatMap(({ personId }) => (personId === null ? [] : [personId])),
  );
  return rows.map(({ personId, ...row }) => {
    const person = personId === null ? undefined : names.get(personId);
    return {
      ...row,
      ...{ id: String(row.id), sendingId: row.sendingId === null ? null : String(row.sendingId) },
      ...{ personId: person ? String(person.id) : null, personName: person?.name ?? null },
      expiresAt: row.expiresAt.toISOString(),
      createdAt: row.createdAt.toISOString(),
      sentAt: row.sentAt?.toISOString() ?? null,
    };
  });
}

/** Endpoints with which surveys reach people: links of their own, and mails. */
export const sendingRoutes = [
  route({
    method: 'GET',
    path: '/api/surveys/{id}/links',
    summary: 'Links of people’s own, the newest first',
    permission: 'surveys.read',
    params: surveyParams,
    query: pageQuery,
    reply: pageOf(LinkRow),
    looksAt: 'person',
    auditIds: (reply) => reply.items.flatMap((row) => (row.personId === null ? [] : [row.personId])),
    hide: async (reply) => ({
      ...reply,
      items: reply.items.map((row) => ({ ...row, personName: row.personName === null ? null : HIDDEN })),
    }),
    run: async ({ context, params: { id }, query: { limit, cursor } }) => {
      await surveyById(context, id);
      const found = await shownLinks(context, id, decodeCursor(cursor, z.int()), limit + 1);
      const items = found.slice(0, limit);
      return { items, nextCursor: found.length > items.length ? encodeCursor(Number(items.at(-1)!.id)) : null };
    },
  }),
  route({
    method: 'POST',
    path: '/api/surveys/{id}/links',
    summary: 'Make links: one for each person, or so many for nobody in particular',
    permission: 'surveys.write',
    params: surveyParams,
    body: z.strictObject({
      people: z
        .array(z.string().regex(/^\d{1,15}$/))
        .max(LINKS_AT_ONCE)
        .default([]),
      count: z.int().min(0).max(LINKS_AT_ONCE).default(0),
      singleUse: z.boolean().default(true),
      expiresInDays: z.int().min(1).max(365).default(30),
      fields: z.record(FieldName, z.string().max(500)).default({}),
    }),
    reply: z.object({
      links: z
        .array(z.object({ url: z.string(), personId: z.string().nullable() }))
        .describe('Their addresses are not kept and cannot be shown again.'),
    }),
    status: 201,
    run: async ({ context, params: { id }, body }) => {
      const survey = await surveyById(context, id);
      if (survey.version === null) throw refuse.conflict('Publish the survey first: the links would lead to nothing.');
      const people: (number | null)[] = [];
      for (const person of body.people) {
        const root = await rootOf(context.records.pool, Number(person));
        if (root === null) throw refuse.notFound(`There is no person ${person}.`);
        people.push(root);
      }
      const whose = [...people, ...Array<null>(body.count).fill(null)].slice(0, LINKS_AT_ONCE);
      if (whose.length === 0) throw refuse.invalid('Say for whom, or how many.');
      const expiresAt = new Date(Date.now() + body.expiresInDays * 86_400_000);
      const links = whose.map((personId) => ({ personId, singleUse: body.singleUse, expiresAt, fields: body.fields }));
      const tokens = await createLinks(context.records.pool, id, links);
      return {
        links: tokens.map((token, at) => ({
          url: openLinkOf(context, token),
          personId: whose[at] === null ? null : String(whose[at]),
        })),
      };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/surveys/{id}/links/{link}',
    summary: 'Take a link back: it opens nothing from now on',
    permission: 'surveys.write',
    params: surveyParams.extend({ link: number }),
    reply: z.object({ revoked: z.literal(true) }),
    run: async ({ context, params }) => {
      await revokeLink(context, params.id, params.link);
      return { revoked: true as const };
    },
  }),
  route({
    method: 'GET',
    path: '/api/surveys/{id}/sendings',
    summary: 'Mails about a survey: to whom, and how far they are; the newest first',
    permission: 'surveys.read',
    params: surveyParams,
    query: pageQuery,
    reply: pageOf(SendingRow),
    run: async ({ context, params: { id }, query: { limit, cursor } }) => {
      await surveyById(context, id);
      const found = await listSendings(context, id, decodeCursor(cursor, z.int()), limit + 1);
      const items = found.slice(0, limit).map(shownSending);
      return { items, nextCursor: found.length > items.length ? encodeCursor(Number(items.at(-1)!.id)) : null };
    },
  }),
  route({
    method: 'POST',
    path: '/api/surveys/{id}/sendings',
    summary: 'Mail the survey: to an audience or people now, or to each person so long after an event',
    permission: 'surveys.write',
    params: surveyParams,
    body: z.strictObject({ to: SendingTo, mail: SendingMail }),
    reply: SendingRow,
    status: 201,
    run: async ({ context, caller, params: { id }, body }) => {
      const made = await createSending(context, id, body.to, body.mail, caller.name);
      return shownSending(await sendingById(context, id, made));
    },
  }),
  changeSending('stop', 'stopped', 'Send no more of these mails'),
  changeSending('start', 'running', 'Go on with these mails'),
];
