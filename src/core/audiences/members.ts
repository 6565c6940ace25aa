import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { emitAll } from '../stream/outbox.ts';
import { ENTERED, LEFT } from './names.ts';

/** Rows written in one statement of PostgreSQL, or one insert of the events store. */
const AT_ONCE = 20_000;
/** Events about one audience at a time; of more changes the rest is only counted. */
export const TOLD_AT_ONCE = 10_000;

export interface Changes {
  entered: number[];
  left: number[];
}

/** The members as the events store has them: the newest word on each, in the order of their ids. */
export async function storedMembers({ events }: Pick<Context, 'events'>, audience: number): Promise<number[]> {
  const bytes = await events.bytes(
    'SELECT person_id FROM audience_members FINAL WHERE audience_id = {audience:UInt32} AND inside = 1 ORDER BY person_id',
    'TSVRaw',
    { audience },
    { seconds: 60 },
  );
  return numbersOf(bytes);
}

export function numbersOf(bytes: Buffer): number[] {
  const text = bytes.toString('latin1').trimEnd();
  return text === '' ? [] : text.split('\n').map(Number);
}

/** Writes down in the records who is in an audience and who no longer is. Repeating it changes nothing. */
export async function writeRecords(
  client: pg.PoolClient,
  audience: number,
  { entered, left }: Changes,
  since: number,
): Promise<void> {
  const key = String(audience);
  for (let at = 0; at < entered.length; at += AT_ONCE) {
    await client.query(
      `INSERT INTO audiences_members (person_id, "of")
       SELECT id, jsonb_build_object($2::text, $3::bigint) FROM unnest($1::bigint[]) AS id
       ON CONFLICT (person_id) DO UPDATE SET "of" = audiences_members."of" || excluded."of"
       WHERE NOT audiences_members."of" ? $2::text`,
      [entered.slice(at, at + AT_ONCE), key, since],
    );
  }
  for (let at = 0; at < left.length; at += AT_ONCE) {
    await client.query(
      `UPDATE audiences_members SET "of" = "of" - $2::text WHERE person_id = ANY ($1::bigint[]) AND "of" ? $2::text`,
      [left.slice(at, at + AT_ONCE), key],
    );
  }
}

/** Tells the events store the same. `word` orders what it is told. */
export async function writeEventsStore(
  { events }: Pick<Context, 'events'>,
  audience: number,
  { entered, left }: Changes,
  since: number,
  word: number,
): Promise<void> {
  const lines = [
    ...entered.map((id) => `[${audience},${id},1,${since},${word}]`),
    ...left.map((id) => `[${audience},${id},0,${since},${word}]`),
  ];
  for (let at = 0; at < lines.length; at += AT_ONCE) {
    await events.insert({
      table: 'audience_members',
      columns: ['audience_id', 'person_id', 'inside', 'since', 'version'],
      format: 'JSONCompactEachRow',
      bytes: new TextEncoder().encode(lines.slice(at, at + AT_ONCE).join('\n')),
      token: `audience:${audience}:${word}:${at}`,
    });
  }
}

/** Puts entries and exits on the timelines, as far as they are not too many. Returns how many were left out. */
export async function tellTimelines(
  client: pg.PoolClient,
  audience: { id: number; name: string },
  { entered, left }: Changes,
  at: number,
): Promise<number> {
  const properties = { audience_id: audience.id, audience: audience.name };
  const all = [
    ...entered.map((personId) => ({ name: ENTERED, personId })),
    ...left.map((personId) => ({ name: LEFT, personId })),
  ];
  const told = all.slice(0, TOLD_AT_ONCE);
  await emitAll(
    client,
    told.map((one) => ({ ...one, properties, at: new Date(at) })),
  );
  return all.length - told.length;
}

/** Makes the events store know exactly the members that the records know, after something came in between. */
export async function reconcile(context: Context, audience: number, word: number): Promise<void> {
  const { rows } = await context.records.pool.query<{ id: number; since: number }>(
    `SELECT person_id AS id, ("of" ->> $1)::bigint AS since FROM audiences_members WHERE "of" ? $1`,
    [String(audience)],
  );
  const stored = new Set(await storedMembers(context, audience));
  const known = new Set(rows.map((row) => row.id));
  const left = [...stored].filter((id) => !known.has(id));
  const missing = rows.filter((row) => !stored.has(row.id));
  await writeEventsStore(context, audience, { entered: [], left }, Date.now(), word);
  for (const [since, group] of Map.groupBy(missing, (row) => row.since))
    await writeEventsStore(context, audience, { entered: group.map((row) => row.id), left: [] }, since, word + 1);
}
