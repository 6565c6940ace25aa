import type pg from 'pg';
import type { Context } from '../../../kernel/context.ts';
import { addJob } from '../../../kernel/jobs.ts';
import { refuse } from '../../../kernel/refusal.ts';
import { Matcher, type Sorted } from './matcher.ts';
import { type Planted, STARTING_TREE } from './start.ts';

export const DEPTH_LIMIT = 4;
export const TOPICS_LIMIT = 500;

export interface Topic {
  id: number;
  parentId: number | null;
  name: string;
  names: Record<string, string>;
  words: Sorted['words'];
  archivedAt: Date | null;
  mergedInto: number | null;
}

export interface TopicInput {
  name: string;
  names: Record<string, string>;
  words: Sorted['words'];
  parentId: number | null;
}

type Db = pg.Pool | pg.PoolClient;
const COLUMNS = `id, parent_id AS "parentId", name, names, words, archived_at AS "archivedAt", merged_into AS "mergedInto"`;

/** All topics, archived ones too, in the order in which they were made. */
export async function allTopics(db: Db): Promise<Topic[]> {
  const { rows } = await db.query<Topic>(`SELECT ${COLUMNS} FROM voices_topics ORDER BY id`);
  return rows;
}

/** Names from the top down to the topic: how voices and events name it. */
export function pathOf(id: number, topics: ReadonlyMap<number, Topic>): string[] {
  const path: string[] = [];
  for (
    let at = topics.get(id);
    at && path.length < DEPTH_LIMIT;
    at = at.parentId === null ? undefined : topics.get(at.parentId)
  )
    path.unshift(at.name);
  return path;
}

export const byId = (topics: readonly Topic[]) => new Map(topics.map((topic) => [topic.id, topic]));

/** The topic and all below it. */
export function within(id: number, topics: readonly Topic[]): number[] {
  const found = [id];
  for (const at of found) for (const topic of topics) if (topic.parentId === at) found.push(topic.id);
  return found;
}

export const TOPIC_PATH_SEPARATOR = ' / ';

/** Plants the tree to begin with, once in the life of an installation. */
export async function plantTopics({ records }: Pick<Context, 'records'>): Promise<void> {
  await records.transaction(async (client) => {
    const { rowCount } = await client.query('UPDATE voices_state SET planted = true WHERE NOT planted');
    if (rowCount) await plant(client, STARTING_TREE, null);
  });
}

async function plant(client: pg.PoolClient, topics: readonly Planted[], parent: number | null): Promise<void> {
  for (const { names, words, inside } of topics) {
    const { rows } = await client.query<{ id: number }>(
      'INSERT INTO voices_topics (parent_id, name, names, words) VALUES ($1, $2, $3, $4) RETURNING id',
      [parent, names.en, JSON.stringify(names), JSON.stringify(words)],
    );
    await plant(client, inside ?? [], rows[0]!.id);
  }
}

/** What sorts voices at this moment, and its generation. */
export async function sorterOf({ records }: Pick<Context, 'records'>): Promise<{
  generation: number;
  matcher: Matcher;
  topics: Map<number, Topic>;
}> {
  // One statement, so that the topics are those of the generation.
  const { rows } = await records.pool.query<Topic & { generation: number }>(
    `SELECT s.topics_generation AS generation, t.* FROM voices_state s LEFT JOIN LATERAL (
       SELECT ${COLUMNS} FROM voices_topics WHERE archived_at IS NULL ORDER BY id) AS t ON true`,
  );
  const topics = rows.filter((row) => row.id !== null);
  return { generation: rows[0]!.generation, matcher: new Matcher(topics), topics: byId(topics) };
}

/** Runs a change of the tree alone, and has voices sorted anew after it. */
async function change<T>(
  { records }: Pick<Context, 'records'>,
  work: (client: pg.PoolClient, topics: Map<number, Topic>) => Promise<T>,
): Promise<T> {
  return records.transaction(async (client) => {
    await client.query('UPDATE voices_state SET topics_generation = topics_generation + 1');
    const result = await work(client, byId(await allTopics(client)));
    await addJob(client, 'voices.sort', {}, { key: 'voices.sort' });
    return result;
  });
}

/** Refuses with 409 a name that a sibling has, with 400 a place that is too deep, below itself or archived. */
export async function createTopic(context: Context, input: TopicInput, by: string): Promise<number> {
  return change(context, async (client, topics) => {
    if ([...topics.values()].filter((topic) => !topic.archivedAt).length >= TOPICS_LIMIT)
      throw refuse.conflict(`There are ${TOPICS_LIMIT} topics, the limit. Archive or merge some.`);
    checkPlace(null, input.parentId, input.name, topics);
    const { rows } = await client.query<{ id: number }>(
      'INSERT INTO voices_topics (parent_id, name, names, words, by_name) VALUES ($1, $2, $3, $4, $5) RETURNING id',
      [input.parentId, input.name, JSON.stringify(input.names), JSON.stringify(input.words), by],
    );
    return rows[0]!.id;
  });
}

