import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Hono } from 'hono';
import { connectAsync } from 'mqtt';
import { mosquittoIsMissing, startMosquitto } from '../../../test/mosquitto.ts';
import type { Caller } from '../../kernel/caller.ts';
import { buildHttp } from '../../kernel/http.ts';
import { connections } from './module.ts';
import type { ConnectionReply } from './routes.ts';
import { type ConnectionBench, connectionBench } from './testing.ts';
import type { TryReply } from './try.ts';

describe('connections over HTTP', { timeout: 120_000 }, () => {
  let bench: ConnectionBench;
  let hono: Hono;
  let permissions = new Set<string>(['connections.read', 'connections.write']);
  before(async () => {
    bench = await connectionBench();
    const caller = (): Caller =>
      ({ kind: 'key', id: '1', name: 'test', email: null, role: 'test', permissions }) as Caller;
    hono = buildHttp(bench.context, [connections], async () => caller());
  });
  after(() => bench?.close());

  const call = async <T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> => {
    const response = await hono.request(path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  };
  interface Refused {
    error: { message: string };
  }
  const postgres = (more: object = {}) => ({
    kind: 'postgres',
    settings: {
      table: 'sources',
      cursor: 'created_at',
      key: ['id'],
      fields: { event: 'Source Made', identifiers: [{ kind: 'user_id', column: 'name' }] },
      ...more,
    },
    secrets: { url: 'postgres://throughline:hunter2@127.0.0.1:1/postgres' },
  });
  /** Our own database is as good a stranger's as any. */
  const ownUrl = () => String(bench.context.records.pool.options.connectionString);

  test('a source and its connection are made in one step, and no reply ever holds a secret', async () => {
    const made = await call<{ sourceId: string }>('POST', '/api/connections', {
      name: 'Orders',
      connection: postgres(),
    });
    assert.equal(made.status, 201);
    const path = `/api/sources/${made.body.sourceId}/connection`;
    const read = await call<ConnectionReply>('GET', path);
    assert.deepEqual([read.body.secretsSet, read.body.state, read.body.settings?.table], [['url'], 'off', 'sources']);
    const changed = await call<ConnectionReply>('PUT', path, { ...postgres({ table: 'other' }), secrets: {} });
    assert.deepEqual([changed.status, changed.body.secretsSet, changed.body.version], [200, ['url'], 2]);
    for (const reply of [made, read, changed]) assert.doesNotMatch(JSON.stringify(reply), /hunter2|postgres:\/\//);
    assert.equal((await call('POST', `${path}/restart`)).status, 200);
  });

  test('what cannot be a connection is refused, and leaves no source behind', async () => {
    const count = async () =>
      Number((await bench.context.records.pool.query('SELECT count(*) FROM sources')).rows[0].count);
    const before = await count();
    const bad: [object, RegExp][] = [
      [{ name: '', connection: postgres() }, /name/],
      [{ name: 'x', connection: { kind: 'ftp', settings: {} } }, /kind/],
      [{ name: 'x', connection: { ...postgres(), secrets: { url: 'mysql://x' } } }, /postgres:\/\//],
      ...['sslkey', 'sslcert', 'sslrootcert', 'host', 'port', 'options', 'stream'].map((name): [object, RegExp] => [
        { name: 'x', connection: { ...postgres(), secrets: { url: `postgres://a@b/c?${name}=/etc/passwd` } } },
        /no parameters but/,
      ]),
      ...['postgres://a@%2Fvar%2Frun/c', 'postgres:///c'].map((url): [object, RegExp] => [
        { name: 'x', connection: { ...postgres(), secrets: { url } } },
        /must name a host/,
      ]),
      [{ name: 'x', connection: { ...postgres(), secrets: {} } }, /Enter the connection URL/],
      [{ name: 'x', mapping: '{ "a": ', connection: postgres() }, /mapping cannot be read/],
      [{ name: 'x', connection: { kind: 'mqtt', settings: { url: 'http://x', topics: ['a'] } } }, /mqtt:\/\//],
      [
        { name: 'x', connection: { kind: 'mqtt', settings: { url: 'mqtt://a:b@x', topics: ['a'] } } },
        /name or password/,
      ],
      [{ name: 'x', connection: { kind: 'mqtt', settings: { url: 'mqtt://x', topics: ['a/#/b'] } } }, /topic filter/],
      [
        { name: 'x', connection: { kind: 'mqtt', settings: { url: 'mqtt://x', topics: Array(101).fill('a') } } },
        /topics/,
      ],
      [{ name: 'x', connection: { kind: 'mail', settings: { aliases: ['no address'] } } }, /e-mail address/],
    ];
    for (const [body, says] of bad) {
      const reply = await call<Refused>('POST', '/api/connections', body);
      assert.equal(reply.status, 400, JSON.stringify(reply.body));
      assert.match(JSON.stringify(reply.body), says);
    }
    const aliases = { kind: 'mail', settings: { aliases: ['help@shop.example'] } };
    assert.equal((await call('POST', '/api/connections', { name: 'one', connection: aliases })).status, 201);
    const taken = await call<Refused>('POST', '/api/connections', { name: 'two', connection: aliases });
    assert.deepEqual([taken.status, taken.body.error.message], [409, 'help@shop.example belongs to another source.']);
    assert.equal(await count(), before + 1);
  });

  test('a trial connects for real: what is wrong is said, what would come is shown, nothing is kept', async () => {
    const away = await call<Refused>('POST', '/api/connections/try', { connection: postgres() });
    assert.deepEqual(
      [away.status, away.body.error.message],
      [400, 'Nothing listens at this address. Check host and port, and that the server runs.'],
    );
    await bench.context.records.pool.query(
      "INSERT INTO sources (name, kind, write_key) VALUES ('anna', 'server', 'wk_a'), ('', 'server', 'wk_b')",
    );
    const connection = { ...postgres(), secrets: { url: ownUrl() } };
    const shown = await call<TryReply>('POST', '/api/connections/try', { connection });
    assert.equal(shown.status, 200, JSON.stringify(shown.body));
    assert.match(shown.body.warnings.join(), /has no index/);
    const names = shown.body.samples.map((sample) => (sample.value as { name: string }).name);
    assert.ok(names.length > 0 && names.length <= 5);
    const [first] = shown.body.samples;
    assert.equal((first!.events[0] as { event: string }).event, 'Source Made');
    const tables = await call<{ tables: { name: string }[] }>('POST', '/api/connections/tables', { url: ownUrl() });
    assert.ok(tables.body.tables.some((table) => table.name === 'sources'));
    const columns = await call<{ columns: { name: string; key: number }[] }>('POST', '/api/connections/columns', {
      url: ownUrl(),
      schema: 'public',
      table: 'sources',
    });
    assert.equal(columns.body.columns.find((column) => column.key === 1)?.name, 'id');
    const none = await call<Refused>('POST', '/api/connections/tables', {});
    assert.match(none.body.error.message, /Enter the connection URL/);
    assert.deepEqual((await bench.logged()).events, []);
  });

  test('a trial listens to a broker and shows what its messages would become', {
    skip: mosquittoIsMissing(),
  }, async () => {
    const broker = await startMosquitto();
    try {
      const sender = await connectAsync(broker.url);
      await sender.publishAsync('t/1', '{"n":1}', { qos: 1, retain: true });
      await sender.publishAsync('t/2', 'plain', { qos: 1, retain: true });
      await sender.endAsync();
      const { status, body } = await call<TryReply>('POST', '/api/connections/try', {
        mapping: 'n ? { "event": "N", "userId": $string(n) } : $error("no n in it")',
        connection: { kind: 'mqtt', settings: { url: broker.url, topics: ['t/+'] } },
      });
      assert.equal(status, 200, JSON.stringify(body));
      const byTopic = Object.fromEntries(body.samples.map((sample) => [sample.from, sample]));
      assert.deepEqual(byTopic['t/1']?.events, [{ event: 'N', userId: '1', type: 'track' }]);
      assert.match(byTopic['t/2']?.refused ?? '', /no n in it/);
    } finally {
      await broker.stop();
    }
  });

  test('mail sources tell their addresses, whole only to who may change them', async () => {
    const made = await call<{ sourceId: string }>('POST', '/api/connections', {
      name: 'mail',
      connection: { kind: 'mail', settings: { aliases: ['info@shop.example'] } },
    });
    const path = `/api/sources/${made.body.sourceId}/connection`;
    const whole = await call<ConnectionReply>('GET', path);
    assert.match(whole.body.addresses[0] ?? '', /^wk_[\w-]{32}@localhost$/);
    assert.deepEqual([whole.body.addresses[1], whole.body.listening], ['info@shop.example', false]);
    permissions = new Set(['connections.read']);
    const masked = await call<ConnectionReply>('GET', path);
    assert.match(masked.body.addresses[0] ?? '', /^wk_…/);
    assert.equal((await call('PUT', path, { kind: 'mail', settings: {} })).status, 403);
    assert.equal((await call('POST', '/api/connections/try', { connection: postgres() })).status, 403);
    permissions = new Set(['connections.read', 'connections.write']);
  });
});
