import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { factsOf } from '../people/facts.testing.ts';
import { undoMerge } from '../people/merges.ts';
import { foldOverrides } from '../people/overrides.ts';
import { insertPerson } from '../people/test-data.ts';
import { placesOf } from '../privacy/places.ts';
import { restrict, unrestrict } from '../privacy/restrictions.ts';
import { environmentOf } from '../query/environment.ts';
import { mergingBeforeReads, removeEvents, storeEvents, type TestEvent } from '../query/events.testing.ts';
import { relayOutbox } from '../stream/outbox.ts';
import { processAll } from '../stream/testing.ts';
import { archiveAudience, audienceById, changeAudience, createAudience, sizesOf } from './audience.ts';
import { membersStatement } from './compile.ts';
import { Definition, type Group } from './definition.ts';
import { forgetArchived, refreshDue } from './jobs.ts';
import { listBehind, uploadList } from './list.ts';
import { storedMembers, TOLD_AT_ONCE, tellTimelines } from './members.ts';
import { audiencesOfPerson, memberSince, membersOf, personWith } from './membership.ts';
import { overlapOf } from './overlap.ts';
import { type RefreshOptions, refreshAudience } from './refresh.ts';

let context: Context & { close(): Promise<void> };
let facts: ReturnType<typeof factsOf>;
const ada = { id: 'ada', name: 'Ada' };
let people: number[] = [];

before(async () => {
  context = await testContext({ apps: core });
  facts = factsOf(context);
  await context.records.pool.query("INSERT INTO sources (name, kind, write_key) VALUES ('web', 'server', 'wk')");
});
after(() => context.close());

async function fresh(count = 6): Promise<void> {
  await removeEvents(context);
  await context.records.pool.query('TRUNCATE audiences, audiences_members, outbox CASCADE');
  await context.events.command('TRUNCATE TABLE audience_members');
  people = [];
  for (let index = 0; index < count; index++)
    people.push(
      await insertPerson(context, { identifiers: { email: `p${index}-${crypto.randomUUID()}@example.com` } }),
    );
  await facts.follow();
}
beforeEach(() => fresh());

const what = (name: string) => ({ events: [{ name }] });
const bought: Group = { is: 'did', what: what('Bought'), count: { of: 'times' }, compare: 'atLeast', value: 1 };
const did = (person: number, name = 'Bought', at: number | string = Date.now() - 1000): TestEvent => ({
  person,
  name,
  at,
});
const make = async (who: Group, name = 'Buyers') =>
  (await createAudience(context, ada, { name, description: '', definition: { is: 'dynamic', who }, tells: true })).id;
const refresh = (id: number, options?: RefreshOptions) => refreshAudience(context, id, options);
const members = (id: number) => membersOf(context, id, { after: 0, limit: 1000 });
const told = async () => {
  const { rows } = await context.records.pool.query<{ name: string; audience: string; who: string }>(
    `SELECT event ->> 'event' AS name, event -> 'properties' ->> 'audience' AS audience,
       event -> 'externalIds' -> 0 ->> 'value' AS who FROM outbox ORDER BY id`,
  );
  return rows.map((row) => `${row.name}: ${row.audience}, ${row.who.split('-')[0]}`);
};
/** The members as each of the two stores has them. */
async function both(id: number): Promise<number[]> {
  const stored = await storedMembers(context, id);
  const { rows } = await context.records.pool.query<{ id: number }>(
    `SELECT person_id AS id FROM audiences_members WHERE "of" ? $1 ORDER BY 1`,
    [String(id)],
  );
  assert.deepEqual(
    rows.map((row) => row.id),
    stored,
    'the two stores know the same',
  );
  return stored;
}

