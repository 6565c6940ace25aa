import { z } from 'zod';
import { shownTo } from '../../../core/query/personal.ts';
import { route } from '../../../kernel/route.ts';
import { functionNames } from './functions.ts';
import { cancelSql, runSql, SQL_AT_A_TIME, SQL_MEMORY_BYTES, SQL_ROWS, SQL_SECONDS } from './run.ts';
import { propertyNames } from './schema.ts';
import { sqlTables } from './tables.ts';

export const MAY_SQL = 'analytics.sql';
const SQL_BYTES = 64 * 1024;
/** People of one result that the audit log names. */
const AUDITED = 250;
const DAY_MS = 86_400_000;

const Id = z.uuid().describe("The caller's own choice; the query can be cancelled by it.");
const Time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

export const SqlReply = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string().describe("ClickHouse's type.") })),
  rows: z.array(z.array(z.unknown())).describe(`At most ${SQL_ROWS}. 64-bit whole numbers are text.`),
  cut: z.boolean().describe('Whether there are more rows than these.'),
  milliseconds: z.number(),
});
export type SqlReply = z.output<typeof SqlReply>;

export const SqlSchema = z.object({
  tables: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      columns: z.array(z.object({ name: z.string(), type: z.string(), description: z.string() })),
    }),
  ),
  properties: z
    .array(z.object({ name: z.string(), events: z.number() }))
    .describe('Names of properties that events have, the most frequent first.'),
  functions: z.array(z.string()),
  limits: z.object({ seconds: z.number(), memoryBytes: z.number(), rows: z.number(), atATime: z.number() }),
});
export type SqlSchema = z.output<typeof SqlSchema>;

/** Roles that do not see personal data have tables without the columns that tell who somebody is. */
export const sqlRoutes = [
  route({
    method: 'POST',
    path: '/api/sql',
    summary: 'Run SQL that only reads, with limits on time, memory and rows',
    permission: MAY_SQL,
    looksAt: 'person',
    hide: 'itself',
    bodyLimit: 2 * SQL_BYTES,
    body: z.object({
      id: Id.default(() => crypto.randomUUID()),
      sql: z.string().max(SQL_BYTES),
      from: Time.default(() => new Date(Date.now() - 30 * DAY_MS)).describe('What {from:DateTime} stands for.'),
      to: Time.default(() => new Date()).describe('What {to:DateTime} stands for.'),
    }),
    reply: SqlReply,
    auditIds: ({ columns, rows }) => {
      const at = columns.findIndex(({ name }) => name === 'person_id');
      if (at < 0) return [];
      const ids = rows.map((row) => String(row[at])).filter((id) => /^\d{1,20}$/.test(id));
      return [...new Set(ids)].slice(0, AUDITED);
    },
    run: ({ context, caller, body, signal }) => runSql(context, caller, body, signal),
  }),
  route({
    method: 'DELETE',
    path: '/api/sql/{id}',
    summary: 'Cancel a running query of the caller',
    permission: MAY_SQL,
    params: z.object({ id: z.uuid() }),
    reply: z.object({ id: z.string() }),
    run: async ({ caller, params }) => {
      cancelSql(caller, params.id);
      return { id: params.id };
    },
  }),
  route({
    method: 'GET',
    path: '/api/sql/schema',
    summary: 'The tables, columns, properties and functions that SQL can use',
    permission: MAY_SQL,
    reply: SqlSchema,
    run: async ({ context, caller }) => ({
      tables: sqlTables(caller.hidesPersonalData ?? false).map((table) => ({ ...table, columns: [...table.columns] })),
      properties: shownTo(caller, await propertyNames(context)),
      functions: functionNames(),
      limits: { seconds: SQL_SECONDS, memoryBytes: SQL_MEMORY_BYTES, rows: SQL_ROWS, atATime: SQL_AT_A_TIME },
    }),
  }),
];
