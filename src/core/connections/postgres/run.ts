import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { z } from 'zod';
import type { IncomingEvent, Refused } from '../../intake/incoming.ts';
import type { Source } from '../../sources/sources.ts';
import { acceptOrWait, eventsFrom } from '../arrived.ts';
import { countArrived, saveProgress } from '../connections.ts';
import type { PostgresSettings } from '../settings.ts';
import type { Session } from '../supervisor.ts';
import { withDatabase } from './open.ts';
import { type Position, ROW_BYTES, readRows, rowEvent, rowMessageId, type TableRow } from './read.ts';
import { type Checked, checkTable } from './schema.ts';

/** Message IDs of rows that were read lately, so that reading the same again is not even sent. */
const REMEMBERED = 200_000;

const PositionShape = z.object({ cursor: z.string(), key: z.array(z.string()) });
const Progress = z.object({
  position: PositionShape.optional(),
  /** Where the round before began to be read again from, for cursors that tell no time. */
  before: PositionShape.optional(),
  /** The end of the table was reached once. */
  caughtUp: z.boolean().default(false),
  rows: z.number().default(0),
});

/** Reads what is new in a table, every so many minutes, until it is stopped. */
export async function runPostgres(session: Session): Promise<void> {
  const settings = session.settings as PostgresSettings;
  const seen = new Set<string>();
  const progress = Progress.parse(session.progress);
  for (;;) {
    await withDatabase(session.secrets.url ?? '', session.signal, (client) => round(session, client, progress, seen));
    await sleep(settings.everyMinutes * 60_000, undefined, { signal: session.signal });
  }
}

/** Reads from a little before where the last round ended to the end, batch by batch; each is kept before the next. */
async function round(
  session: Session,
  client: pg.Client,
  progress: z.output<typeof Progress>,
  seen: Set<string>,
): Promise<void> {
  const { context, source, signal } = session;
  const settings = session.settings as PostgresSettings;
  const checked = await checkTable(client, settings);
  await session.connected();
  const began = progress.position;
  let from: Position | null = progress.caughtUp ? await startOf(client, settings, checked, progress) : (began ?? null);
  for (;;) {
    signal.throwIfAborted();
    const rows = await readRows(client, settings, checked, from, settings.batch);
    const fresh = rows.filter((row) => !seen.has(rowMessageId(source.id, settings, row)));
    await send(session, checked, fresh);
    for (const row of fresh) remember(seen, rowMessageId(source.id, settings, row));
    const last = rows.at(-1);
    if (last) from = { cursor: last.cursor, key: last.key };
    // While catching up, each batch is kept; a round that reads again keeps only its end.
    const ended = rows.length < settings.batch;
    if (from && (ended || !progress.caughtUp)) progress.position = from;
    progress.rows += fresh.length;
    if (ended) {
      progress.before = began;
      progress.caughtUp = true;
    }
    await saveProgress(context, source.id, { ...progress });
    if (ended) return;
  }
}

/**
 * Where a round begins, so that transactions which were committed late are found too: `lagSeconds` before the end of the
 * last for times and UUIDs of version 7. Whole numbers tell no time: there it is where the last round began, and at least
 * one batch of numbers before its end.
 */
async function startOf(
  client: pg.Client,
  settings: PostgresSettings,
  checked: Checked,
  progress: z.output<typeof Progress>,
): Promise<Position | null> {
  const { position, before } = progress;
  if (!position) return null;
  if (settings.lagSeconds === 0) return position;
  if (checked.cursorType === 'uuid') return { ...position, cursor: earlierUuid(position.cursor, settings.lagSeconds) };
  if (!checked.cursorType.startsWith('timestamp')) {
    const back = String(BigInt(position.cursor) - BigInt(settings.batch));
    return before && BigInt(before.cursor) < BigInt(back) ? before : { ...position, cursor: back };
  }
  const { rows } = await client.query<{ cursor: string }>(
    `SELECT ($1::text::${checked.cursorType} - make_interval(secs => $2))::text AS cursor`,
    [position.cursor, settings.lagSeconds],
  );
  return { ...position, cursor: rows[0]!.cursor };
}

/** The smallest UUID of version 7 of a time so much earlier. */
export function earlierUuid(uuid: string, seconds: number): string {
  const at = Math.max(0, Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16) - seconds * 1000);
  const hex = at.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

async function send(session: Session, checked: Checked, rows: readonly TableRow[]): Promise<void> {
  const { context, source, signal } = session;
  const settings = session.settings as PostgresSettings;
  const events: IncomingEvent[] = [];
  const refused: Refused[] = [];
  for (let i = 0; i < rows.length; i += 200) {
    const found = await Promise.all(rows.slice(i, i + 200).map((row) => rowEvents(source, settings, checked, row)));
    for (const one of found) {
      events.push(...one.events);
      refused.push(...one.refused);
    }
  }
  let waited = false;
  await acceptOrWait(
    context,
    { sourceId: source.id, protocol: 'postgres', events, refused },
    signal,
    (reason, retryAt) => {
      waited = true;
      session.held(reason, retryAt).catch(() => {});
    },
  );
  if (waited) await session.connected();
  await countArrived(context.records.pool, source.id, events.length, refused.length);
}

/** What a row becomes: by the source's mapping, else by the fields of the settings. */
export async function rowEvents(
  source: Pick<Source, 'id' | 'mapping'>,
  settings: PostgresSettings,
  checked: Checked,
  one: TableRow,
): Promise<{ events: IncomingEvent[]; refused: Refused[] }> {
  const messageId = rowMessageId(source.id, settings, one);
  const { row } = one;
  if (row === null) {
    const reason = `the row is longer than ${ROW_BYTES / 1024} kB`;
    const event = JSON.stringify({ table: `${settings.schema}.${settings.table}`, cursor: one.cursor });
    return { events: [], refused: [{ event, reason, messageId }] };
  }
  const variables = { table: settings.table, schema: settings.schema, cursor: one.cursor };
  return eventsFrom(source, { value: row, variables, messageId }, () => rowEvent(settings, checked, row));
}

function remember(seen: Set<string>, messageId: string): void {
  if (seen.size >= REMEMBERED) {
    const [oldest] = seen;
    seen.delete(oldest!);
  }
  seen.add(messageId);
}
