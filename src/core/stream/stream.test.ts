import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { append, openStream, processAll, sent } from './testing.ts';

let context: Context & { close(): Promise<void> };

before(async () => {
  context = await testContext({ apps: core });
  await context.records.pool.query("INSERT INTO sources (name, kind, write_key) VALUES ('shop', 'server', 'wk_test')");
});
after(() => context.close());

interface Stored {
  event_id: string;
  message_id: string;
  name: string;
  origin_id: string;
  person_id: string;
  timestamp: string;
  properties: Record<string, unknown>;
  context: string;
  revenue_minor: string;
  currency: string;
}
const stored = (where: string) =>
  context.events.query<Stored>(`SELECT * FROM events WHERE ${where} ORDER BY timestamp, event_id`);
const count = async (sql: string) =>
  Number((await context.records.pool.query(`SELECT count(*) AS n FROM ${sql}`)).rows[0].n);
const rootOf = async (kind: string, value: string): Promise<number | undefined> => {
  const { rows } = await context.records.pool.query(
    `SELECT p.root_id FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id JOIN persons p ON p.id = i.person_id
     WHERE k.kind = $1 AND i.value = $2`,
    [kind, value],
  );
  return rows[0]?.root_id;
};

describe('the stream', () => {
  it('stores an accepted event with what it says', async () => {
    const event = sent({
      userId: 'whole-1',
      event: 'Order Completed',
      properties: { total: 19.99, currency: 'GBP', 'with.dot': 1, when: '2026-01-01', list: [1, 'two', { three: 3 }] },
      timestamp: '2026-03-01T12:00:00Z',
    });
    await append(context, [event]);
    await processAll(context);
    const [row] = await stored("user_id = 'whole-1'");
    assert.equal(row?.name, 'Order Completed');
    assert.equal(row?.message_id, event.messageId);
    assert.equal(row?.timestamp, '2026-03-01 12:00:00.000');
    assert.equal(row?.revenue_minor, '1999');
    assert.equal(row?.currency, 'GBP');
    assert.equal(row?.properties.when, '2026-01-01', 'a text that looks like a date stays that text');
    assert.equal(row?.properties['with.dot'], '1', 'a dot in a name stays in the name');
  });

  it("corrects a sender's wrong clock by the time of sending", async () => {
    const receivedAt = Date.parse('2026-05-05T10:00:00Z');
    const event = sent({ userId: 'clock-1', timestamp: '2031-05-05T09:59:50Z' });
    await append(context, [event], { receivedAt, sentAt: '2031-05-05T10:00:00Z' });
    await processAll(context);
    const [row] = await stored("user_id = 'clock-1'");
    assert.equal(row?.timestamp, '2026-05-05 09:59:50.000');
  });

  it('counts a message ID sent a thousand times at once as one event', async () => {
    const event = sent({ userId: 'thousand', messageId: 'sent-a-thousand-times' });
    await Promise.all(Array.from({ length: 1000 }, () => append(context, [event])));
    await processAll(context);
    await append(context, [event, event]);
    await processAll(context);
    assert.equal((await stored("user_id = 'thousand'")).length, 1);
    const { rows } = await context.records.pool.query("SELECT sum(count) AS n FROM drops WHERE step = 'deduplicate'");
    assert.equal(Number(rows[0].n), 1001);
  });

  it('keeps the others of a batch when one is bad, and quarantines that one with its reason', async () => {
    await append(context, [
      sent({ userId: 'batch-1' }),
      sent({ userId: 'batch-1', properties: 'not an object', messageId: 'the-bad-one' }),
      sent({ userId: 'batch-1', timestamp: '9999-01-01T00:00:00Z' }),
      sent({ userId: 'batch-1', timestamp: 'soon' }),
      sent({ userId: 'undefined', messageId: 'named-nobody' }),
      sent({ userId: 'batch-1' }),
    ]);
    await processAll(context);
    assert.equal((await stored("user_id = 'batch-1'")).length, 2);
    const { rows } = await context.records.pool.query(
      'SELECT step, reason, message_id, event FROM quarantine ORDER BY id',
    );
    const reasons = rows.map((row) => row.reason).join('\n');
    assert.match(reasons, /properties must be an object/);
    assert.match(reasons, /more than a day in the future/);
    assert.match(reasons, /"soon" is not a time/);
    assert.match(reasons, /names nobody/);
    assert.equal(JSON.parse(rows.find((row) => row.message_id === 'the-bad-one').event).userId, 'batch-1');
  });

  it('stores what is hostile but can be stored, and nothing of it harms the others', async () => {
    await append(context, [
      sent({ userId: 'hostile', properties: JSON.parse('{"__proto__": {"polluted": true}, "a": {"b": 1}, "a.b": 2}') }),
      sent({ userId: 'hostile', properties: { nul: 'a\u0000b', half: '\ud800', '\ud800key': 1 } }),
      sent({
        userId: 'hostile',
        properties: { huge: 1e308, tiny: 5e-324, whole: 2 ** 64, mixed: [1, 'a', null, {}, []] },
      }),
      sent({ userId: 'hostile', properties: { mixed: { now: 'an object' }, huge: 'now a text' } }),
      sent({
        userId: 'hostile',
        properties: Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`key ${i}`, i])),
      }),
    ]);
    await processAll(context);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    const rows = await stored("user_id = 'hostile'");
    const refused = await count("quarantine WHERE event LIKE '%hostile%'");
    assert.equal(rows.length + refused, 5);
    assert.ok(rows.length >= 4, `${refused} were refused`);
    assert.ok(rows.some((row) => row.properties.nul === 'ab'));
  });

  it('repeats nothing when it is cut off between the stores', async () => {
    const events = Array.from({ length: 500 }, (_, i) => sent({ userId: `cut-${i % 50}`, event: 'Cut off' }));
    events.push(sent({ userId: 'cut-0', properties: 7, messageId: 'cut-bad' }));
    await append(context, events);
    // Cut off after the records store, before the events store.
    const one = openStream(context);
    await one.pipeline.seen.load();
    const portions = [];
    for (let partition = 0; partition < context.log.partitions; partition++) {
      const committed = await context.log.committed(partition);
      const records = await context.log.read(partition, committed, { events: 1e6, bytes: 1e9 });
      if (records.length > 0) portions.push({ partition, records });
    }
    await one.pipeline.prepare(portions);
    // Cut off after the events store, before the commit to the log.
    const two = openStream(context);
    await two.pipeline.seen.load();
    await two.pipeline.write(await two.pipeline.prepare(portions));
    const people = await count("identifiers WHERE value LIKE 'cut-%'");
    await processAll(context);
    assert.equal((await stored("name = 'Cut off'")).length, 500);
    assert.equal(await count("identifiers WHERE value LIKE 'cut-%'"), people);
    assert.equal(people, 50);
    assert.equal(await count("quarantine WHERE message_id = 'cut-bad'"), 1);
  });
});

