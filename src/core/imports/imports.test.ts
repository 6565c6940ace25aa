import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { blobName } from './imports.ts';
import { type ImportsTest, startImports } from './testing.ts';

const TRACK = '{"type": "track", "event": "Signed Up", "userId": id, "properties": {"n": n}}';

let all: ImportsTest;

before(async () => {
  all = await startImports();
});
after(() => all.close());
beforeEach(() => all.forget());

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const sha256 = (content: Uint8Array) => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const byN = () => all.seen.events.map(({ userId, properties }) => [userId, (properties as { n: unknown }).n]).sort();

describe('a file is imported', () => {
  const mapping = { types: { n: 'number' }, events: TRACK };
  const expected = [
    ['ann', 1],
    ['bob', 2],
  ];

  test('as CSV, with quotes, semicolons or a byte order mark', async () => {
    for (const [index, text] of [
      'id,n\nann,1\n"bob",2\n',
      'id;n\r\nann;1\r\nbob;2',
      '\uFEFFid,n\nann,1\nbob,2\n',
    ].entries()) {
      all.forget();
      const done = await all.importFile(`csv-${index}.csv`, text, mapping);
      assert.deepEqual(
        [done.state, done.linesRead, done.linesTotal, done.eventsAccepted, done.refused],
        ['done', 2, 2, 2, 0],
      );
      assert.deepEqual(byN(), expected);
    }
  });

  test('as TSV and as NDJSON', async () => {
    await all.importFile('a.tsv', 'id\tn\nann\t1\nbob\t2\n', mapping);
    assert.deepEqual(byN(), expected);
    all.forget();
    await all.importFile('a.ndjson', '{"id":"ann","n":1}\n\n{"id":"bob","n":2}', { events: TRACK });
    assert.deepEqual(byN(), expected);
  });

  test('gzipped, whatever it is named', async () => {
    await all.importFile('packed', new Uint8Array(gzipSync('id,n\nann,1\nbob,2\n')), mapping);
    assert.deepEqual(byN(), expected);
  });

  test('in UTF-16 by its byte order mark, in others where the mapping names them', async () => {
    const wide = new Uint8Array(Buffer.from('\uFEFFid,n\nann,1\nbób,2\n', 'utf16le'));
    await all.importFile('wide.csv', wide, mapping);
    const latin = new Uint8Array(Buffer.from('id,n\nann,1\nbób,2\n', 'latin1'));
    await all.importFile('latin.csv', latin, { ...mapping, encoding: 'windows-1252' });
    assert.deepEqual(
      byN().map(([id]) => id),
      ['ann', 'ann', 'bób', 'bób'],
    );
  });

  test('without a header line, where the mapping names the columns', async () => {
    await all.importFile('bare.csv', 'ann,1\nbob,2\n', { ...mapping, columns: ['id', 'n'] });
    assert.deepEqual(byN(), expected);
  });

  test('with several events of a line, or none', async () => {
    const text =
      '[{"type":"identify","userId":id,"traits":{"n":n}}, n > 1 ? {"type":"track","event":"Big","userId":id}]';
    const done = await all.importFile('several.ndjson', '{"id":"ann","n":1}\n{"id":"bob","n":2}\n', {
      events: ['(', text, ')'],
    });
    assert.equal(done.eventsAccepted, 3);
    assert.deepEqual(all.seen.events.map(({ type, userId }) => `${type} ${userId}`).sort(), [
      'identify ann',
      'identify bob',
      'track bob',
    ]);
    assert.equal(new Set(all.seen.events.map(({ messageId }) => messageId)).size, 3);
    const none = await all.importFile('none.ndjson', '{"id":"ann","n":1}\n', { events: 'n > 1 ? {"type":"track"}' });
    assert.deepEqual([none.state, none.eventsAccepted, none.refused, none.linesRead], ['done', 0, 0, 1]);
  });

  test('with constants, and by groups of lines that do not stand together', async () => {
    const done = await all.importFile('groups.csv', 'order,item\n1,a\n2,b\n1,c\n', {
      group: { by: 'order' },
      constants: { shop: 'Łódź' },
      events: '{"type":"track","event":"Order","userId":key,"properties":{"shop":$shop,"items":[rows.item]}}',
    });
    assert.deepEqual([done.linesRead, done.linesTotal, done.eventsAccepted], [3, 3, 2]);
    assert.deepEqual(
      all.seen.events
        .sort((a, b) => String(a.userId).localeCompare(String(b.userId)))
        .map(({ properties }) => properties),
      [
        { shop: 'Łódź', items: ['a', 'c'] },
        { shop: 'Łódź', items: ['b'] },
      ],
    );
  });

  test('by groups of an expression, also where the lines are objects', async () => {
    await all.importFile(
      'expression.ndjson',
      '{"at":"2026-01-02","n":1}\n{"at":"2026-02-01","n":5}\n{"at":"2026-01-30","n":2}\n',
      {
        group: { by: '$substring(at, 0, 7)' },
        events: '{"type":"track","event":"Month","userId":key,"properties":{"n":$sum(rows.n)}}',
      },
    );
    assert.deepEqual(byN(), [
      ['2026-01', 3],
      ['2026-02', 5],
    ]);
  });

  test('under a source of its own name, or under the one that was named', async () => {
    const first = await all.importFile('named.csv', 'id,n\nann,1\n', mapping, { sourceName: 'Old shop' });
    const again = await all.importFile('other.csv', 'id,n\nbob,1\n', mapping, { sourceName: 'Old shop' });
    assert.equal(first.sourceId, again.sourceId);
    const third = await all.importFile('third.csv', 'id,n\nbob,1\n', mapping, { sourceId: first.sourceId });
    assert.equal(third.sourceId, first.sourceId);
    assert.deepEqual(all.seen.sourceIds, new Set([Number(first.sourceId)]));
    const { status } = await all.http.ask(
      'POST',
      '/api/imports',
      JSON.stringify({ name: 'x', size: 1, fingerprint: 'x', sourceId: '999999', mapping }),
    );
    assert.equal(status, 404);
  });
});

