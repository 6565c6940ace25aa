import type pg from 'pg';
import { refuse } from '../../../kernel/refusal.ts';
import type { PostgresSettings } from '../settings.ts';
import { quoted } from './open.ts';

const TABLES_LIMIT = 1000;

export interface TableInfo {
  schema: string;
  name: string;
  kind: 'table' | 'view';
  /** As the database last estimated; null where it never did. */
  rows: number | null;
}

export interface ColumnInfo {
  name: string;
  type: string;
  nullable: boolean;
  /** Whether a table can be read on from it: a time, a whole number or a UUID. */
  cursor: boolean;
  /** Its place in the primary key, from 1; 0 for none. */
  key: number;
  /** The first column of an index. */
  indexed: boolean;
}

/** The tables and views that the user of the connection may read. */
export async function tablesOf(client: pg.Client): Promise<TableInfo[]> {
  const { rows } = await client.query<{ schema: string; name: string; relkind: string; rows: string | number }>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind, c.reltuples::bigint AS rows
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
       AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
       AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
     ORDER BY n.nspname, c.relname LIMIT ${TABLES_LIMIT}`,
  );
  return rows.map((row) => ({
    schema: row.schema,
    name: row.name,
    kind: row.relkind === 'v' || row.relkind === 'm' ? 'view' : 'table',
    rows: Number(row.rows) < 0 ? null : Number(row.rows),
  }));
}

/** Types whose order is the order of change. A date alone is too coarse, a text has no order that can be relied on. */
const CURSOR_TYPES = new Set(['timestamp with time zone', 'timestamp without time zone', 'bigint', 'integer', 'uuid']);

/** The columns of a table; refuses (400) where there is none of that name, or it may not be read. */
export async function columnsOf(client: pg.Client, schema: string, table: string): Promise<ColumnInfo[]> {
  const { rows } = await client.query<{
    name: string;
    type: string;
    nullable: boolean;
    key: number;
    indexed: boolean;
    readable: boolean;
  }>(
    `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, NOT a.attnotnull AS nullable,
       coalesce((SELECT array_position(i.indkey::int[], a.attnum::int) FROM pg_index i
         WHERE i.indrelid = c.oid AND i.indisprimary), -1) + 1 AS key,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indkey[0] = a.attnum) AS indexed,
       has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
       AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [schema, table],
  );
  if (rows.length === 0) {
    throw refuse.invalid(`There is no table or view ${schema}.${table} that this user can see.`, { field: 'table' });
  }
  if (!rows.some((row) => row.readable)) {
    throw refuse.invalid(
      `The user of the connection may not read ${schema}.${table}. Run: GRANT SELECT ON ${quoted(schema)}.${quoted(table)} TO …`,
      { field: 'table' },
    );
  }
  return rows.map(({ readable: _, ...row }) => ({ ...row, cursor: CURSOR_TYPES.has(row.type) }));
}

export interface Checked {
  /** Type of each key column, and of the cursor, as PostgreSQL writes it. */
  cursorType: string;
  keyTypes: string[];
  columns: ColumnInfo[];
  /** What may be slow or incomplete, as sentences. */
  warnings: string[];
}

/** Looks whether a table can be read on by these settings; refuses (400) with what is wrong and what to do. */
export async function checkTable(client: pg.Client, settings: PostgresSettings): Promise<Checked> {
  const { schema, table, fields } = settings;
  const columns = await columnsOf(client, schema, table);
  const byName = new Map(columns.map((column) => [column.name, column]));
  const need = (name: string, field: string): ColumnInfo => {
    const column = byName.get(name);
    if (!column) throw refuse.invalid(`${schema}.${table} has no column "${name}".`, { field });
    return column;
  };
  const cursor = need(settings.cursor, 'cursor');
  if (!cursor.cursor) {
    throw refuse.invalid(
      `"${cursor.name}" is of the type ${cursor.type}, which does not grow with each change. Choose a time, a whole number or a UUID of version 7.`,
      { field: 'cursor' },
    );
  }
  const keys = settings.key.map((name) => need(name, 'key'));
  for (const { column } of fields.identifiers) need(column, 'identifiers');
  if (fields.time) need(fields.time, 'time');
  for (const name of fields.properties ?? []) need(name, 'properties');
  if (cursor.type === 'uuid') await assertTimedUuids(client, settings);
  const warnings: string[] = [];
  if (!cursor.indexed) {
    warnings.push(
      `"${cursor.name}" has no index, so each round reads the whole table: CREATE INDEX ON ${quoted(schema)}.${quoted(table)} (${quoted(cursor.name)}).`,
    );
  }
  if (cursor.nullable) warnings.push(`Rows whose "${cursor.name}" is empty are not read.`);
  const primary = columns.filter((column) => column.key > 0).map((column) => column.name);
  if (primary.length > 0 && !primary.every((name) => settings.key.includes(name))) {
    warnings.push(`The primary key is ${primary.join(', ')}; rows that only it tells apart count as one.`);
  }
  return { cursorType: cursor.type, keyTypes: keys.map((key) => key.type), columns, warnings };
}

async function assertTimedUuids(client: pg.Client, settings: PostgresSettings): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT ${quoted(settings.cursor)}::text AS id FROM ${quoted(settings.schema)}.${quoted(settings.table)}
     WHERE ${quoted(settings.cursor)} IS NOT NULL LIMIT 20`,
  );
  if (rows.some(({ id }) => id[14] !== '7')) {
    throw refuse.invalid(
      `The UUIDs in "${settings.cursor}" are not of version 7, so they do not grow with time. Choose another column.`,
      { field: 'cursor' },
    );
  }
}