/** Changes what is given; another parent moves the topic with all below it. The same refusals. */
export async function changeTopic(context: Context, id: number, input: Partial<TopicInput>, by: string): Promise<void> {
  await change(context, async (client, topics) => {
    const topic = mustBe(id, topics);
    const parentId = input.parentId === undefined ? topic.parentId : input.parentId;
    const name = input.name ?? topic.name;
    checkPlace(topic, parentId, name, topics);
    // Translations of a name that is no longer there would say the old one.
    const names = input.names ?? (name === topic.name ? topic.names : {});
    await client.query(
      `UPDATE voices_topics SET parent_id = $2, name = $3, names = $4, words = $5, by_name = $6, changed_at = now() WHERE id = $1`,
      [id, parentId, name, JSON.stringify(names), JSON.stringify(input.words ?? topic.words), by],
    );
  });
}

/** Archives a topic with all below it, or brings it back with all above it. Voices keep what they had until sorted anew. */
export async function archiveTopic(context: Context, id: number, archived: boolean, by: string): Promise<void> {
  await change(context, async (client, topics) => {
    const topic = mustBe(id, topics, true);
    if (topic.mergedInto !== null)
      throw refuse.conflict('This topic was merged into another, which stands for it now.');
    const ids = archived ? within(id, [...topics.values()]) : above(id, topics);
    // What comes back with it must fit as well: meanwhile its name may be another's.
    for (const one of archived ? [] : ids.map((each) => topics.get(each)!))
      if (one.archivedAt) checkPlace(one, one.parentId, one.name, topics, true);
    await client.query(
      `UPDATE voices_topics SET archived_at = CASE WHEN $2 THEN coalesce(archived_at, now()) END, by_name = $3, changed_at = now()
       WHERE id = ANY ($1::int[])`,
      [ids, archived, by],
    );
    if (archived) await client.query('DELETE FROM voices_voice_topics WHERE topic_id = ANY ($1::int[])', [ids]);
  });
}

/** Makes two topics one: words, what is below and voices of `id` go to `into`. Refuses (400) one that stands below the other. */
export async function mergeTopics(context: Context, id: number, into: number, by: string): Promise<void> {
  await change(context, async (client, topics) => {
    const [from, to] = [mustBe(id, topics), mustBe(into, topics)];
    const list = [...topics.values()];
    if (within(id, list).includes(into))
      throw refuse.invalid('A topic cannot be merged into itself or into one below it.');
    const names = new Set(
      list.filter((one) => one.parentId === into && !one.archivedAt && one.id !== id).map((one) => key(one.name)),
    );
    for (const child of list.filter((one) => one.parentId === id && !one.archivedAt)) {
      if (names.has(key(child.name)))
        throw refuse.conflict(`Both topics have one called "${child.name}" below them. Merge or rename those first.`);
      checkPlace(child, into, child.name, topics, true);
    }
    const words = { ...to.words };
    for (const [language, more] of Object.entries(from.words))
      words[language] = [...new Set([...(words[language] ?? []), ...more])];
    await client.query('UPDATE voices_topics SET parent_id = $2 WHERE parent_id = $1', [id, into]);
    await client.query('UPDATE voices_topics SET words = $2, by_name = $3, changed_at = now() WHERE id = $1', [
      into,
      JSON.stringify(words),
      by,
    ]);
    await client.query('UPDATE voices_topics SET merged_into = $2 WHERE merged_into = $1', [id, into]);
    await client.query(
      'UPDATE voices_topics SET archived_at = now(), merged_into = $2, by_name = $3, changed_at = now() WHERE id = $1',
      [id, into, by],
    );
    await client.query(
      `INSERT INTO voices_voice_topics (voice_id, topic_id) SELECT voice_id, $2 FROM voices_voice_topics WHERE topic_id = $1
       ON CONFLICT DO NOTHING`,
      [id, into],
    );
    await client.query('DELETE FROM voices_voice_topics WHERE topic_id = $1', [id]);
  });
}

const key = (name: string) => name.trim().toLowerCase();

function mustBe(id: number, topics: ReadonlyMap<number, Topic>, orArchived = false): Topic {
  const topic = topics.get(id);
  if (!topic || (topic.archivedAt && !orArchived)) throw refuse.notFound(`There is no topic ${id}.`);
  return topic;
}

function above(id: number, topics: ReadonlyMap<number, Topic>): number[] {
  const ids: number[] = [];
  for (let at = topics.get(id); at; at = at.parentId === null ? undefined : topics.get(at.parentId)) ids.push(at.id);
  return ids;
}

function checkPlace(
  topic: Topic | null,
  parentId: number | null,
  name: string,
  topics: ReadonlyMap<number, Topic>,
  archivedParent = false,
): void {
  const list = [...topics.values()].filter((one) => !one.archivedAt);
  if (parentId !== null) {
    mustBe(parentId, topics, archivedParent);
    if (topic && within(topic.id, [...topics.values()]).includes(parentId))
      throw refuse.invalid('A topic cannot stand below itself.');
  }
  const depth = (parentId === null ? 0 : above(parentId, topics).length) + (topic ? heightOf(topic.id, list) : 1);
  if (depth > DEPTH_LIMIT) throw refuse.invalid(`Topics go ${DEPTH_LIMIT} levels deep, no further.`);
  if (list.some((one) => one.parentId === parentId && one.id !== topic?.id && key(one.name) === key(name)))
    throw refuse.conflict(`There is a topic "${name}" in this place already.`);
}

function heightOf(id: number, list: readonly Topic[]): number {
  const below = list.filter((one) => one.parentId === id).map((one) => heightOf(one.id, list));
  return 1 + Math.max(0, ...below);
}