describe('an upload', () => {
  const mapping = { events: TRACK };
  const content = bytes(Array.from({ length: 5000 }, (_, n) => JSON.stringify({ id: `p${n}`, n })).join('\n'));
  const announce = (more: object = {}) =>
    all.http.ask(
      'POST',
      '/api/imports',
      JSON.stringify({ name: 'up.ndjson', size: content.length, fingerprint: sha256(content), mapping, ...more }),
    );

  test('goes on where it was broken off, and refuses another offset with the right one', async () => {
    const { answer: announced } = await announce();
    assert.deepEqual([announced.state, announced.repeated], ['uploading', false]);
    const path = `/api/imports/${announced.id}/content`;
    const first = await all.http.ask('PUT', `${path}?offset=0`, content.slice(0, 1000));
    assert.deepEqual([first.answer.state, first.answer.uploadedBytes], ['uploading', 1000]);
    const wrong = await all.http.ask('PUT', `${path}?offset=900`, content.slice(900));
    assert.equal(wrong.status, 409);
    assert.match(wrong.answer.error!.message, /goes on at offset 1000, not at 900/);
    assert.deepEqual(wrong.answer.error!.details, { offset: 1000 });
    const { answer: found } = await announce();
    assert.deepEqual([found.id, found.uploadedBytes, found.repeated], [announced.id, 1000, true]);
    await all.http.ask('PUT', `${path}?offset=1000`, content.slice(1000));
    const done = await all.http.ended(announced.id);
    assert.deepEqual([done.state, done.eventsAccepted], ['done', 5000]);
    assert.equal(all.seen.events.length, 5000);
    const late = await all.http.ask('PUT', `${path}?offset=0`, content);
    assert.equal(late.status, 409);
    assert.equal(await all.context.blobs.size(blobName(Number(announced.id))), null);
  });

  test('of the same file with the same mapping is the same import, which adds nothing', async () => {
    const { answer } = await announce();
    assert.deepEqual([answer.state, answer.repeated, answer.eventsAccepted], ['done', true, 5000]);
    assert.equal(all.seen.events.length, 0);
  });

  test('of the same file once more, when it is wished, makes the same message IDs', async () => {
    const { answer: other } = await announce({ sourceName: 'Again' });
    await all.http.ask('PUT', `/api/imports/${other.id}/content?offset=0`, content);
    await all.http.ended(other.id);
    const firstIds = new Set(all.seen.events.map(({ messageId }) => messageId));
    assert.equal(firstIds.size, 5000);
    all.forget();
    const { answer: again } = await announce({ sourceName: 'Again', again: true });
    assert.deepEqual([again.id, again.state, again.runs], [other.id, 'uploading', 2]);
    await all.http.ask('PUT', `/api/imports/${again.id}/content?offset=0`, content);
    await all.http.ended(again.id);
    assert.deepEqual(new Set(all.seen.events.map(({ messageId }) => messageId)), firstIds);
  });

  test('of another file than was announced fails, and the right one can be sent after it', async () => {
    const { answer } = await announce({ sourceName: 'Swapped' });
    const swapped = content.slice();
    swapped[100] = 65;
    await all.http.ask('PUT', `/api/imports/${answer.id}/content?offset=0`, swapped);
    const failed = await all.http.ended(answer.id);
    assert.match(failed.error!, /not the file that was announced/);
    assert.equal(all.seen.events.length, 0);
    const { answer: anew } = await announce({ sourceName: 'Swapped' });
    assert.deepEqual([anew.id, anew.state, anew.uploadedBytes, anew.error], [answer.id, 'uploading', 0, null]);
    await all.http.ask('PUT', `/api/imports/${anew.id}/content?offset=0`, content);
    assert.equal((await all.http.ended(anew.id)).state, 'done');
  });

  test('of more bytes than were announced is refused', async () => {
    const { answer } = await announce({ sourceName: 'Long' });
    const { status } = await all.http.ask(
      'PUT',
      `/api/imports/${answer.id}/content?offset=0`,
      new Uint8Array(content.length + 1),
    );
    assert.equal(status, 400);
  });

  test('that a fingerprint gives another size is refused, and so is what cannot be an import', async () => {
    assert.equal((await announce({ size: 5 })).status, 409);
    assert.equal((await announce({ size: 0 })).status, 400);
    assert.equal((await announce({ size: 2 ** 50 })).status, 400);
    assert.equal((await announce({ name: '' })).status, 400);
    assert.equal((await all.http.ask('GET', '/api/imports/99999')).status, 404);
    assert.equal((await all.http.ask('GET', '/api/imports/x')).status, 400);
  });
});

