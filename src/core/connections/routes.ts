import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { filledText } from '../../kernel/storable.ts';
import { compileMapping } from '../intake/mapping/mapping.ts';
import { sourceParams } from '../sources/routes.ts';
import { createSource, type Source, sourceById, updateSource } from '../sources/sources.ts';
import { type Connection, connectionOf, keptSecrets, restartConnection, saveConnection } from './connections.ts';
import { PRESETS } from './mqtt/presets.ts';
import { withDatabase } from './postgres/open.ts';
import { columnsOf, tablesOf } from './postgres/schema.ts';
import { ConnectionInput, Secrets } from './settings.ts';
import { refusedTrial, TryReply, tryConnection } from './try.ts';

const MAPPING_LIMIT = 64 * 1024;
const BROWSE_MS = 20_000;

const SourceId = z.string().regex(/^\d{1,10}$/, 'is not an id of a source');
const Mapping = filledText(MAPPING_LIMIT).nullable().default(null);

export const ConnectionReply = z.object({
  settings: z.record(z.string(), z.unknown()).nullable().describe('Null where the connection was not set up yet.'),
  secretsSet: z.array(z.string()).describe('Which secrets are kept; they are never shown.'),
  version: z.number(),
  state: z.enum(['off', 'connecting', 'connected', 'waiting']),
  stateAt: z.string().nullable(),
  error: z.string().nullable().describe('What is wrong now and what to do.'),
  errorAt: z.string().nullable(),
  retryAt: z.string().nullable(),
  lastAt: z.string().nullable().describe('When something last arrived.'),
  received: z.number(),
  refused: z.number().describe('How many went into quarantine.'),
  /** PostgreSQL: how far the table has been read. */
  rows: z.number().nullable(),
  caughtUp: z.boolean().nullable().describe('False while the history is still being read.'),
  addresses: z.array(z.string()).describe('Where mail to the source is sent.'),
  listening: z.boolean().nullable().describe('Whether this server listens for mail.'),
});
export type ConnectionReply = z.output<typeof ConnectionReply>;

const TableReply = z.object({
  schema: z.string(),
  name: z.string(),
  kind: z.enum(['table', 'view']),
  rows: z.number().nullable(),
});
const ColumnReply = z.object({
  name: z.string(),
  type: z.string(),
  nullable: z.boolean(),
  cursor: z.boolean().describe('Whether the table can be read on from it.'),
  key: z.number().describe('Its place in the primary key, from 1; 0 for none.'),
  indexed: z.boolean(),
});
export const TablesReply = z.object({ tables: z.array(TableReply) });
export type TablesReply = z.output<typeof TablesReply>;
export const ColumnsReply = z.object({ columns: z.array(ColumnReply) });
export type ColumnsReply = z.output<typeof ColumnsReply>;
export const PresetsReply = z.object({
  presets: z.array(
    z.object({ name: z.enum(['sensor', 'rfid', 'till']), topics: z.array(z.string()), mapping: z.string() }),
  ),
});
export type PresetsReply = z.output<typeof PresetsReply>;

/** A database to look into: by a URL that was typed, or the one that a source keeps. */
const Database = z.object({ sourceId: SourceId.nullable().default(null), url: Secrets.shape.url });

