import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { stream } from '../stream/module.ts';
import { listPeople } from './list.ts';
import { mergeByHand, undoMerge } from './merges.ts';
import { people } from './module.ts';
import { SearchIndex } from './search-index.ts';
import { insertEvents, insertPerson } from './test-data.ts';

let context: Context & { close(): Promise<void> };
const ids: Record<string, number> = {};

before(async () => {
  context = await testContext({ apps: [people, stream] });
  const add = async (name: string, traits: Record<string, unknown>, identifiers: Record<string, string> = {}) => {
    ids[name] = await insertPerson(context, { traits, identifiers });
  };
  await add(
    'lucja',
    { firstName: 'Łucja', lastName: 'Żółtowska-Ćwik', city: 'Gdańsk' },
    { email: 'lucja.z@poczta.pl' },
  );
  await add(
    'kowalska',
    { name: 'Anna Kowalska', city: 'Kraków', age: 41 },
    { customer_id: 'C-1784', phone: '+48601234567' },
  );
  await add('kowalski', { name: 'Jan Kowalski', plan: 'premium', tags: ['sailing', 'tea'] }, { user_id: 'jan-k' });
  await add('natalya', { name: 'Наталья Соколова' });
  await add('xiaoming', { name: '王小明', address: { city: '上海' } });
  await add('visitor', {}, { anonymous_id: 'b1f6c9e2-visitor' });
  await insertEvents(context, [
    { origin: ids.kowalska!, revenueMinor: 500, currency: 'PLN', country: 'PL' },
    { origin: ids.kowalska!, revenueMinor: 700, currency: 'PLN' },
  ]);
});
after(() => context.close());
beforeEach(async () => {
  await new SearchIndex(context.records).catchUp();
});

const find = async (q: string) => {
  const { items } = await listPeople(context, { q, limit: 50 });
  return items.map((item) => Object.entries(ids).find(([, id]) => String(id) === item.id)?.[0] ?? item.id);
};

