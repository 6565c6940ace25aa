import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { Bindings } from '../query/bindings.ts';
import { environmentOf } from '../query/environment.ts';
import { idsSql } from './compile.ts';
import type { Definition } from './definition.ts';
import { queueRefresh } from './jobs.ts';
import { checkReferences, referencesOfAll } from './references.ts';

/** Audiences of one installation, archived ones not counted. */
export const AUDIENCES_LIMIT = 500;
/** Definitions of one audience that are kept, the latest. */
const VERSIONS_KEPT = 100;
/** Days of sizes that the list shows as a line. */
const TREND_DAYS = 30;

export interface Audience {
  id: number;
  name: string;
  description: string;
  definition: Definition;
  version: number;
  ownerId: string;
  ownerName: string;
  tells: boolean;
  createdAt: Date;
  changedAt: Date;
  archivedAt: Date | null;
  size: number | null;
  computedAt: Date | null;
  /** Whether what is known of its members is of its present definition. */
  current: boolean;
  error: string | null;
  trend: number[];
}

const COLUMNS = `a.id, a.name, a.description, a.definition, a.version, a.owner_id AS "ownerId", a.owner_name AS "ownerName",
  a.tells, a.created_at AS "createdAt", a.changed_at AS "changedAt", a.archived_at AS "archivedAt", a.size,
  a.computed_at AS "computedAt", a.computed_version IS NOT DISTINCT FROM a.version AS current, a.error,
  ARRAY(SELECT s.size FROM audiences_sizes s WHERE s.audience_id = a.id AND s.day > current_date - ${TREND_DAYS} ORDER BY s.day) AS trend`;

/** The audiences in the order of their names, after the given one. */
export async function listAudiences(
  { records }: Pick<Context, 'records'>,
  {
    archived,
    q,
    after,
    limit,
  }: { archived: boolean; q?: string | undefined; after: [string, number] | null; limit: number },
): Promise<Audience[]> {
  const { rows } = await records.pool.query<Audience>(
    `SELECT ${COLUMNS} FROM audiences a WHERE (a.archived_at IS NOT NULL) = $1
       AND ($2::text IS NULL OR a.name ILIKE '%' || $2 || '%')
       AND ($3::text IS NULL OR (lower(a.name), a.id) > ($3, $4::int))
     ORDER BY lower(a.name), a.id LIMIT $5`,
    [archived, q ? q.replaceAll(/[\\%_]/g, (one) => `\\${one}`) : null, after?.[0] ?? null, after?.[1] ?? 0, limit],
  );
  return rows.map(numbers);
}

/** Arrays of whole numbers arrive as they are asked for; elements of bigint[] as text. */
const numbers = (row: Audience): Audience => ({ ...row, trend: row.trend.map(Number) });

/** Refuses with 404 where there is none. Archived ones are found too. */
export async function audienceById({ records }: Pick<Context, 'records'>, id: number): Promise<Audience> {
  const { rows } = await records.pool.query<Audience>(`SELECT ${COLUMNS} FROM audiences a WHERE a.id = $1`, [id]);
  if (!rows[0]) throw refuse.notFound('There is no such audience.');
  return numbers(rows[0]);
}

export interface NewAudience {
  name: string;
  description: string;
  definition: Definition;
  tells: boolean;
}

/** Makes an audience, whose members are computed soon. Refuses with 409 past AUDIENCES_LIMIT, with 400 what cannot be. */
export async function createAudience(
  context: Context,
  caller: Pick<Caller, 'id' | 'name'>,
  made: NewAudience,
): Promise<Audience> {
  await checkDefinition(context, made.definition);
  const id = await context.records.transaction(async (client) => {
    await client.query('LOCK TABLE audiences IN SHARE ROW EXCLUSIVE MODE');
    const { rows: counted } = await client.query<{ count: number }>(
      'SELECT count(*) AS count FROM audiences WHERE archived_at IS NULL',
    );
    if (counted[0]!.count >= AUDIENCES_LIMIT)
      throw refuse.conflict(`There are ${AUDIENCES_LIMIT} audiences already. Archive one first.`);
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO audiences (name, description, definition, owner_id, owner_name, tells)
       VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
      [made.name, made.description, JSON.stringify(made.definition), caller.id, caller.name, made.tells],
    );
    const { id } = rows[0]!;
    await keepVersion(client, id, 1, made.definition, caller.name);
    if (made.definition.is === 'dynamic') await queueRefresh(client, id);
    return id;
  });
  return audienceById(context, id);
}

