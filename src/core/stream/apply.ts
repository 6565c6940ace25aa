import type pg from 'pg';
import { writeConsents } from '../privacy/consent-event.ts';
import type { Drop } from './batch.ts';
import type { BadEvent } from './decode.ts';
import type { IdentityChanges } from './identity.ts';
import type { TraitChanges } from './traits.ts';

/** Writes what a batch changed in who is who and in what is known of them. Called under the identity lock, inside the batch's transaction. */
export async function writePeople(
  client: pg.PoolClient,
  changes: IdentityChanges,
  traits: TraitChanges,
): Promise<void> {
  const created = new Set(changes.persons.map((person) => person.id));
  const told = new Map(traits.updated.map((update) => [update.id, update]));
  await writeIdentity(client, changes, told);
  await writeTraits(client, { ...traits, updated: traits.updated.filter(({ id }) => !created.has(id)) });
  await writeConsents(client, traits.consents);
}

async function writeIdentity(
  client: pg.PoolClient,
  changes: IdentityChanges,
  told: Map<number, { traits: string; consent: string }>,
): Promise<void> {
  const { persons, identifiers, merges, reports } = changes;
  if (persons.length > 0) {
    await client.query({
      name: 'stream-persons',
      text: `INSERT INTO persons (id, root_id, source_id, created_at, traits, consent)
             SELECT id, id, source, to_timestamp(at / 1000.0), traits::jsonb, consent::jsonb
             FROM unnest($1::bigint[], $2::int[], $3::float8[], $4::text[], $5::text[]) AS p (id, source, at, traits, consent)`,
      values: [
        persons.map((p) => p.id),
        persons.map((p) => p.sourceId),
        persons.map((p) => p.at),
        persons.map((p) => told.get(p.id)?.traits ?? '{}'),
        persons.map((p) => told.get(p.id)?.consent ?? '{}'),
      ],
    });
  }
  if (identifiers.length > 0) {
    await client.query({
      name: 'stream-identifiers',
      text: `INSERT INTO identifiers (kind_id, value, person_id, first_seen_at, source_id)
             SELECT kind, value, person, to_timestamp(at / 1000.0), source
             FROM unnest($1::smallint[], $2::text[], $3::bigint[], $4::float8[], $5::int[]) AS i (kind, value, person, at, source)`,
      values: [
        identifiers.map((i) => i.kindId),
        identifiers.map((i) => i.value),
        identifiers.map((i) => i.personId),
        identifiers.map((i) => i.at),
        identifiers.map((i) => i.sourceId),
      ],
    });
  }
  if (merges.length > 0) await writeMerges(client, merges);
  if (reports.length > 0) {
    await client.query(
      `INSERT INTO identity_reports (kind, identifier_kind, identifier_value, person_id, reason, message_id)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])`,
      [
        reports.map((r) => r.kind),
        reports.map((r) => r.identifierKind),
        reports.map((r) => r.identifierValue),
        reports.map((r) => r.personId),
        reports.map((r) => r.reason),
        reports.map((r) => r.messageId),
      ],
    );
  }
}

/** The merges of a batch in their order: a person moved twice ends with the last root. */
async function writeMerges(client: pg.PoolClient, merges: IdentityChanges['merges']): Promise<void> {
  const roots = new Map<number, number>();
  for (const merge of merges) for (const person of merge.moved) roots.set(person, merge.into);
  await client.query(
    `UPDATE persons SET root_id = m.root FROM unnest($1::bigint[], $2::bigint[]) AS m (person, root) WHERE id = m.person`,
    [[...roots.keys()], [...roots.values()]],
  );
  await client.query(
    `INSERT INTO merges (into_id, from_id, into_origin, from_origin, moved, cause)
     SELECT into_id, from_id, into_origin, from_origin, moved::bigint[], cause::jsonb
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
       WITH ORDINALITY AS m (into_id, from_id, into_origin, from_origin, moved, cause, n)
     ORDER BY n`,
    [
      merges.map((m) => m.into),
      merges.map((m) => m.from),
      merges.map((m) => m.intoOrigin),
      merges.map((m) => m.fromOrigin),
      merges.map((m) => `{${m.moved.join(',')}}`),
      merges.map((m) => JSON.stringify(m.cause)),
    ],
  );
}

