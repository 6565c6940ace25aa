import type { Events } from '../../kernel/events.ts';
import type { Records } from '../../kernel/records.ts';

export interface Stores {
  records: Records;
  events: Events;
}

/** Merges handled at a time; more follow in the next round. */
const MERGES_AT_ONCE = 10_000;

/** Persons named in one statement of the events store, below its limit of 256 KB of text. */
const PERSONS_AT_ONCE = 4000;

/** A merge this old is folded: by then no event resolved before it is still on its way. */
export const FOLD_AFTER_MS = 6 * 60 * 60 * 1000;

interface Override {
  origin: number;
  person: number;
}

/**
 * Brings what the events store knows of merged persons in line with the records: each person whose root a merge or an
 * undoing changed gets an override to its root of now. Call it after the commit of any such change, and once at start:
 * what a crash left undone is done then. Repeating it is harmless.
 */
export async function publishOverrides({ records, events }: Stores): Promise<void> {
  for (;;) {
    // The version is taken before the roots are read: whoever read later and knows better has the higher one.
    const version = await nextVersion(records);
    const { rows: merges } = await records.pool.query<{ id: number; undone: boolean; moved: string[] }>(
      `SELECT id, undone_at IS NOT NULL AS undone, moved FROM merges WHERE NOT published ORDER BY id LIMIT ${MERGES_AT_ONCE}`,
    );
    if (merges.length === 0) return;
    const overrides = await currentRoots(records, new Set(merges.flatMap((merge) => merge.moved.map(Number))));
    await writeOverrides(events, overrides, version, 0);
    await reload(events);
    await records.pool.query(
      `UPDATE merges SET published = true FROM unnest($1::bigint[], $2::boolean[]) AS done (id, undone)
       WHERE merges.id = done.id AND (merges.undone_at IS NOT NULL) = done.undone`,
      [merges.map((merge) => merge.id), merges.map((merge) => merge.undone)],
    );
    if (merges.length < MERGES_AT_ONCE) return;
  }
}

/**
 * Rewrites `person_id` of the events of persons whose merges, or undoings, are old, and drops their overrides, so that
 * there are never many. At every moment the events count for the same person: an override goes only once no event
 * contradicts it. Returns how many persons were folded.
 */
export async function foldOverrides(
  { records, events }: Stores,
  { olderThanMs = FOLD_AFTER_MS }: { olderThanMs?: number } = {},
): Promise<number> {
  let folded = 0;
  for (;;) {
    const version = await nextVersion(records);
    const { rows: merges } = await records.pool.query<{ id: number; undone: boolean; moved: string[] }>(
      `SELECT id, undone_at IS NOT NULL AS undone, moved FROM merges
       WHERE folded_at IS NULL AND published AND coalesce(undone_at, at) <= now() - $1 * interval '1 millisecond'
       ORDER BY id LIMIT ${MERGES_AT_ONCE}`,
      [olderThanMs],
    );
    if (merges.length === 0) return folded;
    const persons = new Set(merges.flatMap((merge) => merge.moved.map(Number)));
    // A person that a younger merge moved too keeps its override until that one is folded.
    const { rows: young } = await records.pool.query<{ id: number }>(
      `SELECT DISTINCT unnest(moved) AS id FROM merges WHERE folded_at IS NULL AND id <> ALL ($1::bigint[])`,
      [merges.map((merge) => merge.id)],
    );
    for (const { id } of young) persons.delete(id);
    const overrides = await currentRoots(records, persons);
    for (let start = 0; start < overrides.length; start += PERSONS_AT_ONCE) {
      await rewriteEvents(events, overrides.slice(start, start + PERSONS_AT_ONCE));
    }
    await writeLinks(events, overrides, version);
    await writeOverrides(events, overrides, version, 1);
    await reload(events);
    await records.pool.query(
      `UPDATE merges SET folded_at = now() FROM unnest($1::bigint[], $2::boolean[]) AS done (id, undone)
       WHERE merges.id = done.id AND published AND (merges.undone_at IS NOT NULL) = done.undone`,
      [merges.map((merge) => merge.id), merges.map((merge) => merge.undone)],
    );
    folded += overrides.length;
    if (merges.length < MERGES_AT_ONCE) return folded;
  }
}

/** Rewrites the events that count for another person than the given one, until there is none. */
async function rewriteEvents(events: Events, overrides: readonly Override[]): Promise<void> {
  // Numbers only, so they can stand in the text: a mutation takes no parameters.
  const origins = overrides.map((override) => override.origin).join(',');
  const persons = overrides.map((override) => override.person).join(',');
  const target = `transform(origin_id, [${origins}], arrayMap(x -> toUInt64(x), [${persons}]), person_id)`;
  const wrong = `origin_id IN (${origins}) AND person_id != ${target}`;
  for (;;) {
    const found = await events.query(`SELECT 1 FROM events WHERE ${wrong} LIMIT 1`);
    if (found.length === 0) return;
    await events.command(`ALTER TABLE events UPDATE person_id = ${target} WHERE ${wrong} SETTINGS mutations_sync = 1`);
  }
}

async function writeOverrides(
  events: Events,
  overrides: readonly Override[],
  version: number,
  isDeleted: 0 | 1,
): Promise<void> {
  if (overrides.length === 0) return;
  const lines = overrides.map(({ origin, person }) => `[${origin},${person},${version},${isDeleted}]`);
  await events.insert({
    table: 'person_overrides',
    columns: ['origin_id', 'person_id', 'version', 'is_deleted'],
    format: 'JSONCompactEachRow',
    bytes: new TextEncoder().encode(lines.join('\n')),
    token: `overrides:${version}`,
  });
}

/** Tells the events store of persons that were merged, and folded, before it kept links. `ids` are persons as first met. */
export async function publishLinks({ records, events }: Stores, ids: readonly number[]): Promise<void> {
  const version = await nextVersion(records);
  const roots = await currentRoots(records, new Set(ids));
  await writeLinks(
    events,
    roots.filter(({ origin, person }) => origin !== person),
    version,
  );
}

/**
 * What has no column person_id to rewrite, such as traits, needs to know for ever whom a merged person belongs to. Roots
 * are linked to themselves: so all that a person of several is made of can be told from all others.
 */
async function writeLinks(events: Events, links: readonly Override[], version: number): Promise<void> {
  if (links.length === 0) return;
  const roots = new Set(links.map(({ person }) => person));
  const lines = links.map(({ origin, person }) => `[${origin},${person},${version}]`);
  for (const root of roots) lines.push(`[${root},${root},${version}]`);
  await events.insert({
    table: 'person_links',
    columns: ['origin_id', 'person_id', 'version'],
    format: 'JSONCompactEachRow',
    bytes: new TextEncoder().encode(lines.join('\n')),
    token: `links:${version}`,
  });
  await events.command('SYSTEM RELOAD DICTIONARY person_links_map');
}

const reload = (events: Events) => events.command('SYSTEM RELOAD DICTIONARY person_overrides_map');

async function currentRoots(records: Records, persons: ReadonlySet<number>): Promise<Override[]> {
  if (persons.size === 0) return [];
  const { rows } = await records.pool.query<Override>(
    'SELECT id AS origin, root_id AS person FROM persons WHERE id = ANY ($1::bigint[]) ORDER BY id',
    [[...persons]],
  );
  return rows;
}

async function nextVersion(records: Records): Promise<number> {
  const { rows } = await records.pool.query<{ version: number }>("SELECT nextval('override_versions') AS version");
  return rows[0]!.version;
}
