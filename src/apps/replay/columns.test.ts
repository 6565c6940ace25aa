import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { putTogether, takeApart, withoutNumbers } from './columns.ts';

const goesRound = (text: string) => {
  const raw = Buffer.from(text);
  const apart = takeApart(raw);
  assert.ok(apart);
  assert.ok(putTogether(apart).equals(raw), text.slice(0, 200));
};

describe('JSON that is taken apart', () => {
  test('comes back byte for byte, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }), fc.nat(4), (value, indent) =>
        goesRound(JSON.stringify(value, null, indent)),
      ),
      { numRuns: 300 },
    );
  });

  test('also with numbers as nobody writes them, and names of any kind', () => {
    for (const text of [
      '[0,-0,00,1e5,1E+2,-1.50,1.0,0.1,9007199254740991,9007199254740993,123456789012345678901234567890,-9007199254740991]',
      '{"a":1,"a":-1,"b\\"":2,"\\u0061":3,"":4,"x":"5","y":"\\"6\\":7","z":8}',
      '{"12":34,"5":6}{"broken',
      '"\\',
      '{"timestamp" : 1544756766750 , "timestamp": 1544756766800}',
      `{${Array.from({ length: 500 }, (_, n) => `"name${n}":${n * n}`).join(',')}}`,
      `{"${'long'.repeat(50)}":1}`,
      '',
    ])
      goesRound(text);
  });

  test('also where it is one string of several megabytes', () => {
    goesRound(JSON.stringify({ css: 'a'.repeat(8_000_000), n: 1 }));
    goesRound(JSON.stringify({ css: '"'.repeat(4_000_000), n: 1 }));
  });

  test('is left as it is where it holds what stands for a number', () => {
    assert.equal(takeApart(Buffer.from('{"a":"\u0001"}')), null);
  });

  test('without numbers is the same text for events that differ in them alone', () => {
    const event = (n: number) => Buffer.from(`{"type":3,"data":{"x":${n},"text":"7"},"timestamp":${n * 1000}}`);
    assert.ok(withoutNumbers(event(5)).equals(withoutNumbers(event(-77))));
    assert.match(withoutNumbers(event(5)).toString(), /"text":"7"/);
  });
});
