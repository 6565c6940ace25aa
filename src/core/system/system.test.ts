import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Hono } from 'hono';
import { z } from 'zod';
import { type App, defineApp } from '../../kernel/app.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { escapeHtml, html } from '../../kernel/html.ts';
import { buildHttp } from '../../kernel/http.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { testContext } from '../../kernel/testing.ts';
import { sources } from '../sources/module.ts';
import { staff } from '../staff/module.ts';
import { permissionsOf } from '../staff/roles.ts';
import { stream } from '../stream/module.ts';
import { mountConsole } from './console.ts';
import { system } from './module.ts';

const HOSTILE = `<script>alert("1")</script>'; DROP TABLE sources; --`;
const hostile = defineApp({
  name: HOSTILE,
  permissions: { [HOSTILE]: HOSTILE },
  routes: [
    route({
      method: 'POST',
      path: '/api/hostile/{id}',
      summary: HOSTILE,
      permission: HOSTILE,
      params: z.object({ id: z.string().describe(HOSTILE) }),
      query: z.object({ [HOSTILE]: z.string().default(HOSTILE) }),
      body: z.object({ [HOSTILE]: z.enum([HOSTILE]), more: z.array(z.object({ [HOSTILE]: z.literal(HOSTILE) })) }),
      reply: z.object({ [HOSTILE]: z.string().nullable() }),
      run: async () => ({ [HOSTILE]: null }),
    }),
  ],
});
const apps: readonly App[] = [staff, sources, stream, system, hostile];

let context: Context & { close(): Promise<void> };
let hono: Hono;
let permissions = new Set(permissionsOf(apps));

before(async () => {
  context = await testContext({ apps });
  const caller = (): Caller => ({ kind: 'key', id: '1', name: 'test', email: null, role: 'test', permissions });
  hono = buildHttp(context, apps, async () => caller());
});
after(() => context.close());

// biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
async function get(path: string): Promise<{ status: number; body: any }> {
  const response = await hono.request(path);
  return { status: response.status, body: await response.json() };
}

/** The same server with some stores in another state; health is remembered by log, so that each gets a new one. */
function withStores(change: Partial<Context>): Hono {
  const changed = { ...context, log: { ...context.log }, ...change };
  return buildHttp(changed, apps, async () => null);
}
const away = async (): Promise<never> => {
  throw Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:9000'), { code: 'ECONNREFUSED' });
};

describe('health', () => {
  test('tells of each store and each partition, to anyone', async () => {
    const { status, body } = await get('/health');
    assert.equal(status, 200);
    assert.equal(body.status, 'ok');
    assert.deepEqual([body.stores.events.up, body.stores.records.up, body.stores.log.up], [true, true, true]);
    assert.equal(body.stream.partitions.length, context.config.partitions);
    assert.deepEqual(body.intake, { accepting: true, reason: null });
  });

  test('tells how far the stream is behind', async () => {
    await context.log.append([{ partition: 3, events: 7, value: Buffer.from('{}') }]);
    const response = await withStores({}).request('/health');
    const { stream: behind } = (await response.json()) as {
      stream: { partitions: { lagEvents: number; oldestAt: string }[] };
    };
    assert.equal(behind.partitions[3]?.lagEvents, 7);
    assert.ok(Date.parse(behind.partitions[3]!.oldestAt) > 0);
    await context.log.commit(3, 7);
  });

  test('stays 200 while a store is away and events wait in the log, and does not say where the store is', async () => {
    const response = await withStores({ events: { ...context.events, ping: away } }).request('/health');
    assert.equal(response.status, 200);
    const text = await response.text();
    assert.equal(JSON.parse(text).status, 'degraded');
    assert.doesNotMatch(text, /10\.1\.2\.3/);
  });

  test('is 503 when the log is full or gone', async () => {
    const full = await withStores({ log: { ...context.log, full: () => 'the disk is full' } }).request('/health');
    assert.equal(full.status, 503);
    assert.ok(full.headers.get('retry-after'));
    assert.deepEqual(((await full.json()) as { intake: unknown }).intake, {
      accepting: false,
      reason: 'the disk is full',
    });
    const gone = await withStores({ log: { ...context.log, state: away } }).request('/health');
    assert.equal(gone.status, 503);
  });

  test('answers in time also when a store hangs', async () => {
    const hangs = { ...context.events, ping: () => new Promise<void>(() => {}) };
    const response = await withStores({ events: hangs }).request('/health');
    assert.equal(((await response.json()) as { status: string }).status, 'degraded');
  });
});