/** Changes the parts given. A definition that is another is a new version; its members are computed anew soon. */
export async function changeAudience(
  context: Context,
  caller: Pick<Caller, 'name'>,
  id: number,
  change: Partial<NewAudience>,
): Promise<Audience> {
  const { definition } = change;
  if (definition) await checkDefinition(context, definition, id);
  await context.records.transaction(async (client) => {
    const { rows } = await client.query<{ definition: Definition; version: number; archived: boolean }>(
      'SELECT definition, version, archived_at IS NOT NULL AS archived FROM audiences WHERE id = $1 FOR UPDATE',
      [id],
    );
    const before = rows[0];
    if (!before) throw refuse.notFound('There is no such audience.');
    if (before.archived) throw refuse.conflict('The audience is archived. Restore it first.');
    if (definition && definition.is !== before.definition.is)
      throw refuse.invalid('A list cannot become a condition, nor a condition a list. Make another audience.');
    const { rows: same } = await client.query<{ same: boolean }>('SELECT $1::jsonb = $2::jsonb AS same', [
      JSON.stringify(definition ?? before.definition),
      JSON.stringify(before.definition),
    ]);
    const version = before.version + (same[0]!.same ? 0 : 1);
    await client.query(
      `UPDATE audiences SET name = coalesce($2, name), description = coalesce($3, description), tells = coalesce($4, tells),
         definition = $5, version = $6, changed_at = now() WHERE id = $1`,
      [
        id,
        change.name ?? null,
        change.description ?? null,
        change.tells ?? null,
        JSON.stringify(definition ?? before.definition),
        version,
      ],
    );
    if (version === before.version) return;
    await keepVersion(client, id, version, definition!, caller.name);
    await queueRefresh(client, id);
  });
  return audienceById(context, id);
}

type Client = { query: (sql: string, values: unknown[]) => Promise<unknown> };

async function keepVersion(
  client: Client,
  id: number,
  version: number,
  definition: Definition,
  by: string,
): Promise<void> {
  await client.query(
    'INSERT INTO audiences_versions (audience_id, version, definition, by_name) VALUES ($1, $2, $3, $4)',
    [id, version, JSON.stringify(definition), by],
  );
  await client.query('DELETE FROM audiences_versions WHERE audience_id = $1 AND version <= $2', [
    id,
    version - VERSIONS_KEPT,
  ]);
}

/** Refuses what could not be computed: audiences that are not there, actions, values that do not suit their operators. */
export async function checkDefinition(context: Context, definition: Definition, self?: number): Promise<void> {
  await checkReferences(context, definition, self);
  if (definition.is === 'static') return;
  idsSql(definition.who, 'person', { environment: await environmentOf(context, {}), bindings: new Bindings() });
}

/** Puts an audience away; a restoration brings it back within 30 days. Refuses with 409 as long as something uses it. */
export async function archiveAudience(context: Context, id: number): Promise<void> {
  const uses = await usesOf(context, id);
  if (uses.length > 0)
    throw refuse.conflict(
      `The audience is used by ${uses.map(({ name }) => `"${name}"`).join(', ')}. Take it out there first.`,
      { uses },
    );
  const { rowCount } = await context.records.pool.query(
    'UPDATE audiences SET archived_at = now() WHERE id = $1 AND archived_at IS NULL',
    [id],
  );
  if (rowCount === 0) throw refuse.notFound('There is no such audience, or it is archived already.');
}

