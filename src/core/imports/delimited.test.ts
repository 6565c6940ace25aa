import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DelimitedRecord, recordsOf } from './delimited.ts';
import { LINE_CHARACTERS, linesOf } from './lines.ts';

async function* pieces(text: string, size = text.length || 1) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function read(text: string, options: { size?: number; width?: number; delimiter?: string } = {}) {
  const records: DelimitedRecord[] = [];
  const lines = linesOf(pieces(text, options.size));
  for await (const batch of recordsOf(lines, options.delimiter ?? ',', options.width)) records.push(...batch);
  return records;
}

const fieldsOf = (records: DelimitedRecord[]) => records.map(({ fields }) => fields);
const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

test('any table that was written by the rules is read back, whatever pieces it comes in', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'ż', '1'), maxLength: 6 });
  const tables = fc
    .integer({ min: 1, max: 4 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }));
  await fc.assert(
    fc.asyncProperty(
      tables,
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom('\n', '\r\n'),
      async (table, size, end) => {
        const rows = table.filter((row) => row.length > 1 || row[0] !== '');
        const text = rows.map((row) => row.map(quoted).join(',')).join(end);
        assert.deepEqual(fieldsOf(await read(text, { size, width: rows[0]?.length })), rows);
      },
    ),
    { numRuns: 300 },
  );
});

test('lines are numbered as an editor does, over fields of several lines and empty lines', async () => {
  const records = await read('a,b\n1,"x\ny"\n\n2,3\n');
  assert.deepEqual(
    records.map(({ line, fields }) => [line, fields]),
    [
      [1, ['a', 'b']],
      [2, ['1', 'x\ny']],
      [5, ['2', '3']],
    ],
  );
});

test('a stray quote costs its own line only', async () => {
  for (const size of [3, 1000]) {
    const records = await read('1,2\n"x"y,3\n4,5\n"open,6\n7,8\n9,"10"\n', { size, width: 2 });
    assert.deepEqual(fieldsOf(records), [['1', '2'], undefined, ['4', '5'], undefined, ['7', '8'], ['9', '10']]);
    assert.match(records[1]?.reason ?? '', /goes on after its closing quote/);
    assert.match(records[3]?.reason ?? '', /begins with a quote that is not closed|goes on after/);
    assert.equal(records[3]?.line, 4);
  }
});

test('a quote that is never closed costs its own line only', async () => {
  const rest = Array.from({ length: 3000 }, (_, index) => `${index},x`);
  const records = await read(['"open,1', ...rest].join('\n'), { size: 1000, width: 2 });
  assert.equal(records.length, 3001);
  assert.deepEqual(
    fieldsOf(records.slice(1)),
    rest.map((line) => line.split(',')),
  );
});

test('a quote inside a field is a character like any other', async () => {
  assert.deepEqual(fieldsOf(await read('5" nails,2\n')), [['5" nails', '2']]);
});

test('a line with too many or too few fields is refused, the others are read', async () => {
  const records = await read('1,2\n1,2,3\n1\n4,5', { width: 2 });
  assert.deepEqual(fieldsOf(records), [['1', '2'], undefined, undefined, ['4', '5']]);
  assert.equal(records[1]?.reason, 'the line has 3 fields, the header 2');
});

test('a line that is too long is refused, and what follows it is read', async () => {
  const long = 'x'.repeat(3 * LINE_CHARACTERS);
  const records = await read(`1,2\n${long}\n3,4\n`, { size: 65_536 });
  assert.deepEqual(fieldsOf(records), [['1', '2'], undefined, ['3', '4']]);
  assert.match(records[1]?.reason ?? '', /longer than 1,048,576 characters/);
  assert.equal(records[2]?.line, 3);
});

test('lines may end with CR alone', async () => {
  assert.deepEqual(fieldsOf(await read('a,b\r1,2\r3,4')), [
    ['a', 'b'],
    ['1', '2'],
    ['3', '4'],
  ]);
});