test('a mapping that cannot be used is refused with the path of what is wrong', async () => {
  const cases: [mapping: unknown, message: RegExp][] = [
    [{}, /mapping\.events/],
    ['{', /not JSON/],
    [{ events: 'a', delimeter: ';' }, /delimeter/],
    [{ events: 'a', types: { n: 'date' } }, /mapping\.types\.n/],
    [{ events: '{"a": ' }, /mapping\.events: .*line 1/],
    [{ events: ['{', '"a": }'] }, /line 2/],
    [{ events: 'a', encoding: 'klingon' }, /mapping\.encoding/],
    [{ events: 'a', group: {} }, /mapping\.group\.by/],
    [{ events: 'a', constants: { 'x y': 1 } }, /mapping\.constants/],
  ];
  for (const [mapping, message] of cases) {
    const { status, answer } = await all.http.ask(
      'POST',
      '/api/imports',
      JSON.stringify({ name: 'x', size: 1, fingerprint: 'x', mapping }),
    );
    assert.equal(status, 400, JSON.stringify(mapping));
    assert.match(answer.error!.message, message);
  }
});

test('imports are listed, the newest first', async () => {
  await all.importFile('listed.ndjson', '{"id":"ann","n":1}', { events: TRACK });
  const { answer } = await all.http.ask('GET', '/api/imports?limit=2');
  const { items, nextCursor } = answer as unknown as { items: { name: string }[]; nextCursor: string };
  assert.equal(items[0]?.name, 'listed.ndjson');
  const second = (await all.http.ask('GET', `/api/imports?limit=2&cursor=${nextCursor}`)).answer as unknown as {
    items: unknown[];
  };
  assert.equal(second.items.length, 2);
});

test('a stop and a start in the middle lose nothing and count nothing twice', async () => {
  for (const group of [undefined, { by: 'n' }]) {
    all.forget();
    const text = Array.from({ length: 30_000 }, (_, n) => `p${n},${n}`).join('\n');
    const item = group ? 'rows[0]' : '$';
    const sent = await all.http.send(`stopped-${group?.by}.csv`, bytes(`id,n\n${text}\n`), {
      group,
      events: `${item}.{"type":"track","event":"E","userId":id}`,
    });
    while (all.seen.events.length < 2000) await new Promise((resolve) => setTimeout(resolve, 5));
    await all.stopWork();
    const { answer: stopped } = await all.http.ask('GET', `/api/imports/${sent.id}`);
    assert.equal(stopped.state, 'running');
    assert.ok(stopped.linesRead > 0 && stopped.linesRead < 30_000, String(stopped.linesRead));
    await all.startWork();
    const done = await all.http.ended(sent.id);
    assert.deepEqual([done.state, done.linesRead, done.eventsAccepted], ['done', 30_000, 30_000]);
    assert.equal(new Set(all.seen.events.map(({ messageId }) => messageId)).size, 30_000);
    assert.equal(new Set(all.seen.events.map(({ userId }) => userId)).size, 30_000);
    // It went on from its checkpoint, not from the beginning.
    assert.ok(all.seen.events.length < 30_000 + 3000, String(all.seen.events.length));
  }
});
