import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@clickhouse/client';
import pg from 'pg';
import { IDENTITY_LOCK } from '../src/core/people/merge.ts';
import { openEmbeddedEvents } from '../src/kernel/events-embedded.ts';
import { startEmbeddedRecords } from '../src/kernel/records-embedded.ts';
import { seen } from '../src/kernel/testing-until.ts';
import { startClickHouse } from './clickhouse-http.ts';
import { drained, healthOf, Load } from './load.ts';
import { lastingPort } from './ports.ts';
import { type RunningServer, startServer } from './server.ts';
import { mountSmallDisk } from './small-disk.ts';

const MEGABYTE = 1024 * 1024;
/** How long a key is held in memory without asking PostgreSQL; see src/core/sources/key-cache.ts. */
const KEY_HELD_MS = 5000;

const root = mkdtempSync(join(tmpdir(), 'throughline-faults-'));
// PostgreSQL runs as another user where the tests run as root.
chmodSync(root, 0o711);
after(() => rmSync(root, { recursive: true, force: true }));

const STORED = "SELECT toString(event_id) AS id, count() AS copies FROM events WHERE name = 'Survived' GROUP BY id";

/** Every acknowledged event is stored, and every stored event once. */
function assertExactlyOnce(load: Load, rows: { id: string; copies: string }[]): void {
  assert.deepEqual(
    rows.filter((row) => row.copies !== '1'),
    [],
    'an event is stored twice',
  );
  const stored = new Set(rows.map((row) => row.id));
  const lost = [...load.acknowledged].filter((id) => !stored.has(id));
  assert.equal(lost.length, 0, `${lost.length} of ${load.acknowledged.size} acknowledged events are lost`);
}

async function storedOnServer(url: string): Promise<{ id: string; copies: string }[]> {
  const client = createClient({ url });
  const result = await client.query({
    query: STORED,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
  });
  const rows = await result.json<{ id: string; copies: string }>();
  await client.close();
  return rows;
}

/** For a server that was stopped: one process at a time has the engine's folder. */
async function storedInFolder(dataDir: string): Promise<{ id: string; copies: string }[]> {
  const events = openEmbeddedEvents(join(dataDir, 'events'));
  try {
    return await events.query<{ id: string; copies: string }>(STORED);
  } finally {
    await events.close();
  }
}

describe('a ClickHouse server that is away', () => {
  it('events are accepted meanwhile, health says what is down, and all are stored once when it is back', async () => {
    const dir = join(root, 'clickhouse');
    let clickhouse = await startClickHouse(dir);
    const server = await startServer({ quiet: true, environment: { THROUGHLINE_EVENTS_URL: clickhouse.url } });
    try {
      const load = new Load(await server.writeKey('shop'));
      for (let i = 0; i < 20; i++) assert.equal((await load.send(server))?.status, 200);
      await clickhouse.stop();
      for (let i = 0; i < 50; i++) assert.equal((await load.send(server))?.status, 200);
      const health = await seen(
        () => healthOf(server),
        ({ stores, lag }) => !stores.events.up && lag >= 1000,
      );
      assert.equal(health.httpStatus, 200);
      assert.equal(health.status, 'degraded');
      assert.equal(health.intake.accepting, true);
      clickhouse = await startClickHouse(dir, clickhouse.port);
      await drained(server);
      assertExactlyOnce(load, await storedOnServer(clickhouse.url));
      await seen(
        () => healthOf(server),
        ({ status }) => status === 'ok',
      );
    } finally {
      await server.remove();
      await clickhouse.stop();
    }
  });

  it('a log that fills up meanwhile refuses with 503, and takes events again when it has drained', async () => {
    const dir = join(root, 'clickhouse-full');
    let clickhouse = await startClickHouse(dir);
    const server = await startServer({
      quiet: true,
      environment: { THROUGHLINE_EVENTS_URL: clickhouse.url, THROUGHLINE_LOG_MEGABYTES: '16' },
    });
    try {
      const load = new Load(await server.writeKey('shop'));
      await clickhouse.stop();
      const fill = async () => {
        while (load.refused.length < 10) await load.send(server, 50, 4000);
      };
      await Promise.all([fill(), fill()]);
      assert.ok(load.acknowledged.size > 1000, `only ${load.acknowledged.size} fitted in`);
      for (const { status, retryAfter, text } of load.refused) {
        assert.equal(status, 503);
        assert.ok(Number(retryAfter) > 0);
        assert.match(text, /log holds \d+ MB/);
      }
      const health = await healthOf(server);
      assert.equal(health.httpStatus, 503);
      assert.match(health.intake.reason ?? '', /log holds \d+ MB/);
      clickhouse = await startClickHouse(dir, clickhouse.port);
      await seen(
        () => load.send(server),
        (answer) => answer?.status === 200,
      );
      await drained(server);
      assert.equal((await healthOf(server)).httpStatus, 200);
      assertExactlyOnce(load, await storedOnServer(clickhouse.url));
    } finally {
      await server.remove();
      await clickhouse.stop();
    }
  });
});

