import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FREE_BYTES } from './decode.ts';
import { blobName } from './imports.ts';
import { type ImportsTest, startImports } from './testing.ts';

const TRACK = '{"type": "track", "event": "Signed Up", "userId": id, "properties": {"n": n}}';

let all: ImportsTest;

before(async () => {
  all = await startImports();
});
after(() => all.close());
beforeEach(() => all.forget());

const byN = () => all.seen.events.map(({ userId, properties }) => [userId, (properties as { n: unknown }).n]).sort();

describe('bad lines are kept apart with their reason and place', () => {
  test('and the others are imported', async () => {
    const lines = ['id,n', 'ann,1', 'bob,many', 'cid,3,3', '"dan"x,4', 'eve,5', `fay\xff,6`, 'gus,7'];
    const content = new Uint8Array(Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
    const done = await all.importFile('bad.csv', content, { types: { n: 'number' }, events: TRACK });
    assert.deepEqual([done.state, done.linesRead, done.eventsAccepted, done.refused], ['done', 7, 3, 4]);
    assert.deepEqual(byN(), [
      ['ann', 1],
      ['eve', 5],
      ['gus', 7],
    ]);
    const reasons = all.seen.refused.map(({ reason }) => reason).sort();
    assert.match(reasons[0]!, /^bad\.csv, line 3: n: "many" is not a number$/);
    assert.match(reasons[1]!, /^bad\.csv, line 4: the line has 3 fields, the header 2$/);
    assert.match(reasons[2]!, /^bad\.csv, line 5: field 1 goes on after its closing quote$/);
    assert.match(reasons[3]!, /^bad\.csv, line 7: .*not utf-8.*"encoding": "windows-1252"/);
    assert.equal(new Set(all.seen.refused.map(({ messageId }) => messageId)).size, 4);
    assert.ok(all.seen.refused.some(({ event }) => event === 'bob,many'));
  });

  test('also those that the mapping cannot use', async () => {
    const lines = [
      '{"id":"ann","n":1}',
      '{"id":2',
      '[1]',
      '{"type":"shout","id":"bob"}',
      '{"id":"cid","n":"x"}',
      '{"messageId":7}',
    ];
    const text =
      '{"type": type ? type : "track", "event": "E", "userId": id, "messageId": messageId, "properties": {"n": n * 2}}';
    const done = await all.importFile('bad.ndjson', lines.join('\n'), { events: text });
    assert.deepEqual([done.state, done.eventsAccepted, done.refused], ['done', 1, 5]);
    const reasons = all.seen.refused.map(({ reason }) => reason).sort();
    assert.match(reasons[0]!, /line 2: the line is not JSON/);
    assert.match(reasons[1]!, /line 3: the line is JSON but not an object/);
    assert.match(reasons[2]!, /line 4: type "shout" must be one of track/);
    assert.match(reasons[3]!, /line 5: the mapping failed/);
    assert.match(reasons[4]!, /line 6: messageId must be a text/);
  });

  test('and groups without a key, or too large', async () => {
    const rows = Array.from({ length: 20_001 }, () => 'big').join('\n');
    const done = await all.importFile('groups-bad.csv', `key,x\nsmall,1\n,2\n${rows.replaceAll('big', 'big,1')}\n`, {
      group: { by: 'key' },
      events: '{"type":"track","event":"E","userId":key}',
    });
    assert.deepEqual([done.state, done.eventsAccepted, done.refused, done.linesRead], ['done', 1, 2, 20_003]);
    const reasons = all.seen.refused.map(({ reason }) => reason).sort();
    assert.match(reasons[0]!, /line 3: key, by which rows are grouped, is empty/);
    assert.match(reasons[1]!, /line 4: the group "big" has 20,001 rows; a group may have 20,000 rows/);
  });

  test('but when most are bad the import ends and says so', async () => {
    const done = await all.importFile('hopeless.ndjson', 'nonsense\n'.repeat(200_000), { events: TRACK });
    assert.equal(done.state, 'failed');
    assert.match(done.error!, /lines were refused, so the import was ended/);
    assert.ok(done.refused >= 1000 && done.refused < 200_000);
    assert.equal(all.seen.refused.length, done.refused);
  });
});

describe('a file that cannot be imported fails with what to do', () => {
  const mapping = { events: TRACK };
  const whole = gzipSync(
    Array.from({ length: 5000 }, (_, n) => JSON.stringify({ id: String(n), n, x: Math.random() })).join('\n'),
  );
  const damaged = Buffer.from(whole);
  damaged.fill(0x55, Math.floor(whole.length / 2), Math.floor(whole.length / 2) + 200);
  const garbage = Buffer.from(Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 251));
  const cases: [name: string, content: Uint8Array, mapping: object, message: RegExp, more?: object][] = [
    ['cut.ndjson.gz', whole.subarray(0, whole.length - 100), mapping, /gzip file ends too early/],
    ['damaged.ndjson.gz', damaged, mapping, /gzip file is damaged/],
    ['plain.gz', Buffer.from('id,n\n1,2\n'), mapping, /not gzip, as it was said/, { compression: 'gzip' }],
    ['sheet.csv', Buffer.from('PK\x03\x04rest'), mapping, /spreadsheet \(xlsx\).*CSV/],
    ['data.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), mapping, /zstd/],
    ['data.parquet', Buffer.from('PAR1xxxx'), mapping, /Parquet/],
    ['garbage.csv', garbage, mapping, /not text/],
    ['wide.csv', Buffer.from('id,n\nann,1\nbob,2\n', 'utf16le'), mapping, /"encoding": "utf-16le"/],
    ['list.json', Buffer.from('[{"id":1}]'), mapping, /one JSON list/],
    ['blank.csv', Buffer.from('\n\n'), mapping, /file is empty/],
    [
      'headless.csv',
      Buffer.from('ann,1\nbob,2\n'),
      { ...mapping, types: { n: 'number' } },
      /names the column "n".*"columns"/,
    ],
    [
      'headless-2.csv',
      Buffer.from('ann,1\nbob,2\n'),
      { ...mapping, group: { by: 'order' } },
      /"group.by" names the column "order"/,
    ],
    ['twice.csv', Buffer.from('id,id\n1,2\n'), mapping, /two columns named "id"/],
    [
      'many.csv',
      Buffer.from(`${Array.from({ length: 100_000 }, (_, n) => `c${n}`).join(',')}\n`),
      mapping,
      /100,000 columns; 2,000 can be read/,
    ],
    [
      'million.csv',
      Buffer.from(`${Array.from({ length: 1_000_000 }, (_, n) => `c${n}`).join(',')}\n`),
      mapping,
      /first line is longer than 1,048,576/,
    ],
  ];
  for (const [name, content, used, message, more] of cases) {
    test(name, async () => {
      const done = await all.importFile(name, new Uint8Array(content), used, more);
      assert.equal(done.state, 'failed');
      assert.match(done.error!, message);
      assert.equal(await all.context.blobs.size(blobName(Number(done.id))), null);
    });
  }

  test('a mapping that does not end, in a regular expression', async () => {
    await all.stopWork();
    await all.startWork(2000);
    const events = '{"type":"track","event":"E","userId": $match(id, /^(a+)+$/) ? "x" : "y"}';
    const done = await all.importFile('loop.ndjson', `{"id":"a"}\n{"id":"${'a'.repeat(60)}b"}\n`, { events });
    assert.match(done.error!, /a regular expression in it does not end/);
    await all.stopWork();
    await all.startWork();
  });

  test('a mapping that wants too much memory', async () => {
    const events = '[1..100000].($n := $; [1..1000].($n & "x" & $))';
    const done = await all.importFile('memory.ndjson', '{"id":"a"}', { events });
    assert.ok(done.refused === 1 || /more than 256 MB/.test(done.error!), JSON.stringify(done));
  });
});

test('a small file that would unpack to a huge one is not gone through to its end', async () => {
  const bomb = gzipSync(Buffer.alloc(FREE_BYTES + 64 * 1024 * 1024, ' '), { level: 1 });
  assert.ok(bomb.length < 5 * 1024 * 1024);
  const done = await all.importFile('bomb.csv.gz', new Uint8Array(bomb), { events: TRACK });
  assert.equal(done.state, 'failed');
  assert.match(done.error!, /unpacks to more than 200 times its size/);
});

test('a line of 50 MB is refused, and what follows it is imported', async () => {
  const content = Buffer.concat([
    Buffer.from('{"id":"ann","n":1}\n'),
    Buffer.alloc(50 * 1024 * 1024, 'x'),
    Buffer.from('\n{"id":"bob","n":2}\n'),
  ]);
  const done = await all.importFile('long.ndjson.gz', new Uint8Array(gzipSync(content)), { events: TRACK });
  assert.deepEqual([done.state, done.eventsAccepted, done.refused], ['done', 2, 1]);
  assert.match(all.seen.refused[0]!.reason, /line 2: the line is longer than 1,048,576 characters/);
});
