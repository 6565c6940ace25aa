import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { shortText } from '../../kernel/storable.ts';
import { hidePeople } from '../people/hide.ts';
import { PersonSummary, summaries } from '../people/list.ts';
import { refusePersonal } from '../query/personal.ts';
import { Report } from '../query/report.ts';
import { audienceById, createAudience } from './audience.ts';
import { listBehind, UPLOAD_BYTES, uploadList } from './list.ts';
import { audiencesOfPerson, memberSince, membersOf, personWith } from './membership.ts';
import { AudienceReply, audienceParams, Name, shown } from './routes.ts';

const PersonId = z
  .string()
  .regex(/^\d{1,15}$/, 'is not an id of a person')
  .transform(Number);

export const MembershipReply = z.object({ audienceId: z.number(), name: z.string(), since: z.string() });
export type MembershipReply = z.output<typeof MembershipReply>;

export const UploadReply = z.object({
  lines: z.number(),
  people: z.number().describe('People found, each once.'),
  unmatched: z.number().describe('Lines for which nobody was found.'),
  unmatchedLines: z.array(z.number()).describe('Numbers of the first of them, from 1, without the line of names.'),
});
export type UploadReply = z.output<typeof UploadReply>;

const since = (at: number) => new Date(at).toISOString();

/** Who is in what. The look-ups of one person are a read of one row, for whoever asks while a page is drawn. */
export const memberRoutes = [
  route({
    method: 'GET',
    path: '/api/people/{id}/audiences',
    summary: 'The audiences that a person is in',
    permission: 'audiences.read',
    params: z.object({ id: PersonId }),
    reply: z.object({ items: z.array(MembershipReply) }),
    looksAt: 'person',
    // Names of audiences are the company's own words.
    hide: async (reply) => reply,
    async run({ context, params }) {
      const found = await audiencesOfPerson(context, params.id);
      return { items: found.map((one) => ({ ...one, since: since(one.since) })) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/memberships',
    summary: 'The audiences that the person with an identifier is in',
    permission: 'audiences.read',
    query: z.object({ kind: z.string().min(1).max(63), value: z.string().min(1).max(512) }),
    reply: z.object({ personId: z.string(), items: z.array(MembershipReply) }),
    looksAt: 'person',
    auditIds: (reply) => [reply.personId],
    async run({ context, query }) {
      const person = await personWith(context, query.kind, query.value);
      const found = await audiencesOfPerson(context, person);
      return { personId: String(person), items: found.map((one) => ({ ...one, since: since(one.since) })) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/audiences/{id}/members',
    summary: 'The people in an audience',
    permission: 'audiences.read',
    params: audienceParams,
    query: pageQuery,
    reply: pageOf(PersonSummary),
    looksAt: 'person',
    auditIds: (reply) => reply.items.map((person) => person.id),
    hide: async (reply) => hidePeople({ ...reply, total: null }),
    async run({ context, params, query }) {
      const after = decodeCursor(query.cursor, z.int().min(0)) ?? 0;
      const ids = await membersOf(context, params.id, { after, limit: query.limit + 1 });
      const page = ids.slice(0, query.limit);
      return {
        items: await summaries(context, page),
        nextCursor: ids.length > page.length ? encodeCursor(page.at(-1)) : null,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/audiences/{id}/members/{personId}',
    summary: 'Whether a person is in an audience, and since when',
    permission: 'audiences.read',
    params: audienceParams.extend({ personId: PersonId }),
    reply: z.object({ personId: z.string(), inside: z.boolean(), since: z.string().nullable() }),
    looksAt: 'person',
    auditIds: (reply) => [reply.personId],
    hide: async (reply) => reply,
    async run({ context, params }) {
      const at = await memberSince(context, params.id, params.personId);
      return { personId: String(params.personId), inside: at !== null, since: at === null ? null : since(at) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/audiences/{id}/list',
    summary: 'Put people on the list of a static audience, by their identifiers',
    permission: 'audiences.write',
    params: audienceParams,
    // A text of the bytes that are allowed may take more as JSON.
    bodyLimit: 2 * UPLOAD_BYTES,
    body: z.strictObject({
      format: z.enum(['csv', 'json']),
      content: z.string().refine((text) => Buffer.byteLength(text) <= UPLOAD_BYTES, {
        error: 'is larger than 10 MB; upload it in parts',
      }),
      kind: z.string().max(63).optional().describe('Which identifiers they are, where the list does not say so.'),
      replace: z.boolean().default(false).describe('Whether those who were on the list before go.'),
    }),
    reply: UploadReply,
    run: ({ context, caller, params, body }) =>
      uploadList(context, params.id, { ...body, impersonal: caller.hidesPersonalData }),
  }),
  route({
    method: 'POST',
    path: '/api/audiences/of-report',
    summary: 'Make a static audience of the people behind a part of a report',
    permission: 'audiences.write',
    body: z.strictObject({
      name: Name,
      description: shortText(2000).default(''),
      report: Report,
      part: z.unknown(),
    }),
    reply: AudienceReply,
    status: 201,
    async run({ context, caller, body, signal }) {
      if (caller.hidesPersonalData) await refusePersonal(context, body.report);
      const made = await createAudience(context, caller, {
        name: body.name,
        description: body.description,
        definition: { is: 'static' },
        tells: true,
      });
      try {
        await listBehind(context, made.id, body, signal);
      } catch (error) {
        await context.records.pool.query('DELETE FROM audiences WHERE id = $1', [made.id]);
        throw error;
      }
      return shown(context, caller, await audienceById(context, made.id));
    },
  }),
];