describe('a PostgreSQL server that is away', () => {
  it('known keys go on, unknown ones and the API answer 503, and all is stored once when it is back', async () => {
    const dir = join(root, 'postgresql');
    mkdirSync(dir);
    const port = await lastingPort();
    let postgres = await startEmbeddedRecords(dir, { port });
    const { url } = postgres;
    const server = await startServer({ quiet: true, environment: { THROUGHLINE_RECORDS_URL: url } });
    try {
      const load = new Load(await server.writeKey('shop'));
      for (let i = 0; i < 20; i++) assert.equal((await load.send(server))?.status, 200);
      const owner = { company: 'Shop', name: 'Owner', email: 'owner@shop.example', password: 'a long password' };
      const signedUp = await fetch(`${server.url}/api/setup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(owner),
      });
      assert.equal(signedUp.status, 201, await signedUp.clone().text());
      const cookie = signedUp.headers.getSetCookie().map((line) => line.split(';')[0]!);
      const { apiKey } = await server.api<{ apiKey: string }>('POST', '/api/keys', { name: 'k', role: 'admin' });
      await postgres.stop();
      for (let i = 0; i < 20; i++) assert.equal((await load.send(server))?.status, 200);
      await sleep(KEY_HELD_MS);
      for (let i = 0; i < 20; i++) assert.equal((await load.send(server))?.status, 200);
      const unknown = await new Load('wk_unknown').send(server);
      assert.equal(unknown?.status, 503, unknown?.text ?? 'no answer');
      assert.ok(Number(unknown?.retryAfter) > 0);
      const credentials: Record<string, string>[] = [
        { authorization: server.authorization },
        { authorization: `Bearer ${apiKey}` },
        { cookie: cookie.join('; ') },
      ];
      for (const headers of credentials) {
        const answer = await fetch(`${server.url}/api/sources`, { headers });
        assert.equal(answer.status, 503, `${Object.keys(headers)} ${await answer.clone().text()}`);
        assert.match(await answer.text(), /database of records cannot be reached/);
      }
      const signIn = await fetch(`${server.url}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: server.url },
        body: JSON.stringify(owner),
      });
      assert.equal(signIn.status, 503, await signIn.clone().text());
      const health = await seen(
        () => healthOf(server),
        ({ stores, lag }) => !stores.records.up && lag >= 800,
      );
      assert.equal(health.httpStatus, 200);
      assert.equal(health.status, 'degraded');
      postgres = await startEmbeddedRecords(dir, { port });
      await drained(server);
      const people = await server.api<{ items: unknown[] }>('GET', '/api/people?limit=200');
      assert.equal(people.items.length, 100);
      await server.stop();
      assertExactlyOnce(load, await storedInFolder(server.dataDir));
    } finally {
      await server.remove();
      await postgres.stop();
    }
  });
});

const disk = mountSmallDisk(512);
after(() => disk?.remove());

const PORTION = 2 * MEGABYTE;
const PORTIONS = 12;