describe('the doctor', () => {
  test('says what runs where, and that all is well but for what is missing', async () => {
    const { status, body } = await get('/api/doctor');
    assert.equal(status, 200);
    assert.match(body.version, /^\d+\.\d+\.\d+/);
    assert.equal(body.node, process.version);
    assert.deepEqual([body.stores.events.kind, body.stores.events.up], ['embedded', true]);
    assert.ok(body.stores.records.bytes > 1_000_000);
    assert.ok(body.memory.residentBytes > 0 && body.memory.machineBytes > body.memory.residentBytes);
    const bySources = body.checks.find((check: { name: string }) => check.name === 'Sources');
    assert.equal(bySources.state, 'warning');
    assert.match(bySources.remedy, /source create/);
    for (const check of body.checks) assert.equal(check.remedy === null, check.state === 'ok', check.name);
  });

  test('notices secrets that others can read, events in quarantine, and a store that is away', async () => {
    const secret = join(context.config.dataDir, 'secrets', 'records-password');
    chmodSync(secret, 0o644);
    await context.records.pool.query(
      `INSERT INTO quarantine (source_id, step, reason, event) VALUES (1, 'decode', 'it names nobody', '{}')`,
    );
    const caller: Caller = { kind: 'key', id: '1', name: 'test', email: null, role: 'test', permissions };
    const broken = { ...context, log: { ...context.log }, events: { ...context.events, ping: away } };
    const response = await buildHttp(broken, apps, async () => caller).request('/api/doctor');
    const { checks } = (await response.json()) as { checks: { name: string; state: string; remedy: string }[] };
    const of = (name: string) => checks.find((check) => check.name === name)!;
    assert.deepEqual(
      [of('Secrets').state, of('Quarantine').state, of('Events store').state, of('Intake').state],
      ['failing', 'warning', 'failing', 'ok'],
    );
    assert.match(of('Secrets').remedy, /^Run: chmod 600/);
    chmodSync(secret, 0o600);
  });

  test('is for those who may', async () => {
    permissions = new Set();
    assert.equal((await get('/api/doctor')).status, 403);
    assert.equal((await get('/api/stream')).status, 403);
    permissions = new Set(permissionsOf(apps));
  });
});

test('the stream tells its steps, what was dropped and why, and its partitions', async () => {
  await context.records.pool.query(
    `INSERT INTO drops (day, step, reason, source_id, count, last_at) VALUES
     (current_date, 'deduplicate', 'seen before', 4, 10, now()), (current_date - 1, 'deduplicate', 'seen before', 4, 5, now()),
     (current_date - 30, 'deduplicate', 'seen before', 4, 100, now())`,
  );
  const { body } = await get('/api/stream');
  assert.deepEqual(
    body.steps.map((step: { name: string }) => step.name),
    ['decode', 'deduplicate', 'filter', 'transform', 'plan', 'enrich', 'resolve', 'leave', 'write', 'react'],
  );
  const [drop] = body.drops;
  assert.deepEqual([drop.step, drop.reason, drop.sourceId, drop.count], ['deduplicate', 'seen before', '4', 15]);
  assert.equal(body.partitions.length, context.config.partitions);
});

