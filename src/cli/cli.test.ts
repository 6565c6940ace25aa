import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/throughline', import.meta.url));
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const START_TIMEOUT_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'throughline-cli-'));
const dataDir = mkdtempSync(join(tmpdir(), 'throughline-cli-data-'));
const note = join(dataDir, 'server.json');
const environment = { ...process.env, THROUGHLINE_DATA: dataDir, PORT: '0', NO_COLOR: '1', TZ: 'UTC' };
let server: ChildProcess;
let url = '';

interface Run {
  code: number;
  out: string;
  error: string;
}

function run(args: readonly string[], options: { program?: string; env?: Record<string, string> } = {}): Promise<Run> {
  return new Promise((resolve) => {
    const { program = PROGRAM, env = {} } = options;
    execFile(program, args, { env: { ...environment, ...env }, cwd: folder }, (error, out, said) =>
      resolve({ code: error ? Number(error.code) : 0, out, error: said }),
    );
  });
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
async function runJson(...args: string[]): Promise<any> {
  const { code, out, error } = await run([...args, '--json']);
  assert.equal(code, 0, error);
  return JSON.parse(out);
}

/** A refusal is one sentence on stderr, nothing on stdout, and exit code 1. */
function assertRefused({ code, out, error }: Run, sentence: RegExp): void {
  assert.deepEqual([code, out], [1, '']);
  assert.match(error, sentence);
  assert.match(error, /^[^\n]+\n$/);
}

async function startServer(): Promise<void> {
  rmSync(note, { force: true });
  server = spawn(process.execPath, [MAIN], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!existsSync(note) || readFileSync(note, 'utf8') === '') {
    assert.equal(server.exitCode, null, 'the server ended at its start');
    assert.ok(Date.now() < deadline, 'the server did not start in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  url = JSON.parse(readFileSync(note, 'utf8')).url;
}

async function stopServer(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const ended = once(server, 'exit');
  server.kill(signal);
  await ended;
}

describe('without a server', () => {
  test('a command says in one sentence what to do', async () => {
    assertRefused(await run(['source', 'list']), /npm start, or say where it is with --url and --key\.$/m);
    assertRefused(await run(['person', 'email', 'a@example.com', '--url', 'http://example.com']), /--key/);
    assertRefused(await run(['source', 'list', '--url', 'http://127.0.0.1:1', '--key', 'tl_x']), /No server answers/);
    assertRefused(await run(['source', 'list', '--url', 'nonsense', '--key', 'tl_x']), /is not an address/);
  });

  test('the doctor examines what there is', async () => {
    const { code, out } = await run(['doctor'], { env: { PORT: '70000' } });
    assert.equal(code, 1);
    assert.match(out, /^Throughline is not running here/);
    assert.match(out, /✗ Settings +PORT/);
    const { code: second, out: json } = await run(['doctor', '--json']);
    const { running, checks } = JSON.parse(json);
    assert.deepEqual([second, running, checks[0].name, checks[0].state], [1, false, 'Server', 'failing']);
  });
});

describe('with the server', () => {
  before(startServer);
  after(async () => {
    if (server.exitCode === null && server.signalCode === null) await stopServer('SIGTERM');
    for (const made of [folder, dataDir]) rmSync(made, { recursive: true, force: true });
  });

  test('sources and keys are made and listed', async () => {
    const source = await runJson('source', 'create', 'shop', '--kind', 'browser');
    assert.deepEqual(Object.keys(source), ['id', 'name', 'writeKey']);
    assert.match(source.writeKey, /^wk_/);
    const spoken = await run(['source', 'create', '\u001b[31mred\u001b[0m "shop"', '--kind', 'server']);
    assert.equal(spoken.code, 0);
    assert.match(spoken.out, /\nwk_[\w-]{32}\n$/);
    const list = await run(['source', 'list']);
    assert.match(list.out, /shop +browser +on +0 +never +wk_/);
    assert.ok(!(list.out + spoken.out).includes('\u001b'), 'what others wrote does not steer the terminal');
    assert.deepEqual((await runJson('source', 'list')).map((one: { name: string }) => one.name)[0], 'shop');

    const key = await runJson('key', 'create', '--role', 'viewer', '--name', 'Report');
    assert.deepEqual(Object.keys(key), ['id', 'apiKey']);
    assert.match((await run(['key', 'create', '--role', 'admin'])).out, /\ntl_[\w-]{32}\n$/);
  });

  test('API keys are listed and revoked; one may have a part of a role and an end', async () => {
    const words = ['--role', 'admin', '--permission', 'sources.read', '--days', '30', '--name', 'Short'];
    const { id, apiKey } = await runJson('key', 'create', ...words);
    const listed = (await runJson('key', 'list')).find((key: { id: string }) => key.id === id);
    assert.deepEqual([listed.name, listed.permissions, listed.works], ['Short', ['sources.read'], true]);
    assert.match((await run(['key', 'list'])).out, /Short.*admin \(sources\.read\).*until \d{4}-/);
    assert.equal((await run(['key', 'revoke', id])).code, 0);
    assertRefused(await run(['source', 'list', '--url', url, '--key', apiKey]), /revoked/);
    assertRefused(await run(['key', 'revoke', id]), /no API key/);
    assertRefused(await run(['key', 'create', '--role', 'viewer', '--days', 'many']), /number/);
  });

  test('an API key does elsewhere what its role allows', async () => {
    const { apiKey } = await runJson('key', 'create', '--role', 'viewer');
    const elsewhere = ['--url', url, '--key', apiKey];
    assert.equal((await run(['source', 'list', ...elsewhere])).code, 0);
    assertRefused(await run(['source', 'create', 'x', '--kind', 'browser', ...elsewhere]), /sources\.write/);
    assertRefused(await run(['source', 'list', '--url', url, '--key', 'tl_wrong']), /API key is not one/);
  });

  test('what is wrong is refused with what was wrong', async () => {
    assertRefused(await run(['source', 'create', 'x', '--kind', 'pigeon']), /kind/);
    assertRefused(await run(['key', 'create', '--role', 'king']), /role/);
    assertRefused(await run(['person', 'email', 'nobody@example.com']), /\.$/m);
    assert.equal((await run(['source', 'create'])).code, 1);
    assert.equal((await run(['nonsense'])).code, 1);
  });

  test('it can be called through a link, from anywhere', async () => {
    mkdirSync(join(folder, 'bin'));
    symlinkSync(PROGRAM, join(folder, 'bin', 'one'));
    symlinkSync('one', join(folder, 'bin', 'two'));
    const { code, out } = await run(['--version'], { program: join(folder, 'bin', 'two') });
    assert.equal(code, 0);
    assert.match(out, /^\d+\.\d+\.\d+\n$/);
  });

  test('a test event goes the whole way, and the answer says how long it took', async () => {
    const { id } = await runJson('source', 'create', 'tested', '--kind', 'browser');
    const { apiKey } = await runJson('key', 'create', '--role', 'admin');
    const headers = { authorization: `Bearer ${apiKey}` };
    const path = `${url}/api/sources/${id}/test-events`;
    const sent = await fetch(path, { method: 'POST', headers });
    const { messageId } = (await sent.json()) as { messageId: string };
    // biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
    let answer: any;
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
      answer = await (await fetch(`${path}/${messageId}`, { headers })).json();
      if (answer.state !== 'accepted') break;
    }
    assert.equal(answer.state, 'stored', JSON.stringify(answer));
    assert.match(answer.personId, /^\d+$/);
    assert.ok(answer.elapsedMs > 0);
    assert.deepEqual(
      answer.steps.map((step: { name: string; at: string | null }) => [step.name, step.at !== null]),
      [
        ['accepted', true],
        ['resolved', true],
        ['stored', true],
      ],
    );
  });

  test('a person and the timeline are shown as JSON and as lines to read', async () => {
    const { writeKey } = await runJson('source', 'create', 'orders', '--kind', 'server');
    const properties = { total: 25.5, currency: 'GBP', products: [{ name: 'Lamp', quantity: 2 }, { name: 'Cup' }] };
    const batch = [
      { type: 'identify', userId: 'u-1', traits: { name: 'Ada \u001b[31mLovelace', email: 'ada@example.com' } },
      { type: 'track', userId: 'u-1', event: 'Order Completed', properties, timestamp: '2026-03-01T12:00:00Z' },
      { type: 'track', userId: 'u-1', event: 'Order Shipped', timestamp: '2026-03-02T09:30:00Z' },
    ];
    const response = await fetch(`${url}/v1/batch`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ batch }),
    });
    assert.equal(response.status, 200);
    const deadline = Date.now() + 60_000;
    let found = await run(['person', 'user_id', 'u-1', '--json']);
    while ((found.code !== 0 || JSON.parse(found.out).timeline.length < 3) && Date.now() < deadline) {
      found = await run(['person', 'user_id', 'u-1', '--json']);
    }
    const { person, timeline } = JSON.parse(found.out);
    assert.equal(person.eventCount, 3);
    assert.deepEqual(timeline.map((event: { name: string }) => event.name).slice(1), [
      'Order Shipped',
      'Order Completed',
    ]);

    const { out } = await run(['person', 'email', 'ada@example.com']);
    assert.ok(!out.includes('\u001b'));
    assert.match(out, /£25\.50 in all/);
    assert.match(out, /Monday, 2 March 2026\n {2}09:30 .*Order Shipped/);
    assert.match(out, /12:00 .*Order Completed.*£25\.50 · 2 products: Lamp × 2, Cup/);
    const short = await run(['person', 'email', 'ada@example.com', '--limit', '1']);
    assert.match(short.out, /larger --limit/);
    assert.doesNotMatch(short.out, /Order Completed/);
  });

  test('the doctor says what runs, where and how far behind', async () => {
    const { code, out } = await run(['doctor']);
    assert.equal(code, 0, out);
    assert.match(out, /^Throughline \d+\.\d+\.\d+ at http:\/\/127\.0\.0\.1:\d+\n/);
    assert.match(out, /events +embedded +\/.*events/);
    assert.match(out, /✓ Stream/);
    const { running, checks, stores } = await runJson('doctor');
    assert.deepEqual([running, stores.records.up, checks.length > 5], [true, true, true]);
    assertRefused(await run(['doctor', '--url', url, '--key', 'tl_wrong']), /API key is not one/);
  });

  test('the doctor tells a server that was killed from one that was stopped', async () => {
    await stopServer('SIGKILL');
    const { code, out } = await run(['doctor']);
    assert.equal(code, 1);
    assert.match(out, /✗ Server +It ended without saying so/);
    assertRefused(await run(['source', 'list']), /No server answers/);
    await startServer();
    assert.equal((await run(['doctor'])).code, 0);
    await stopServer('SIGTERM');
    assertRefused(await run(['source', 'list']), /No server runs/);
  });
});
