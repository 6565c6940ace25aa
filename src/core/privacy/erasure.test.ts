import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { runJobs, testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { PeopleFacts } from '../people/facts-follow.ts';
import { foldOverrides, publishOverrides } from '../people/overrides.ts';
import { SearchIndex } from '../people/search-index.ts';
import { emit } from '../stream/outbox.ts';
import { listQuarantined } from '../stream/quarantine.ts';
import { deleteQuarantined } from '../stream/quarantine-deletions.ts';
import { append, processAll, sent } from '../stream/testing.ts';
import { searchFiles } from './bytes.testing.ts';
import { requestErasure, runErasure } from './erasure.ts';
import { requestExport } from './exports.ts';
import { liftSuppression } from './suppression.ts';

let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: core });
});
after(() => context.close());

const EMAIL = 'anna.sentinel@example.com';
const USER = 'user-anna-sentinel-4711';
const DEVICE = 'anon-anna-sentinel-8844';
const SECOND_DEVICE = 'anon-anna-sentinel-8855';
const PHONE = '+48600123999';
const NAME = 'Anna Brzęczyszczykiewicz';
/** Everything that only Anna has, wherever it may be written. */
const NEEDLES = [
  EMAIL,
  USER,
  DEVICE,
  SECOND_DEVICE,
  PHONE,
  'Brzęczyszczykiewicz',
  'brzeczyszczykiewicz',
  'earlier-name-sentinel',
  'property-sentinel-991',
  'anna-page-sentinel',
  'title-sentinel',
  'campaign-sentinel',
  'agent-sentinel',
  'quarantined-sentinel',
  'thrown-away-sentinel',
  'outbox-sentinel',
  'mail-sentinel',
  'trait-sentinel',
];
const SOURCE = { sourceId: 1 };

async function live(): Promise<void> {
  const page = (n: number) =>
    sent({
      type: 'page',
      anonymousId: DEVICE,
      name: 'Page',
      properties: { detail: `property-sentinel-991 ${n}`, title: 'title-sentinel' },
      context: {
        page: { url: 'https://shop.example/anna-page-sentinel', path: '/anna-page-sentinel', title: 'title-sentinel' },
        campaign: { name: 'campaign-sentinel', source: 'x', medium: 'y' },
        userAgent: 'agent-sentinel',
      },
    });
  await append(context, [page(1), page(2), sent({ type: 'page', anonymousId: SECOND_DEVICE })], SOURCE);
  await processAll(context);
  await append(
    context,
    [
      sent({
        type: 'identify',
        anonymousId: DEVICE,
        userId: USER,
        traits: { name: 'earlier-name-sentinel', email: EMAIL },
      }),
      sent({ type: 'identify', userId: USER, traits: { name: NAME, phone: PHONE, hobby: 'trait-sentinel' } }),
      sent({ type: 'identify', userId: USER, anonymousId: SECOND_DEVICE, traits: {} }),
      sent({ type: 'track', userId: USER, event: 'Bought', properties: { note: 'property-sentinel-991' } }),
      sent({ type: 'group', userId: USER, groupId: 'acme', traits: { name: 'Acme' } }),
      sent({ type: 'identify', userId: 'user-ben', traits: { name: 'Ben Anna', email: 'ben@example.com' } }),
      // Anna's address and Ben's ID do not go together: a report tells of it.
      sent({ type: 'track', event: 'Odd', userId: USER, externalIds: [{ kind: 'user_id', value: 'user-ben' }] }),
      sent({
        type: 'track',
        event: 'Late',
        userId: USER,
        timestamp: 'no time',
        properties: { x: 'quarantined-sentinel' },
      }),
      sent({
        type: 'track',
        event: 'Late',
        userId: USER,
        timestamp: 'no time',
        properties: { x: 'thrown-away-sentinel' },
      }),
    ],
    SOURCE,
  );
  await append(
    context,
    Array.from({ length: 300 }, (_, n) =>
      sent({
        type: 'track',
        event: 'Bought',
        userId: `user-${n}`,
        context: { traits: { email: `u${n}@example.com` } },
      }),
    ),
    SOURCE,
  );
  await processAll(context);
  await new SearchIndex(context.records).catchUp();
  await publishOverrides(context);
  await foldOverrides(context, { olderThanMs: 0 });
  await new PeopleFacts(context).catchUp();
  await context.records.pool.query('ANALYZE');
  const thrown = (await listQuarantined(context, { before: undefined, limit: 10 })).find((entry) =>
    entry.event.includes('thrown-away-sentinel'),
  );
  await deleteQuarantined(context, { name: 'Ada' }, { id: thrown!.id });
  const { rows } = await context.records.pool.query<{ id: number }>(
    'SELECT root_id AS id FROM persons p JOIN identifiers i ON i.person_id = p.id WHERE i.value = $1',
    [USER],
  );
  await context.records.transaction((client) =>
    emit(client, { name: 'Ticket Opened', personId: rows[0]!.id, properties: { about: 'outbox-sentinel' } }),
  );
  await addJob(
    context.records.pool,
    'mail.send',
    { to: EMAIL, subject: 'mail-sentinel', text: 'Hello' },
    {
      runAt: new Date(Date.now() + 3_600_000),
    },
  );
}

