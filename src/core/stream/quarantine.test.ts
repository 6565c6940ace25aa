import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Hono } from 'hono';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { refuse } from '../../kernel/refusal.ts';
import { testContext } from '../../kernel/testing.ts';
import { sources } from '../sources/module.ts';
import { stream } from './module.ts';

let context: Context & { close(): Promise<void> };
let hono: Hono;
let permissions = new Set<string>(['quarantine.read', 'quarantine.write']);

const serve = (stores: Context) =>
  buildHttp(stores, [sources, stream], async () => {
    const caller: Caller = { kind: 'key', id: '1', name: 'test', email: null, role: 'test', permissions };
    return caller;
  });

before(async () => {
  context = await testContext({ apps: [sources, stream] });
  hono = serve(context);
});
after(() => context.close());

async function quarantine(event: string, messageId: string | null = null): Promise<string> {
  const { rows } = await context.records.pool.query<{ id: number }>(
    `INSERT INTO quarantine (source_id, step, reason, message_id, event, at)
     VALUES (7, 'decode', 'it names nobody', $2, $1, '2026-03-01T12:00:00Z') RETURNING id`,
    [event, messageId],
  );
  return String(rows[0]!.id);
}

async function call(method: string, path: string, body?: unknown, server = hono) {
  const response = await server.request(path, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
  return { status: response.status, body: (await response.json()) as any };
}

/** What is in the log of a message, as the stream will read it. */
async function sent(messageId: string) {
  const found: { envelope: { sourceId: number; receivedAt: number }; event: Record<string, unknown> }[] = [];
  for (let partition = 0; partition < context.log.partitions; partition++) {
    for (const record of await context.log.read(partition, 0, { events: 100_000, bytes: 1e8 })) {
      const envelope = JSON.parse(Buffer.from(record.value).toString());
      for (const event of envelope.events) if (event.messageId === messageId) found.push({ envelope, event });
    }
  }
  return found;
}

test('the list shows events as objects, what is no JSON as text, newest first and page by page', async () => {
  const first = await quarantine('{"type":"track","messageId":"m1","event":"<b>"}', 'm1');
  const second = await quarantine('not { json', null);
  const page = await call('GET', '/api/quarantine?limit=1');
  assert.equal(page.status, 200);
  assert.deepEqual(page.body.items, [
    {
      id: second,
      at: '2026-03-01T12:00:00.000Z',
      sourceId: '7',
      step: 'decode',
      reason: 'it names nobody',
      event: 'not { json',
      resentAt: null,
    },
  ]);
  const next = await call('GET', `/api/quarantine?limit=1&cursor=${page.body.nextCursor}`);
  assert.deepEqual([next.body.items[0].id, next.body.items[0].event.event, next.body.nextCursor], [first, '<b>', null]);
});

test('a mended event goes the way of its source, with the time at which it first came', async () => {
  const id = await quarantine('{"type":"track","messageId":"m2","event":"Bought"}', 'm2');
  const event = { type: 'track', event: 'Bought', userId: 'ada' };
  const { status, body } = await call('POST', `/api/quarantine/${id}/resend`, { event });
  assert.deepEqual([status, body.messageId], [200, 'm2']);
  const [found] = await sent('m2');
  assert.deepEqual(found?.event, { ...event, messageId: 'm2' });
  assert.equal(found?.envelope.sourceId, 7);
  assert.equal(found?.envelope.receivedAt, Date.parse('2026-03-01T12:00:00Z'));
  const list = await call('GET', '/api/quarantine?limit=1');
  assert.equal(list.body.items[0].resentAt, body.resentAt);
});

test('is sent again once, however many ask at the same time', async () => {
  const id = await quarantine('{"type":"track","messageId":"m3","event":"Bought","userId":"ada"}', 'm3');
  const answers = await Promise.all(Array.from({ length: 20 }, () => call('POST', `/api/quarantine/${id}/resend`, '')));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, ...Array<number>(19).fill(409)]);
  assert.equal((await sent('m3')).length, 1);
});

test('is not marked as sent where the log refuses it', async () => {
  const id = await quarantine('{"type":"track","messageId":"m4","event":"Bought","userId":"ada"}', 'm4');
  const full = serve({
    ...context,
    log: {
      ...context.log,
      append: async () => {
        throw refuse.unavailable('The log is full.');
      },
    },
  });
  assert.equal((await call('POST', `/api/quarantine/${id}/resend`, {}, full)).status, 503);
  assert.equal((await call('POST', `/api/quarantine/${id}/resend`, {})).status, 200);
});

test('what cannot be an event is refused and stays', async () => {
  const id = await quarantine('not { json');
  assert.equal((await call('POST', `/api/quarantine/${id}/resend`, {})).status, 400);
  assert.equal((await call('POST', `/api/quarantine/${id}/resend`, { event: { type: 'party' } })).status, 400);
  assert.equal((await call('POST', `/api/quarantine/${id}/resend`, { event: [] })).status, 400);
  assert.equal((await call('POST', '/api/quarantine/123456/resend', {})).status, 404);
  assert.equal(
    (await call('POST', `/api/quarantine/${id}/resend`, '{"event":{"type":"track","userId":"a"}}')).status,
    200,
  );
});

test('whatever is sent as a mended event, the answer is never a fault of ours', async () => {
  const id = await quarantine('not { json');
  await fc.assert(
    fc.asyncProperty(fc.json(), async (text) => {
      const { status } = await call('POST', `/api/quarantine/${id}/resend`, `{"event":${text}}`);
      assert.ok([400, 404].includes(status), `${status} for ${text}`);
    }),
    { numRuns: 100 },
  );
});

test('is thrown away for good', async () => {
  const id = await quarantine('{}');
  assert.equal((await call('DELETE', `/api/quarantine/${id}`)).status, 200);
  assert.equal((await call('DELETE', `/api/quarantine/${id}`)).status, 404);
});

test('needs the permission to write', async () => {
  const id = await quarantine('{}');
  permissions = new Set(['quarantine.read']);
  assert.equal((await call('DELETE', `/api/quarantine/${id}`)).status, 403);
  assert.equal((await call('POST', `/api/quarantine/${id}/resend`, {})).status, 403);
  permissions = new Set(['quarantine.read', 'quarantine.write']);
});
