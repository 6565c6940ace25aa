import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { emit, relayOutbox } from './outbox.ts';
import { append, processAll, sent } from './testing.ts';

let context: Context & { close(): Promise<void> };
let personId: number;

before(async () => {
  context = await testContext({ apps: core });
  await append(context, [sent({ userId: 'ada' })]);
  await processAll(context);
  personId = (await context.records.pool.query('SELECT id FROM persons')).rows[0].id;
});
after(() => context.close());

const stored = (name: string) =>
  context.events.query<{ origin_id: string }>('SELECT origin_id FROM events WHERE name = {name:String}', { name });

it("an app's event is on the person's timeline after the commit of what the app did", async () => {
  await context.records.transaction((client) =>
    emit(client, { name: 'Ticket Opened', personId, properties: { subject: 'Hello' } }),
  );
  assert.equal(await relayOutbox(context), 1);
  await processAll(context);
  assert.deepEqual(await stored('Ticket Opened'), [{ origin_id: String(personId) }]);
});

it('nothing is told of what was rolled back', async () => {
  const work = context.records.transaction(async (client) => {
    await emit(client, { name: 'Never Happened', personId });
    throw new Error('changed my mind');
  });
  await assert.rejects(work, /changed my mind/);
  assert.equal(await relayOutbox(context), 0);
});

it('an event that a crash sends to the log twice counts once', async () => {
  await context.records.transaction((client) => emit(client, { name: 'Sent Twice', personId }));
  const { rows } = await context.records.pool.query('SELECT event FROM outbox');
  await relayOutbox(context);
  await context.records.pool.query('INSERT INTO outbox (event) VALUES ($1)', [JSON.stringify(rows[0].event)]);
  await relayOutbox(context);
  await processAll(context);
  assert.equal((await stored('Sent Twice')).length, 1);
});

it('refuses an event about nobody', async () => {
  const work = context.records.transaction((client) => emit(client, { name: 'Lost', personId: 999_999_999 }));
  await assert.rejects(work, { status: 404 });
});