/** Refuses with 404 what was not archived, or is gone; with 400 where an audience that it names is gone. */
export async function restoreAudience(context: Context, id: number): Promise<Audience> {
  const audience = await audienceById(context, id);
  if (audience.archivedAt === null) throw refuse.notFound('The audience is not archived.');
  await checkReferences(context, audience.definition, id);
  await context.records.transaction(async (client) => {
    const { rows } = await client.query<{ count: number }>(
      'SELECT count(*) AS count FROM audiences WHERE archived_at IS NULL',
    );
    if (rows[0]!.count >= AUDIENCES_LIMIT)
      throw refuse.conflict(`There are ${AUDIENCES_LIMIT} audiences already. Archive one first.`);
    await client.query('UPDATE audiences SET archived_at = NULL WHERE id = $1', [id]);
    await queueRefresh(client, id);
  });
  return audienceById(context, id);
}

/** Something that would no longer work without an audience. */
export interface Use {
  kind: string;
  id: string;
  name: string;
}

export type UsesOf = (context: Context, audience: number) => Promise<Use[]>;
const usedBy: UsesOf[] = [];
/** Tells of what uses audiences: whoever keeps reports or the like registers here. */
export const registerUses = (uses: UsesOf): void => void (usedBy.includes(uses) || usedBy.push(uses));

export async function usesOf(context: Context, id: number): Promise<Use[]> {
  const users = [...(await referencesOfAll(context))].filter(([, named]) => named.includes(id)).map(([user]) => user);
  const { rows } = await context.records.pool.query<{ id: number; name: string }>(
    'SELECT id, name FROM audiences WHERE id = ANY ($1::int[]) ORDER BY name',
    [users],
  );
  const others = await Promise.all(usedBy.map((uses) => uses(context, id)));
  return [...rows.map((row) => ({ kind: 'audience', id: String(row.id), name: row.name })), ...others.flat()];
}

export interface Version {
  version: number;
  definition: Definition;
  at: Date;
  byName: string;
}

/** The definitions that an audience had, the latest first. */
export async function versionsOf(
  { records }: Pick<Context, 'records'>,
  id: number,
  before: number,
  limit: number,
): Promise<Version[]> {
  const { rows } = await records.pool.query<Version>(
    `SELECT version, definition, at, by_name AS "byName" FROM audiences_versions
     WHERE audience_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3`,
    [id, before, limit],
  );
  return rows;
}

export interface SizeOfDay {
  day: string;
  size: number;
  entered: number;
  left: number;
}

/** How many were in it at the end of each day, and how many entered and left, the latest first. */
export async function sizesOf(
  { records }: Pick<Context, 'records'>,
  id: number,
  before: string | null,
  limit: number,
): Promise<SizeOfDay[]> {
  const { rows } = await records.pool.query<SizeOfDay>(
    `SELECT to_char(day, 'YYYY-MM-DD') AS day, size, entered, "left" FROM audiences_sizes
     WHERE audience_id = $1 AND ($2::date IS NULL OR day < $2::date) ORDER BY day DESC LIMIT $3`,
    [id, before, limit],
  );
  return rows;
}

/** Ids of all that are there, for reports that name one. */
export async function knownAudiences({ records }: Pick<Context, 'records'>): Promise<ReadonlySet<number>> {
  const { rows } = await records.pool.query<{ id: number }>('SELECT id FROM audiences WHERE archived_at IS NULL');
  return new Set(rows.map((row) => row.id));
}

/** What can be chosen in a report, by name. */
export async function audienceNames({ records }: Pick<Context, 'records'>): Promise<{ id: number; name: string }[]> {
  const { rows } = await records.pool.query<{ id: number; name: string }>(
    'SELECT id, name FROM audiences WHERE archived_at IS NULL ORDER BY lower(name), id',
  );
  return rows;
}
