import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { newBrowser, OWNER } from '../src/core/staff/testing.ts';
import { sendHostileEvents, typeHostileNames } from './hostile-data.ts';
import { type RunningServer, startServer } from './server.ts';

/** What a spreadsheet would run. */
const FORMULA = /^\s*[=+@＝＋－＠-]|^[\t\r\n]/;
const MADE_HARMLESS = /^'[=+@-]/;
const NUMBER = /^-?\d+(\.\d+)?$/;

/** What lists must be asked for beside their address. */
const ASKED: Record<string, string> = {
  '/api/views': '&list=people',
  '/api/query/values': `&field=${encodeURIComponent('{"of":"event","name":"title"}')}`,
};

let server: RunningServer;
let receiver: Server;
let owner: ReturnType<typeof newBrowser>;
/** The first thing of each kind, by the word before it in an address. */
const ids: Record<string, string> = {};

before(async () => {
  receiver = createServer((_request, response) => response.writeHead(500).end('=1+1'));
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  server = await startServer({ environment: { THROUGHLINE_OUTGOING_ALLOW: '127.0.0.0/8' } });
  owner = newBrowser(server.url);
  assert.equal((await owner.call('POST', '/api/setup', OWNER)).status, 201);
  await typeHostileNames(server, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
  await sendHostileEvents(server, await server.writeKey('=1+1'));
  const first = async (path: string) =>
    (await server.api<{ items: { id: string }[] }>('GET', path)).items[0]?.id ?? '1';
  const nouns = ['sources', 'destinations', 'quarantine', 'accounts', 'requests', 'roles', 'keys', 'staff'];
  const ofReports = ['audiences', 'reports', 'dashboards', 'actions', 'notebooks', 'alerts', 'surveys'];
  for (const noun of [...nouns, ...ofReports]) {
    ids[noun] = await first(`/api/${noun}`);
  }
  for (const noun of ['voices', 'cases'])
    ids[noun] = await first(noun === 'voices' ? '/api/voices' : `/api/voices/${noun}`);
  ids.recordings = await first('/api/replay/recordings');
  ids.people = await first('/api/people?q=victim');
});
after(async () => {
  receiver?.close();
  await server?.remove();
});

describe('every list, taken out as a file', { timeout: 300_000 }, () => {
  it('has no cell that a spreadsheet would run, whatever customers sent and staff typed', async () => {
    const { paths } = await server.api<{ paths: Record<string, Record<string, unknown>> }>('GET', '/api/openapi.json');
    const lists: string[] = [];
    const made = new Set<string>();
    for (const [path, methods] of Object.entries(paths)) {
      const isFile = path.endsWith('.csv');
      if (!methods.get || !(isFile || JSON.stringify(methods.get).includes('"csv"'))) continue;
      const address = path
        .replace('/traits/{name}', '/traits/t0')
        .replaceAll(/\/([\w-]+)\/\{\w+\}/g, (_, noun: string) => `/${noun}/${ids[noun] ?? '1'}`);
      const answer = await owner.open(isFile ? address : `${address}?format=csv${ASKED[path] ?? ''}`);
      const text = await answer.text();
      if (answer.status === 400 && /webhook|files/.test(text)) continue;
      assert.equal(answer.status, 200, `${address}: ${text.slice(0, 300)}`);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/csv/, address);
      assert.match(answer.headers.get('content-disposition') ?? '', /^attachment; filename="[a-z-]+[\d-]+\.csv"$/);
      const rows = parse(text, { bom: true, record_delimiter: '\r\n' }) as string[][];
      for (const cell of rows.flat()) {
        if (NUMBER.test(cell)) continue;
        assert.doesNotMatch(cell, FORMULA, `${address}: ${JSON.stringify(cell.slice(0, 100))}`);
      }
      lists.push(path);
      if (rows.flat().some((cell) => MADE_HARMLESS.test(cell))) made.add(path);
    }
    assert.ok(lists.length >= 15, lists.join(', '));
    for (const path of ['people', 'accounts', 'sources', 'roles', 'keys', 'destinations', 'requests', 'views'])
      assert.ok(made.has(`/api/${path}`), `formulas were in /api/${path}: ${[...made].join(', ')}`);
    const said = ['surveys', 'surveys/{id}/answers.csv', 'voices', 'voices/cases', 'voices/rules'];
    for (const path of [...said, 'replay/recordings'])
      assert.ok(made.has(`/api/${path}`), `formulas were in /api/${path}: ${[...made].join(', ')}`);
  });
});
