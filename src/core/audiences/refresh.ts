import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { faultText } from '../../kernel/fault-text.ts';
import { Refusal } from '../../kernel/refusal.ts';
import { Bindings } from '../query/bindings.ts';
import { type Environment, environmentOf } from '../query/environment.ts';
import { NICE, REPORT_MEMORY } from '../query/limits.ts';
import { takeTurn } from '../query/turns.ts';
import { idsSql } from './compile.ts';
import { Definition, type Group } from './definition.ts';
import { type Affected, affectedSince, type Basis, mayHaveChanged, meaningNow, storeState } from './inputs.ts';
import {
  type Changes,
  numbersOf,
  reconcile,
  storedMembers,
  tellTimelines,
  writeEventsStore,
  writeRecords,
} from './members.ts';
import { referencesOf } from './references.ts';

/** One process at a time computes an audience: the second number of the lock is the audience's. */
const AUDIENCE_LOCK = 7_401;
/** Held by whoever writes members, shared; an erasure takes it alone, so that nobody puts back what it removed. */
export const MEMBERS_LOCK = 7_401_021;
const COMPUTE_SECONDS = 120;
/** Changes of one round; of more the next round does the rest. */
const CHANGES_AT_ONCE = 500_000;

export interface Refreshed {
  state: 'computed' | 'unchanged' | 'busy' | 'failed' | 'gone';
  /** How much of it was looked at. */
  looked?: 'nobody' | 'some' | 'everybody' | 'list';
  entered: number;
  left: number;
}

export interface RefreshOptions {
  now?: number;
  /** Counts everybody, whatever is new. */
  full?: boolean;
  signal?: AbortSignal | undefined;
}

interface Row {
  id: number;
  name: string;
  definition: unknown;
  version: number;
  tells: boolean;
  computed_version: number | null;
  basis: Basis | null;
  told: boolean;
  size: number | null;
}

const NONE = { entered: 0, left: 0 };

/**
 * Computes who is in an audience now, writes down who entered and who left, and tells of them on their timelines where
 * the audience was computed before in this meaning. An error is kept with the audience, and its members stay as they were.
 */
export async function refreshAudience(context: Context, id: number, options: RefreshOptions = {}): Promise<Refreshed> {
  const client = await context.records.pool.connect();
  try {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS got', [
      AUDIENCE_LOCK,
      id,
    ]);
    if (!rows[0]!.got) return { state: 'busy', ...NONE };
    try {
      return await refresh(context, client, id, options);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      // A refusal says what to do; a fault of ours may quote what belongs to a customer.
      const said = error instanceof Refusal ? error.message : 'It could not be computed; it is tried again.';
      if (!(error instanceof Refusal)) console.error(`The audience ${id} could not be computed:`, faultText(error));
      await context.records.pool.query('UPDATE audiences SET error = $2, computed_at = now() WHERE id = $1', [
        id,
        said,
      ]);
      return { state: 'failed', ...NONE };
    } finally {
      await client.query('SELECT pg_advisory_unlock($1, $2)', [AUDIENCE_LOCK, id]);
    }
  } finally {
    client.release();
  }
}

async function refresh(
  context: Context,
  client: pg.PoolClient,
  id: number,
  options: RefreshOptions,
): Promise<Refreshed> {
  const { rows } = await client.query<Row>(
    `SELECT id, name, definition, version, tells, computed_version, basis, told, size
     FROM audiences WHERE id = $1 AND archived_at IS NULL`,
    [id],
  );
  const row = rows[0];
  if (!row) return { state: 'gone', ...NONE };
  if (!row.told) await mend(context, id);
  const definition = Definition.parse(row.definition);
  const started = performance.now();
  const environment = await environmentOf(context, { now: options.now });
  const state = await storeState(context);
  let affected: Affected | { who: 'list' } = { who: 'list' };
  let meaning = '';
  if (definition.is === 'dynamic') {
    meaning = meaningNow(definition.who, environment, await othersChanged(context, definition));
    const basis = options.full ? null : row.basis;
    affected = await affectedSince(context, definition.who, environment, basis, state, meaning);
  }
  const listAsBefore = !options.full && row.basis && !mayHaveChanged(row.basis, state, environment.now);
  if (affected.who === 'nobody' || (affected.who === 'list' && listAsBefore)) {
    await note(context, row, { state, meaning, fullAt: row.basis!.fullAt }, performance.now() - started);
    return { state: 'unchanged', looked: 'nobody', ...NONE };
  }
  const total = { ...NONE };
  for (;;) {
    const changes =
      definition.is === 'dynamic'
        ? await changesOf(
            context,
            id,
            definition.who,
            environment,
            affected.who === 'some' ? affected.origins : undefined,
            options,
          )
        : await changesOfList(context, id);
    const written = await write(context, client, row, changes);
    total.entered += written.entered;
    total.left += written.left;
    if (changes.entered.length + changes.left.length < CHANGES_AT_ONCE) break;
  }
  const fullAt = affected.who === 'some' ? row.basis!.fullAt : environment.now;
  await note(context, row, { state, meaning, fullAt }, performance.now() - started);
  await noteSize(context, id, total);
  return { state: 'computed', looked: affected.who, ...total };
}