describe('the members of an audience', () => {
  test('are computed, and who enters and leaves later is told of on the timeline', async () => {
    const [a, b, c] = people as [number, number, number];
    await storeEvents(context, [did(a), did(b)]);
    const id = await make({
      all: [
        bought,
        { not: { is: 'did', what: what('Returned'), count: { of: 'times' }, compare: 'atLeast', value: 1 } },
      ],
    });
    assert.deepEqual(await refresh(id), { state: 'computed', looked: 'everybody', entered: 2, left: 0 });
    assert.deepEqual(await both(id), [a, b]);
    assert.deepEqual(await told(), [], 'the first time tells nobody');
    assert.deepEqual(await refresh(id), { state: 'unchanged', looked: 'nobody', entered: 0, left: 0 });
    await storeEvents(context, [did(b, 'Returned'), did(c)]);
    assert.deepEqual(await refresh(id), { state: 'computed', looked: 'some', entered: 1, left: 1 });
    assert.deepEqual(await both(id), [a, c]);
    assert.deepEqual(await told(), ['Audience Entered: Buyers, p2', 'Audience Left: Buyers, p1']);
    await storeEvents(context, [did(a, 'Looked')]);
    assert.equal((await refresh(id)).looked, 'nobody', 'what it does not ask about does not matter');
    await relayOutbox(context);
    await processAll(context);
    const events = await context.events.query<{ person: string; name: string; audience: string }>(
      `SELECT person_id AS person, name, toString(properties.audience_id) AS audience FROM events WHERE name LIKE 'Audience %' ORDER BY name`,
    );
    assert.deepEqual(
      events.map((event) => [Number(event.person), event.name, Number(event.audience)]),
      [
        [c, 'Audience Entered', id],
        [b, 'Audience Left', id],
      ],
    );
    const audience = await audienceById(context, id);
    assert.deepEqual([audience.size, audience.current, audience.error, audience.trend], [2, true, null, [2]]);
    assert.deepEqual(
      (await sizesOf(context, id, null, 10)).map(({ size, entered, left }) => [size, entered, left]),
      [[2, 3, 1]],
    );
  });

  test('lack nobody whose events were put into another file while they were looked at', async () => {
    const [a, b] = people as [number, number];
    const id = await make(bought);
    await refresh(id);
    for (const person of [a, b]) await storeEvents(context, [did(person)]);
    const now = await refreshAudience(mergingBeforeReads(context), id);
    assert.deepEqual(now, { state: 'computed', looked: 'some', entered: 2, left: 0 });
    assert.deepEqual(await both(id), [a, b]);
  });

  test('are told of quietly where that is wished, and after a change of the condition', async () => {
    const [a, b] = people as [number, number];
    const quiet = await createAudience(context, ada, {
      name: 'Quiet',
      description: '',
      definition: { is: 'dynamic', who: bought },
      tells: false,
    });
    const loud = await make(bought);
    await Promise.all([refresh(quiet.id), refresh(loud)]);
    await storeEvents(context, [did(a), did(b, 'Looked')]);
    await refresh(quiet.id);
    assert.deepEqual([await told(), await both(quiet.id)], [[], [a]]);
    await changeAudience(context, ada, loud, {
      definition: { is: 'dynamic', who: { ...bought, what: what('Looked') } as Group },
    });
    assert.equal((await audienceById(context, loud)).current, false);
    await refresh(loud);
    assert.deepEqual([await told(), await both(loud), (await audienceById(context, loud)).version], [[], [b], 2]);
  });

  test('leave when their events fall out of the period, or are removed, though nothing new happens', async () => {
    const [a, b] = people as [number, number];
    const evening = Date.UTC(2026, 5, 15, 20);
    await storeEvents(context, [did(a, 'Bought', evening - 20 * 3_600_000), did(b, 'Bought', evening - 3_600_000)]);
    const id = await make({ ...bought, when: { last: 1, unit: 'day' } } as Group);
    await refresh(id, { now: evening });
    assert.deepEqual(await both(id), [a, b]);
    assert.equal((await refresh(id, { now: evening + 3_600_000 })).looked, 'nobody', 'the same day');
    assert.equal((await refresh(id, { now: evening + 5 * 3_600_000 })).looked, 'everybody', 'past midnight');
    assert.deepEqual(await both(id), []);
    const ever = await make(bought, 'Ever');
    await refresh(ever);
    await context.events.command(`ALTER TABLE events DELETE WHERE origin_id = ${a} SETTINGS mutations_sync = 1`);
    assert.equal((await refresh(ever)).looked, 'everybody');
    assert.deepEqual(await both(ever), [b]);
    await removeEvents(context);
    assert.equal((await refresh(ever)).looked, 'everybody', 'a month that is removed whole');
    assert.deepEqual(await both(ever), []);
  });

  test('do not flood the timelines', async () => {
    const entered = Array.from({ length: TOLD_AT_ONCE + 1 }, () => people[0]!);
    const left = await context.records.transaction((client) =>
      tellTimelines(client, { id: 1, name: 'Many' }, { entered, left: [] }, Date.now()),
    );
    assert.deepEqual([left, (await told()).length], [1, TOLD_AT_ONCE]);
  });

  test('follow merges and their undoing, without telling of what nobody did', async () => {
    const [a, b, c] = people as [number, number, number];
    await storeEvents(context, [did(a), did(b), did(c)]);
    const twice = await make({ ...bought, value: 2 } as Group, 'Twice');
    const once = await make(bought, 'Once');
    await refresh(twice);
    await refresh(once);
    assert.deepEqual([await both(twice), await both(once)], [[], [a, b, c]]);
    const { id } = await facts.merge(a, b);
    assert.deepEqual(await members(once), [a, c], 'at once, the parts count as one');
    assert.deepEqual(
      (await audiencesOfPerson(context, b)).map((one) => one.name),
      ['Once'],
    );
    assert.equal((await refresh(twice)).looked, 'everybody');
    assert.deepEqual(await refresh(once), { state: 'computed', looked: 'everybody', entered: 0, left: 0 });
    assert.deepEqual([await both(twice), await both(once)], [[a], [a, c]]);
    assert.deepEqual(
      (await audiencesOfPerson(context, b)).map((one) => one.name),
      ['Once', 'Twice'],
    );
    // By an identifier of either part: it is one person's timeline.
    assert.match((await told()).join(), /^Audience Entered: Twice, p[01]$/);
    await foldOverrides(context, { olderThanMs: 0 });
    await refresh(twice);
    assert.deepEqual([await both(twice), await both(once)], [[a], [a, c]]);
    await undoMerge(context, id, 'x');
    await refresh(twice);
    await refresh(once);
    assert.deepEqual([await both(twice), await both(once)], [[], [a, b, c]]);
  });

  test('are without those who are left out of reports, and without who is erased', async () => {
    const [a, b] = people as [number, number];
    await storeEvents(context, [did(a), did(b)]);
    const id = await make(bought);
    const list = await createAudience(context, ada, {
      name: 'List',
      description: '',
      definition: { is: 'static' },
      tells: true,
    });
    const { rows } = await context.records.pool.query<{ value: string }>(
      'SELECT value FROM identifiers WHERE person_id = $1',
      [a],
    );
    await uploadList(context, list.id, {
      format: 'json',
      content: JSON.stringify([rows[0]!.value]),
      kind: 'email',
      replace: false,
    });
    await refresh(id);
    await restrict(context, a, { purpose: 'analytics', reason: 'asked', by: 'x' });
    await facts.follow();
    assert.deepEqual([await members(id), await members(list.id)], [[b], []], 'at once');
    await refresh(id);
    await refresh(list.id);
    assert.deepEqual([await both(id), await both(list.id)], [[b], []]);
    await unrestrict(context, a, 'analytics');
    await facts.follow();
    await refresh(id);
    await refresh(list.id);
    assert.deepEqual([await both(id), await both(list.id)], [[a, b], [a]]);
    const place = placesOf(core).find(({ name }) => name === 'audiences')!;
    const exported = [];
    for await (const { file, rows } of place.export(context, { origins: [a], identifiers: [] }))
      exported.push([file, rows]);
    assert.deepEqual(
      (exported[0]![1] as { audience: string; onList: boolean }[]).map(({ audience, onList }) => [audience, onList]),
      [
        ['Buyers', false],
        ['List', true],
      ],
    );
    await context.records.pool.query(
      `INSERT INTO privacy_erasures (id, person_id, origins, by_name) VALUES (gen_random_uuid(), $1, ARRAY[$1::bigint], 'x')`,
      [a],
    );
    await place.erase(context, { origins: [a], identifiers: [] });
    // Its events are there still; who is being erased does not come back by them.
    await refresh(id, { full: true });
    assert.deepEqual([await both(id), await both(list.id)], [[b], []]);
    const left = await context.events.query('SELECT 1 FROM audience_members WHERE person_id = {a:UInt64}', { a });
    assert.deepEqual(left, []);
    await context.records.pool.query('DELETE FROM privacy_erasures');
  });

  test('of audiences made of audiences are computed after those', async () => {
    const [a, b] = people as [number, number];
    const inner = await make(bought, 'Z inner');
    const outer = await make({ all: [{ not: { is: 'audience', id: inner } }] }, 'A outer');
    const first = await make({
      all: [
        { is: 'audience', id: outer },
        { is: 'did', what: what('Looked'), count: { of: 'times' }, compare: 'atLeast', value: 1 },
      ],
    });
    await storeEvents(context, [did(a), did(a, 'Looked'), did(b, 'Looked')]);
    await refreshDue(context);
    assert.deepEqual(await members(first), [b]);
    await storeEvents(context, [did(b)]);
    await refreshDue(context, { all: true });
    assert.deepEqual([await both(inner), await both(first)], [[a, b], []]);
    await assert.rejects(
      changeAudience(context, ada, inner, { definition: { is: 'dynamic', who: { is: 'audience', id: first } } }),
      /made of itself/,
    );
    await assert.rejects(archiveAudience(context, inner), /is used by "A outer"/);
    await assert.rejects(make({ is: 'audience', id: 2_000_000 }), /no audience 2000000/);
  });

  test('that a crash left half written are mended', async () => {
    const [a, b] = people as [number, number];
    await storeEvents(context, [did(a), did(b)]);
    const id = await make(bought);
    const crashing: Context = {
      ...context,
      events: { ...context.events, insert: () => Promise.reject(new Error('the process ends here')) },
    };
    const quiet = console.error;
    console.error = () => {};
    assert.equal((await refreshAudience(crashing, id)).state, 'failed');
    console.error = quiet;
    assert.match((await audienceById(context, id)).error!, /tried again/);
    assert.deepEqual(await storedMembers(context, id), []);
    // Meanwhile one of them no longer belongs to it.
    await removeEvents(context);
    await storeEvents(context, [did(b)]);
    await refresh(id);
    assert.deepEqual(await both(id), [b]);
    assert.equal((await audienceById(context, id)).error, null);
  });

  test('are left alone where a condition cannot be computed, and the audience says why', async () => {
    const id = await make(bought);
    await context.records.pool.query(
      `UPDATE audiences SET version = 2, definition = '{"is": "dynamic", "who": {"is": "audience", "id": 77}}' WHERE id = $1`,
      [id],
    );
    assert.equal((await refresh(id)).state, 'computed', 'nobody is in what is not there');
    await context.records.pool.query(
      `UPDATE audiences SET version = 3, definition = jsonb_set(definition, '{who}', $2) WHERE id = $1`,
      [id, JSON.stringify({ ...bought, what: { events: [{ action: 77 }] } })],
    );
    assert.equal((await refresh(id)).state, 'failed');
    assert.match((await audienceById(context, id)).error!, /no action 77/);
  });

  test('are forgotten with an audience that was archived long ago', async () => {
    const [a] = people as [number];
    await storeEvents(context, [did(a)]);
    const id = await make(bought);
    await refresh(id);
    await archiveAudience(context, id);
    assert.equal((await refresh(id)).state, 'gone');
    assert.deepEqual(await audiencesOfPerson(context, a), []);
    await assert.rejects(memberSince(context, id, a), /no such audience/);
    assert.equal(await forgetArchived(context), 0, 'it can still be restored');
    assert.equal(await forgetArchived(context, 0), 1);
    assert.deepEqual(await both(id), []);
  });

  test('are asked for by person and by identifier', async () => {
    const [a, b] = people as [number, number];
    await storeEvents(context, [did(a)]);
    const id = await make(bought);
    await refresh(id);
    assert.ok(Math.abs((await memberSince(context, id, a))! - Date.now()) < 60_000);
    assert.equal(await memberSince(context, id, b), null);
    const { rows } = await context.records.pool.query<{ value: string }>(
      'SELECT value FROM identifiers WHERE person_id = $1',
      [a],
    );
    assert.equal(await personWith(context, 'email', ` ${rows[0]!.value.toUpperCase()}`), a);
    await assert.rejects(personWith(context, 'email', 'nobody@example.com'), /Nobody has this email/);
    await assert.rejects(personWith(context, 'shoe', '42'), /no kind/);
    await assert.rejects(audiencesOfPerson(context, 999_999_999), /no such person/);
  });

  test('of several audiences are counted by what they have in common', async () => {
    const [a, b, c, d] = people as [number, number, number, number];
    await storeEvents(context, [did(a), did(b), did(b, 'Looked'), did(c, 'Looked'), did(d, 'Looked')]);
    const one = await make(bought, 'One');
    const two = await make({ ...bought, what: what('Looked') } as Group, 'Two');
    await refreshDue(context);
    assert.deepEqual(await overlapOf(context, [one, two]), {
      audiences: [
        { id: one, name: 'One', size: 2 },
        { id: two, name: 'Two', size: 3 },
      ],
      parts: [
        { ids: [two], people: 2 },
        { ids: [one], people: 1 },
        { ids: [one, two], people: 1 },
      ],
    });
    await facts.merge(a, c);
    assert.deepEqual((await overlapOf(context, [one, two])).parts, [
      { ids: [one, two], people: 2 },
      { ids: [two], people: 1 },
    ]);
  });
});

