import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { seal, unseal } from '../../kernel/seal.ts';
import { type Source, sourceById } from '../sources/sources.ts';
import {
  type ConnectionInput,
  isConnectionKind,
  type MqttSettings,
  SETTINGS,
  Secrets,
  type Settings,
} from './settings.ts';

export type ConnectionState = 'off' | 'connecting' | 'connected' | 'waiting';

/** How a source is reached, without its secrets, and how that goes. */
export interface Connection {
  sourceId: number;
  settings: Settings;
  /** Which secrets are set. */
  secretsSet: string[];
  version: number;
  state: ConnectionState;
  stateAt: Date;
  error: string | null;
  errorAt: Date | null;
  retryAt: Date | null;
  lastAt: Date | null;
  received: number;
  refused: number;
  progress: Record<string, unknown>;
}

interface Row {
  source_id: number;
  settings: unknown;
  secrets: string | null;
  version: number;
  state: ConnectionState;
  state_at: Date;
  error: string | null;
  error_at: Date | null;
  retry_at: Date | null;
  last_at: Date | null;
  received: number;
  refused: number;
  progress: Record<string, unknown>;
}

const placeOf = (sourceId: number) => `connections/${sourceId}`;

/** The connection of a source; null where none was set up. Refuses with 404 where there is no such source. */
export async function connectionOf(context: Context, source: Source): Promise<Connection | null> {
  const { rows } = await context.records.pool.query<Row>('SELECT * FROM connections WHERE source_id = $1', [source.id]);
  const [row] = rows;
  return row ? connectionFrom(context, source, row) : null;
}

function connectionFrom(context: Context, source: Source, row: Row): Connection {
  if (!isConnectionKind(source.kind)) throw refuse.conflict('This source sends by itself; it has no connection.');
  return {
    sourceId: row.source_id,
    settings: SETTINGS[source.kind].parse(row.settings),
    secretsSet: Object.keys(secretsOf(context, row) ?? {}).sort(),
    version: row.version,
    state: row.state,
    stateAt: row.state_at,
    error: row.error,
    errorAt: row.error_at,
    retryAt: row.retry_at,
    lastAt: row.last_at,
    received: row.received,
    refused: row.refused,
    progress: row.progress,
  };
}

/** Null where there are some, but they cannot be opened here. */
function secretsOf(context: Context, row: { source_id: number; secrets: string | null }): Secrets | null {
  if (row.secrets === null) return {};
  try {
    return openSecrets(context, row.source_id, row.secrets);
  } catch {
    return null;
  }
}

function openSecrets(context: Context, sourceId: number, sealed: string): Secrets {
  return Secrets.parse(JSON.parse(unseal(context.config.dataDir, placeOf(sourceId), sealed)));
}

/**
 * The secrets to use with these settings: what was sent, and what is kept where nothing was. A kept password goes to no
 * other address than the one it was given for: whoever may change settings must not thereby learn it.
 */
export async function fullSecrets(context: Context, sourceId: number | null, input: ConnectionInput): Promise<Secrets> {
  if (sourceId === null) return input.secrets;
  const source = await sourceById(context, sourceId);
  if (source.kind !== input.kind) throw refuse.conflict(`The source "${source.name}" is of another kind.`);
  const { rows } = await context.records.pool.query<Row>('SELECT * FROM connections WHERE source_id = $1', [sourceId]);
  const [row] = rows;
  if (!row) return input.secrets;
  const kept = secretsOf(context, row) ?? {};
  if (kept.password !== undefined && input.secrets.password === undefined && input.kind === 'mqtt') {
    const before = row.settings as MqttSettings;
    if (before.url !== input.settings.url || (before.verifyCertificate && !input.settings.verifyCertificate)) {
      throw refuse.invalid("The broker's address changed, so enter the password again.", { field: 'password' });
    }
  }
  const secrets = { ...kept, ...input.secrets };
  // An empty password takes the kept one away.
  if (secrets.password === '') delete secrets.password;
  return secrets;
}

/** The secrets that a source keeps; none where they cannot be opened. */
export async function keptSecrets(context: Context, sourceId: number): Promise<Secrets> {
  const { rows } = await context.records.pool.query<Row>('SELECT * FROM connections WHERE source_id = $1', [sourceId]);
  return rows[0] ? (secretsOf(context, rows[0]) ?? {}) : {};
}

/** Refuses (400) what the settings need and the secrets lack. */
export function assertComplete(input: ConnectionInput, secrets: Secrets): void {
  if (input.kind === 'postgres' && !secrets.url) {
    throw refuse.invalid('Enter the connection URL of the database, postgres://name:password@host/database.', {
      field: 'url',
    });
  }
}