const personOf = async (value: string) => {
  const { rows } = await context.records.pool.query<{ id: number }>(
    'SELECT p.root_id AS id FROM persons p JOIN identifiers i ON i.person_id = p.id WHERE i.value = $1',
    [value],
  );
  return rows[0]?.id;
};

/** Everything that is known of everybody but the given persons. */
async function others(origins: readonly number[]): Promise<unknown> {
  const { records, events } = context;
  const rows = async (sql: string) => (await records.pool.query(sql, [origins])).rows;
  return {
    persons: await rows('SELECT id, root_id, traits, consent FROM persons WHERE id <> ALL ($1::bigint[]) ORDER BY id'),
    identifiers: await rows('SELECT * FROM identifiers WHERE person_id <> ALL ($1::bigint[]) ORDER BY value, kind_id'),
    history: await rows('SELECT * FROM trait_history WHERE person_id <> ALL ($1::bigint[]) ORDER BY at, name'),
    search: await rows('SELECT * FROM people_search WHERE person_id <> ALL ($1::bigint[]) ORDER BY person_id'),
    events: await events.query(
      `SELECT origin_id, count() AS n, groupBitXor(cityHash64(event_id, name, user_id, toString(properties), context)) AS sum
       FROM events WHERE origin_id NOT IN {origins:Array(UInt64)} GROUP BY origin_id ORDER BY origin_id`,
      { origins },
    ),
    traits: await events.query(
      'SELECT name, origin_id, at, value FROM person_traits FINAL WHERE origin_id NOT IN {origins:Array(UInt64)} ORDER BY ALL',
      { origins },
    ),
  };
}

const FACTS = ['person_traits', 'person_traits_now', 'people_known', 'person_links', 'account_members'];

async function factsOf(table: string, origins: readonly number[]): Promise<number> {
  const [row] = await context.events.query<{ n: string }>(
    `SELECT count() AS n FROM ${table} WHERE origin_id IN {origins:Array(UInt64)}`,
    { origins },
  );
  return Number(row!.n);
}

test('after an erasure no byte of any store names the person, and everybody else is untouched', async () => {
  await live();
  await context.records.pool.query('CHECKPOINT');
  const root = (await personOf(USER))!;
  const { rows: members } = await context.records.pool.query<{ id: number }>(
    'SELECT id FROM persons WHERE root_id = $1',
    [root],
  );
  const origins = members.map((member) => member.id);
  const archive = await requestExport(context, root, { language: 'en', by: 'Dora' });
  await runJobs(context, core);
  const archived = () => context.blobs.size(`exports-of-persons/${archive.id}/person.zip`);
  assert.ok(await archived(), 'there is an archive');
  const beforehand = searchFiles(context.config.dataDir, NEEDLES);
  for (const [needle, files] of beforehand) assert.ok(files.length > 0, `${needle} is not found before the erasure`);
  const stores = new Set([...beforehand.values()].flat().map((file) => file.split('/')[0]));
  assert.deepEqual([...stores].sort(), ['events', 'log', 'records'], 'each store is searched');
  assert.ok(
    [...beforehand.values()].flat().some((file) => file.startsWith('records/pg_wal')),
    'the write-ahead log is searched',
  );
  for (const table of FACTS) assert.notEqual(await factsOf(table, origins), 0, table);
  const untouched = await others(origins);
  const walBefore = new Set(readdirSync(join(context.config.dataDir, 'records/pg_wal')));

  const erasure = await requestErasure(context, root, 'Dora');
  await processAll(context);
  await runJobs(context, core);

  const { rows } = await context.records.pool.query('SELECT state, error, steps FROM privacy_erasures WHERE id = $1', [
    erasure.id,
  ]);
  assert.deepEqual({ state: rows[0].state, error: rows[0].error }, { state: 'done', error: null });
  await context.records.pool.query('CHECKPOINT');
  const afterwards = searchFiles(context.config.dataDir, NEEDLES);
  const left = [...afterwards].filter(([, files]) => files.length > 0);
  assert.deepEqual(left, []);
  const walAfter = readdirSync(join(context.config.dataDir, 'records/pg_wal')).filter((name) =>
    /^[0-9A-F]{24}$/.test(name),
  );
  assert.deepEqual(
    walAfter.filter((name) => walBefore.has(name)),
    [],
    'no file of the write-ahead log is one from before',
  );
  assert.deepEqual(await others(origins), untouched);
  // What was on its way to the events store meanwhile does not bring the person back.
  await new PeopleFacts(context).catchUp();
  for (const table of FACTS) assert.equal(await factsOf(table, origins), 0, table);
  assert.equal(await archived(), null);
  assert.equal(await personOf(USER), undefined);
});

