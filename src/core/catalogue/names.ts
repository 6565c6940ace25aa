import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { bumpRevision } from './plan.ts';

/**
 * SQL (events store) for the name that a row of `events` counts as in reports: stored events keep the name with which
 * they came; what was renamed or merged since is mapped while reading, so undoing it needs no rewriting either.
 */
export const canonicalName = (type = 'type', name = 'name') =>
  `dictGetOrDefault('catalogue_names_map', 'canonical', (toString(${type}), toString(${name})), toString(${name}))`;

/** The same mapping as a function, for what is not read from the events store: (type, name) → name. */
export async function canonicalNames(
  context: Pick<Context, 'records'>,
): Promise<(type: string, name: string) => string> {
  const { rows } = await context.records.pool.query<{ type: string; name: string; canonical: string }>(
    'SELECT type, name, canonical FROM catalogue_names',
  );
  const map = new Map(rows.map((row) => [`${row.type}\0${row.name}`, row.canonical]));
  return (type, name) => map.get(`${type}\0${name}`) ?? name;
}

const RENAMES_LIMIT = 5000;

/**
 * From now on events that come as `name` are stored as `to`, and reports count those stored before as `to` too. Where
 * `to` is an event of its own, the two are merged. Refuses with 400 for a name that is itself counted as another, 409
 * where the limit of names is reached.
 */
export async function rename(
  context: Context,
  caller: Caller,
  event: { type: string; name: string },
  to: string,
): Promise<void> {
  if (!['track', 'page', 'screen'].includes(event.type) || event.name === event.type)
    throw refuse.invalid('Only track, page and screen events have names that can be changed.');
  if (to === event.name) throw refuse.invalid('That is its name already.');
  await context.records.transaction(async (client) => {
    await client.query('SELECT 1 FROM catalogue_plan FOR UPDATE');
    const { rows } = await client.query<{ canonical: string }>(
      'SELECT canonical FROM catalogue_names WHERE type = $1 AND name = $2',
      [event.type, to],
    );
    if (rows[0])
      throw refuse.invalid(
        `"${to}" itself counts as "${rows[0].canonical}". Choose that name, or undo its renaming first.`,
      );
    const { rowCount } = await client.query('SELECT 1 FROM catalogue_names');
    if ((rowCount ?? 0) >= RENAMES_LIMIT)
      throw refuse.conflict(`At most ${RENAMES_LIMIT} names can count as others. Undo some first.`);
    await client.query(
      `INSERT INTO catalogue_events (type, name, description, owner_id, first_seen, last_seen)
       SELECT type, $3, description, owner_id, first_seen, last_seen FROM catalogue_events WHERE type = $1 AND name = $2
       ON CONFLICT (type, name) DO NOTHING`,
      [event.type, event.name, to],
    );
    // What counted as the old name counts as the new one.
    await client.query('UPDATE catalogue_names SET canonical = $3 WHERE type = $1 AND canonical = $2', [
      event.type,
      event.name,
      to,
    ]);
    await client.query(
      `INSERT INTO catalogue_names (type, name, canonical, by_id, by_name) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (type, name) DO UPDATE SET canonical = excluded.canonical, at = now(), by_id = excluded.by_id, by_name = excluded.by_name`,
      [event.type, event.name, to, caller.id, caller.name],
    );
    await bumpRevision(client);
  });
  await publishNames(context);
}

/** The name counts as itself again; refuses with 404 where it did. */
export async function undoRename(context: Context, event: { type: string; name: string }): Promise<void> {
  await context.records.transaction(async (client) => {
    const { rowCount } = await client.query('DELETE FROM catalogue_names WHERE type = $1 AND name = $2', [
      event.type,
      event.name,
    ]);
    if (!rowCount) throw refuse.notFound(`"${event.name}" does not count as another event.`);
    await bumpRevision(client);
  });
  await publishNames(context);
}

/** Brings the mapping of the events store in line with the records; once at start, and after each change. */
export async function publishNames(context: Pick<Context, 'records' | 'events'>): Promise<void> {
  const [plan, wanted, stored] = await Promise.all([
    context.records.pool.query<{ revision: number }>('SELECT revision FROM catalogue_plan'),
    context.records.pool.query<{ type: string; name: string; canonical: string }>(
      'SELECT type, name, canonical FROM catalogue_names',
    ),
    context.events.query<{ type: string; name: string; canonical: string; version: string }>(
      'SELECT type, name, canonical, version FROM catalogue_names FINAL',
    ),
  ]);
  const version = plan.rows[0]!.revision;
  const known = new Map(stored.map((row) => [`${row.type}\0${row.name}`, row]));
  const lines: string[] = [];
  for (const row of wanted.rows) {
    const key = `${row.type}\0${row.name}`;
    if (known.get(key)?.canonical !== row.canonical)
      lines.push(JSON.stringify([row.type, row.name, row.canonical, version, 0]));
    known.delete(key);
  }
  for (const row of known.values()) lines.push(JSON.stringify([row.type, row.name, row.canonical, version, 1]));
  if (lines.length > 0) {
    await context.events.insert({
      table: 'catalogue_names',
      columns: ['type', 'name', 'canonical', 'version', 'is_deleted'],
      format: 'JSONCompactEachRow',
      bytes: new TextEncoder().encode(lines.join('\n')),
      token: `catalogue-names:${version}:${crypto.randomUUID()}`,
    });
  }
  await context.events.command('SYSTEM RELOAD DICTIONARY catalogue_names_map');
}
