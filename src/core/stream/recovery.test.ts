import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import type { Events } from '../../kernel/events.ts';
import { testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { append, openStream, processAll, sent } from './testing.ts';
import { PURPOSES_LIMIT, TRAITS_LIMIT } from './traits.ts';

let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: core });
});
after(() => context.close());

const stored = async (name: string) => {
  const [row] = await context.events.query<{ n: string }>(
    'SELECT count() AS n FROM events WHERE name = {name:String}',
    {
      name,
    },
  );
  return Number(row!.n);
};
const lag = async () => (await context.log.state()).reduce((sum, { lagEvents }) => sum + lagEvents, 0);
const count = async (sql: string) =>
  Number((await context.records.pool.query(`SELECT count(*) AS n FROM ${sql}`)).rows[0].n);
async function until(done: () => unknown): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a fault in the midst of a batch', () => {
  it('while it is asked which events were seen before loses none of the new ones, nor the reasons of the bad ones', async () => {
    const again = sent({ userId: 'asked', event: 'Asked again' });
    await append(context, [again]);
    await processAll(context);
    let away = true;
    const query: Events['query'] = async (sql, ...rest) => {
      if (away && sql.includes('event_id IN')) throw new Error('The store is away.');
      return context.events.query(sql, ...rest);
    };
    const { runner } = openStream({ ...context, events: { ...context.events, query } });
    await append(context, [again, sent({ userId: 'asked', event: 'Asked anew' }), sent({ event: 'Of nobody' })]);
    runner.start();
    await until(() => runner.trouble);
    away = false;
    await until(async () => (await lag()) === 0);
    await runner.stop();
    assert.deepEqual([await stored('Asked again'), await stored('Asked anew')], [1, 1]);
    assert.equal(await count("quarantine WHERE event LIKE '%Of nobody%'"), 1);
  });

  it('and a stop leave the batch in the log, also where the next one could be written', async () => {
    let fail: (error: Error) => void = () => {};
    let inserts = 0;
    const insert: Events['insert'] = (rows) =>
      ++inserts > 1 ? context.events.insert(rows) : new Promise((_, reject) => (fail = reject));
    const { runner } = openStream({ ...context, events: { ...context.events, insert } });
    await append(context, [sent({ userId: 'stopped-1', event: 'Stopped' })]);
    runner.start();
    await until(() => inserts === 1);
    await append(context, [sent({ userId: 'stopped-2', event: 'Stopped' })]);
    await until(() => count("identifiers WHERE value = 'stopped-2'"));
    const stopped = runner.stop();
    fail(new Error('The store is away.'));
    await stopped;
    assert.equal(await lag(), 2);
    await processAll(context);
    assert.equal(await stored('Stopped'), 2);
  });
});

it('a log that was made anew, and so counts from the beginning, has its events stored', async () => {
  const record = (event: object) => {
    const envelope = { sourceId: 1, receivedAt: Date.now(), protocol: 'segment', events: [event] };
    return { position: 1, events: 1, at: Date.now(), value: Buffer.from(JSON.stringify(envelope)) };
  };
  for (const userId of ['first log', 'second log']) {
    const { pipeline } = openStream(context);
    const records = [record(sent({ userId, event: 'At position 1' }))];
    await pipeline.write(await pipeline.prepare([{ partition: 63, records }]));
  }
  assert.equal(await stored('At position 1'), 2);
});

it('what is known of an account and of a consent stops growing at its limit, and is still kept up to date', async () => {
  const many = (name: string, value: unknown) =>
    Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${name}${i}`, value]));
  for (const part of ['a', 'b', 'c']) {
    const consent = { categoryPreferences: { ...many(part, true), a0: part !== 'c' } };
    await append(context, [
      sent({ type: 'group', userId: 'grower', groupId: 'grown', traits: { ...many(part, 1), a0: part } }),
      sent({ type: 'group', userId: 'grower', groupId: 'grown', traits: { document: 'x'.repeat(10_000) } }),
      sent({ userId: 'grower', context: { consent } }),
    ]);
    await processAll(context);
  }
  const { rows } = await context.records.pool.query(
    `SELECT a.traits, p.consent FROM accounts a JOIN memberships m ON m.account_id = a.id JOIN persons p ON p.id = m.person_id
     WHERE a.key = 'grown'`,
  );
  const { traits, consent } = rows[0];
  // A whole event's new names are left out where only a part of them would fit.
  assert.equal(Object.keys(traits).length, 200);
  assert.ok(Object.keys(traits).length <= TRAITS_LIMIT);
  assert.deepEqual([traits.a0[0], 'document' in traits], ['c', false]);
  assert.equal(Object.keys(consent).length, PURPOSES_LIMIT);
  assert.equal(consent.a0[0], false);
});