describe('a full disk', { skip: disk ? false : 'a disk of a small size cannot be mounted here' }, () => {
  it('events are taken while there is room, refused with 503 without, and all is well once there is room again', async () => {
    const dataDir = join(disk!.dir, 'data');
    let server = await startServer({ dataDir, quiet: true });
    try {
      const key = await server.writeKey('shop');
      const load = new Load(key);
      for (let i = 0; i < 20; i++) assert.equal((await load.send(server))?.status, 200);

      // Nearly full: refused, so that what waits can still be worked off.
      disk!.fill(72 * MEGABYTE);
      await seen(
        () => load.send(server, 50, 4000),
        (answer) => answer?.status === 503,
      );
      const nearly = await seen(
        () => healthOf(server),
        ({ intake }) => !intake.accepting,
      );
      assert.equal(nearly.httpStatus, 503);
      assert.match(nearly.intake.reason ?? '', /disk .* is full/);
      for (const { retryAfter } of load.refused) assert.ok(Number(retryAfter) > 0);
      disk!.empty();
      await seen(
        () => load.send(server),
        (answer) => answer?.status === 200,
      );

      // Full to the last byte, with much to be worked off: who is who is held still until there is.
      const many = new Load(key, 100_000);
      const records = new pg.Client({ connectionString: recordsUrl(dataDir) });
      records.on('error', () => {});
      await records.connect();
      await records.query('SELECT pg_advisory_lock($1)', [IDENTITY_LOCK]);
      for (let i = 0; i < 100; i++) {
        const answers = await Promise.all(Array.from({ length: 4 }, () => many.send(server, 100, 1000)));
        for (const answer of answers) assert.equal(answer?.status, 200);
      }
      disk!.fill(0);
      await records.end();
      const held = await seen(
        () => healthOf(server),
        ({ stream }) => stream.trouble !== null,
      );
      assert.ok(held.lag > 0);
      // Room in small portions: each store in its turn gets some, and fails at the next.
      for (let i = 0; i < PORTIONS; i++) {
        disk!.free(PORTION);
        await sleep(400);
      }
      assert.equal((await load.send(server))?.status, 503);
      assert.equal((await healthOf(server)).httpStatus, 503);
      assert.equal(server.child.exitCode, null);
      disk!.empty();
      await seen(
        () => load.send(server),
        (answer) => answer?.status === 200,
      );
      await drained(server);
      await seen(
        () => healthOf(server),
        ({ status }) => status === 'ok',
      );
      await server.stop();
      assert.equal(server.child.exitCode, 0);
      const stored = await storedInFolder(dataDir);
      assertExactlyOnce(load, stored);
      assertExactlyOnce(many, stored);

      // Nor does what is on the disk keep it from starting again.
      server = await startServer({ dataDir, quiet: true });
      assert.equal((await load.send(server))?.status, 200);
    } finally {
      await server.remove();
    }
  });
});

