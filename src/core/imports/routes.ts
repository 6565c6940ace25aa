import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { filledText } from '../../kernel/storable.ts';
import { announceImport, type Import, importById, listImports, SIZE_LIMIT, uploadContent } from './imports.ts';
import { FORMATS } from './mapping-file.ts';
import { importSample } from './sample.ts';

export const ImportReply = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['uploading', 'running', 'done', 'failed']),
  uploadedBytes: z.number(),
  size: z.number(),
  linesRead: z.number().describe('Lines whose events are in the log, or which are in quarantine.'),
  linesTotal: z.number().nullable().describe('Known once the whole file was read.'),
  eventsAccepted: z.number(),
  refused: z.number().describe('Lines or groups that went into quarantine.'),
  progress: z.number().describe('From 0 to 1, of the work after the upload.'),
  ratePerSecond: z.number().describe('Lines a second.'),
  error: z.string().nullable().describe('Why it failed, and what to do.'),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  sourceId: z.string(),
  runs: z.number().describe('How often the whole file has been gone through.'),
  repeated: z
    .boolean()
    .describe('True in the answer to an announcement of a file that was announced before with the same mapping.'),
});

const Announcement = z.strictObject({
  name: filledText(500).describe('Name of the file.'),
  size: z.number().int().min(1, 'the file is empty').max(SIZE_LIMIT).describe('In bytes, as the file will be sent.'),
  fingerprint: filledText(200).describe(
    'sha256:<hex> of the file, checked when it has arrived; or a word of your own.',
  ),
  format: z.enum(FORMATS).optional(),
  compression: z.enum(['gzip', 'none']).optional(),
  sourceId: z
    .string()
    .regex(/^\d{1,9}$/, 'is not an id of a source')
    .optional(),
  sourceName: filledText(200)
    .optional()
    .describe('Name of the source of kind "file" to which the events belong; that of the file unless given.'),
  mapping: z.unknown().describe('The mapping file, as JSON or as its text; docs/import.md describes it.'),
  again: z.boolean().optional().describe('Go through a file again that was imported already. Nothing is added twice.'),
});

/** The mapping may be large, since a table of names may stand in it. */
const ANNOUNCEMENT_BYTES = 1024 * 1024;
const params = z.object({ id: z.string().regex(/^\d{1,9}$/, 'is not an id of an import') });

export const importsRoutes = [
  route({
    method: 'GET',
    path: '/api/imports',
    summary: 'Imports, the newest first',
    permission: 'imports.read',
    query: pageQuery,
    reply: pageOf(ImportReply),
    run: async ({ context, query }) => {
      const before = decodeCursor(query.cursor, z.number().int().min(1));
      const found = await listImports(context, { before, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      const nextCursor = found.length > page.length && last ? encodeCursor(last.id) : null;
      return { items: page.map((one) => replyOf(one)), nextCursor };
    },
  }),
  route({
    method: 'POST',
    path: '/api/imports',
    summary: 'Announce a file to import; the same file and mapping again is the same import',
    permission: 'imports.write',
    body: Announcement,
    bodyLimit: ANNOUNCEMENT_BYTES,
    reply: ImportReply,
    status: 201,
    run: async ({ context, body }) => {
      const sourceId = body.sourceId === undefined ? undefined : Number(body.sourceId);
      const announced = await announceImport(context, { ...body, sourceId });
      return replyOf(announced.import, announced.repeated);
    },
  }),
  route({
    method: 'GET',
    path: '/api/imports/{id}',
    summary: 'An import and how far it is',
    permission: 'imports.read',
    params,
    reply: ImportReply,
    run: async ({ context, params: { id } }) => replyOf(await importById(context, Number(id))),
  }),
  route({
    method: 'PUT',
    path: '/api/imports/{id}/content',
    summary: 'Send the bytes of the file, from an offset on; a broken upload goes on where uploadedBytes says',
    permission: 'imports.write',
    params,
    query: z.object({ offset: z.coerce.number().int().min(0).max(SIZE_LIMIT).default(0) }),
    reply: ImportReply,
    run: async ({ context, params: { id }, query, http }) => {
      const content = http.req.raw.body;
      if (!content) throw refuse.invalid('The body is empty. Send the bytes of the file.');
      return replyOf(
        await uploadContent(context, Number(id), query.offset, content as unknown as AsyncIterable<Uint8Array>),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/sample',
    summary: 'Load the sample company; a second time adds nothing',
    permission: 'imports.write',
    reply: ImportReply,
    status: 201,
    run: async ({ context }) => {
      const loaded = await importSample(context);
      return replyOf(loaded.import, loaded.repeated);
    },
  }),
];

function replyOf(one: Import, repeated = false): z.input<typeof ImportReply> {
  return {
    id: String(one.id),
    name: one.name,
    state: one.state,
    uploadedBytes: one.uploadedBytes,
    size: one.size,
    linesRead: one.linesRead,
    linesTotal: one.linesTotal,
    eventsAccepted: one.eventsAccepted,
    refused: one.refused,
    progress: one.progress,
    ratePerSecond: Math.round(one.ratePerSecond),
    error: one.error,
    startedAt: one.startedAt.toISOString(),
    endedAt: one.endedAt?.toISOString() ?? null,
    sourceId: String(one.sourceId),
    runs: one.runs,
    repeated,
  };
}
