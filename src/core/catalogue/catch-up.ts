import type { Context } from '../../kernel/context.ts';
import type { StreamEvent } from '../stream/event.ts';
import { NAMES_LIMIT, Observer } from './observe.ts';

const NAMES_AT_ONCE = 50;
/** Events looked at of each name. */
const SAMPLE = 200;

/**
 * Looks at a sample of events that were stored without passing the stream's plan step: those of a version before the
 * catalogue. Names that the catalogue knows are left alone, so that it is done once.
 */
export async function catchUp(context: Context, signal?: AbortSignal): Promise<number> {
  const stored = await context.events.query<{ type: string; name: string }>(
    `SELECT type, name FROM catalogue_days GROUP BY type, name ORDER BY sum(events) DESC LIMIT ${NAMES_LIMIT}`,
  );
  const { rows: known } = await context.records.pool.query<{ type: string; name: string }>(
    'SELECT type, name FROM catalogue_events UNION ALL SELECT type, name FROM catalogue_names',
  );
  const names = new Set(known.map((row) => `${row.type}\0${row.name}`));
  const missing = stored.filter((row) => !names.has(`${row.type}\0${row.name}`));
  for (let at = 0; at < missing.length && !signal?.aborted; at += NAMES_AT_ONCE) {
    const observer = new Observer(context.records);
    await observer.load();
    const part = missing.slice(at, at + NAMES_AT_ONCE);
    const rows = await context.events.query<{ type: string; name: string; received: string; properties: string }>(
      `SELECT type, name, received, toJSONString(properties) AS properties FROM (
         SELECT toString(type) AS type, toString(name) AS name, toUnixTimestamp64Milli(received_at) AS received, properties
         FROM events WHERE (type, name) IN (SELECT arrayJoin(arrayZip({types:Array(String)}, {names:Array(String)})))
         LIMIT ${SAMPLE} BY type, name)
       SETTINGS output_format_json_quote_64bit_integers = 0`,
      { types: part.map((row) => row.type), names: part.map((row) => (row.name === row.type ? '' : row.name)) },
    );
    for (const row of rows) {
      const properties = JSON.parse(row.properties) as Record<string, unknown>;
      const { type, name } = row;
      observer.observe({ type, name, receivedAt: Number(row.received), properties, traits: properties } as StreamEvent);
    }
    await observer.flush();
  }
  return missing.length;
}
