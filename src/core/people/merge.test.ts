import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { stream } from '../stream/module.ts';
import { keptApart, lockIdentity, MergeStopped, mergePersons, originsOf } from './merge.ts';
import { mergeByHand, undoMerge } from './merges.ts';
import { people } from './module.ts';
import { foldOverrides, publishOverrides } from './overrides.ts';
import { personById, personByIdentifier } from './person.ts';
import { insertEvents, insertPerson } from './test-data.ts';
import { timeline } from './timeline.ts';

let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: [people, stream] });
});
after(() => context.close());

/** A merge as the stream makes one: in a transaction of its own, published afterwards. */
async function merge(intoRoot: number, fromRoot: number, link: { intoOrigin?: number; fromOrigin?: number } = {}) {
  const made = await context.records.transaction(async (client) => {
    await lockIdentity(client);
    return mergePersons(client, { intoRoot, fromRoot, cause: { messageId: 'm' }, ...link });
  });
  await publishOverrides(context);
  return made;
}

/** How many events count for each person, the way every report counts them. */
async function counted(origins: readonly number[]): Promise<Record<string, number>> {
  const rows = await context.events.query<{ person: string; count: string }>(
    `SELECT dictGetOrDefault('person_overrides_map', 'person_id', origin_id, person_id) AS person, count() AS count
     FROM events WHERE origin_id IN {origins:Array(UInt64)} GROUP BY person`,
    { origins },
  );
  return Object.fromEntries(rows.map((row) => [row.person, Number(row.count)]));
}

async function rootsOf(ids: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await context.records.pool.query<{ id: number; root_id: number }>(
    'SELECT id, root_id FROM persons WHERE id = ANY ($1::bigint[])',
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row.root_id]));
}

const timelineOf = async (id: number) => (await timeline(context, id, { limit: 200 })).items;

describe('merging people', () => {
  test('a merged person shows the identifiers, the traits and the events of both', async () => {
    const visitor = await insertPerson(context, {
      identifiers: { anonymous_id: 'merge-visitor' },
      traits: { city: 'Gdynia', plan: 'free' },
      at: Date.parse('2026-01-01'),
    });
    const customer = await insertPerson(context, {
      identifiers: { customer_id: '17850', email: 'ewa@example.org' },
      traits: { name: 'Ewa Żak', city: 'Gdańsk' },
      at: Date.parse('2026-02-01'),
    });
    const [early, late] = [Date.parse('2026-01-02T10:00:00Z'), Date.parse('2026-02-02T10:00:00Z')];
    await insertEvents(context, [
      { origin: visitor, at: early, country: 'PL' },
      { origin: customer, at: late, name: 'Order Completed', revenueMinor: 1999, currency: 'PLN', country: 'DE' },
    ]);
    await merge(customer, visitor);

    const person = await personByIdentifier(context, 'email', ' EWA@Example.org ');
    assert.equal(person.id, String(customer));
    assert.equal(person.displayName, 'Ewa Żak');
    assert.equal(person.traits.city?.value, 'Gdańsk');
    assert.equal(person.traits.plan?.value, 'free');
    assert.deepEqual(
      person.identifiers.map((identifier) => identifier.kind),
      ['customer_id', 'email', 'anonymous_id'],
    );
    assert.equal(person.eventCount, 2);
    assert.equal(person.firstSeenAt, new Date(early).toISOString());
    assert.equal(person.lastSeenAt, new Date(late).toISOString());
    assert.deepEqual(person.revenue, [{ currency: 'PLN', amountMinor: 1999 }]);
    assert.equal(person.country, 'DE');
    assert.equal(person.merges.length, 1);
    // Its earlier ID still leads to it.
    assert.equal((await personById(context, visitor)).id, String(customer));
    assert.deepEqual(await counted([visitor, customer]), { [customer]: 2 });
  });

  test('an undone merge gives both back what was theirs and what came since, and they are kept apart', async () => {
    const one = await insertPerson(context, { identifiers: { user_id: 'undo-1' }, traits: { name: 'One' } });
    const other = await insertPerson(context, { identifiers: { anonymous_id: 'undo-2' }, traits: { shade: 'blue' } });
    await insertEvents(context, [{ origin: one }, { origin: other }]);
    const { id } = await merge(one, other);
    // The stream knows the other's device as part of the one now.
    await insertEvents(context, [{ origin: other, person: one, name: 'Since' }]);
    assert.deepEqual(await counted([one, other]), { [one]: 3 });

    const undone = await undoMerge(context, id, 'a tester');
    assert.deepEqual(undone.roots, [one, other]);
    assert.equal(undone.merge.undoneBy, 'a tester');
    assert.deepEqual(await counted([one, other]), { [one]: 1, [other]: 2 });
    assert.deepEqual((await timelineOf(other)).map((event) => event.name).sort(), ['Looked', 'Since']);
    const apart = await personById(context, other);
    assert.deepEqual(Object.keys(apart.traits), ['shade']);
    assert.equal(apart.merges[0]?.undoneAt !== null, true);
    const pairs = await context.records.transaction((client) => keptApart(client, [one, other]));
    assert.deepEqual([...pairs], [`${one}:${other}`]);
    await assert.rejects(undoMerge(context, id, 'a tester'), { status: 409 });

    // By hand they can be merged again, and that ends their being kept apart.
    await mergeByHand(context, { intoId: one, fromId: other, by: 'a tester' });
    const { rows } = await context.records.pool.query('SELECT 1 FROM kept_apart WHERE one_id = $1', [one]);
    assert.equal(rows.length, 0);
  });

  test('whoever belongs to a kept-apart person is kept apart with it', async () => {
    const [a, b, c] = [await insertPerson(context), await insertPerson(context), await insertPerson(context)];
    const { id } = await merge(a, b);
    await undoMerge(context, id, 'a tester');
    await merge(c, b);
    const pairs = await context.records.transaction((client) => keptApart(client, [a, c]));
    assert.deepEqual([...pairs], [`${a}:${c}`]);
  });

  test('merging by hand refuses what would break a limit and says which', async () => {
    const one = await insertPerson(context, { identifiers: { user_id: 'limit-1' } });
    const other = await insertPerson(context, { identifiers: { user_id: 'limit-2' } });
    await assert.rejects(mergeByHand(context, { intoId: one, fromId: other, by: 'x' }), (error: Error) => {
      assert.match(error.message, /2 identifiers of the kind user_id, of which 1 are allowed/);
      return (error as { status?: number }).status === 409;
    });
    await assert.rejects(mergeByHand(context, { intoId: one, fromId: one, by: 'x' }), { status: 409 });
    await assert.rejects(mergeByHand(context, { intoId: one, fromId: 999_999_999, by: 'x' }), { status: 404 });
    await assert.rejects(undoMerge(context, 999_999_999, 'x'), { status: 404 });
  });

  test('a person that keeps growing is stopped at a hundred', async () => {
    const root = await insertPerson(context);
    for (let i = 1; i < 100; i++) {
      const next = await insertPerson(context);
      await context.records.transaction((client) =>
        mergePersons(client, { intoRoot: root, fromRoot: next, cause: {} }),
      );
    }
    const last = await insertPerson(context);
    await assert.rejects(merge(root, last), MergeStopped);
    await assert.rejects(mergeByHand(context, { intoId: root, fromId: last, by: 'x' }), { status: 409 });
    assert.equal((await originsOf(context.records.pool, [root])).length, 100);
  });

  test('undoing an older merge leaves a newer one with the side that its evidence belongs to', async () => {
    const [a, b, d] = [await insertPerson(context), await insertPerson(context), await insertPerson(context)];
    const older = await merge(a, b);
    // What showed that D is the same was an identifier of B.
    await merge(a, d, { intoOrigin: b, fromOrigin: d });
    await undoMerge(context, older.id, 'x');
    const roots = await rootsOf([a, b, d]);
    assert.equal(roots.get(a), a);
    assert.equal(roots.get(d), roots.get(b));
  });
});

