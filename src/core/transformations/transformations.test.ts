import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Hono } from 'hono';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { createSource } from '../sources/sources.ts';
import { append, processAll, sent } from '../stream/testing.ts';
import type { Content } from './content.ts';

let context: Context & { close(): Promise<void> };
let hono: Hono;
let permissions = new Set<string>();
let source = 0;

before(async () => {
  context = await testContext({ apps: core });
  const caller = (): Caller => ({ kind: 'key', id: '1', name: 'Ada', email: null, role: 'test', permissions });
  hono = buildHttp(context, core, async () => caller());
});
beforeEach(async () => {
  permissions = new Set(['transformations.read', 'transformations.write']);
  source = (await createSource(context, { name: 'shop', kind: 'server' })).id;
});
after(() => context.close());

async function call(method: string, path: string, body?: unknown) {
  const response = await hono.request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
  return { status: response.status, body: (await response.json()) as any };
}
const js = (body: string): Content => ({ kind: 'javascript', code: `function transform(event) {\n${body}\n}` });
const create = async (content: Content = js('return event'), name = 'one') =>
  (await call('POST', `/api/sources/${source}/transformations`, { name, content })).body;
const attempt = (content: Content, more: object = {}) =>
  call('POST', `/api/sources/${source}/transformations/try`, { content, ...more });
const EVENT = { type: 'track', messageId: 'm', userId: 'u', event: 'e', properties: { n: 1 } };

describe('trying a transformation', () => {
  it('shows each event before and after, what was left out, what failed where, and what was logged', async () => {
    const code = js(
      "console.log('n is', event.properties.n);\nif (event.properties.n === 1) return null;\nif (event.properties.n === 2)\n  throw new Error('two');\nevent.properties.n *= 10; return event",
    );
    const events = [1, 2, 3].map((n) => ({ ...EVENT, properties: { n } }));
    const { status, body } = await attempt(code, { events });
    assert.equal(status, 200);
    const [one, two, three] = body.items;
    assert.equal(one.dropped, true);
    assert.deepEqual(two.error, { message: 'Error: two', place: { line: 5, column: two.error.place.column } });
    assert.deepEqual(three.before, events[2]);
    assert.deepEqual(three.after, [{ ...events[2], properties: { n: 30 } }]);
    assert.deepEqual(three.logs, ['n is 3']);
    assert.ok(three.milliseconds >= 0);
    assert.equal(body.stopped, null);
  });

  it('uses the recorded events where no others are given, and says where there are none', async () => {
    const none = await attempt(js('return event'));
    assert.equal(none.status, 400);
    assert.match(none.body.error.message, /No event of this source was recorded/);
    await append(context, [sent({ userId: 'r', event: 'Recorded' })], { sourceId: source });
    await processAll(context);
    for (;;) {
      const { body } = await call('GET', `/api/sources/${source}/recorded`);
      if (body.items.length === 1) break;
    }
    const { body } = await attempt(js('event.seen = true; return event'));
    assert.equal(body.items[0].before.event, 'Recorded');
    assert.equal(body.items[0].after[0].seen, true);
  });

  it('says what would go into quarantine although the code did not fail', async () => {
    const { body } = await attempt(js('delete event.userId; return event'), { events: [EVENT] });
    assert.match(body.items[0].error.message, /what came out cannot be used: it names nobody/);
  });

  it('ends, whatever the code does', async () => {
    const loop = await attempt(js('for (;;);'), { events: Array(20).fill(EVENT) });
    assert.equal(loop.body.items.length, 5);
    assert.match(loop.body.stopped, /would be paused/);
    const deep = await attempt(js('let o = {}; for (let i = 0; i < 2000; i++) o = { o }; event.o = o; return event'), {
      events: [EVENT],
    });
    assert.match(deep.body.items[0].error.message, /nested deeper/);
    const unreadable = await attempt(js('return ('), { events: [EVENT] });
    assert.equal(unreadable.body.items[0].error.place.line, 3);
  });

  it('refuses what it cannot try', async () => {
    assert.equal((await attempt(js('return event'), { events: [] })).status, 400);
    assert.equal((await attempt(js('return event'), { events: Array(51).fill(EVENT) })).status, 400);
    assert.equal((await attempt({ kind: 'javascript', code: 'x'.repeat(70_000) })).status, 400);
    const steps = (step: unknown) => attempt({ kind: 'steps', steps: [step] } as Content, { events: [EVENT] });
    assert.equal((await steps({ do: 'drop', when: 'a ? (' })).status, 400);
    assert.equal((await steps({ do: 'remove', path: '__proto__.polluted' })).status, 400);
    assert.equal((await steps({ do: 'remove', path: 'messageId' })).status, 400);
    assert.equal((await steps({ do: 'remove', path: 'a..b' })).status, 400);
    assert.equal((await call('POST', '/api/sources/999999/transformations/try', { content: js('') })).status, 404);
  });
});