describe('a list', () => {
  const list = async () =>
    (await createAudience(context, ada, { name: 'L', description: '', definition: { is: 'static' }, tells: true })).id;
  const emails = async () => {
    const { rows } = await context.records.pool.query<{ value: string }>(
      "SELECT value FROM identifiers WHERE person_id = ANY ($1::bigint[]) AND value LIKE '%@%' ORDER BY person_id",
      [people],
    );
    return rows.map((row) => row.value);
  };

  test('takes people by the identifiers in a file, and says whom it did not find', async () => {
    const [a, b, c, d] = people as [number, number, number, number];
    const [one, two, three, four] = (await emails()) as [string, string, string, string];
    const id = await list();
    const csv = `\uFEFFName;E-mail;User ID\n"A; B";${one.toUpperCase()};\nC;;${'x'}\nD;"<${two}>";none\nE;${one};`;
    const upload = (content: string, rest = {}) =>
      uploadList(context, id, { format: 'csv', content, replace: false, ...rest });
    assert.deepEqual(await upload(csv), { lines: 4, people: 2, unmatched: 1, unmatchedLines: [2] });
    assert.deepEqual(await both(id), [a, b]);
    assert.deepEqual(await upload(`${three}\nwho@example.com`, { kind: 'email' }), {
      lines: 2,
      people: 1,
      unmatched: 1,
      unmatchedLines: [2],
    });
    assert.deepEqual(await both(id), [a, b, c]);
    const json = JSON.stringify([{ email: four, other: {} }, { userId: 'nobody' }]);
    assert.equal((await upload(json, { format: 'json', replace: true })).people, 1);
    assert.deepEqual(await both(id), [d]);
    await assert.rejects(upload('a,b\n1,2'), /first line must name .*email/);
    await assert.rejects(upload('{"a": 1}', { format: 'json' }), /must be an array/);
    await assert.rejects(upload('[1', { format: 'json' }), /cannot be read as JSON/);
    await assert.rejects(upload('["x"]', { format: 'json' }), /Say what the texts/);
    await assert.rejects(upload('email\n"a', {}), /cannot be read as CSV/);
    await assert.rejects(upload(`email\n${'a\n'.repeat(500_001)}`), /500,000 lines/);
    await assert.rejects(
      uploadList(context, await make(bought), { format: 'csv', content: csv, replace: false }),
      /follow from its conditions/,
    );
  });

  test('keeps the people behind a part of a report as they were', async () => {
    const [a, b, c] = people as [number, number, number];
    await storeEvents(context, [did(a, 'Bought', '2026-03-02T10:00:00Z'), did(b, 'Bought', '2026-03-02T11:00:00Z')]);
    const { Report } = await import('../query/report.ts');
    const report = Report.parse({
      kind: 'trend',
      period: { from: '2026-03-01', to: '2026-03-03' },
      series: [{ what: what('Bought') }],
    });
    const id = await list();
    const part = { series: 'A' };
    assert.equal(await listBehind(context, id, { report, part }), 2);
    await storeEvents(context, [did(c, 'Bought', '2026-03-02T12:00:00Z')]);
    await refresh(id, { full: true });
    assert.deepEqual(await both(id), [a, b]);
  });
});