describe('overrides', () => {
  test('a crash between the records and the events store heals at the next start', async () => {
    const [a, b] = [await insertPerson(context), await insertPerson(context)];
    await insertEvents(context, [{ origin: a }, { origin: b }]);
    await context.records.transaction((client) => mergePersons(client, { intoRoot: a, fromRoot: b, cause: {} }));
    assert.deepEqual(await counted([a, b]), { [a]: 1, [b]: 1 });
    await publishOverrides(context);
    await publishOverrides(context);
    assert.deepEqual(await counted([a, b]), { [a]: 2 });
  });

  test('folding leaves no override of an old merge, and undoing one afterwards is right at once', async () => {
    const [a, b] = [await insertPerson(context), await insertPerson(context)];
    await insertEvents(context, [{ origin: a }, { origin: b }]);
    const { id } = await merge(a, b);
    assert.ok((await foldOverrides(context, { olderThanMs: 0 })) > 0);
    const left = () =>
      context.events.query<{ origin: string }>(
        'SELECT origin_id AS origin FROM person_overrides FINAL WHERE origin_id IN {ids:Array(UInt64)}',
        { ids: [a, b] },
      );
    const stored = () =>
      context.events.query<{ person_id: string }>(
        'SELECT DISTINCT person_id FROM events WHERE origin_id IN {ids:Array(UInt64)} ORDER BY person_id',
        { ids: [a, b] },
      );
    assert.deepEqual(await left(), []);
    assert.deepEqual(await stored(), [{ person_id: String(a) }]);
    await undoMerge(context, id, 'x');
    assert.deepEqual(await counted([a, b]), { [a]: 1, [b]: 1 });
    await foldOverrides(context, { olderThanMs: 0 });
    assert.deepEqual(await left(), []);
    assert.equal((await stored()).length, 2);
    assert.deepEqual(await counted([a, b]), { [a]: 1, [b]: 1 });
  });

  test('a young merge is not folded', async () => {
    const [a, b] = [await insertPerson(context), await insertPerson(context)];
    await insertEvents(context, [{ origin: b }]);
    await merge(a, b);
    assert.equal(await foldOverrides(context), 0);
  });

  test('reports are right at every moment while merges are folded', async () => {
    const ids: number[] = [];
    for (let i = 0; i < 40; i++) ids.push(await insertPerson(context));
    await insertEvents(
      context,
      ids.map((origin) => ({ origin })),
    );
    for (let i = 0; i < 40; i += 2) {
      await context.records.transaction((client) =>
        mergePersons(client, { intoRoot: ids[i]!, fromRoot: ids[i + 1]!, cause: {} }),
      );
    }
    await publishOverrides(context);
    const expected = Object.fromEntries(ids.filter((_, i) => i % 2 === 0).map((id) => [id, 2]));
    let folding = true;
    const fold = foldOverrides(context, { olderThanMs: 0 }).finally(() => {
      folding = false;
    });
    let looks = 0;
    while (folding) {
      assert.deepEqual(await counted(ids), expected);
      looks++;
    }
    await fold;
    assert.deepEqual(await counted(ids), expected);
    assert.ok(looks > 0);
  });
});

