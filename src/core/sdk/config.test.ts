import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { core } from '../index.ts';
import { createSource } from '../sources/sources.ts';
import { append, processAll, sent } from '../stream/testing.ts';
import { ASKED_A_MINUTE, registerSdkConfig, type Visitor } from './config.ts';

let context: Context & { close(): Promise<void> };
let server: Awaited<ReturnType<typeof serveForTest>>;
let key: string;
const asked: Visitor[] = [];

before(async () => {
  context = await testContext({ apps: core });
  server = await serveForTest(buildHttp(context, core, async () => null));
  key = (await createSource(context, { name: 'Shop', kind: 'browser' })).writeKey;
  registerSdkConfig('test', async (_, visitor) => {
    asked.push(visitor);
    return { shown: true };
  });
  registerSdkConfig('off', async () => undefined);
  registerSdkConfig('broken', async () => {
    throw new Error('on purpose');
  });
  // A moment more than most take; and without end.
  registerSdkConfig('busy', async (_, { anonymousId }) => {
    if (anonymousId !== 'device-1') return undefined;
    await sleep(1000);
    return { shown: true };
  });
  registerSdkConfig('hangs', async (_, { anonymousId }) =>
    anonymousId === 'device-1' ? new Promise<undefined>(() => {}) : undefined,
  );
});
after(async () => {
  await server.close();
  await context.close();
});

const ask = (query: Record<string, string>) =>
  fetch(`${server.url}/v1/sdk/config?${new URLSearchParams(query)}`, { headers: { origin: 'https://shop.example' } });

it('a browser is told which parts are on, also while the server is busy; one that fails or hangs leaves the others', async () => {
  const answer = await ask({ writeKey: key, anonymousId: 'device-1', language: 'pl' });
  assert.deepEqual(await answer.json(), { test: { shown: true }, busy: { shown: true } });
  assert.equal(answer.headers.get('access-control-allow-origin'), 'https://shop.example');
  assert.equal(asked.at(-1)!.personId, null);
});

it('a visitor who is known is the person, also after the user signed in elsewhere', async () => {
  await append(context, [sent({ anonymousId: 'device-2', userId: 'ada' })]);
  await processAll(context);
  const { rows } = await context.records.pool.query('SELECT root_id AS id FROM persons LIMIT 1');
  await ask({ writeKey: key, anonymousId: 'device-2' });
  assert.equal(asked.at(-1)!.personId, rows[0].id);
  await ask({ writeKey: key, anonymousId: 'another device', userId: 'ada' });
  assert.equal(asked.at(-1)!.personId, rows[0].id);
});

it('refuses a key that is none, and cuts what is too long', async () => {
  assert.equal((await ask({ writeKey: 'wk_wrong', anonymousId: 'x' })).status, 401);
  await ask({ writeKey: key, anonymousId: 'x'.repeat(3000), url: `https://shop.example/${'y'.repeat(5000)}` });
  assert.equal(asked.at(-1)!.anonymousId.length, 512);
  assert.equal(asked.at(-1)!.url!.length, 2000);
});

it('one network asks so often a minute and not more, and is told when to ask again', async (test) => {
  // On a slow machine the minute would pass meanwhile.
  test.mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 });
  const answers: Response[] = [];
  for (let at = 0; at <= ASKED_A_MINUTE; at += 100)
    answers.push(...(await Promise.all(Array.from({ length: 100 }, () => ask({})))));
  const refused = answers.filter(({ status }) => status === 429);
  assert.equal(answers.length - refused.length, ASKED_A_MINUTE);
  for (const { headers } of refused) assert.ok(Number(headers.get('retry-after')) > 0);
});
