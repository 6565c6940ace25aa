import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { finishedGrouping, GROUP_ROWS, Grouping } from './groups.ts';

const dir = mkdtempSync(join(tmpdir(), 'throughline-groups-'));
after(() => rmSync(dir, { recursive: true }));

function grouped(rows: Iterable<[key: string, json: string]>, expectedBytes: number) {
  const grouping = new Grouping(dir, expectedBytes);
  let line = 0;
  for (const [key, json] of rows) grouping.add(++line, key, json);
  for (const _ of grouping.finish({ line })) assert.equal(finishedGrouping(dir), null);
  return finishedGrouping<{ line: number }>(dir)!;
}

test('rows of one key come together wherever they stand, in their order and in the order of the first', () => {
  const key = fc.constantFrom('a', 'b', 'c', '1', 'key with\ttab', 'ż');
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.integer().map(String))), fc.constantFrom(1, 1e9), (rows, bytes) => {
      const expected = new Map<string, { first: number; rows: string[] }>();
      for (const [index, [name, json]] of rows.entries()) {
        const group = expected.get(name) ?? { first: index + 1, rows: [] };
        group.rows.push(json);
        expected.set(name, group);
      }
      const { facts, groups } = grouped(rows, bytes);
      assert.deepEqual(
        [...groups()],
        Array.from(expected, ([name, group]) => ({
          first: group.first,
          count: group.rows.length,
          key: name,
          rows: group.rows.join(','),
        })),
      );
      assert.equal(facts.line, rows.length);
    }),
    { numRuns: 50 },
  );
});

test('spill files that turn out too large are divided, and the order stays', () => {
  const KEYS = 5000;
  const text = JSON.stringify('x'.repeat(500));
  function* rows(): Generator<[string, string]> {
    for (let index = 0; index < 60_000; index++) yield [`key ${(index * 7) % KEYS}`, text];
  }
  const { groups } = grouped(rows(), 1);
  assert.ok(readdirSync(dir).filter((name) => name.endsWith('.run')).length > 1);
  let last = 0;
  let count = 0;
  for (const group of groups()) {
    assert.ok(group.first > last);
    last = group.first;
    assert.equal(group.count, 12);
    assert.equal(group.rows.length, 12 * text.length + 11);
    count++;
  }
  assert.equal(count, KEYS);
});

test('a group that is too large comes without its rows, the others whole', () => {
  function* rows(): Generator<[string, string]> {
    for (let index = 0; index < GROUP_ROWS + 2; index++) yield [index === 5 ? 'small' : 'large', '1'];
  }
  const [large, small] = [...grouped(rows(), 1).groups()];
  assert.deepEqual(large, { first: 1, count: GROUP_ROWS + 1, key: 'large', rows: '' });
  assert.deepEqual(small, { first: 6, count: 1, key: 'small', rows: '1' });
});

test('what was grouped is known again, but not where a file of it is damaged', () => {
  grouped([['a', '1']], 1);
  assert.equal([...finishedGrouping(dir)!.groups()].length, 1);
  const run = readdirSync(dir).find((name) => name.endsWith('.run'))!;
  assert.ok(statSync(join(dir, run)).size > 0);
  rmSync(join(dir, run));
  assert.equal(finishedGrouping(dir), null);
});