/** Sets a source's connection up, or changes it; whatever runs with the old one is stopped and started again at once. */
export async function saveConnection(context: Context, sourceId: number, input: ConnectionInput): Promise<Connection> {
  const source = await sourceById(context, sourceId);
  if (source.kind !== input.kind) throw refuse.conflict(`The source "${source.name}" is of the kind ${source.kind}.`);
  const secrets = await fullSecrets(context, sourceId, input);
  assertComplete(input, secrets);
  const sealed =
    Object.keys(secrets).length > 0 ? seal(context.config.dataDir, placeOf(sourceId), JSON.stringify(secrets)) : null;
  await context.records.transaction(async (client) => {
    // Another table, or another column to go by, begins from the beginning.
    await client.query(
      `INSERT INTO connections (source_id, settings, secrets) VALUES ($1, $2, $3)
       ON CONFLICT (source_id) DO UPDATE SET settings = excluded.settings, secrets = excluded.secrets,
         version = connections.version + 1, changed_at = now(), error = NULL, error_at = NULL, retry_at = NULL,
         progress = CASE WHEN connections.settings->>'table' IS NOT DISTINCT FROM excluded.settings->>'table'
             AND connections.settings->>'schema' IS NOT DISTINCT FROM excluded.settings->>'schema'
             AND connections.settings->>'cursor' IS NOT DISTINCT FROM excluded.settings->>'cursor'
             AND connections.settings->'key' IS NOT DISTINCT FROM excluded.settings->'key'
           THEN connections.progress ELSE '{}' END`,
      [sourceId, JSON.stringify(input.settings), sealed],
    );
    if (input.kind === 'mail') await setAddresses(client, sourceId, input.settings.aliases);
  });
  return (await connectionOf(context, source))!;
}

async function setAddresses(client: pg.PoolClient, sourceId: number, aliases: readonly string[]): Promise<void> {
  await client.query('DELETE FROM connection_addresses WHERE source_id = $1', [sourceId]);
  const { rows } = await client.query<{ address: string }>(
    `INSERT INTO connection_addresses (address, source_id) SELECT DISTINCT a, $2::int FROM unnest($1::text[]) a
     ON CONFLICT DO NOTHING RETURNING address`,
    [aliases, sourceId],
  );
  const taken = aliases.find((alias) => !rows.some((row) => row.address === alias));
  if (taken) throw refuse.conflict(`${taken} belongs to another source.`, { field: 'aliases' });
}

/** A connection as the runner needs it, with its secrets. */
export interface Runnable {
  source: Source;
  settings: Settings;
  secrets: Secrets;
  progress: Record<string, unknown>;
  /** Changes with anything that asks for a new start. */
  signature: string;
  /** Why it cannot run, where it cannot. */
  trouble: string | null;
}

/** All connections that should run now. */
export async function runnableConnections(context: Context): Promise<Runnable[]> {
  const { rows } = await context.records.pool.query<Row & { source: Source & { createdAt: string } }>(
    `SELECT c.*, json_build_object('id', s.id, 'name', s.name, 'kind', s.kind, 'writeKey', s.write_key,
       'enabled', s.enabled, 'mapping', s.mapping, 'createdAt', s.created_at) AS source
     FROM connections c JOIN sources s ON s.id = c.source_id
     WHERE s.enabled AND s.kind IN ('mqtt', 'postgres') ORDER BY s.id`,
  );
  return rows.map((row) => {
    const source = { ...row.source, createdAt: new Date(row.source.createdAt) };
    const runnable = {
      source,
      settings: row.settings as Settings,
      secrets: {},
      progress: row.progress,
      signature: JSON.stringify([row.version, source.mapping]),
      trouble: null,
    };
    try {
      if (!isConnectionKind(source.kind)) return runnable;
      const settings = SETTINGS[source.kind].parse(row.settings);
      return { ...runnable, settings, secrets: row.secrets ? openSecrets(context, source.id, row.secrets) : {} };
    } catch (error) {
      return { ...runnable, trouble: (error as Error).message };
    }
  });
}

/** Writes down how a connection goes. */
export async function reportState(
  context: Context,
  sourceId: number,
  state: ConnectionState,
  trouble: { error: string; retryAt: Date | null } | null = null,
): Promise<void> {
  await context.records.pool.query(
    `UPDATE connections SET state = $2, state_at = CASE WHEN state = $2 THEN state_at ELSE now() END,
       error = CASE WHEN $3::text IS NULL AND $2 <> 'connected' THEN error ELSE $3 END,
       error_at = CASE WHEN $3::text IS NULL THEN CASE WHEN $2 = 'connected' THEN NULL ELSE error_at END ELSE now() END,
       retry_at = $4 WHERE source_id = $1`,
    [sourceId, state, trouble?.error.slice(0, 1000) ?? null, trouble?.retryAt ?? null],
  );
}

/** Counts what arrived. */
export async function countArrived(
  db: pg.Pool | pg.ClientBase,
  sourceId: number,
  events: number,
  refused: number,
): Promise<void> {
  if (events + refused === 0) return;
  await db.query(
    'UPDATE connections SET last_at = now(), received = received + $2, refused = refused + $3 WHERE source_id = $1',
    [sourceId, events, refused],
  );
}

/** Keeps what a runner needs at its next start. */
export async function saveProgress(context: Context, sourceId: number, progress: object): Promise<void> {
  await context.records.pool.query('UPDATE connections SET progress = progress || $2::jsonb WHERE source_id = $1', [
    sourceId,
    JSON.stringify(progress),
  ]);
}

/** Starts a connection anew at once: connects again, or reads what is new without waiting for its time. */
export async function restartConnection(context: Context, sourceId: number): Promise<void> {
  const { rowCount } = await context.records.pool.query(
    'UPDATE connections SET version = version + 1 WHERE source_id = $1',
    [sourceId],
  );
  if (!rowCount) throw refuse.notFound(`The source ${sourceId} has no connection.`);
}
