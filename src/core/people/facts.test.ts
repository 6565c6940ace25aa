import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { placesOf } from '../privacy/places.ts';
import { restrict, unrestrict } from '../privacy/restrictions.ts';
import { append, processAll, sent } from '../stream/testing.ts';
import { factsOf } from './facts.testing.ts';
import { accountTraitNames, accountTraitValues, traitNames, traitValues } from './facts.ts';
import { PeopleFacts } from './facts-follow.ts';
import { accountTraitSql, allPeopleSql, factsState, leftOut, membersSql, personOf } from './facts-sql.ts';
import { startPeopleJobs } from './jobs.ts';
import { undoMerge } from './merges.ts';
import { foldOverrides } from './overrides.ts';
import { insertEvents, insertPerson } from './test-data.ts';

let context: Context & { close(): Promise<void> };
let facts: ReturnType<typeof factsOf>;
before(async () => {
  context = await testContext({ apps: core });
  facts = factsOf(context);
});
after(() => context.close());

const START = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;

describe('what is known of people, in the events store', () => {
  test('a trait is what it is now, and was what it was then', async () => {
    await facts.identify('now-then', { plan: 'free', age: 41 }, START);
    await facts.identify('now-then', { plan: 'pro' }, START + 2 * HOUR);
    await facts.follow();
    const person = await facts.originOf('now-then');
    assert.equal((await facts.traitsNow('plan')).get(person), 'pro');
    assert.equal((await facts.traitsNow('age')).get(person), '41');
    const then = await facts.traitsThen('plan', [person], [START - 1, START, START + HOUR, START + 2 * HOUR]);
    assert.deepEqual([...then.values()].sort(), ['', 'free', 'free', 'pro']);
    // An event of the past that comes late.
    await facts.identify('now-then', { plan: 'trial' }, START + HOUR);
    await facts.follow();
    assert.equal((await facts.traitsNow('plan')).get(person), 'pro');
    assert.equal((await facts.traitsThen('plan', [person], [START + HOUR])).get(`${person}@${START + HOUR}`), 'trial');
  });

  test('a trait that was taken away is not there now, and was there then', async () => {
    await facts.identify('taken-away', { tier: 'gold' }, START);
    await facts.identify('taken-away', { tier: null }, START + HOUR);
    await facts.follow();
    const person = await facts.originOf('taken-away');
    assert.equal((await facts.traitsNow('tier')).has(person), false);
    const then = await facts.traitsThen('tier', [person], [START, START + HOUR]);
    assert.equal(then.get(`${person}@${START}`), 'gold');
    assert.equal(then.get(`${person}@${START + HOUR}`), '');
  });

  test('texts, numbers, booleans, lists and objects are kept as text that can be read again', async () => {
    const odd = 'tab\t "quote" \\ line\nend 東京 🎉';
    await facts.identify(
      'kinds',
      { odd, price: 12.5, many: 1e21, yes: true, tags: ['a', 'b"c'], place: { city: 'Łódź' } },
      1,
    );
    await facts.follow();
    const person = await facts.originOf('kinds');
    const value = async (name: string) => (await facts.traitsNow(name)).get(person)!;
    assert.equal(await value('odd'), odd);
    assert.equal(await value('price'), '12.5');
    assert.equal(Number(await value('many')), 1e21);
    assert.equal(await value('yes'), 'true');
    assert.deepEqual(JSON.parse(await value('tags')), ['a', 'b"c']);
    assert.deepEqual(JSON.parse(await value('place')), { city: 'Łódź' });
    assert.equal(
      (await facts.traitsThen('price', [person], [0, 1])).get(`${person}@1`),
      '12.5',
      'set in the first second of 1970',
    );
  });

  test('a merge joins what is known of both at once, folding keeps it, and undoing parts it at once', async () => {
    const a = await insertPerson(context, { traits: { city: 'Gdynia' }, at: START });
    const b = await insertPerson(context, { traits: { city: 'Radom', shoe: 43 }, at: START + HOUR });
    await insertEvents(context, [{ origin: a }, { origin: b }]);
    await facts.follow();
    const look = async () => {
      const [city, shoe] = [await facts.traitsNow('city'), await facts.traitsNow('shoe')];
      return [city.get(a), city.get(b), shoe.get(a), shoe.get(b)];
    };
    const apart = ['Gdynia', 'Radom', undefined, '43'];
    const joined = ['Radom', undefined, '43', undefined];
    assert.deepEqual(await look(), apart);
    const { id } = await facts.merge(a, b);
    assert.equal((await factsState(context.events)).overrides, true);
    assert.deepEqual(await look(), joined);
    await foldOverrides(context, { olderThanMs: 0 });
    assert.equal((await factsState(context.events)).overrides, false);
    assert.deepEqual(await look(), joined);
    await undoMerge(context, id, 'x');
    assert.deepEqual(await look(), apart);
    await foldOverrides(context, { olderThanMs: 0 });
    assert.deepEqual(await look(), apart);
  });

  test('people without any event are known too, and merged ones are one', async () => {
    const [a, b] = [await insertPerson(context, { at: START }), await insertPerson(context, { at: START - HOUR })];
    await facts.follow();
    const known = async () => {
      const state = await factsState(context.events);
      return context.events.query<{ person_id: string; first: string }>(
        `SELECT person_id, toUnixTimestamp64Milli(first_seen) AS first FROM (${allPeopleSql(state)})
         WHERE person_id IN {ids:Array(UInt64)} AND person_id NOT IN (SELECT ${personOf(state.overrides)} FROM events)
         ORDER BY person_id`,
        { ids: [a, b] },
      );
    };
    assert.deepEqual(await known(), [
      { person_id: String(a), first: String(START) },
      { person_id: String(b), first: String(START - HOUR) },
    ]);
    await facts.merge(a, b);
    assert.deepEqual(await known(), [{ person_id: String(a), first: String(START - HOUR) }]);
  });

  test('accounts have their traits of now and their members', async () => {
    for (const [userId, traits] of [
      ['member-1', { industry: 'mining', seats: 4 }],
      ['member-2', { industry: 'rail' }],
    ] as const) {
      await append(context, [sent({ type: 'group', userId, groupId: 'acme', traits })]);
      await processAll(context);
      await facts.follow();
    }
    const [account] = await context.events.query<{ account_id: string }>(
      "SELECT account_id FROM accounts_known FINAL WHERE key = 'acme'",
    );
    const industry = () => context.events.query(accountTraitSql('{name:String}'), { name: 'industry' });
    assert.deepEqual(await industry(), [{ account_id: account!.account_id, value: 'rail' }]);
    const members = await context.events.query<{ person_id: string }>(
      `SELECT person_id FROM (${membersSql(await factsState(context.events))}) ORDER BY person_id`,
    );
    const expected = [await facts.originOf('member-1'), await facts.originOf('member-2')].sort((x, y) => x - y);
    assert.deepEqual(
      members.map((row) => Number(row.person_id)),
      expected,
    );
    assert.deepEqual((await accountTraitNames(context)).map(({ name, type }) => [name, type]).sort(), [
      ['industry', 'string'],
      ['seats', 'number'],
    ]);
    assert.deepEqual(await accountTraitValues(context, 'seats', { limit: 5 }), [{ value: '4', count: 1 }]);
  });

  test('people who are restricted, or object to analytics, are left out until it is taken back, whoever they are merged with', async () => {
    const a = await insertPerson(context, { traits: { squad: 'red' } });
    const b = await insertPerson(context, { traits: { squad: 'blue' } });
    const c = await insertPerson(context, { traits: { squad: 'blue' } });
    await insertEvents(context, [
      { origin: a, name: 'Squad' },
      { origin: b, name: 'Squad' },
      { origin: c, name: 'Squad' },
    ]);
    const left = async () => {
      await facts.follow();
      const state = await factsState(context.events);
      const rows = await context.events.query<{ person: string }>(
        `SELECT DISTINCT ${personOf(state.overrides)} AS person FROM events
         WHERE name = 'Squad' AND ${leftOut(personOf(state.overrides), state)} ORDER BY person`,
      );
      return rows.map((row) => Number(row.person));
    };
    assert.deepEqual(await left(), [a, b, c]);
    assert.equal((await factsState(context.events)).restricted, false);
    await restrict(context, a, { purpose: '', reason: 'asked', by: 'x' });
    await restrict(context, b, { purpose: 'marketing', reason: 'asked', by: 'x' });
    assert.deepEqual(await left(), [b, c], 'an objection to marketing does not concern reports');
    await restrict(context, b, { purpose: 'analytics', reason: 'asked', by: 'x' });
    assert.deepEqual(await left(), [c]);
    assert.deepEqual(await traitValues(context, 'squad', { limit: 10 }), [{ value: 'blue', count: 1 }]);
    await unrestrict(context, a, '');
    assert.deepEqual(await left(), [a, c]);
    const { id } = await facts.merge(c, b);
    assert.deepEqual(await left(), [a], 'what a part said holds for the whole');
    await foldOverrides(context, { olderThanMs: 0 });
    assert.deepEqual(await left(), [a]);
    await undoMerge(context, id, 'x');
    assert.deepEqual(await left(), [a, c]);
    await unrestrict(context, b, 'analytics');
    assert.deepEqual(await left(), [a, b, c]);
    assert.equal((await factsState(context.events)).restricted, false);
  });

  test('names and values to choose from come with how usual they are, and values by how they begin', async () => {
    for (const [n, pet] of ['Cat', 'cat', 'Cat', 'Dog', 'Żaba', 'x'.repeat(201)].entries()) {
      await insertPerson(context, { traits: { pet, born: `2020-01-0${n + 1}`, legs: n } });
    }
    await facts.follow();
    const found = new Map((await traitNames(context)).map(({ name, type, count }) => [name, { type, count }]));
    assert.deepEqual(found.get('pet'), { type: 'string', count: 6 });
    assert.deepEqual(found.get('born'), { type: 'date', count: 6 });
    assert.deepEqual(found.get('legs'), { type: 'number', count: 6 });
    assert.deepEqual(await traitValues(context, 'pet', { limit: 2 }), [
      { value: 'Cat', count: 2 },
      { value: 'Dog', count: 1 },
    ]);
    assert.deepEqual(await traitValues(context, 'pet', { prefix: 'CA', limit: 1000 }), [
      { value: 'Cat', count: 2 },
      { value: 'cat', count: 1 },
    ]);
    assert.deepEqual(await traitValues(context, 'pet', { prefix: 'ża', limit: 10 }), [{ value: 'Żaba', count: 1 }]);
    assert.deepEqual(await traitValues(context, "no'such", { prefix: '%', limit: 10 }), []);
  });

  test('what was known before anybody followed is told, also when that is cut off', async () => {
    const a = await insertPerson(context, { traits: { era: 'new' }, at: START + HOUR });
    const b = await insertPerson(context, { traits: { older: 1 }, at: START });
    await context.records.pool.query(`INSERT INTO trait_history VALUES ($1, 'era', '"old"', to_timestamp($2), 1)`, [
      a,
      START / 1000,
    ]);
    await facts.merge(a, b);
    await foldOverrides(context, { olderThanMs: 0 });
    for (const table of [
      'person_traits',
      'people_known',
      'person_links',
      'accounts_known',
      'account_traits',
      'account_members',
    ])
      await context.events.command(`TRUNCATE TABLE ${table}`);
    await context.events.command('SYSTEM RELOAD DICTIONARY person_links_map');
    await context.records.pool.query(
      `TRUNCATE people_facts_changed, people_facts_replaced;
       INSERT INTO people_facts_backfill (what) VALUES ('accounts'), ('persons')`,
    );
    await facts.followAndCrash();
    await facts.follow();
    assert.equal(await facts.follow(), 0, 'all is told');
    assert.equal((await facts.traitsNow('era')).get(a), 'new');
    assert.equal((await facts.traitsNow('older')).get(a), '1');
    assert.equal((await facts.traitsThen('era', [a], [START])).get(`${a}@${START}`), 'old');
    const { rows } = await context.records.pool.query(
      `SELECT (SELECT count(*) FROM persons) AS people, (SELECT count(*) FROM accounts) AS accounts,
         (SELECT count(*) FROM memberships) AS members, (SELECT count(*) FROM persons WHERE root_id <> id) AS links`,
    );
    const [told] = await context.events.query<Record<string, string>>(
      `SELECT (SELECT count() FROM people_known FINAL) AS people, (SELECT count() FROM accounts_known FINAL) AS accounts,
         (SELECT count() FROM account_members FINAL) AS members, (SELECT count() FROM person_links FINAL WHERE origin_id != person_id) AS links`,
    );
    assert.ok(rows[0].links > 0 && rows[0].members > 0);
    assert.deepEqual(
      Object.entries(told!).map(([key, n]) => [key, Number(n)]),
      Object.entries(rows[0]),
    );
  });

  test('who is erased while being told of is not there afterwards', async () => {
    const person = await insertPerson(context, { traits: { secret: 'x' } });
    let released = () => {};
    const release = new Promise<void>((resolve) => {
      released = resolve;
    });
    let reached = () => {};
    const telling = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const events: typeof context.events = {
      ...context.events,
      insert: async (rows) => {
        if (rows.table === 'person_traits') {
          reached();
          await release;
        }
        await context.events.insert(rows);
      },
    };
    const told = new PeopleFacts({ records: context.records, events }).catchUp();
    await telling;
    const place = placesOf(core).find(({ name }) => name === 'people')!;
    const erased = place.erase(context, { origins: [person], identifiers: [] });
    const gone = () => context.records.pool.query('SELECT 1 FROM persons WHERE id = $1', [person]);
    while ((await gone()).rowCount !== 0) await sleep(10);
    released();
    await Promise.all([told, erased]);
    await facts.follow();
    for (const table of ['person_traits', 'person_traits_now', 'people_known']) {
      const rows = await context.events.query(`SELECT 1 FROM ${table} WHERE origin_id = {person:UInt64}`, { person });
      assert.deepEqual(rows, [], table);
    }
  });

  test('the jobs of people tell what changes by themselves', async () => {
    const stop = await startPeopleJobs(context);
    try {
      const person = await insertPerson(context, { traits: { alone: 'yes' } });
      while (!(await facts.traitsNow('alone')).has(person)) await sleep(50);
    } finally {
      await stop();
    }
  });

  test('a statement that makes very many people is told in parts', async () => {
    await context.records.pool.query(
      `INSERT INTO persons (id, root_id, source_id, traits)
       SELECT n, n, 1, '{"crowd": ["yes", 1700000000000, 1]}' FROM generate_series(9000000001, 9000004500) AS n`,
    );
    const { rows } = await context.records.pool.query('SELECT max(cardinality(ids)) AS most FROM people_facts_changed');
    assert.equal(rows[0].most, 1000);
    await facts.follow();
    assert.equal((await facts.traitsNow('crowd')).size, 4500);
  });
});