/** One thing that happens to a handful of people; numbers choose among what there is then. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('merge' as const),
      into: fc.nat(99),
      from: fc.nat(99),
      linked: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('undo' as const), which: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('event' as const), origin: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('fold' as const) }) },
);

/** The groups that merges which stand make, by going from one to the next: another way than the code's. */
function groups(persons: readonly number[], edges: readonly (readonly [number, number])[]): Map<number, Set<number>> {
  const group = new Map<number, Set<number>>();
  for (const person of persons) {
    if (group.has(person)) continue;
    const members = new Set([person]);
    for (const member of members) {
      for (const [a, b] of edges) {
        if (a === member) members.add(b);
        if (b === member) members.add(a);
      }
    }
    for (const member of members) group.set(member, members);
  }
  return group;
}

test('any sequence of merges, undoings, events and foldings keeps people and their events apart or together as it should', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      const persons: number[] = [];
      for (let i = 0; i < 6; i++) persons.push(await insertPerson(context, { traits: { number: i } }));
      await insertEvents(
        context,
        persons.map((origin) => ({ origin })),
      );
      const events = new Map(persons.map((person) => [person, 1]));
      const standing = new Map<number, readonly [number, number]>();
      for (const one of steps) {
        const before = await rootsOf(persons);
        const roots = [...new Set(before.values())].sort((a, b) => a - b);
        if (one.what === 'event') {
          const origin = persons[one.origin % persons.length]!;
          await insertEvents(context, [{ origin, person: before.get(origin)! }]);
          events.set(origin, events.get(origin)! + 1);
        } else if (one.what === 'merge' && roots.length > 1) {
          const into = roots[one.into % roots.length]!;
          const from = roots.filter((root) => root !== into)[one.from % (roots.length - 1)]!;
          const member = (root: number, n: number) => {
            const members = persons.filter((person) => before.get(person) === root);
            return members[n % members.length]!;
          };
          const link = one.linked ? { intoOrigin: member(into, one.from), fromOrigin: member(from, one.into) } : {};
          const made = await merge(into, from, link);
          standing.set(made.id, [link.intoOrigin ?? into, link.fromOrigin ?? from]);
          assert.equal((await rootsOf([from])).get(from), into);
          if (one.into % 3 === 0) {
            // Taking the last merge back restores exactly what was before.
            await undoMerge(context, made.id, 'x');
            standing.delete(made.id);
            assert.deepEqual(await rootsOf(persons), before);
          }
        } else if (one.what === 'undo' && standing.size > 0) {
          const id = [...standing.keys()][one.which % standing.size]!;
          await undoMerge(context, id, 'x');
          standing.delete(id);
        } else if (one.what === 'fold') {
          await foldOverrides(context, { olderThanMs: 0 });
        }
        const roots2 = await rootsOf(persons);
        const should = groups(persons, [...standing.values()]);
        const expected: Record<string, number> = {};
        for (const person of persons) {
          const root = roots2.get(person)!;
          assert.ok(should.get(person)!.has(root), 'the root is one of the group');
          for (const member of should.get(person)!) assert.equal(roots2.get(member), root, 'a group has one root');
          expected[root] = (expected[root] ?? 0) + events.get(person)!;
        }
        assert.deepEqual(await counted(persons), expected);
      }
      for (const root of new Set((await rootsOf(persons)).values())) {
        const shown = await timelineOf(root);
        const members = (await originsOf(context.records.pool, [root])).map((origin) => origin.id);
        assert.equal(
          shown.length,
          members.reduce((sum, member) => sum + events.get(member)!, 0),
        );
      }
    }),
    { numRuns: 25 },
  );
});
