import type pg from 'pg';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import type { OwnRules, Rules } from './rules.ts';
import { checkSchema, type Schema } from './schema.ts';

/** Events with a schema; the stream holds all of them compiled. */
const PLANNED_LIMIT = 5000;

export interface Plan {
  rules: Rules;
  /** Sources whose events are checked; null for all. */
  sources: number[] | null;
}

export interface Version {
  version: number;
  schema: Schema;
  rules: OwnRules;
  note: string;
  at: Date;
  byName: string;
}

/** Tells the stream that something of the plan changed: it reads it again within seconds. */
export async function bumpRevision(client: pg.ClientBase): Promise<void> {
  await client.query('UPDATE catalogue_plan SET revision = revision + 1');
}

export async function readPlan(context: Pick<Context, 'records'>): Promise<Plan & { otherEvents: number }> {
  const { rows } = await context.records.pool.query<Plan & { otherEvents: number }>(
    'SELECT rules, sources, other_events AS "otherEvents" FROM catalogue_plan',
  );
  return rows[0]!;
}

/** Changes what is given. Refuses with 400 where a source is not there. */
export async function changePlan(
  context: Context,
  change: { rules?: Rules; sources?: number[] | null },
): Promise<void> {
  await context.records.transaction(async (client) => {
    if (change.sources) {
      const { rows } = await client.query<{ id: number }>('SELECT id FROM sources WHERE id = ANY ($1::int[])', [
        change.sources,
      ]);
      const missing = change.sources.find((id) => !rows.some((row) => row.id === id));
      if (missing !== undefined) throw refuse.invalid(`There is no source ${missing}.`);
    }
    if (change.rules) await client.query('UPDATE catalogue_plan SET rules = $1', [JSON.stringify(change.rules)]);
    if (change.sources !== undefined) await client.query('UPDATE catalogue_plan SET sources = $1', [change.sources]);
    await bumpRevision(client);
  });
}

/**
 * Makes a new version of an event's schema, which counts from now on; the event is planned by it. Refuses with 400 what is
 * not a schema that can be checked, 409 past the limit of planned events.
 */
export async function saveVersion(
  context: Context,
  caller: Caller,
  eventId: number,
  input: { schema: unknown; rules: OwnRules; note: string },
): Promise<number> {
  const schema = checkSchema(input.schema);
  return context.records.transaction((client) => addVersion(client, caller, eventId, { ...input, schema }));
}

/** Goes back to an earlier version, by a new one that says the same. Refuses with 404 where there is none. */
export async function restoreVersion(
  context: Context,
  caller: Caller,
  eventId: number,
  version: number,
): Promise<number> {
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<{ schema: Schema; rules: OwnRules }>(
      'SELECT schema, rules FROM catalogue_versions WHERE event_id = $1 AND version = $2',
      [eventId, version],
    );
    if (!rows[0]) throw refuse.notFound(`This event has no version ${version}.`);
    return addVersion(client, caller, eventId, { ...rows[0], note: `v${version}` });
  });
}

async function addVersion(
  client: pg.ClientBase,
  caller: Caller,
  eventId: number,
  { schema, rules, note }: { schema: Schema; rules: OwnRules; note: string },
): Promise<number> {
  await client.query('SELECT 1 FROM catalogue_plan FOR UPDATE');
  const { rows: planned } = await client.query<{ count: number }>(
    'SELECT count(*) AS count FROM catalogue_events WHERE version IS NOT NULL AND id <> $1',
    [eventId],
  );
  if (planned[0]!.count >= PLANNED_LIMIT)
    throw refuse.conflict(`At most ${PLANNED_LIMIT} events can be planned. Take some out of the plan first.`);
  const { rows } = await client.query<{ version: number }>(
    `INSERT INTO catalogue_versions (event_id, version, schema, rules, note, by_id, by_name)
     SELECT $1, 1 + coalesce(max(version), 0), $2, $3, $4, $5, $6 FROM catalogue_versions WHERE event_id = $1
     RETURNING version`,
    [eventId, JSON.stringify(schema), JSON.stringify(rules), note, caller.id, caller.name],
  );
  const { version } = rows[0]!;
  await client.query(
    `UPDATE catalogue_events SET version = $2, status = CASE status WHEN 'seen' THEN 'planned' ELSE status END WHERE id = $1`,
    [eventId, version],
  );
  await bumpRevision(client);
  return version;
}

/** Takes an event out of the plan; its versions are kept. */
export async function unplan(context: Context, eventId: number): Promise<void> {
  await context.records.transaction(async (client) => {
    await client.query("UPDATE catalogue_events SET version = NULL, status = 'seen' WHERE id = $1", [eventId]);
    await bumpRevision(client);
  });
}

const VERSIONS_SHOWN = 100;

/** The newest first. */
export async function versionsOf(context: Context, eventId: number): Promise<Version[]> {
  const { rows } = await context.records.pool.query<Version>(
    `SELECT version, schema, rules, note, at, by_name AS "byName" FROM catalogue_versions
     WHERE event_id = $1 ORDER BY version DESC LIMIT ${VERSIONS_SHOWN}`,
    [eventId],
  );
  return rows;
}