describe('starting and stopping', () => {
  it('a stop under load takes a bounded time, ends well, and loses nothing', async (test) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'throughline-server-'));
    test.after(() => rmSync(dataDir, { recursive: true, force: true }));
    let server: RunningServer = await startServer({ dataDir, quiet: true });
    const load = new Load(await server.writeKey('shop'));
    let stopping = false;
    const work = Array.from({ length: 8 }, async () => {
      while (!stopping) if (!(await load.send(server))) await sleep(20);
    });
    const live = await fetch(`${server.url}/api/live`, { headers: { authorization: server.authorization } });
    assert.equal(live.status, 200);
    await seen(
      async () => load.acknowledged.size,
      (size) => size > 200,
    );
    const began = Date.now();
    await server.stop();
    const took = Date.now() - began;
    stopping = true;
    await Promise.all(work);
    await live.body?.cancel().catch(() => {});
    assert.equal(server.child.exitCode, 0);
    test.diagnostic(`stopped in ${took} ms`);
    assert.equal(existsSync(join(dataDir, 'records', 'postmaster.pid')), false, 'PostgreSQL is stopped with it');
    server = await startServer({ dataDir, quiet: true });
    await drained(server);
    await server.stop();
    assertExactlyOnce(load, await storedInFolder(dataDir));
  });

  it('a PostgreSQL that a crash left behind is replaced, and one that ends by itself is started again', async () => {
    const first = await startServer({ quiet: true });
    const { dataDir } = first;
    const key = await first.writeKey('shop');
    const left = postgresPid(dataDir);
    await first.kill();
    assert.ok(isAlive(left), 'PostgreSQL outlives its parent');
    const second = await startServer({ dataDir, quiet: true });
    try {
      assert.equal(isAlive(left), false);
      const now = postgresPid(dataDir);
      assert.notEqual(now, left);
      const load = new Load(key);
      assert.equal((await load.send(second))?.status, 200);
      await seenAway(second);
      assert.equal((await load.send(second))?.status, 200);
      await seen(
        () => healthOf(second),
        ({ status, lag }) => status === 'ok' && lag === 0,
      );
      await second.api('GET', '/api/sources');
    } finally {
      await second.remove();
    }
  });

  it('a second server on the same data folder refuses to start', async () => {
    const server = await startServer({ quiet: true });
    try {
      const { code, said } = await run({ THROUGHLINE_DATA: server.dataDir, PORT: '0' });
      assert.equal(code, 1);
      assert.match(said, /^Another Throughline server is using the data folder .*THROUGHLINE_DATA\.\n$/);
      assert.equal((await healthOf(server)).status, 'ok');
    } finally {
      await server.remove();
    }
  });

  it('a wrong setting stops the start with a sentence that names it', async () => {
    const dataDir = join(root, 'never');
    const wrong: [Record<string, string>, string[], RegExp][] = [
      [{ PORT: 'abc' }, [], /^PORT: .+\.\n$/],
      [{ THROUGHLINE_PARTITIONS: '0' }, [], /^THROUGHLINE_PARTITIONS: .+\.\n$/],
      [{ THROUGHLINE_NONSENSE: 'x' }, [], /^THROUGHLINE_NONSENSE is not a setting .+\.\n$/],
      [{ THROUGHLINE_RECORDS_URL: 'mysql://x' }, [], /^THROUGHLINE_RECORDS_URL: .*postgres.*\.\n$/],
      [{}, ['--roles=foo'], /^--roles: "foo" is not a role; .+\.\n$/],
      [{}, ['--rules=intake'], /^--rules=intake .+\.\n$/],
    ];
    await Promise.all(
      wrong.map(async ([environment, words, sentence]) => {
        const { code, said } = await run({ THROUGHLINE_DATA: dataDir, ...environment }, words);
        assert.equal(code, 1);
        assert.match(said, sentence);
      }),
    );
    assert.equal(existsSync(dataDir), false);
  });
});

/** Kills a server's PostgreSQL until health says that it is away: it runs again soon, and a slow look comes too late. */
async function seenAway(server: RunningServer): Promise<void> {
  const running = () => {
    try {
      const pid = postgresPid(server.dataDir);
      return isAlive(pid) ? pid : null;
    } catch {
      // Its file is just being made.
      return null;
    }
  };
  for (let tries = 0; tries < 10; tries++) {
    const pid = await seen(
      async () => running(),
      (found) => found !== null,
    );
    process.kill(pid!, 'SIGKILL');
    const health = await seen(
      () => healthOf(server),
      ({ stores }) => !stores.records.up || ![pid, null].includes(running()),
    );
    if (!health.stores.records.up) return;
  }
  assert.fail('health never said that PostgreSQL is away');
}

const pidFile = (dataDir: string) => readFileSync(join(dataDir, 'records', 'postmaster.pid'), 'utf8').split('\n');
const postgresPid = (dataDir: string) => Number(pidFile(dataDir)[0]);

/** A way into the embedded PostgreSQL beside the server's own. */
function recordsUrl(dataDir: string): string {
  const password = readFileSync(join(dataDir, 'secrets', 'records-password'), 'utf8').trim();
  return `postgres://throughline:${encodeURIComponent(password)}@127.0.0.1:${pidFile(dataDir)[3]}/postgres`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One that ended and whose parent has not asked for it yet is gone all the same.
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  return !/^State:\s+Z/m.test(status);
}

/** Runs a server that is expected to end by itself; what it said is its standard error. */
async function run(
  environment: Record<string, string>,
  words: string[] = [],
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url)), ...words], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}