describe('search', () => {
  test('finds by name without case and marks, in any script, and by parts of it', async () => {
    assert.deepEqual(await find('lucja zoltowska'), ['lucja']);
    assert.deepEqual(await find('ŻÓŁTOWSKA'), ['lucja']);
    assert.deepEqual(await find('НАТАЛЬЯ'), ['natalya']);
    assert.deepEqual(await find('сокол'), ['natalya']);
    assert.deepEqual(await find('小明'), ['xiaoming']);
  });

  test('finds as one types, from the first letter on', async () => {
    for (const typed of ['k', 'ko', 'kow', 'kowa', 'kowalsk']) {
      const found = await find(typed);
      assert.ok(found.includes('kowalska') && found.includes('kowalski'), typed);
    }
    assert.deepEqual(await find('a kowal'), ['kowalska']);
    assert.deepEqual(await find('王'), ['xiaoming']);
  });

  test('finds in spite of typing errors, what is exact first', async () => {
    assert.deepEqual(await find('kowalski'), ['kowalski', 'kowalska']);
    assert.deepEqual((await find('kowlaska')).slice(0, 1), ['kowalska']);
    assert.ok((await find('kwalska')).includes('kowalska'));
    assert.ok((await find('okwalska')).includes('kowalska'));
    assert.deepEqual(await find('anna kowlaska'), ['kowalska']);
    assert.deepEqual(await find('Натлья'), ['natalya']);
    assert.deepEqual(await find('zoltowksa'), ['lucja']);
    assert.deepEqual(await find('zoltovs'), ['lucja']);
  });

  test('finds by any trait, also within lists and objects', async () => {
    assert.deepEqual(await find('gdansk'), ['lucja']);
    assert.deepEqual(await find('premium'), ['kowalski']);
    assert.deepEqual(await find('sailing'), ['kowalski']);
    assert.deepEqual(await find('41'), ['kowalska']);
    assert.deepEqual(await find('上海'), ['xiaoming']);
    assert.deepEqual(await find('anna krakow'), ['kowalska']);
  });

  test('finds by an identifier, whole or its beginning', async () => {
    assert.deepEqual(await find('LUCJA.Z@poczta.pl'), ['lucja']);
    assert.deepEqual(await find('lucja.z@po'), ['lucja']);
    assert.deepEqual(await find('C-1784'), ['kowalska']);
    assert.deepEqual(await find('c-17'), ['kowalska']);
    assert.deepEqual(await find('0048 601 234 567'), ['kowalska']);
    assert.deepEqual(await find('b1f6c9e2-vis'), ['visitor']);
  });

  test('finds nobody where nobody is meant, whatever is typed', async () => {
    for (const typed of ['qqqqq', '%', "'; --", '\\', 'a\0b', '\ud800', '😀', '   ', '*ko', 'x'.repeat(200)]) {
      const found = await listPeople(context, { q: typed, limit: 5 });
      assert.ok(Array.isArray(found.items));
    }
    assert.deepEqual(await find('qqqqq'), []);
  });

  test('a merged person is found once, by what either was called; apart again each by its own', async () => {
    const other = await insertPerson(context, { traits: { nick: 'Sternhagel' } });
    const merge = await mergeByHand(context, { intoId: ids.natalya!, fromId: other, by: 'x' });
    // Before the index has followed, too.
    assert.deepEqual(await find('наталья'), ['natalya']);
    await new SearchIndex(context.records).catchUp();
    assert.deepEqual(await find('sternhagel'), ['natalya']);
    assert.deepEqual(await find('наталья'), ['natalya']);
    await undoMerge(context, merge.id, 'x');
    await new SearchIndex(context.records).catchUp();
    assert.deepEqual(await find('sternhagel'), [String(other)]);
    assert.deepEqual(await find('наталья'), ['natalya']);
  });

  test('a changed name is found by the new one only', async () => {
    const id = await insertPerson(context, { traits: { name: 'Grzegorz Brzęczyszczykiewicz' } });
    const index = new SearchIndex(context.records);
    await index.catchUp();
    assert.deepEqual(await find('brzeczyszczykiewicz'), [String(id)]);
    await context.records.pool.query('UPDATE persons SET traits = $2 WHERE id = $1', [id, { name: ['Franek', 1, 1] }]);
    assert.equal(await index.catchUp(), 1);
    assert.deepEqual(await find('brzeczyszczykiewicz'), []);
    assert.deepEqual(await find('franek'), [String(id)]);
    assert.equal(await index.catchUp(), 0);
  });
});

describe('the list of people', () => {
  test('shows what a person adds up to', async () => {
    const { items } = await listPeople(context, { q: 'C-1784', limit: 5 });
    const [anna] = items;
    assert.ok(anna);
    assert.equal(anna.displayName, 'Anna Kowalska');
    assert.equal(anna.eventCount, 2);
    assert.deepEqual(anna.revenue, [{ currency: 'PLN', amountMinor: 1200 }]);
    assert.equal(anna.country, 'PL');
    assert.ok(anna.lastSeenAt);
    assert.deepEqual(anna.identifiers[0], { kind: 'customer_id', value: 'C-1784' });
  });

  test('gives all people once, newest first, page by page, without those merged into others', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listPeople>> = await listPeople(context, {
        limit: 3,
        cursor: cursor ?? undefined,
      });
      seen.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor;
    } while (cursor);
    const { rows } = await context.records.pool.query<{ id: string }>(
      'SELECT id::text FROM persons WHERE root_id = id ORDER BY persons.id DESC',
    );
    assert.deepEqual(
      seen,
      rows.map((row) => row.id),
    );
  });

  test('search results are paged too', async () => {
    const first = await listPeople(context, { q: 'kow', limit: 1 });
    const second = await listPeople(context, { q: 'kow', limit: 1, cursor: first.nextCursor! });
    assert.equal(new Set([...first.items, ...second.items].map((item) => item.id)).size, 2);
  });
});