describe('computing what is new only', () => {
  const names = ['Bought', 'Looked', 'Returned'];
  const NOW = Date.UTC(2026, 5, 15, 12);
  const leaf: fc.Arbitrary<Group> = fc.oneof(
    fc
      .record({
        name: fc.constantFrom(...names),
        compare: fc.constantFrom('atLeast' as const, 'atMost' as const, 'exactly' as const),
        value: fc.integer({ min: 0, max: 3 }),
        last: fc.constantFrom(null, 1, 2, 7),
      })
      .map(
        ({ name, compare, value, last }): Group => ({
          is: 'did',
          what: what(name),
          count: { of: 'times' },
          compare,
          value,
          ...(last ? { when: { last, unit: 'day' } } : {}),
        }),
      ),
    fc.constant<Group>({ is: 'last', what: { events: [{}] }, when: { last: 2, unit: 'day' } }),
    fc.constant<Group>({ is: 'first', what: what('Bought'), when: { last: 3, unit: 'day' } }),
    fc.constant<Group>({
      is: 'sequence',
      first: what('Looked'),
      next: what('Bought'),
      without: what('Returned'),
      within: { count: 1, unit: 'day' },
    }),
    fc.constantFrom<Group>(
      { is: 'trait', name: 'plan', op: 'is', values: ['pro'] },
      { is: 'trait', name: 'plan', op: 'isNot', values: ['pro'] },
    ),
  );
  const definition: fc.Arbitrary<Group> = fc.oneof(
    leaf,
    fc.record({ all: fc.array(leaf, { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(leaf, { minLength: 1, maxLength: 3 }) }),
    leaf.map((not) => ({ not })),
  );
  const index = fc.integer({ min: 0, max: 5 });
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        does: fc.constant('event' as const),
        index,
        name: fc.constantFrom(...names),
        hours: fc.integer({ min: -200, max: 20 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constant('trait' as const), index, plan: fc.constantFrom('pro', 'free') }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('merge' as const), index, other: index }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('undo' as const) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('fold' as const) }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('time' as const), hours: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('person' as const) }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('remove' as const), index }) },
  );

  test('finds the same people as counting everybody, whatever happened in between', async () => {
    let looked = { nobody: 0, some: 0, everybody: 0, list: 0 };
    const property = fc.asyncProperty(
      fc.array(definition, { minLength: 2, maxLength: 3 }),
      fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 5 }),
      async (groups, rounds) => {
        await fresh();
        let now = NOW;
        const merges: number[] = [];
        const ids = [];
        for (const who of groups) {
          const parsed = Definition.parse({ is: 'dynamic', who });
          ids.push(await make(parsed.is === 'dynamic' ? parsed.who : who));
        }
        for (const round of rounds) {
          for (const one of round) {
            if (one.does === 'event')
              await storeEvents(context, [did(people[one.index]!, one.name, now + one.hours * 3_600_000)]);
            else if (one.does === 'time') now += one.hours * 3_600_000;
            else if (one.does === 'person')
              people.push(await insertPerson(context, { identifiers: { user_id: crypto.randomUUID() } }));
            else if (one.does === 'fold') await foldOverrides(context, { olderThanMs: 0 });
            else if (one.does === 'remove') {
              await context.events.command(
                `ALTER TABLE events DELETE WHERE origin_id = ${people[one.index]} SETTINGS mutations_sync = 1`,
              );
            } else if (one.does === 'undo') {
              const last = merges.pop();
              if (last !== undefined) await undoMerge(context, last, 'x');
            } else if (one.does === 'trait') {
              await context.records.pool.query(
                `UPDATE persons SET traits = jsonb_build_object('plan', jsonb_build_array($2::text, $3::bigint, 1)) WHERE id = $1`,
                [people[one.index], one.plan, now],
              );
            } else {
              const { rows } = await context.records.pool.query<{ id: number; root: number }>(
                'SELECT id, root_id AS root FROM persons WHERE id = ANY ($1::bigint[])',
                [[people[one.index], people[one.other]]],
              );
              const roots = [...new Set(rows.map((row) => row.root))];
              if (roots.length === 2) merges.push((await facts.merge(roots[0]!, roots[1]!)).id);
            }
          }
          await facts.follow();
          for (const [place, id] of ids.entries()) {
            const done = await refresh(id, { now });
            if (done.looked) looked = { ...looked, [done.looked]: looked[done.looked] + 1 };
            const parsed = Definition.parse({ is: 'dynamic', who: groups[place] });
            assert.ok(parsed.is === 'dynamic');
            const { sql, params } = membersStatement(parsed.who, {
              environment: await environmentOf(context, { now }),
            });
            const all = await context.events.query<{ id: string }>(sql, params);
            const own = new Set(
              (await context.records.pool.query<{ id: number }>('SELECT id FROM persons')).rows.map((row) => row.id),
            );
            assert.deepEqual(
              await both(id),
              all
                .map((row) => Number(row.id))
                .filter((one) => own.has(one))
                .sort((x, y) => x - y),
              `${JSON.stringify(groups[place])} ${done.looked}`,
            );
          }
        }
      },
    );
    await fc.assert(property, { numRuns: 10 });
    // Each way of looking is to be seen, whatever chance makes of it.
    const seldom = () => looked.some <= 10 || looked.nobody === 0 || looked.everybody === 0;
    for (let more = 0; seldom() && more < 10; more++) await fc.assert(property, { numRuns: 5 });
    assert.ok(looked.some > 10 && looked.nobody > 0 && looked.everybody > 0, JSON.stringify(looked));
  });
});
