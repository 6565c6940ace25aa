import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { leftOut, personOfOrigin } from '../people/facts-sql.ts';
import { loadKinds, normaliseIdentifier } from '../people/identifier.ts';
import { rootOf } from '../people/root.ts';
import { environmentOf } from '../query/environment.ts';
import { audienceById } from './audience.ts';
import { ask } from './size.ts';

export interface Membership {
  audienceId: number;
  name: string;
  since: number;
}

/** All that a person is made of, whichever part it is asked for by. $1: the person. */
const PARTS = `WITH root AS (SELECT root_id AS id FROM persons WHERE id = $1),
  parts AS (SELECT id FROM root UNION ALL SELECT p.id FROM root JOIN persons p ON p.root_id = root.id AND p.root_id <> p.id)`;

/** The audiences that a person is in, by name. One look-up in the records. Refuses with 404 an unknown person. */
export async function audiencesOfPerson(
  { records }: Pick<Context, 'records'>,
  personId: number,
): Promise<Membership[]> {
  const { rows } = await records.pool.query<{ audienceId: number | null; name: string; since: number }>({
    name: 'audiences-of-person',
    text: `${PARTS}, inside AS (
        SELECT e.key::int AS audience, min(e.value::bigint) AS since
        FROM parts JOIN audiences_members m ON m.person_id = parts.id, jsonb_each_text(m."of") e GROUP BY 1)
      SELECT a.id AS "audienceId", a.name, inside.since FROM root
      LEFT JOIN (inside JOIN audiences a ON a.id = inside.audience AND a.archived_at IS NULL) ON true
      ORDER BY lower(a.name), a.id`,
    values: [personId],
  });
  if (rows.length === 0) throw refuse.notFound('There is no such person.');
  return rows.filter((row) => row.audienceId !== null) as Membership[];
}

/** Since when a person is in an audience: milliseconds since 1970; null where it is not. Refuses what is not there with 404. */
export async function memberSince(
  { records }: Pick<Context, 'records'>,
  audience: number,
  personId: number,
): Promise<number | null> {
  const { rows } = await records.pool.query<{ since: number | null; known: boolean }>({
    name: 'member-since',
    text: `${PARTS} SELECT (SELECT min((m."of" ->> $2::text)::bigint) FROM parts JOIN audiences_members m ON m.person_id = parts.id) AS since,
        EXISTS (SELECT FROM audiences WHERE id = $3 AND archived_at IS NULL) AS known FROM root`,
    values: [personId, String(audience), audience],
  });
  const row = rows[0];
  if (!row) throw refuse.notFound('There is no such person.');
  if (!row.known) throw refuse.notFound('There is no such audience.');
  return row.since;
}

/** The person that has an identifier, written in any way that its kind takes for the same. Refuses with 404 if nobody. */
export async function personWith(
  { records }: Pick<Context, 'records'>,
  kindName: string,
  written: string,
): Promise<number> {
  const kind = (await loadKinds(records.pool)).get(kindName);
  if (!kind) throw refuse.notFound(`There is no kind of identifier named "${kindName}".`);
  const value = normaliseIdentifier(kind, written);
  const { rows } = await records.pool.query<{ person: number }>({
    name: 'person-with',
    text: 'SELECT person_id AS person FROM identifiers WHERE value = $1 AND kind_id = $2',
    values: [value, kind.id],
  });
  if (!rows[0]) throw refuse.notFound(`Nobody has this ${kindName}.`);
  return (await rootOf(records.pool, rows[0].person)) ?? rows[0].person;
}

/** People in an audience, by id, after the given one. */
export async function membersOf(
  context: Context,
  id: number,
  page: { after: number; limit: number },
): Promise<number[]> {
  await audienceById(context, id);
  const { facts } = await environmentOf(context, {});
  const rows = await ask<{ id: string }>(
    context,
    {
      sql: `SELECT DISTINCT ${personOfOrigin(facts.overrides, 'person_id')} AS id FROM audience_members FINAL
        WHERE audience_id = {audience:UInt32} AND inside = 1 AND id > {after:UInt64} AND ${leftOut('id', facts)}
        ORDER BY id LIMIT {limit:UInt32}`,
      params: { audience: id, after: page.after, limit: page.limit },
    },
    {},
  );
  return rows.map((row) => Number(row.id));
}
