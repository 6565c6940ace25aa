import type { Records } from '../../kernel/records.ts';
import { displayName, latestOf, type Named, type StoredSet } from '../people/traits.ts';
import type { LiveEvent } from '../stream/live-feed.ts';

/** How long a name is remembered, and of how many people. */
const KEPT_MS = 10_000;
const REMEMBERED = 5000;

/** What `displayName` says of somebody without a name and without an identifier. */
const NOBODY = displayName(new Map(), []);

/** What the people that live events are about are called; null for visitors of whom nothing is known. */
export class PersonNames {
  readonly #records: Records;
  readonly #known = new Map<string, { name: string | null; at: number }>();

  constructor(records: Records) {
    this.#records = records;
  }

  forget(): void {
    this.#known.clear();
  }

  async add<E extends LiveEvent>(events: readonly E[]): Promise<(E & { personName: string | null })[]> {
    const now = Date.now();
    if (this.#known.size > REMEMBERED) this.#known.clear();
    const missing = new Set<string>();
    for (const { personId } of events) {
      const known = this.#known.get(personId);
      if (!known || now - known.at > KEPT_MS) missing.add(personId);
    }
    if (missing.size > 0) await this.#load([...missing], now);
    return events.map((event) => ({ ...event, personName: this.#known.get(event.personId)?.name ?? null }));
  }

  async #load(ids: readonly string[], now: number): Promise<void> {
    const { rows } = await this.#records.pool.query<{ id: string; traits: StoredSet[]; named: Named[] | null }>({
      name: 'live-names',
      text: `SELECT f.id::text, array_agg(part.traits) AS traits,
               (array_agg(part.named ORDER BY part.named ->> 'priority') FILTER (WHERE part.named IS NOT NULL)) AS named
             FROM unnest($1::bigint[]) AS f (id) JOIN persons p ON p.id = f.id
             CROSS JOIN LATERAL (
               SELECT o.traits, (SELECT jsonb_build_object('kind', k.kind, 'value', i.value, 'priority', to_char(k.priority, '000000'))
                 FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id
                 WHERE i.person_id = o.id AND k.kind <> 'anonymous_id' ORDER BY k.priority LIMIT 1) AS named
               FROM (SELECT id, traits FROM persons WHERE id = p.root_id
                 UNION ALL SELECT id, traits FROM persons WHERE root_id = p.root_id AND root_id <> id) o) part
             GROUP BY f.id`,
      values: [ids],
    });
    const found = new Map(
      rows.map(({ id, traits, named }) => {
        const name = displayName(latestOf(traits), named ?? []);
        return [id, name === NOBODY ? null : name];
      }),
    );
    for (const id of ids) this.#known.set(id, { name: found.get(id) ?? null, at: now });
  }
}