/** When the members of those audiences changed last that a definition names. */
async function othersChanged({ records }: Context, definition: Definition): Promise<object> {
  const { rows } = await records.pool.query<{ id: number; at: Date | null }>(
    'SELECT id, members_changed_at AS at FROM audiences WHERE id = ANY ($1::int[]) ORDER BY id',
    [referencesOf(definition)],
  );
  return rows.map(({ id, at }) => [id, at?.getTime() ?? 0]);
}

/** Who is in it now and was not, and the other way round. */
async function changesOf(
  context: Context,
  id: number,
  group: Group,
  environment: Environment,
  only: readonly number[] | undefined,
  { signal }: RefreshOptions,
): Promise<Changes> {
  const bindings = new Bindings();
  const members = idsSql(group, 'person', { environment, bindings, only });
  const audience = bindings.bind(id, 'UInt32');
  const some = only ? ` AND person_id IN ${bindings.bind(only, 'Array(UInt64)')}` : '';
  const { sql, params } = bindings.statement(
    `SELECT if(sum(step) > 0, toInt64(id), -toInt64(id)) AS change FROM (
       SELECT id, 1 AS step FROM (${members})
       UNION ALL
       SELECT person_id AS id, -1 AS step FROM audience_members FINAL WHERE audience_id = ${audience} AND inside = 1${some}
     ) GROUP BY id HAVING sum(step) != 0 LIMIT ${CHANGES_AT_ONCE}`,
  );
  const bytes = await takeTurn(signal, () =>
    context.events.bytes(sql, 'TSVRaw', params, {
      seconds: COMPUTE_SECONDS,
      memoryBytes: REPORT_MEMORY,
      nice: NICE,
      ...(signal ? { signal } : {}),
    }),
  );
  const changed = numbersOf(bytes);
  return {
    entered: changed.filter((one) => one > 0).sort((a, b) => a - b),
    left: changed
      .filter((one) => one < 0)
      .map((one) => -one)
      .sort((a, b) => a - b),
  };
}

/** The same for a list: whoever its people count for now, without those who are left out of reports. */
async function changesOfList(context: Context, id: number): Promise<Changes> {
  const { rows } = await context.records.pool.query<{ id: number }>(
    `SELECT DISTINCT p.root_id AS id FROM audiences_listed l JOIN persons p ON p.id = l.person_id
     WHERE l.audience_id = $1 AND NOT EXISTS (
       SELECT FROM privacy_restrictions r JOIN persons part ON part.id = r.person_id
       WHERE part.root_id = p.root_id AND r.purpose IN ('', 'analytics'))`,
    [id],
  );
  const now = new Set(rows.map((row) => row.id));
  const stored = new Set(await storedMembers(context, id));
  return {
    entered: [...now].filter((one) => !stored.has(one)).slice(0, CHANGES_AT_ONCE),
    left: [...stored].filter((one) => !now.has(one)).slice(0, CHANGES_AT_ONCE),
  };
}