describe('putting a transformation into use', () => {
  it('needs a trial of the same draft that did not fail, or somebody who knows', async () => {
    const made = await create();
    const publish = (body: object = {}) => call('POST', `/api/transformations/${made.id}/publish`, body);
    assert.equal((await call('PATCH', `/api/transformations/${made.id}`, { enabled: true })).status, 409);
    assert.deepEqual((await publish()).body.error.details, { why: 'untried' });
    await attempt(js('return null'), { events: [EVENT], transformationId: made.id });
    assert.deepEqual((await publish()).body.error.details, { why: 'untried' }, 'another code was tried');
    const tried = await attempt(js('return event'), { events: [EVENT], transformationId: made.id });
    assert.deepEqual([tried.body.trial.events, tried.body.trial.failed], [1, 0]);
    const { status, body } = await publish();
    assert.equal(status, 200);
    assert.deepEqual([body.enabled, body.published, body.changed], [true, 1, false]);
    assert.equal((await publish()).status, 409, 'nothing changed since');

    await call('PATCH', `/api/transformations/${made.id}`, { content: js('throw 1') });
    await attempt(js('throw 1'), { events: [EVENT, EVENT], transformationId: made.id });
    const failed = await publish();
    assert.deepEqual([failed.status, failed.body.error.details], [409, { why: 'failed' }]);
    assert.match(failed.body.error.message, /failed on 2 of the 2 events/);
    assert.equal((await publish({ untried: true })).body.published, 2);
  });

  it('keeps every version with who and when, and goes back by a new one', async () => {
    const made = await create(js('return event // 1'));
    const path = `/api/transformations/${made.id}`;
    await call('POST', `${path}/publish`, { untried: true });
    await call('PATCH', path, { content: js('return event // 2') });
    await call('POST', `${path}/publish`, { untried: true });
    const restored = await call('POST', `${path}/versions/1/restore`, {});
    assert.equal(restored.body.published, 3);
    assert.deepEqual(restored.body.content, js('return event // 1'));
    const { body } = await call('GET', `${path}/versions?limit=2`);
    assert.deepEqual(
      body.items.map((one: { version: number; publishedBy: string; restoredFrom: number | null }) => [
        one.version,
        one.publishedBy,
        one.restoredFrom,
      ]),
      [
        [3, 'Ada', 1],
        [2, 'Ada', null],
      ],
    );
    const rest = await call('GET', `${path}/versions?limit=2&cursor=${body.nextCursor}`);
    assert.deepEqual(
      rest.body.items.map((one: { version: number }) => one.version),
      [1],
    );
    assert.equal((await call('POST', `${path}/versions/9/restore`, {})).status, 404);
  });

  it('keeps the order that it is given, and no more than twenty of a source', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) ids.push((await create(undefined, `t${i}`)).id);
    const more = await call('POST', `/api/sources/${source}/transformations`, {
      name: 'x',
      content: js('return event'),
    });
    assert.equal(more.status, 409);
    const sorted = await call('PUT', `/api/sources/${source}/transformations/order`, { ids: ids.toReversed() });
    assert.deepEqual(
      sorted.body.items.map((one: { id: string }) => one.id),
      ids.toReversed(),
    );
    const wrong = await call('PUT', `/api/sources/${source}/transformations/order`, { ids: ids.slice(1) });
    assert.equal(wrong.status, 400);
    assert.equal((await call('DELETE', `/api/transformations/${ids[0]}`)).status, 200);
    assert.equal((await call('GET', `/api/transformations/${ids[0]}`)).status, 404);
  });

  it('may be looked at by who may read, and changed only by who may write', async () => {
    const made = await create();
    const path = `/api/transformations/${made.id}`;
    permissions = new Set(['transformations.read']);
    assert.equal((await call('GET', path)).status, 200);
    for (const [method, where] of [
      ['PATCH', path],
      ['DELETE', path],
      ['POST', `${path}/publish`],
      ['POST', `${path}/versions/1/restore`],
      ['POST', `/api/sources/${source}/transformations`],
      ['POST', `/api/sources/${source}/transformations/try`],
      ['PUT', `/api/sources/${source}/transformations/order`],
      ['GET', `/api/sources/${source}/recorded`],
    ] as const) {
      assert.equal((await call(method, where, method === 'GET' ? undefined : {})).status, 403, `${method} ${where}`);
    }
    permissions = new Set();
    assert.equal((await call('GET', path)).status, 403);
  });
});
