import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { filledText, shortText } from '../../kernel/storable.ts';
import { compileMapping } from '../intake/mapping/mapping.ts';
import { activityOf } from './activity.ts';
import {
  createSource,
  listSources,
  rotateWriteKey,
  SOURCE_KINDS,
  type Source,
  sourceById,
  updateSource,
} from './sources.ts';

const NAME_LIMIT = 200;
const MAPPING_LIMIT = 100_000;

const Name = filledText(NAME_LIMIT);
const Mapping = shortText(MAPPING_LIMIT).nullable();

const SourceReply = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(SOURCE_KINDS),
  writeKey: z.string().describe('What senders show; whole only for those who may change sources.'),
  enabled: z.boolean(),
  mapping: z.string().nullable().describe('Turns what the source sends into events.'),
  createdAt: z.string(),
  lastEventAt: z.string().nullable().describe('When the last stored event was received; a few seconds behind.'),
  eventCount: z.number().describe('Stored events; a few seconds behind.'),
});

/** An id in a path; anything else than digits finds nothing. */
export const sourceParams = z.object({ id: z.string().regex(/^\d{1,10}$/, 'is not an id of a source') });

export const sourcesRoutes = [
  route({
    method: 'GET',
    path: '/api/sources',
    summary: 'All sources, in the order of their making',
    permission: 'sources.read',
    query: pageQuery,
    reply: pageOf(SourceReply),
    run: async ({ context, caller, query }) => {
      const after = decodeCursor(query.cursor, z.number().int().min(0)) ?? 0;
      const found = await listSources(context, { after, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      return {
        items: await withActivity(context, caller, page),
        nextCursor: found.length > page.length && last ? encodeCursor(last.id) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/sources',
    summary: 'Create a source, with a write key',
    permission: 'sources.write',
    body: z.object({ name: Name, kind: z.enum(SOURCE_KINDS) }),
    reply: SourceReply,
    status: 201,
    run: async ({ context, caller, body }) => shown(context, caller, await createSource(context, body)),
  }),
  route({
    method: 'GET',
    path: '/api/sources/{id}',
    summary: 'One source',
    permission: 'sources.read',
    params: sourceParams,
    reply: SourceReply,
    run: async ({ context, caller, params }) => shown(context, caller, await sourceById(context, Number(params.id))),
  }),
  route({
    method: 'PATCH',
    path: '/api/sources/{id}',
    summary: 'Rename a source, switch it on or off, change its mapping',
    permission: 'sources.write',
    params: sourceParams,
    body: z.object({ name: Name.optional(), enabled: z.boolean().optional(), mapping: Mapping.optional() }),
    reply: SourceReply,
    run: async ({ context, caller, params, body }) => {
      if (body.mapping) compileMapping(body.mapping);
      return shown(context, caller, await updateSource(context, Number(params.id), body));
    },
  }),
  route({
    method: 'POST',
    path: '/api/sources/{id}/keys',
    summary: 'Give a source a new write key; the old one stops working',
    permission: 'sources.write',
    params: sourceParams,
    reply: SourceReply,
    status: 201,
    run: async ({ context, caller, params }) =>
      shown(context, caller, await rotateWriteKey(context, Number(params.id))),
  }),
];

type Shown = z.input<typeof SourceReply>;

async function shown(context: Context, caller: Caller, source: Source): Promise<Shown> {
  const [reply] = await withActivity(context, caller, [source]);
  return reply!;
}

async function withActivity(context: Context, caller: Caller, sources: readonly Source[]): Promise<Shown[]> {
  const activity = await activityOf(
    context,
    sources.map((source) => source.id),
  );
  const whole = caller.permissions.has('sources.write');
  return sources.map((source) => {
    const { eventCount, lastEventAt } = activity.get(source.id)!;
    return {
      ...source,
      id: String(source.id),
      // A write key lets its holder put events on anybody's timeline.
      writeKey: whole ? source.writeKey : `wk_…${source.writeKey.slice(-4)}`,
      createdAt: source.createdAt.toISOString(),
      lastEventAt: lastEventAt?.toISOString() ?? null,
      eventCount,
    };
  });
}
