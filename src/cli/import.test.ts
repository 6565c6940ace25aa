import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type RunningServer, startServer } from '../../test/server.ts';
import { seen } from '../kernel/testing-until.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/throughline', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'throughline-import-'));
const file = join(folder, 'orders.csv');
const map = join(folder, 'orders.map.json');
const mapping = {
  types: { total: 'number' },
  events:
    '{"type":"track","event":"Order Completed","externalIds":[{"kind":"customer_id","value":who}],"properties":{"total":total}}',
};
const content = `who,total\n${Array.from({ length: 2000 }, (_, n) => `c${n % 7},${n}`).join('\n')}\nc1,much\n`;
let server: RunningServer;

before(async () => {
  server = await startServer();
  writeFileSync(file, content);
  writeFileSync(map, JSON.stringify(mapping));
});
after(async () => {
  await server.remove();
  rmSync(folder, { recursive: true });
});

function run(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const env = { ...process.env, THROUGHLINE_DATA: server.dataDir, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(PROGRAM, args, { env, cwd: folder }, (error, out, said) =>
      resolve({ code: error ? Number(error.code) : 0, out, error: said }),
    );
  });
}

test('an upload that was broken off goes on, and the totals are printed', async () => {
  const announced = await server.api<{ id: string }>('POST', '/api/imports', {
    name: 'orders.csv',
    size: Buffer.byteLength(content),
    fingerprint: `sha256:${createHash('sha256').update(content).digest('hex')}`,
    mapping,
  });
  const sent = await fetch(`${server.url}/api/imports/${announced.id}/content?offset=0`, {
    method: 'PUT',
    headers: { authorization: server.authorization },
    body: content.slice(0, 5000),
  });
  assert.equal(((await sent.json()) as { uploadedBytes: number }).uploadedBytes, 5000);
  const { code, out, error } = await run('import', 'orders.csv', '--map', 'orders.map.json');
  assert.equal(code, 0, error);
  assert.match(out, /^2,001 lines, 2,000 events, 15 kB, in \d+ s\.\n1 refused: the reasons are in the quarantine\.\n$/);
});

test('its events are on the timelines, and the refused line is in quarantine with its place', async () => {
  await seen(
    () => run('person', 'customer_id', 'c3', '--json'),
    ({ code, out }) => code === 0 && JSON.parse(out).person.eventCount === 286,
  );
  const { items } = await server.api<{ items: { reason: string; event: unknown }[] }>('GET', '/api/quarantine');
  assert.equal(items.length, 1);
  assert.match(items[0]!.reason, /orders\.csv, line 2002: total: "much" is not a number/);
});

test('once more it adds nothing, and says so', async () => {
  const { out } = await run('import', file, '--map', map);
  assert.match(
    out,
    /^This file was imported with this mapping before, at .*: 2,001 lines, 2,000 events\. Nothing was added\./,
  );
  const again = JSON.parse((await run('import', file, '--map', map, '--again', '--json')).out);
  assert.deepEqual([again.state, again.runs, again.eventsAccepted], ['done', 2, 2000]);
  const { out: person } = await run('person', 'customer_id', 'c3', '--json');
  assert.equal(JSON.parse(person).person.eventCount, 286);
});

test('what cannot be imported is refused in one sentence', async () => {
  writeFileSync(join(folder, 'broken.json'), '{"events": ');
  writeFileSync(join(folder, 'wrong.json'), '{"event": "x"}');
  writeFileSync(join(folder, 'empty.csv'), '');
  writeFileSync(join(folder, 'sheet.xlsx'), 'PK\x03\x04');
  const cases: [args: string[], sentence: RegExp][] = [
    [['nowhere.csv', '--map', map], /^There is no file nowhere\.csv\.$/m],
    [['.', '--map', map], /is not a file/],
    [['empty.csv', '--map', map], /is empty/],
    [[file, '--map', 'nowhere.json'], /^There is no file nowhere\.json\.$/m],
    [[file, '--map', 'broken.json'], /broken\.json is not JSON/],
    [[file, '--map', 'wrong.json'], /mapping\.events/],
    [['sheet.xlsx', '--map', map], /Save|save the sheet as CSV/],
    [[file], /--map/],
  ];
  for (const [args, sentence] of cases) {
    const { code, out, error } = await run('import', ...args);
    assert.deepEqual([code, out], [1, ''], error);
    assert.match(error, sentence);
    assert.match(error, /^[^\n]+\n$/);
  }
});

test('the sample company is loaded once', async () => {
  const { code, out, error } = await run('sample');
  assert.equal(code, 0, error);
  assert.match(out, /^24,430 lines, 117,432 events, 13 MB, in \d+ (s|min)\.\nOpen http/);
  assert.match((await run('sample')).out, /Nothing was added/);
});