export const connectionRoutes = [
  route({
    method: 'POST',
    path: '/api/connections',
    summary: 'Create a source that the server connects to or listens for',
    permission: 'connections.write',
    body: z.object({ name: filledText(200), mapping: Mapping, connection: ConnectionInput }),
    reply: z.object({ sourceId: z.string() }),
    status: 201,
    run: async ({ context, body }) => {
      const { name, mapping, connection } = body;
      if (mapping) compileMapping(mapping);
      const source = await createSource(context, { name, kind: connection.kind });
      try {
        if (mapping) await updateSource(context, source.id, { mapping });
        await saveConnection(context, source.id, connection);
      } catch (error) {
        // Nobody knows the source yet.
        await context.records.pool.query('DELETE FROM sources WHERE id = $1', [source.id]);
        throw error;
      }
      return { sourceId: String(source.id) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/connections/try',
    summary: 'Connect once by these settings and show what would come; keeps nothing',
    permission: 'connections.write',
    body: z.object({ sourceId: SourceId.nullable().default(null), mapping: Mapping, connection: ConnectionInput }),
    reply: TryReply,
    run: async ({ context, body, signal }) =>
      tryConnection(
        context,
        {
          sourceId: body.sourceId === null ? null : Number(body.sourceId),
          mapping: body.mapping,
          connection: body.connection,
        },
        signal,
      ),
  }),
  route({
    method: 'POST',
    path: '/api/connections/tables',
    summary: 'The tables and views that a database lets its user read',
    permission: 'connections.write',
    body: Database,
    reply: TablesReply,
    run: async ({ context, body, signal }) => ({ tables: await browse(context, body, signal, tablesOf) }),
  }),
  route({
    method: 'POST',
    path: '/api/connections/columns',
    summary: 'The columns of a table, with what each can be used for',
    permission: 'connections.write',
    body: Database.extend({ schema: filledText(63), table: filledText(63) }),
    reply: ColumnsReply,
    run: async ({ context, body, signal }) => ({
      columns: await browse(context, body, signal, (client) => columnsOf(client, body.schema, body.table)),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/connections/presets',
    summary: 'Ready-made mappings for what speaks MQTT',
    permission: 'connections.read',
    reply: PresetsReply,
    run: async () => ({ presets: PRESETS.map(({ name, topics, mapping }) => ({ name, topics, mapping })) }),
  }),
  route({
    method: 'GET',
    path: '/api/sources/{id}/connection',
    summary: 'How a source is connected, and how that goes',
    permission: 'connections.read',
    params: sourceParams,
    reply: ConnectionReply,
    run: async ({ context, caller, params }) => {
      const source = await sourceById(context, Number(params.id));
      return shown(context, caller, source, await connectionOf(context, source));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/sources/{id}/connection',
    summary: 'Change how a source is connected; it is connected anew at once',
    permission: 'connections.write',
    params: sourceParams,
    body: ConnectionInput,
    reply: ConnectionReply,
    run: async ({ context, caller, params, body }) => {
      const saved = await saveConnection(context, Number(params.id), body);
      return shown(context, caller, await sourceById(context, Number(params.id)), saved);
    },
  }),
  route({
    method: 'POST',
    path: '/api/sources/{id}/connection/restart',
    summary: 'Connect again, or read what is new, at once',
    permission: 'connections.write',
    params: sourceParams,
    reply: ConnectionReply,
    run: async ({ context, caller, params }) => {
      const source = await sourceById(context, Number(params.id));
      await restartConnection(context, source.id);
      return shown(context, caller, source, await connectionOf(context, source));
    },
  }),
];

async function browse<T>(
  context: Context,
  database: z.output<typeof Database>,
  signal: AbortSignal,
  look: Parameters<typeof withDatabase<T>>[2],
): Promise<T> {
  const kept = database.sourceId === null ? {} : await keptSecrets(context, Number(database.sourceId));
  const url = database.url ?? kept.url;
  if (!url) throw refuse.invalid('Enter the connection URL of the database first.', { field: 'url' });
  try {
    return await withDatabase(url, AbortSignal.any([signal, AbortSignal.timeout(BROWSE_MS)]), look);
  } catch (error) {
    throw refusedTrial(error);
  }
}

function shown(
  context: Context,
  caller: Caller,
  source: Source,
  connection: Connection | null,
): z.input<typeof ConnectionReply> {
  const mail = source.kind === 'mail';
  const progress = connection?.progress ?? {};
  const settings = connection ? (connection.settings as Record<string, unknown>) : mail ? { aliases: [] } : null;
  return {
    settings,
    secretsSet: connection?.secretsSet ?? [],
    version: connection?.version ?? 0,
    state: connection?.state ?? 'off',
    stateAt: connection?.stateAt.toISOString() ?? null,
    error: connection?.error ?? null,
    errorAt: connection?.errorAt?.toISOString() ?? null,
    retryAt: connection?.retryAt?.toISOString() ?? null,
    lastAt: connection?.lastAt?.toISOString() ?? null,
    received: connection?.received ?? 0,
    refused: connection?.refused ?? 0,
    rows: source.kind === 'postgres' && connection ? Number(progress.rows ?? 0) : null,
    caughtUp: source.kind === 'postgres' && connection ? progress.caughtUp === true : null,
    // The key in the address lets its holder put events on anybody's timeline.
    addresses: mail ? addressesOf(context, source, caller.permissions.has('connections.write'), settings) : [],
    listening: mail ? context.config.smtpPort !== undefined : null,
  };
}

function addressesOf(
  context: Context,
  source: Source,
  whole: boolean,
  settings: Record<string, unknown> | null,
): string[] {
  const key = whole ? source.writeKey : `wk_…${source.writeKey.slice(-4)}`;
  const aliases = Array.isArray(settings?.aliases) ? (settings.aliases as string[]) : [];
  return [`${key}@${new URL(context.url()).hostname}`, ...aliases];
}