async function writeTraits(client: pg.PoolClient, changes: TraitChanges): Promise<void> {
  const { updated, history } = changes;
  if (updated.length > 0) {
    await client.query({
      name: 'stream-traits',
      text: `UPDATE persons SET traits = t.traits::jsonb, consent = t.consent::jsonb
             FROM unnest($1::bigint[], $2::text[], $3::text[]) AS t (id, traits, consent) WHERE persons.id = t.id`,
      values: [updated.map((u) => u.id), updated.map((u) => u.traits), updated.map((u) => u.consent)],
    });
  }
  if (history.length > 0) {
    await client.query(
      `INSERT INTO trait_history (person_id, name, value, at, source_id)
       SELECT person, name, value::jsonb, to_timestamp(at / 1000.0), source
       FROM unnest($1::bigint[], $2::text[], $3::text[], $4::float8[], $5::int[]) AS h (person, name, value, at, source)`,
      [
        history.map((h) => h.personId),
        history.map((h) => h.name),
        history.map((h) => h.value),
        history.map((h) => h.at),
        history.map((h) => h.sourceId),
      ],
    );
  }
}

/** Puts events into quarantine; one whose record is applied again only where it is not there already. */
export async function writeQuarantine(client: pg.PoolClient, step: string, bad: readonly BadEvent[]): Promise<void> {
  if (bad.length === 0) return;
  const called = bad.map((one) =>
    one.type === undefined ? calledIn(one.event) : { type: one.type, name: one.name ?? '' },
  );
  await client.query(
    `INSERT INTO quarantine (source_id, step, reason, message_id, event, event_type, event_name, rule, property)
     SELECT source, step, reason, message, event, type, name, rule, property
     FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bool[])
       AS q (step, source, reason, message, event, type, name, rule, property, again)
     WHERE NOT again OR NOT EXISTS (SELECT 1 FROM quarantine known
       WHERE known.message_id = message AND known.source_id = source AND known.step = q.step AND known.resent_at IS NULL)`,
    [
      bad.map((b) => b.step ?? step),
      bad.map((b) => b.sourceId),
      bad.map((b) => storable(b.reason)),
      bad.map((b) => b.messageId && storable(b.messageId)),
      bad.map((b) => storable(b.event)),
      called.map(({ type }) => storable(type.slice(0, CALLED_LIMIT))),
      called.map(({ name }) => storable(name.slice(0, CALLED_LIMIT))),
      bad.map((b) => b.rule ?? ''),
      bad.map((b) => storable(b.property ?? '')),
      bad.map((b) => b.again ?? false),
    ],
  );
}

const CALLED_LIMIT = 200;

/** What an event that could not be read calls itself, as far as that can be told. */
function calledIn(text: string): { type: string; name: string } {
  try {
    const { type, event, name } = JSON.parse(text) as Record<string, unknown>;
    const own = typeof event === 'string' ? event : name;
    return { type: typeof type === 'string' ? type : '', name: typeof own === 'string' ? own : '' };
  } catch {
    return { type: '', name: '' };
  }
}

const storable = (text: string) => text.toWellFormed().replaceAll('\0', '');

export async function writeDrops(client: pg.PoolClient, drops: readonly Drop[]): Promise<void> {
  if (drops.length === 0) return;
  const counts = new Map<string, { drop: Drop; count: number }>();
  for (const drop of drops) {
    const key = `${drop.step}\0${drop.reason}\0${drop.sourceId}`;
    const known = counts.get(key);
    if (known) known.count++;
    else counts.set(key, { drop, count: 1 });
  }
  const rows = [...counts.values()];
  await client.query(
    `INSERT INTO drops (day, step, reason, source_id, count, last_at)
     SELECT (now() AT TIME ZONE 'UTC')::date, step, reason, source, count, now()
     FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[]) AS d (step, reason, source, count)
     ON CONFLICT (day, step, reason, source_id) DO UPDATE SET count = drops.count + excluded.count, last_at = excluded.last_at`,
    [
      rows.map((r) => r.drop.step),
      rows.map((r) => r.drop.reason),
      rows.map((r) => r.drop.sourceId),
      rows.map((r) => r.count),
    ],
  );
}
