import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Hono } from 'hono';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { refuse } from '../../kernel/refusal.ts';
import { runJobs, testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { pruneQuarantine } from './quarantine-deletions.ts';

let context: Context & { close(): Promise<void> };
let hono: Hono;
let permissions = new Set<string>(['quarantine.read', 'quarantine.write']);

const serve = (stores: Context) =>
  buildHttp(stores, core, async () => {
    const caller: Caller = { kind: 'key', id: '1', name: 'test', email: null, role: 'test', permissions };
    return caller;
  });

before(async () => {
  context = await testContext({ apps: core });
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
      type: '',
      name: '',
      rule: '',
      property: '',
      messageId: null,
      event: 'not { json',
      resentAt: null,
      deletedAt: null,
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

test('is thrown away, can be brought back for a day, and is then gone for good', async () => {
  const id = await quarantine('{"type":"track","userId":"ada","event":"Thrown"}');
  const thrown = await call('DELETE', `/api/quarantine/${id}`);
  assert.deepEqual([thrown.status, thrown.body.count], [200, 1]);
  assert.equal((await call('DELETE', `/api/quarantine/${id}`)).status, 404);
  assert.equal((await call('POST', `/api/quarantine/${id}/resend`, {})).status, 409);
  assert.equal((await call('POST', `/api/quarantine/deletions/${thrown.body.id}/undo`, {})).status, 200);
  assert.equal((await call('POST', `/api/quarantine/deletions/${thrown.body.id}/undo`, {})).status, 409);
  assert.equal((await call('GET', `/api/quarantine/${id}`)).body.deletedAt, null);
  await call('DELETE', `/api/quarantine/${id}`);
  await context.records.pool.query(
    "UPDATE quarantine SET at = now(), deleted_at = now() - interval '25 hours' WHERE id = $1",
    [id],
  );
  await pruneQuarantine(context);
  assert.equal((await call('GET', `/api/quarantine/${id}`)).status, 404);
});

test('is kept for the days that the settings say, and never past the limit', async () => {
  await context.records.pool.query('DELETE FROM quarantine');
  const old = await quarantine('{"old":1}');
  const ids = await Promise.all(Array.from({ length: 5 }, () => quarantine('{"new":1}')));
  await context.records.pool.query("UPDATE quarantine SET at = now() - interval '8 days' WHERE id = $1", [old]);
  await context.records.pool.query('UPDATE quarantine SET at = now() WHERE id <> $1', [old]);
  assert.equal((await call('PATCH', '/api/quarantine/settings', { keepDays: 0 })).status, 400);
  await pruneQuarantine(context);
  assert.equal((await call('GET', `/api/quarantine/${old}`)).status, 200, 'kept for 30 days unless told');
  assert.equal((await call('PATCH', '/api/quarantine/settings', { keepDays: 7 })).status, 200);
  await pruneQuarantine(context, 3);
  assert.equal((await call('GET', `/api/quarantine/${old}`)).status, 404);
  const left = (await call('GET', '/api/quarantine')).body.items.map((item: { id: string }) => item.id);
  assert.deepEqual(
    left.sort(),
    ids
      .map(Number)
      .sort((a, b) => a - b)
      .slice(2)
      .map(String),
  );
  const { rows } = await context.records.pool.query("SELECT count FROM drops WHERE step = 'quarantine'");
  assert.equal(rows[0].count, 2, 'what went for lack of room is counted');
  await call('PATCH', '/api/quarantine/settings', { keepDays: 365 });
});

async function wrongTimes(count: number): Promise<void> {
  await context.records.pool.query('DELETE FROM quarantine');
  await context.records.pool.query(
    `INSERT INTO quarantine (source_id, step, reason, message_id, event, event_type, event_name, at)
     SELECT 7, 'decode', 'timestamp "' || n || '" is not a time', CASE WHEN n % 3 > 0 THEN 'late-' || n END,
       '{"type":"track","event":"Late","userId":"ada","n":' || n || '}', 'track', 'Late', now() - interval '2 days'
     FROM generate_series(1, $1) AS n`,
    [count],
  );
}

test('events of one cause are one group, whatever value each had, with how many came each day', async () => {
  await wrongTimes(25);
  await quarantine('{"other":1}');
  const { body } = await call('GET', '/api/quarantine/groups');
  const [group] = body.items;
  assert.deepEqual(
    [group.reason, group.event, group.count, group.waiting, group.days],
    ['timestamp "…" is not a time', 'Late', 25, 25, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0]],
  );
  const inGroup = await call(
    'GET',
    `/api/quarantine?${new URLSearchParams({ reason: group.reason, event: 'Late', limit: '200' })}`,
  );
  assert.equal(inGroup.body.items.length, 25);
});

test('a group is sent again in the background, each event once, also where the run is cut off', async () => {
  await wrongTimes(450);
  const bad = await quarantine('not { json');
  const started = await call('POST', '/api/quarantine/resends', { step: 'decode' });
  assert.deepEqual([started.status, started.body.total, started.body.state], [202, 451, 'running']);
  await runJobs(context, core);
  const done = await call('GET', `/api/quarantine/resends/${started.body.id}`);
  assert.deepEqual([done.body.state, done.body.sent, done.body.failed], ['done', 450, 1]);
  assert.equal((await call('GET', `/api/quarantine/${bad}`)).body.resentAt, null, 'what is no event waits on');
  // A crash between the log and the commit: what went is sent once more, under the same message IDs.
  const before = await logged();
  await context.records.pool.query("UPDATE quarantine SET resent_at = NULL WHERE event_name = 'Late'");
  await call('POST', '/api/quarantine/resends', { event: 'Late' });
  await runJobs(context, core);
  const after = await logged();
  assert.equal(after.length, before.length + 450);
  assert.deepEqual(new Set(after), new Set(before), 'the stream drops those that it has seen');
  assert.equal((await call('POST', '/api/quarantine/resends', { event: 'Nothing is called this' })).status, 404);
});

test('a run can be stopped, and what is thrown away in one go comes back in one go', async () => {
  await wrongTimes(30);
  const run = await call('POST', '/api/quarantine/resends', { event: 'Late' });
  assert.equal((await call('DELETE', `/api/quarantine/resends/${run.body.id}`)).body.state, 'stopped');
  await runJobs(context, core);
  assert.equal((await call('GET', '/api/quarantine/groups')).body.items[0].waiting, 30);
  const thrown = await call('POST', '/api/quarantine/deletions', { event: 'Late' });
  assert.equal(thrown.body.count, 30);
  assert.equal((await call('GET', '/api/quarantine/groups')).body.items.length, 0);
  assert.equal((await call('POST', `/api/quarantine/deletions/${thrown.body.id}/undo`, {})).body.count, 30);
  assert.equal((await call('GET', '/api/quarantine/groups')).body.items[0].waiting, 30);
});

/** Message IDs of all events named Late in the log. */
async function logged(): Promise<string[]> {
  const found: string[] = [];
  for (let partition = 0; partition < context.log.partitions; partition++) {
    for (const record of await context.log.read(partition, 0, { events: 100_000, bytes: 1e8 }))
      for (const event of JSON.parse(Buffer.from(record.value).toString()).events)
        if (event.event === 'Late') found.push(event.messageId);
  }
  return found;
}

test('needs the permission to write', async () => {
  const id = await quarantine('{}');
  permissions = new Set(['quarantine.read']);
  assert.equal((await call('DELETE', `/api/quarantine/${id}`)).status, 403);
  assert.equal((await call('POST', `/api/quarantine/${id}/resend`, {})).status, 403);
  assert.equal((await call('POST', '/api/quarantine/resends', {})).status, 403);
  assert.equal((await call('POST', '/api/quarantine/deletions', {})).status, 403);
  permissions = new Set(['quarantine.read', 'quarantine.write']);
});
