import type { What } from './matching.ts';
import type { Query } from './query.ts';

/** Types of events, whose word is also the name of those without one. */
const WORDS: ReadonlySet<string> = new Set(['track', 'page', 'screen', 'identify', 'group', 'alias']);

/** Warns of names that no event ever had: mistyped, or not sent yet. Both may be meant, so the report is answered. */
export async function warnOfUnknown(query: Query, whats: readonly What[]): Promise<void> {
  const { actions, renamed } = query.environment;
  const names = new Set<string>();
  const add = (what: What): void => {
    for (const match of what.events) {
      if ('action' in match) {
        const action = actions.get(match.action);
        if (action) add(action);
      } else if (match.name !== undefined && !WORDS.has(match.name)) names.add(match.name);
    }
  };
  whats.forEach(add);
  if (names.size === 0) return;
  const { rows } = await query.context.records.pool.query<{ name: string }>(
    'SELECT DISTINCT name FROM catalogue_events WHERE name = ANY($1)',
    [[...names]],
  );
  const known = new Set([...rows.map((row) => row.name), ...renamed.keys()]);
  const missing = [...names].filter((name) => !known.has(name));
  if (missing.length === 0) return;
  // What the catalogue has not seen yet may be stored all the same.
  const scope = query.scope();
  const stored = await query.rows<{ name: string }>(
    'names',
    scope.statement(
      `SELECT DISTINCT toString(e.name) AS name FROM events AS e WHERE e.name IN ${scope.bindings.texts(missing)}`,
    ),
  );
  const there = new Set(stored.map((row) => row.name));
  const unknown = missing.filter((name) => !there.has(name)).map((name) => `"${name}"`);
  if (unknown.length > 0)
    query.warnings.push(
      `No event was ever called ${unknown.join(', ')}. Check the spelling, or wait for the first one.`,
    );
}