describe('the description of the API', () => {
  test('is an OpenAPI document with every route and its permission', async () => {
    const { body } = await get('/api/openapi.json');
    assert.equal(body.openapi, '3.1.0');
    const routes = apps.flatMap((app) => app.routes ?? []);
    for (const { method, path, permission } of routes) {
      assert.equal(body.paths[path][method.toLowerCase()]['x-permission'], permission, `${method} ${path}`);
    }
  });

  test('is a page without scripts that shows hostile names as text', async () => {
    const response = await hono.request('/api/docs');
    assert.match(response.headers.get('content-type')!, /^text\/html/);
    assert.match(response.headers.get('content-security-policy')!, /default-src 'self'/);
    const text = await response.text();
    assert.doesNotMatch(text, /<script/i);
    assert.ok(text.split(escapeHtml(HOSTILE)).length > 8, 'each place shows it, escaped');
    assert.match(text, /sources\.write/);
    assert.match(text, /curl -X POST &#39;http:\/\/localhost:3000\/api\/sources&#39;/);
  });

  test('escapes whatever is put into a page', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const page = html`<p title="${text}">${text}</p>`.html;
        assert.doesNotMatch(page.replace(/^<p title="|">|<\/p>$/g, ''), /[<>"]/);
      }),
    );
  });
});

describe('the console', () => {
  const dir = mkdtempSync(join(tmpdir(), 'throughline-console-'));
  const served = new Hono();
  before(() => {
    mkdirSync(join(dir, 'dist', 'assets'), { recursive: true });
    writeFileSync(join(dir, 'secret.txt'), 'not for you');
    writeFileSync(join(dir, 'dist', 'index.html'), '<!doctype html><title>Console</title>');
    writeFileSync(join(dir, 'dist', '.hidden'), 'not for you');
    writeFileSync(join(dir, 'dist', 'assets', 'main-abc123.js'), 'console.log(1);'.repeat(500));
    mountConsole(served, context, pathToFileURL(join(dir, 'dist/')));
  });
  after(() => rmSync(dir, { recursive: true }));
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    served.request(path, { method, headers });
  const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  test('is one page for all addresses within it, asked for anew each time', async () => {
    for (const path of ['/', '/people', '/people/lookup/ada@example.com']) {
      const response = await ask(path, browser);
      assert.equal(response.status, 200);
      assert.match(await response.text(), /Console/);
      assert.equal(response.headers.get('cache-control'), 'no-cache');
      assert.match(response.headers.get('content-security-policy')!, /script-src 'self'/);
    }
    const { headers } = await ask('/', browser);
    assert.equal((await ask('/', { ...browser, 'if-none-match': headers.get('etag')! })).status, 304);
  });

  test('has files that are compressed, and kept by browsers for good where their names change with them', async () => {
    const response = await ask('/assets/main-abc123.js', { 'accept-encoding': 'gzip' });
    assert.equal(response.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.match(response.headers.get('cache-control')!, /immutable/);
    assert.equal(response.headers.get('content-encoding'), 'gzip');
    const body = Buffer.from(await response.arrayBuffer());
    assert.ok(body.length < 1000);
    assert.equal(gunzipSync(body).toString(), 'console.log(1);'.repeat(500));
  });

  test('gives nothing that is not in its folder', async () => {
    const paths = [
      '/assets/gone.js',
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/.hidden',
      '/%00',
      '/%ff',
    ];
    for (const path of [...paths, '/assets', '/assets/..%5c..%5csecret.txt']) {
      const response = await ask(path, { accept: '*/*' });
      assert.equal(response.status, 404, path);
      assert.doesNotMatch(await response.text(), /not for you/);
    }
    assert.equal((await ask('/people', browser, 'POST')).status, 404);
  });

  test('says what to do where it is not built', async () => {
    const bare = new Hono();
    mountConsole(bare, context, pathToFileURL(join(dir, 'nowhere/')));
    const response = await bare.request('/', { headers: browser });
    assert.equal(response.status, 503);
    assert.match(await response.text(), /npm run build/);
  });
});

test('an unknown endpoint of the API is a 404 in JSON', async () => {
  const { status, body } = await get('/api/nothing');
  assert.deepEqual([status, body.error.code], [404, refuse.notFound('').code]);
});
