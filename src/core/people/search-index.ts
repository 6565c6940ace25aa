import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Records } from '../../kernel/records.ts';
import { indexedWords, wordCode } from './words.ts';

/** Persons indexed in one transaction: few, since reading their words keeps everything else on the thread waiting. */
const BATCH = 200;

/** Words remembered as known to the table of words. */
const REMEMBERED = 100_000;

interface PersonTexts {
  root: number;
  traits: Record<string, [value: unknown, at: number, sourceId: number]>[];
  addresses: string[] | null;
}

/** Two processes that indexed the same person at once could leave the older of what they read. */
const INDEX_LOCK = 7_401_004;

/** Keeps the search index in line with the people that changed. One process at a time does the work. */
export class SearchIndex {
  readonly #records: Records;
  readonly #known = new Set<string>();

  constructor(records: Records) {
    this.#records = records;
  }

  /**
   * Indexes all people that changed; returns how many changes there were. With `gently` it rests as long as it works, so
   * that a rush of new people leaves time for their events.
   */
  async catchUp(options: { signal?: AbortSignal; gently?: boolean } = {}): Promise<number> {
    let total = 0;
    for (;;) {
      const started = performance.now();
      const count = await this.#batch();
      total += count;
      if (count < BATCH || options.signal?.aborted) return total;
      if (options.gently) await sleep(performance.now() - started);
    }
  }

  async #batch(): Promise<number> {
    const fresh: string[] = [];
    const count = await this.#records.transaction(async (client) => {
      fresh.length = 0;
      await client.query('SELECT pg_advisory_xact_lock($1)', [INDEX_LOCK]);
      const { rows: changed } = await client.query<{ person_id: number }>(
        `DELETE FROM people_changed WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM people_changed LIMIT ${BATCH})) RETURNING person_id`,
      );
      if (changed.length === 0) return 0;
      const ids = [...new Set(changed.map((row) => row.person_id))];
      const texts = await loadTexts(client, ids);
      const documents = new Map<number, string[]>();
      for (const person of texts) documents.set(person.root, [...indexedWords(textsOf(person))]);
      for (const words of documents.values()) for (const word of words) if (!this.#known.has(word)) fresh.push(word);
      await writeIndex(client, ids, documents, [...new Set(fresh)]);
      return changed.length;
    });
    if (this.#known.size > REMEMBERED) this.#known.clear();
    for (const word of fresh) this.#known.add(word);
    return count;
  }
}

/** The traits of all parts and the addresses of the persons that the given ones belong to now. */
async function loadTexts(client: pg.PoolClient, ids: readonly number[]): Promise<PersonTexts[]> {
  const { rows } = await client.query<PersonTexts>({
    name: 'search-texts',
    text: `WITH roots AS (SELECT DISTINCT root_id AS root FROM persons WHERE id = ANY ($1::bigint[])),
           parts AS (SELECT p.id, p.root_id AS root, p.traits FROM roots JOIN persons p ON p.id = roots.root
                     UNION ALL
                     SELECT p.id, p.root_id, p.traits FROM roots JOIN persons p ON p.root_id = roots.root AND p.root_id <> p.id)
           SELECT root, array_agg(traits) AS traits,
             array_agg((SELECT string_agg(i.value, ' ') FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id
               WHERE i.person_id = parts.id AND k.normalise = 'email')) AS addresses
           FROM parts GROUP BY root`,
    values: [ids],
  });
  return rows;
}

function* textsOf({ traits, addresses }: PersonTexts): Generator<string> {
  for (const addressesOfPart of addresses ?? []) if (addressesOfPart) yield* addressesOfPart.split(' ');
  for (const set of traits) for (const [value] of Object.values(set)) yield* texts(value, 2);
}

/** Text and numbers in a trait's value, in lists and objects too as far as `depth` goes. */
function* texts(value: unknown, depth: number): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (typeof value === 'object' && value !== null && depth > 0) {
    for (const inner of Object.values(value)) yield* texts(inner, depth - 1);
  }
}

async function writeIndex(
  client: pg.PoolClient,
  changed: readonly number[],
  documents: Map<number, string[]>,
  fresh: readonly string[],
): Promise<void> {
  if (fresh.length > 0) {
    await client.query({
      name: 'search-words',
      text: 'INSERT INTO search_words (word) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING',
      values: [[...fresh].sort()],
    });
  }
  const found = [...documents].filter(([, words]) => words.length > 0).sort(([a], [b]) => a - b);
  const kept = new Set(found.map(([root]) => root));
  const gone = [...changed, ...documents.keys()].filter((id) => !kept.has(id));
  if (gone.length > 0) await client.query('DELETE FROM people_search WHERE person_id = ANY ($1::bigint[])', [gone]);
  if (found.length === 0) return;
  await client.query({
    name: 'search-people',
    text: `INSERT INTO people_search (person_id, words)
           SELECT id, words::integer[] FROM unnest($1::bigint[], $2::text[]) AS p (id, words)
           ON CONFLICT (person_id) DO UPDATE SET words = excluded.words WHERE people_search.words <> excluded.words`,
    values: [found.map(([root]) => root), found.map(([, words]) => `{${codes(words).join(',')}}`)],
  });
}

const codes = (words: readonly string[]) => [...new Set(words.map(wordCode))].sort((a, b) => a - b);