/** Writes changes down everywhere. Returns how many people entered and left, a merged person's parts not counted. */
async function write(
  context: Context,
  lock: pg.PoolClient,
  row: Row,
  changes: Changes,
): Promise<{ entered: number; left: number }> {
  if (changes.entered.length + changes.left.length === 0) return NONE;
  const at = Date.now();
  await lock.query('SELECT pg_advisory_lock_shared($1)', [MEMBERS_LOCK]);
  try {
    const { word, told, kept } = await context.records.transaction(async (client) => {
      const kept = { entered: await notErased(client, changes.entered), left: changes.left };
      const word = await nextWord(client, row.id);
      await writeRecords(client, row.id, kept, at);
      const told = await withoutMerges(client, row.id, kept);
      if (row.tells && row.computed_version === row.version) await tellTimelines(client, row, told, at);
      await client.query('UPDATE audiences SET told = false, members_changed_at = now() WHERE id = $1', [row.id]);
      return { word, told, kept };
    });
    await writeEventsStore(context, row.id, kept, at, word);
    await context.records.pool.query('UPDATE audiences SET told = true WHERE id = $1', [row.id]);
    return { entered: told.entered.length, left: told.left.length };
  } finally {
    await lock.query('SELECT pg_advisory_unlock_shared($1)', [MEMBERS_LOCK]);
  }
}

async function mend(context: Context, id: number): Promise<void> {
  const word = await context.records.transaction((client) => nextWord(client, id));
  await reconcile(context, id, word);
  await context.records.pool.query('UPDATE audiences SET told = true WHERE id = $1', [id]);
}

async function nextWord(client: pg.PoolClient, id: number): Promise<number> {
  const { rows } = await client.query<{ word: number }>(
    `UPDATE audiences SET word = greatest(word + 2, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
     WHERE id = $1 RETURNING word`,
    [id],
  );
  return rows[0]!.word;
}

/** Those who are there still: an erasure may have begun since the events were read. */
async function notErased(client: pg.PoolClient, ids: readonly number[]): Promise<number[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<{ id: number }>(
    `SELECT p.id FROM unnest($1::bigint[]) AS asked (id) JOIN persons p ON p.id = asked.id
     WHERE NOT EXISTS (SELECT FROM privacy_erasures e WHERE e.state <> 'done' AND p.id = ANY (e.origins))`,
    [ids],
  );
  return rows.map((row) => row.id);
}

/**
 * The changes that are people's doing: whoever was merged into a person that is in the audience did not leave it, and a
 * person did not enter that one of its parts was in already.
 */
async function withoutMerges(client: pg.PoolClient, id: number, changes: Changes): Promise<Changes> {
  const { rows } = await client.query<{ id: number; root: number }>(
    'SELECT id, root_id AS root FROM persons WHERE id = ANY ($1::bigint[]) AND root_id <> id',
    [changes.left],
  );
  if (rows.length === 0) return changes;
  const rootOf = new Map(rows.map((one) => [one.id, one.root]));
  const roots = [...new Set(rootOf.values())];
  const left = new Set(changes.left);
  const { rows: inside } = await client.query<{ id: number }>(
    `SELECT person_id AS id FROM audiences_members WHERE person_id = ANY ($1::bigint[]) AND "of" ? $2`,
    [roots, String(id)],
  );
  const stillIn = new Set(inside.map((one) => one.id));
  const moved = new Set(roots);
  return {
    entered: changes.entered.filter((one) => !moved.has(one)),
    left: [...new Set([...left].map((one) => rootOf.get(one) ?? one))].filter((one) => !stillIn.has(one)),
  };
}

async function note({ records }: Context, row: Row, basis: Basis, took: number): Promise<void> {
  await records.pool.query(
    `UPDATE audiences SET basis = $2, computed_at = now(), computed_version = $3, took_ms = $4, error = NULL
     WHERE id = $1`,
    [row.id, JSON.stringify(basis), row.version, Math.round(took)],
  );
}

async function noteSize(
  context: Context,
  id: number,
  { entered, left }: { entered: number; left: number },
): Promise<void> {
  const [found] = await context.events.query<{ size: string }>(
    'SELECT count() AS size FROM audience_members FINAL WHERE audience_id = {id:UInt32} AND inside = 1',
    { id },
  );
  const size = Number(found!.size);
  await context.records.pool.query('UPDATE audiences SET size = $2 WHERE id = $1', [id, size]);
  await context.records.pool.query(
    `INSERT INTO audiences_sizes (audience_id, day, size, entered, "left") VALUES ($1, current_date, $2, $3, $4)
     ON CONFLICT (audience_id, day) DO UPDATE SET size = excluded.size, entered = audiences_sizes.entered + excluded.entered,
       "left" = audiences_sizes."left" + excluded."left", at = now()`,
    [id, size, entered, left],
  );
}
