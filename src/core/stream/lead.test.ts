import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { seen } from '../../kernel/testing-until.ts';
import { Lead, LeadLost } from './lead.ts';
import { stream } from './module.ts';

let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: [stream] });
});
after(() => context.close());

const holder = async () =>
  (
    await context.records.pool.query<{ pid: number }>(
      "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 7401003 AND granted",
    )
  ).rows[0]?.pid;

/** Ends the connection that holds the lock, as a broken network would. */
const cut = () =>
  context.records.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7401003 AND granted",
  );

it('one stream leads, another stands by and takes over when it ends', async () => {
  const one = new Lead(context.records);
  const two = new Lead(context.records);
  await one.hold();
  let led = false;
  const waiting = two.hold().then(() => {
    led = true;
  });
  await sleep(200);
  assert.equal(led, false);
  await one.end();
  await waiting;
  await two.end();
});

it('a stream whose connection broke goes on where nobody else led, and starts anew where somebody did', async () => {
  const one = new Lead(context.records);
  await one.hold();
  const first = await holder();
  await cut();
  // That its connection broke it hears after a moment.
  const second = await seen(
    async () => {
      await one.hold();
      return holder();
    },
    (pid) => pid !== undefined && pid !== first,
  );
  await cut();
  await seen(holder, (pid) => pid !== second);
  const two = new Lead(context.records);
  await two.hold();
  await two.end();
  await assert.rejects(
    seen(
      () => one.hold(),
      () => false,
    ),
    LeadLost,
  );
  await one.end();
});
