import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { core } from '../../../core/index.ts';
import { insertEvents, insertPerson } from '../../../core/people/test-data.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { Context } from '../../../kernel/context.ts';
import { buildHttp } from '../../../kernel/http.ts';
import { runJobs, testContext } from '../../../kernel/testing.ts';
import { serveForTest } from '../../../kernel/testing-http.ts';
import { voices } from '../app.ts';
import { followVoices } from '../follow.ts';
import { understandVoices } from '../understand.ts';
import { findSuggestions } from './suggestions.ts';
import {
  allTopics,
  archiveTopic,
  byId,
  changeTopic,
  createTopic,
  DEPTH_LIMIT,
  mergeTopics,
  pathOf,
  plantTopics,
  TOPICS_LIMIT,
} from './topics.ts';

const apps = [...core, voices];
const ada: Caller = {
  ...{ kind: 'staff', id: 'ada', name: 'ada', email: null, role: 'owner' },
  permissions: new Set(['voices.read', 'voices.write']),
};
let context: Context & { close(): Promise<void> };
let server: { url: string; close(): Promise<void> };
const people: number[] = [];
before(async () => {
  context = await testContext({ apps });
  server = await serveForTest(buildHttp(context, apps, async () => ada));
  for (const name of ['anna', 'ben', 'cleo'])
    people.push(await insertPerson(context, { identifiers: { email: `${name}@example.com` } }));
});
after(async () => {
  await server.close();
  await context.close();
});
beforeEach(async () => {
  await context.records.pool.query(
    'TRUNCATE voices_voices, voices_voice_topics, voices_suggestions, voices_topics RESTART IDENTITY CASCADE',
  );
  await context.records.pool.query('DELETE FROM voices_state');
  await context.records.pool.query('INSERT INTO voices_state DEFAULT VALUES');
  await context.events.command('TRUNCATE TABLE events');
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
type Body = any;
async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${server.url}/api/voices${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
const make = async (name: string, parentId: number | null = null, words: object = {}): Promise<number> => {
  const { status, body } = await call('POST', '/topics', { name, parentId, words });
  assert.equal(status, 201, JSON.stringify(body));
  return body.id;
};
async function say(...texts: string[]): Promise<void> {
  const at = Date.now() - 1000;
  await insertEvents(
    context,
    texts.map((text, n) => ({
      origin: people[n % people.length]!,
      name: 'Review Posted',
      at: at - n,
      properties: { text },
    })),
  );
  await followVoices(context);
  await understandVoices(context);
}
/** Names of the topics of each voice, by its text. */
async function sorted(): Promise<Record<string, string[]>> {
  const { body } = await call('GET', '?limit=200');
  return Object.fromEntries(
    body.items.map((one: Body) => [one.text, one.topics.map((topic: Body) => topic.path.join('/')).sort()]),
  );
}

describe('the tree', () => {
  test('a new installation begins with topics in five languages; who empties it keeps it empty', async () => {
    const { body } = await call('GET', '/topics');
    assert.ok(body.items.length > 20);
    for (const language of ['en', 'pl', 'it', 'ru', 'zh'])
      assert.ok(body.items.every((one: Body) => one.names[language] && one.words[language].length > 0));
    for (const one of body.items.filter((topic: Body) => topic.parentId === null))
      await call('POST', `/topics/${one.id}/archive`, {});
    await plantTopics(context);
    assert.equal((await call('GET', '/topics')).body.items.length, 0);
    assert.ok((await call('GET', '/topics?archived=true')).body.items.length > 20);
  });

  test('refuses what is no tree, too deep, named twice, or too many', async () => {
    await context.records.pool.query('UPDATE voices_state SET planted = true');
    let id = await make('1');
    const top = id;
    for (let level = 2; level <= DEPTH_LIMIT; level++) id = await make(`${level}`, id);
    assert.equal((await call('POST', '/topics', { name: 'deeper', parentId: id })).status, 400);
    assert.equal((await call('PATCH', `/topics/${top}`, { parentId: id })).status, 400);
    assert.equal((await call('PATCH', `/topics/${top}`, { parentId: top })).status, 400);
    assert.equal((await call('POST', `/topics/${top}/merge`, { into: id })).status, 400);
    const other = await make('other');
    assert.equal((await call('PATCH', `/topics/${top}`, { parentId: other })).status, 400, 'too deep below another');
    assert.equal((await call('POST', '/topics', { name: ' OTHER ' })).status, 409);
    for (const name of ['', ' ', 'a/b', 'x'.repeat(101)])
      assert.equal((await call('POST', '/topics', { name })).status, 400);
    assert.equal((await call('POST', '/topics', { name: 'w', words: { en: Array(301).fill('x') } })).status, 400);
    assert.equal((await call('POST', '/topics', { name: 'w', words: { en: ['!!'] } })).status, 400);
    assert.equal((await call('POST', '/topics', { name: 'w', parentId: 9999 })).status, 404);
    assert.equal((await call('PATCH', '/topics/9999', { name: 'x' })).status, 404);
    await context.records.pool.query(
      `INSERT INTO voices_topics (name) SELECT 'many ' || n FROM generate_series(1, $1::int) AS n`,
      [TOPICS_LIMIT],
    );
    assert.equal((await call('POST', '/topics', { name: 'one more' })).status, 409);
  });

  test('what comes back must still fit, with all that comes back above it', async () => {
    await context.records.pool.query('UPDATE voices_state SET planted = true');
    const old = await make('A');
    const below = await make('B', old);
    await call('POST', `/topics/${old}/archive`, {});
    await make('a');
    assert.equal((await call('POST', `/topics/${below}/archive`, { archived: false })).status, 409);
    assert.equal((await call('GET', '/topics')).body.items.length, 1);
  });

  test('stays a tree of at most four levels with names of their own, whatever is done to it', async () => {
    await context.records.pool.query('UPDATE voices_state SET planted = true');
    const act = fc.record({
      what: fc.constantFrom('make', 'move', 'rename', 'merge', 'archive', 'restore'),
      a: fc.nat(7),
      b: fc.nat(7),
      name: fc.constantFrom('A', 'B', 'C'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
        await context.records.pool.query('TRUNCATE voices_topics RESTART IDENTITY CASCADE');
        for (const { what, a, b, name } of acts) {
          const parentId = b === 0 ? null : b;
          try {
            if (what === 'make') await createTopic(context, { name, names: {}, words: { en: [name] }, parentId }, '');
            else if (what === 'move') await changeTopic(context, a, { parentId }, '');
            else if (what === 'rename') await changeTopic(context, a, { name }, '');
            else if (what === 'merge') await mergeTopics(context, a, b, '');
            else await archiveTopic(context, a, what === 'archive', '');
          } catch (error) {
            assert.ok([400, 404, 409].includes((error as { status: number }).status), String(error));
          }
          const topics = await allTopics(context.records.pool);
          const known = byId(topics);
          const places = new Set<string>();
          for (const topic of topics) {
            if (topic.archivedAt) continue;
            const parent = topic.parentId === null ? null : known.get(topic.parentId)!;
            assert.ok(parent === null || !parent.archivedAt, 'nothing hangs below what is archived');
            let depth = 1;
            for (let at = parent; at; at = at.parentId === null ? null : known.get(at.parentId)!)
              assert.ok(++depth <= DEPTH_LIMIT);
            assert.equal(pathOf(topic.id, known).length, depth);
            const place = `${topic.parentId}/${topic.name.toLowerCase()}`;
            assert.ok(!places.has(place), 'siblings have names of their own');
            places.add(place);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('sorting anew', () => {
  test('a change of words reaches old voices by a job that tells how far it is', async () => {
    await context.records.pool.query('UPDATE voices_state SET planted = true');
    await say('The loyalty card never works', 'Delivery was late', 'I like it');
    assert.deepEqual(Object.values(await sorted()), [[], [], []]);
    const loyalty = await make('Loyalty', null, { en: ['loyalty card'] });
    const { body } = await call('GET', '/topics');
    assert.deepEqual(body.sorting, { sorted: 0, left: 3 });
    await runJobs(context, apps);
    assert.deepEqual((await call('GET', '/topics')).body.sorting, { sorted: 3, left: 0 });
    assert.deepEqual((await sorted())['The loyalty card never works'], ['Loyalty']);
    await call('PATCH', `/topics/${loyalty}`, { words: { en: ['late*'] }, name: 'Late' });
    await runJobs(context, apps);
    assert.deepEqual(await sorted(), {
      'The loyalty card never works': [],
      'Delivery was late': ['Late'],
      'I like it': [],
    });
  });

  test('merged topics are one, with the words and voices of both; archived ones leave the voices', async () => {
    await context.records.pool.query('UPDATE voices_state SET planted = true');
    const late = await make('Late', null, { en: ['late'] });
    const slow = await make('Slow', null, { en: ['slow'] });
    const below = await make('Courier', late, { en: ['courier'] });
    await say('It was late', 'It was slow', 'The courier was rude');
    await call('POST', `/topics/${late}/merge`, { into: slow });
    assert.deepEqual(await sorted(), {
      'It was late': ['Slow'],
      'It was slow': ['Slow'],
      'The courier was rude': ['Slow/Courier'],
    });
    await runJobs(context, apps);
    assert.deepEqual((await sorted())['It was late'], ['Slow']);
    assert.equal((await call('POST', `/topics/${late}/archive`, { archived: false })).status, 409);
    assert.equal((await call('GET', `/counts?topic=${slow}`)).body.voices, 3, 'those below count too');
    await call('POST', `/topics/${slow}/archive`, {});
    await runJobs(context, apps);
    assert.deepEqual(Object.values(await sorted()).flat(), []);
    await call('POST', `/topics/${below}/archive`, { archived: false });
    await runJobs(context, apps);
    assert.deepEqual((await sorted())['The courier was rude'], ['Slow/Courier'], 'with what is above it');
  });
});

test('a suggestion from what the unhappy say becomes a topic by one call, and is not made again', async () => {
  await context.records.pool.query('UPDATE voices_state SET planted = true');
  await say(
    ...Array.from(
      { length: 8 },
      (_, n) => `Karta lojalnościowa znowu nie działa przy kasie, fatalnie ${'!'.repeat(n + 1)}`,
    ),
    ...Array.from({ length: 8 }, (_, n) => `Bardzo miła obsługa i ładny sklep, polecam ${'!'.repeat(n + 1)}`),
  );
  await findSuggestions(context);
  const { body } = await call('GET', '/suggestions');
  const found = body.items.find((one: Body) => one.words.some((word: string) => word.includes('lojaln')));
  assert.ok(found, JSON.stringify(body));
  assert.deepEqual([found.language, found.voices, found.negative], ['pl', 8, 8]);
  const accepted = await call('POST', `/suggestions/${found.id}/accept`, { name: 'Karta' });
  assert.equal(accepted.status, 200);
  await runJobs(context, apps);
  assert.equal((await call('GET', `/counts?topic=${accepted.body.id}`)).body.voices, 8);
  await findSuggestions(context);
  const again = (await call('GET', '/suggestions')).body.items;
  assert.ok(!again.some((one: Body) => one.words.some((word: string) => word.includes('lojaln'))));
  assert.equal((await call('POST', `/suggestions/${found.id}/accept`, {})).status, 404);
  for (const one of again) assert.equal((await call('POST', `/suggestions/${one.id}/dismiss`)).status, 200);
  await findSuggestions(context);
  assert.equal((await call('GET', '/suggestions')).body.items.length, 0);
});