test('an erased person does not come back by an event or an import, nor by the quarantine', async () => {
  await append(
    context,
    [
      sent({ type: 'identify', userId: USER, traits: { email: EMAIL } }),
      sent({
        type: 'track',
        event: 'Bought',
        anonymousId: 'fresh-device',
        context: { traits: { email: ` ${EMAIL.toUpperCase()}` } },
      }),
      sent({ type: 'alias', userId: 'fresh-user', previousId: DEVICE }),
      sent({ type: 'track', event: 'Late', userId: USER, timestamp: 'no time' }),
    ],
    { ...SOURCE, protocol: 'import' },
  );
  await processAll(context);
  assert.deepEqual(
    await Promise.all([USER, EMAIL, DEVICE, 'fresh-device', 'fresh-user'].map(personOf)),
    Array(5).fill(undefined),
  );
  const { rows } = await context.records.pool.query(
    "SELECT sum(count)::int AS n FROM drops WHERE reason = 'erased person'",
  );
  assert.ok(rows[0].n >= 4);
  assert.deepEqual(await listQuarantined(context, { before: undefined, limit: 10 }), []);
});

test('who takes over the device of an erased person is not taken for that person', async () => {
  await append(context, [sent({ type: 'track', event: 'Looked', userId: 'user-ben', anonymousId: DEVICE })], SOURCE);
  await processAll(context);
  assert.equal(await personOf(DEVICE), undefined);
  const [row] = await context.events.query<{ n: string; devices: string }>(
    "SELECT count() AS n, countIf(anonymous_id != '') AS devices FROM events WHERE name = 'Looked'",
  );
  assert.deepEqual(row, { n: '1', devices: '0' });
});

test('a person who comes back knowingly is known again, without a past', async () => {
  assert.ok((await liftSuppression(context, 'email', EMAIL)) >= 4, 'all that was erased with it is lifted');
  await append(context, [sent({ type: 'identify', userId: USER, traits: { email: EMAIL } })], SOURCE);
  await processAll(context);
  const person = await personOf(EMAIL);
  assert.ok(person);
  const [row] = await context.events.query<{ n: string }>(
    'SELECT count() AS n FROM events WHERE origin_id = {person:UInt64}',
    {
      person,
    },
  );
  assert.equal(row!.n, '1');
});

test('an erasure that is cut off after any step goes on where it was', async () => {
  let cut = 0;
  for (;;) {
    const user = `cut-off-${cut}`;
    await append(context, [sent({ userId: user, event: 'Bought' }), sent({ userId: user, event: 'Paid' })], SOURCE);
    await processAll(context);
    const erasure = await requestErasure(context, (await personOf(user))!, 'Dora');
    let steps = 0;
    const cutting: Context = {
      ...context,
      records: {
        ...context.records,
        pool: new Proxy(context.records.pool, {
          get(pool, name) {
            if (name !== 'query') return Reflect.get(pool, name).bind?.(pool) ?? Reflect.get(pool, name);
            return (...args: unknown[]) => {
              const text = String((args[0] as { text?: string }).text ?? args[0]);
              if (text.includes('SET steps = steps') && steps++ === cut) throw new Error('the process ends here');
              return (pool.query as (...all: unknown[]) => unknown).apply(pool, args);
            };
          },
        }),
      },
    };
    const done = await runErasure(cutting, core, erasure.id, { last: false }).then(
      () => true,
      (error: Error) => {
        assert.equal(error.message, 'the process ends here');
        return false;
      },
    );
    await runErasure(context, core, erasure.id, { last: false });
    assert.equal(await personOf(user), undefined);
    const { rows } = await context.records.pool.query('SELECT state FROM privacy_erasures WHERE id = $1', [erasure.id]);
    assert.equal(rows[0].state, 'done');
    const [left] = await context.events.query<{ n: string }>(
      'SELECT count() AS n FROM events WHERE user_id = {user:String}',
      {
        user,
      },
    );
    assert.equal(left!.n, '0');
    if (done) break;
    cut++;
  }
  assert.ok(cut >= 10, `cut off after each of ${cut} steps`);
});