describe('identity', () => {
  const people = () => count('persons WHERE id = root_id');
  let before: number;
  beforeEach(async () => {
    before = await people();
  });

  it('makes a person of an event that matches none, adds to one, and merges several', async () => {
    await append(context, [sent({ anonymousId: 'phone' }), sent({ anonymousId: 'laptop' })]);
    await processAll(context);
    assert.equal((await people()) - before, 2);
    await append(context, [
      sent({ type: 'identify', anonymousId: 'phone', userId: 'ada', traits: { email: 'Ada@Example.com' } }),
    ]);
    await processAll(context);
    assert.equal((await people()) - before, 2, 'a new user ID is added to the person of the device');
    await append(context, [sent({ type: 'identify', anonymousId: 'laptop', userId: 'ada' })]);
    await processAll(context);
    assert.equal((await people()) - before, 1);
    const root = await rootOf('user_id', 'ada');
    assert.equal(await rootOf('anonymous_id', 'phone'), root);
    assert.equal(await rootOf('anonymous_id', 'laptop'), root);
    assert.equal(await rootOf('email', 'ada@example.com'), root);
    const { rows } = await context.records.pool.query('SELECT cause FROM merges WHERE into_id = $1', [root]);
    assert.equal(rows.length, 1);
    assert.equal(rows[0].cause.type, 'identify');
  });

  it('does the same within one batch, in the order of the events', async () => {
    await append(context, [
      sent({ anonymousId: 'b1' }),
      sent({ anonymousId: 'b1', userId: 'bob' }),
      sent({ anonymousId: 'b1', event: 'after' }),
      sent({ userId: 'bob', anonymousId: 'b1' }),
    ]);
    await processAll(context);
    assert.equal((await people()) - before, 1);
    const rows = await stored("anonymous_id = 'b1'");
    assert.equal(new Set(rows.map((row) => row.person_id)).size, 1);
  });

  it('drops the identifier of lowest priority rather than merge two customers, and says so', async () => {
    await append(context, [
      sent({ type: 'identify', userId: 'carl', traits: { email: 'family@example.com' } }),
      sent({ type: 'identify', userId: 'dora', traits: { email: 'family@example.com' } }),
    ]);
    await processAll(context);
    assert.notEqual(await rootOf('user_id', 'carl'), await rootOf('user_id', 'dora'));
    const { rows } = await context.records.pool.query(
      "SELECT * FROM identity_reports WHERE identifier_value = 'family@example.com'",
    );
    assert.equal(rows.length, 1);
    assert.match(rows[0].reason, /2 identifiers of the kind user_id, of which 1 are allowed/);
  });

  it('stops a graph that keeps growing, and reports it', async () => {
    const kiosk = Array.from({ length: 150 }, (_, i) => sent({ anonymousId: `kiosk-visitor-${i}` }));
    await append(context, kiosk);
    await processAll(context);
    const joins = Array.from({ length: 150 }, (_, i) =>
      sent({ anonymousId: `kiosk-visitor-${i}`, externalIds: [{ kind: 'device', value: 'the-kiosk' }] }),
    );
    await append(context, joins);
    await processAll(context);
    const root = await rootOf('device', 'the-kiosk');
    assert.ok((await count(`persons WHERE root_id = ${root}`)) <= 100);
    assert.ok((await count("identity_reports WHERE kind = 'merge_stopped' OR reason LIKE '%anonymous_id%'")) > 0);
    assert.equal((await stored("anonymous_id LIKE 'kiosk-visitor-%'")).length, 300, 'no event is lost by it');
  });

  it('joins by alias and merge calls as the protocols say', async () => {
    await append(context, [sent({ anonymousId: 'before-alias' }), sent({ userId: 'eve' })]);
    await append(context, [sent({ type: 'alias', previousId: 'before-alias', userId: 'eve' })]);
    await append(context, [
      sent({ externalIds: [{ kind: 'email', value: 'fay@example.com' }] }),
      sent({ userId: 'fay' }),
    ]);
    await append(context, [
      sent({ type: 'merge', userId: 'fay', externalIds: [{ type: 'email', value: 'fay@example.com' }] }),
    ]);
    await processAll(context);
    assert.equal(await rootOf('anonymous_id', 'before-alias'), await rootOf('user_id', 'eve'));
    assert.equal(await rootOf('email', 'fay@example.com'), await rootOf('user_id', 'fay'));
  });

  it('takes no word that two customers are one from a key that anybody can read in a page', async () => {
    const { rows } = await context.records.pool.query(
      "INSERT INTO sources (name, kind, write_key) VALUES ('site', 'browser', 'wk_site') RETURNING id",
    );
    await append(context, [sent({ userId: 'ivy' }), sent({ userId: 'joe' })]);
    await processAll(context);
    const claim = { type: 'alias', previousId: 'ivy', userId: 'joe' } as const;
    await append(context, [sent(claim)], { sourceId: rows[0].id });
    await processAll(context);
    assert.notEqual(await rootOf('user_id', 'ivy'), await rootOf('user_id', 'joe'));
    await append(context, [sent(claim)]);
    await processAll(context);
    assert.equal(await rootOf('user_id', 'ivy'), await rootOf('user_id', 'joe'), 'a server may say so');
  });

  it('keeps the value told last, whatever the order of arrival, and the others as history', async () => {
    const told = (plan: string, day: number) =>
      sent({
        type: 'identify',
        userId: 'gina',
        traits: { plan },
        timestamp: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`,
      });
    await append(context, [told('second', 2), told('third', 3)]);
    await processAll(context);
    await append(context, [told('first', 1)]);
    await processAll(context);
    const { rows } = await context.records.pool.query(
      "SELECT p.traits, p.id FROM persons p JOIN identifiers i ON i.person_id = p.id WHERE i.value = 'gina'",
    );
    assert.equal(rows[0].traits.plan[0], 'third');
    const history = await context.records.pool.query(
      'SELECT value FROM trait_history WHERE person_id = $1 ORDER BY at',
      [rows[0].id],
    );
    assert.deepEqual(
      history.rows.map((row) => row.value),
      ['first', 'second'],
    );
  });

  it('records consent as events carry it, and accounts from group calls', async () => {
    await append(context, [
      sent({ userId: 'hugo', context: { consent: { categoryPreferences: { Advertising: false, Analytics: true } } } }),
      sent({ type: 'group', userId: 'hugo', groupId: 'acme', traits: { name: 'Acme', seats: 5 } }),
      sent({ userId: 'hugo', event: 'Inside', context: { groupId: 'acme' } }),
    ]);
    await processAll(context);
    const { rows } = await context.records.pool.query(
      `SELECT p.consent, a.key, a.traits FROM persons p JOIN identifiers i ON i.person_id = p.id
       JOIN memberships m ON m.person_id = p.id JOIN accounts a ON a.id = m.account_id WHERE i.value = 'hugo'`,
    );
    assert.equal(rows[0].consent.Advertising[0], false);
    assert.equal(rows[0].consent.Analytics[0], true);
    assert.equal(rows[0].key, 'acme');
    assert.equal(rows[0].traits.name[0], 'Acme');
  });
});
