import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../../kernel/refusal.ts';
import { compileMapping } from './mapping.ts';

const refusal = (status: number, says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Refusal, String(error));
  assert.equal(error.status, status);
  assert.match(error.message, says);
  return true;
};

describe('a mapping', () => {
  test('turns a value into another, in a thread and inline', async () => {
    const mapping = compileMapping(
      '{ "type": "track", "event": "Order " & status, "properties": { "total": $sum(lines.(price * quantity)) } }',
    );
    const order = {
      status: 'Paid',
      lines: [
        { price: 2, quantity: 3 },
        { price: 5, quantity: 1 },
      ],
    };
    const expected = { type: 'track', event: 'Order Paid', properties: { total: 11 } };
    assert.deepEqual(await mapping.evaluate(order), expected);
    assert.deepEqual(JSON.parse(JSON.stringify(await mapping.evaluateInline(order))), expected);
  });

  test('yields undefined where it finds nothing', async () => {
    assert.equal(await compileMapping('nothing.here').evaluate({}), undefined);
    assert.equal(await compileMapping('nothing.here').evaluateInline({}), undefined);
  });

  test('with a syntax error is refused with line and column', () => {
    assert.throws(() => compileMapping('{\n  "event": body.\n}'), refusal(400, /line 3, column/));
    assert.throws(() => compileMapping('  '), refusal(400, /empty/));
    assert.throws(() => compileMapping(`"${'x'.repeat(70_000)}"`), refusal(400, /65,536 characters/));
  });

  test('that fails says why', async () => {
    await assert.rejects(compileMapping('$sum("a")').evaluate({}), refusal(400, /line 1, column \d+: .*sum/));
    await assert.rejects(compileMapping('$error("no order")').evaluateInline({}), refusal(400, /no order/));
  });

  const endless: [string, string, RegExp][] = [
    ['a tail-recursive loop', '($f := function() { $f() }; $f())', /longer than 250 ms/],
    ['recursion', '($f := function($n) { 1 + $f($n + 1) }; $f(0))', /deeper than|longer than/],
    ['a huge range', '[1..10000000]', /sequence/i],
    ['nested ranges', '[1..50000].[1..50000].[1..50000]', /sequence|longer than|memory/i],
    ['a long range of ranges', '$map([1..90000], function($i) { $sum([1..90000]) })', /longer than/],
    ['a catastrophic regular expression', '$match(text, /^(a+)+$/)', /longer than/],
    ['one that no linear engine takes', '$contains(text, /^(.*a){25}$/)', /longer than/],
    ['an evaluated regular expression', '$eval("$match(text, /^(a+)+$/)")', /longer than/],
    [
      'strings that double',
      '($f := function($s) { $f($s & $s) }; $f("xxxxxxxxxxxxxxxx"))',
      /longer than|string length|deeper/i,
    ],
    [
      'memory',
      '($f := function($a) { $f($append($a, [$map([1..1000], function($i) { $string($random()) & $i })])) }; $f([]))',
      /longer than|memory|sequence/,
    ],
    ['a long text', '$pad("", 1000000000)', /longer than|string length|invalid|characters|memory/i],
    ['quadratic comparison', '$count($distinct($map([1..99000], function($i) { {"i": $i} })))', /longer than/],
  ];
  for (const [what, text, says] of endless) {
    test(`with ${what} is stopped, while the server goes on`, async () => {
      const value = { text: `${'a'.repeat(60)}b` };
      let turns = 0;
      const clock = setInterval(() => turns++, 10);
      const began = performance.now();
      try {
        await assert.rejects(compileMapping(text).evaluate(value), refusal(400, says));
      } finally {
        clearInterval(clock);
      }
      const took = performance.now() - began;
      // Of a loop that stands still there is none or one, however long it took; of one on a busy machine there are few.
      assert.ok(turns >= Math.min(3, Math.floor(took / 200)), `the event loop turned ${turns} times in ${took} ms`);
      assert.equal(await compileMapping('1 + 1').evaluate({}), 2);
    });
  }

  test('inline, an endless one is stopped too', async () => {
    const value = { text: `${'a'.repeat(60)}b` };
    for (const text of [
      '($f := function() { $f() }; $f())',
      '($f := function($n) { 1 + $f($n + 1) }; $f(0))',
      '$match(text, /^(a+)+$/)',
      '$eval("$match(text, /^(a+)+$/)")',
    ]) {
      await assert.rejects(compileMapping(text).evaluateInline(value), Refusal);
    }
  });

  test('sees each value alone when many are mapped at once', async () => {
    const mapping = compileMapping('{ "twice": n * 2 }');
    const values = await Promise.all(Array.from({ length: 500 }, (_, n) => mapping.evaluate({ n })));
    assert.deepEqual(
      values,
      Array.from({ length: 500 }, (_, n) => ({ twice: n * 2 })),
    );
  });

  test('cannot reach the prototype of anything', async () => {
    for (const text of [
      '__proto__.polluted',
      'constructor.constructor("return 1")()',
      '$ ~> |$|{"__proto__": {"polluted": 1}}|',
    ]) {
      await compileMapping(text)
        .evaluateInline({ a: 1 })
        .catch((error) => assert.ok(error instanceof Refusal));
    }
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  test('of any text is refused or compiled, and of any value is evaluated or refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.jsonValue(), async (text, value) => {
        try {
          await compileMapping(text).evaluateInline(value);
        } catch (error) {
          assert.ok(error instanceof Refusal, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });
});
