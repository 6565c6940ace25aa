import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Events, Params } from '../../kernel/events.ts';
import type { FilesSettings } from './settings.ts';

/** Time and memory that one file may take the engine. */
const QUERY = { seconds: 300, memoryBytes: 2 * 1024 * 1024 * 1024 };

/** The columns of files, each with its SQL. docs/exports.md says what they are. */
const FILE_COLUMNS: readonly (readonly [name: string, sql: string, type: string])[] = [
  ['origin_id', 'origin_id', 'UInt64'],
  ['person_id', "dictGetOrDefault('person_overrides_map', 'person_id', origin_id, person_id)", 'UInt64'],
  ['account_id', 'nullIf(account_id, 0)', 'Nullable(UInt64)'],
  ['event_id', 'toString(event_id)', 'String'],
  ['message_id', "if(message_id = '', toString(event_id), message_id)", 'String'],
  ['source_id', 'source_id', 'UInt32'],
  ['type', 'type', 'String'],
  ['name', 'name', 'String'],
  ['channel', 'channel', 'String'],
  ['contact', 'contact', 'String'],
  ['timestamp', 'timestamp', 'DateTime'],
  ['received_at', 'received_at', 'DateTime'],
  ['user_id', 'user_id', 'String'],
  ['anonymous_id', 'anonymous_id', 'String'],
  ['url', 'url', 'String'],
  ['path', 'path', 'String'],
  ['title', 'title', 'String'],
  ['referrer', 'referrer', 'String'],
  ['channel_group', 'channel_group', 'String'],
  ['campaign_source', 'campaign_source', 'String'],
  ['campaign_medium', 'campaign_medium', 'String'],
  ['campaign_name', 'campaign_name', 'String'],
  ['browser', 'browser', 'String'],
  ['os', 'os', 'String'],
  ['device', 'device', 'String'],
  ['country', 'country', 'String'],
  ['locale', 'locale', 'String'],
  ['revenue_minor', 'revenue_minor', 'Int64'],
  ['currency', 'currency', 'String'],
  ['properties', 'toJSONString(properties)', 'JSON'],
  ['context', "if(context = '', '{}', context)", 'JSON'],
];

/** The events of `from` (SQL after FROM, with WHERE) as the bytes of a file. */
export async function fileOf(
  events: Events,
  format: FilesSettings['format'],
  from: string,
  params: Params,
): Promise<Buffer> {
  if (format === 'parquet') {
    const columns = FILE_COLUMNS.map(([name, sql, type]) => {
      if (type === 'DateTime') return `${sql} AS ${quoted(name)}`;
      return `CAST(${sql}, '${type === 'JSON' ? 'String' : type}') AS ${quoted(name)}`;
    });
    // Named anew outside, so that a column's name cannot stand for what it is made from.
    return events.bytes(`SELECT * FROM (SELECT ${columns.join(', ')} FROM ${from})`, 'Parquet', params, QUERY);
  }
  const plain = FILE_COLUMNS.filter(([, , type]) => type !== 'JSON');
  const values = plain.map(([, sql, type]) =>
    type === 'DateTime'
      ? `concat(replaceOne(toString(${sql}), ' ', 'T'), 'Z')`
      : `CAST(${sql}, '${type === 'DateTime' ? 'String' : type}')`,
  );
  const names = plain.map(([name, , type]) => `${name} ${type === 'DateTime' ? 'String' : type}`);
  const tuple = `toJSONString(CAST(tuple(${values.join(', ')}), 'Tuple(${names.join(', ')})'))`;
  const nested = FILE_COLUMNS.filter(([, , type]) => type === 'JSON').map(([name, sql]) => `',"${name}":', ${sql}`);
  const line = `concat(substring(${tuple}, 1, length(${tuple}) - 1), ${nested.join(', ')}, '}')`;
  return compress(await events.bytes(`SELECT ${line} AS line FROM ${from}`, 'TSVRaw', params, QUERY));
}

/** A file without the rows of some persons, and how many it has then. */
export async function withoutPersons(
  engine: Pick<Events, 'bytes' | 'query'>,
  format: FilesSettings['format'],
  bytes: Buffer,
  origins: readonly number[],
  spool: (bytes: Buffer) => Promise<{ path: string; release(): Promise<void> }>,
): Promise<{ bytes: Buffer; rows: number } | null> {
  if (format === 'ndjson') {
    const gone = new Set(origins);
    const lines = (await decompress(bytes)).toString('utf8').split('\n').filter(Boolean);
    const kept = lines.filter((line) => !gone.has((JSON.parse(line) as { origin_id: number }).origin_id));
    if (kept.length === lines.length) return null;
    return { bytes: await compress(Buffer.from(kept.map((line) => `${line}\n`).join(''))), rows: kept.length };
  }
  const { path, release } = await spool(bytes);
  try {
    const file = "file({path:String}, 'Parquet')";
    const params = { path, origins };
    const [count] = await engine.query<{ all: string; kept: string }>(
      `SELECT count() AS all, countIf(origin_id NOT IN {origins:Array(UInt64)}) AS kept FROM ${file}`,
      params,
    );
    if (!count || count.all === count.kept) return null;
    const sql = `SELECT * FROM ${file} WHERE origin_id NOT IN {origins:Array(UInt64)}`;
    return { bytes: await engine.bytes(sql, 'Parquet', params, QUERY), rows: Number(count.kept) };
  } finally {
    await release();
  }
}

const quoted = (name: string) => `\`${name}\``;
const compress = promisify(gzip) as (bytes: Buffer) => Promise<Buffer>;
const decompress = promisify(gunzip) as (bytes: Buffer) => Promise<Buffer>;
