import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { PostgresSettings } from '../settings.ts';
import { quoted } from './open.ts';
import type { Checked } from './schema.ts';

/** Longest row, as JSON; longer ones go to quarantine without their content. */
export const ROW_BYTES = 200 * 1024;

/** Where in a table reading has come to: a value of the cursor and the key of its row, as PostgreSQL writes them. */
export interface Position {
  cursor: string;
  key: string[];
}

export interface TableRow extends Position {
  /** Null where it is longer than ROW_BYTES. */
  row: Record<string, unknown> | null;
}

/**
 * Rows after a position, in the order of cursor and key, in a read-only transaction. `from` is where to begin, without
 * the row itself; `back` takes seconds off a cursor that is a time.
 */
export async function readRows(
  client: pg.Client,
  settings: PostgresSettings,
  checked: Checked,
  from: Position | null,
  limit: number,
): Promise<TableRow[]> {
  const columns = [settings.cursor, ...settings.key].map((name) => `t.${quoted(name)}`);
  const types = [checked.cursorType, ...checked.keyTypes];
  const order = [...new Set(columns)];
  const after = from
    ? `(${columns.join(', ')}) > (${types.map((type, i) => `$${i + 2}::text::${type}`).join(', ')})`
    : 'true';
  const sql = `SELECT CASE WHEN octet_length(j.row) <= ${ROW_BYTES} THEN j.row END AS row,
      ${columns[0]!.replace(/^t\./, 't.')}::text AS cursor, ARRAY[${columns.slice(1).map((c) => `${c}::text`)}] AS key
    FROM (SELECT * FROM ${quoted(settings.schema)}.${quoted(settings.table)} t
      WHERE ${columns[0]} IS NOT NULL AND ${after} ORDER BY ${order.join(', ')} LIMIT $1) t,
    LATERAL (SELECT to_jsonb(t)::text AS row OFFSET 0) j ORDER BY ${order.join(', ')}`;
  await client.query('BEGIN READ ONLY');
  try {
    const { rows } = await client.query<{ row: string | null; cursor: string; key: string[] }>(sql, [
      limit,
      ...(from ? [from.cursor, ...from.key] : []),
    ]);
    return rows.map(({ row, cursor, key }) => ({ row: row === null ? null : readRow(row), cursor, key }));
  } finally {
    await client.query('COMMIT').catch(() => {});
  }
}

/** A whole number that a JavaScript number cannot hold stays the text that it was. */
function readRow(text: string): Record<string, unknown> {
  return JSON.parse(text, (_name: string, value: unknown, place?: { source?: string }) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? (place?.source ?? value)
      : value,
  ) as Record<string, unknown>;
}

/** The same for the same state of the same row, so that reading it again counts once. */
export function rowMessageId(sourceId: number, settings: PostgresSettings, row: Position): string {
  const parts = [settings.schema, settings.table, settings.cursor, row.cursor, ...row.key];
  return `postgres ${sourceId} ${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`;
}

/** A row as an event, by the settings: who, when, and its columns as properties. */
export function rowEvent(
  settings: PostgresSettings,
  checked: Checked,
  row: Record<string, unknown>,
): Record<string, unknown> {
  const { fields } = settings;
  const typeOf = (name: string) => checked.columns.find((column) => column.name === name)?.type ?? '';
  const identifiers = fields.identifiers
    .map(({ kind, column }) => ({ kind, value: row[column] }))
    .filter(({ value }) => (typeof value === 'string' && value !== '') || typeof value === 'number')
    .map(({ kind, value }) => ({ kind, value: String(value) }));
  const timeColumn = fields.time ?? (/^timestamp/.test(checked.cursorType) ? settings.cursor : null);
  const properties = fields.properties
    ? Object.fromEntries(fields.properties.map((name) => [name, row[name]]))
    : { ...row };
  return {
    type: 'track',
    event: fields.event,
    channel: 'server',
    externalIds: identifiers,
    ...(timeColumn ? { timestamp: timeText(row[timeColumn], typeOf(timeColumn)) } : {}),
    properties,
  };
}

/** A time without a zone is one of UTC. */
function timeText(value: unknown, type: string): unknown {
  return typeof value === 'string' && type === 'timestamp without time zone' ? `${value}Z` : value;
}
