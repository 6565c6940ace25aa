import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Content, Step } from '../content.ts';
import { Engine, newStanding } from './engine.ts';
import type { Result } from './protocol.ts';

const engine = new Engine();
after(() => engine.close());

let keys = 0;
async function run(content: Content | Content[], events: object[], logs = false) {
  const programs = [content].flat().map((one) => ({ key: `test-${++keys}`, content: one }));
  return engine.run({
    sourceId: 7,
    programs,
    inputs: events.map((event) => ({ text: JSON.stringify(event), now: 1_700_000_000_000 })),
    standings: programs.map(newStanding),
    logs,
  });
}
const js = (code: string): Content => ({ kind: 'javascript', code });
const steps = (...list: Step[]): Content => ({ kind: 'steps', steps: list });
const outOf = (result: Result | undefined) => result?.outputs.map((text) => JSON.parse(text));
const body = (code: string) => js(`function transform(event) {\n${code}\n}`);

describe('a transformation in JavaScript', () => {
  it('changes an event, leaves one out, makes several of one, in order', async () => {
    const code = body(`
      if (event.n === 1) return null;
      if (event.n === 2) return [event, { ...event, copy: true }];
      event.done = true;
      return event;`);
    const { results } = await run(code, [{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }]);
    assert.deepEqual(results.map(outOf), [
      [{ n: 0, done: true }],
      [],
      [{ n: 2 }, { n: 2, copy: true }],
      [{ n: 3, done: true }],
    ]);
    assert.equal(results[1]?.droppedBy, 0);
  });

  it('says the line of the code that failed, and goes on with the next event', async () => {
    const { results } = await run(body('if (event.bad)\n  event.properties.email.trim();\nreturn event;'), [
      { bad: true },
      {},
    ]);
    assert.equal(results[0]?.failure?.kind, 'error');
    assert.match(results[0]?.failure?.message ?? '', /TypeError/);
    assert.equal(results[0]?.failure?.place?.line, 3);
    assert.deepEqual(outOf(results[1]), [{}]);
  });

  it('gives the same again for the same event, whatever the clock and the dice', async () => {
    const code = body(
      'return { a: Date.now(), b: new Date().toISOString(), c: Math.random(), d: Date(), e: new Date(0) }',
    );
    const [first, second] = [await run(code, [{ n: 1 }]), await run(code, [{ n: 1 }])];
    assert.deepEqual(outOf(first.results[0]), outOf(second.results[0]));
    assert.equal(outOf(first.results[0])?.[0].a, 1_700_000_000_000);
    assert.equal(outOf(first.results[0])?.[0].e, '1970-01-01T00:00:00.000Z');
  });

  it('keeps nothing from one batch to the next', async () => {
    const code = js('let seen = 0; function transform(event) { Object.prototype.x = ++seen; return { seen } }');
    assert.deepEqual((await run(code, [{}, {}])).results.map(outOf), [[{ seen: 1 }], [{ seen: 2 }]]);
    assert.deepEqual((await run(code, [{}])).results.map(outOf), [[{ seen: 1 }]]);
  });

  it('has console.log where it is tried, and no more of it than fits', async () => {
    const code = body('for (let i = 0; i < 1000; i++) console.log("line", i, { i }, "x".repeat(5000)); return event');
    const { results } = await run(code, [{}], true);
    assert.equal(results[0]?.logs?.length, 100);
    assert.ok(results[0]?.logs?.[0]?.startsWith('line 0 {"i":0} xxx'));
    assert.ok(results[0]?.logs?.every((line) => line.length <= 1000));
  });

  it('reaches nothing of the process, the network or the disk', async () => {
    const names = [
      'process',
      'require',
      'fetch',
      'XMLHttpRequest',
      'WebSocket',
      'Deno',
      'Bun',
      'std',
      'os',
      'setTimeout',
    ];
    names.push(
      'WebAssembly',
      'SharedArrayBuffer',
      'Atomics',
      'Buffer',
      'global',
      'importScripts',
      'navigator',
      'module',
    );
    const code = body(`return { found: ${JSON.stringify(names)}.filter((name) => {
      try { return constructor.constructor('return typeof ' + name)() !== 'undefined' } catch (e) { return false }
    }), own: Object.getOwnPropertyNames(globalThis).filter((n) => /scriptArgs|print|std|os|bjson/.test(n)),
      up: (() => { let f = transform; try { return String(f.caller) } catch (e) { return 'none' } })() }`);
    const [found] = outOf((await run(code, [{}])).results[0])!;
    assert.deepEqual(found.found, []);
    assert.deepEqual(found.own, []);
    const imports = await run(body('return import("node:fs").then(() => ({ in: true }))'), [{}]);
    assert.ok(imports.results[0]?.failure, 'nothing can be imported');
  });
});

/** Each ends the event that it is met with, and no other. */
const HOSTILE: Record<string, string> = {
  'an endless loop': 'for (;;);',
  'an endless loop that catches all': 'for (;;) { try { for (;;); } catch (e) {} finally { for (;;); } }',
  'an endless loop over time': 'const t = Date.now(); while (Date.now() < t + 1000);',
  'a getter that loops in what is returned': 'return { get a() { for (;;); } }',
  'a getter that loops in what is thrown': 'throw { get message() { for (;;); } }',
  'a toString that loops in what is thrown': 'throw { message: { toString() { for (;;); } } }',
  'a proxy that loops': 'return new Proxy({}, { ownKeys() { for (;;); } })',
  'a proxy that throws': 'return new Proxy({}, { ownKeys() { throw 1 }, get() { throw 1 } })',
  'a toJSON that loops': 'return { toJSON() { for (;;); } }',
  'a toJSON that makes itself again': 'const f = () => ({ a: { toJSON: f } }); return { a: { toJSON: f } }',
  'a circle': 'const a = {}; a.a = a; return a',
  'a catastrophic regular expression': 'return { x: /^(a+)+$/.test("a".repeat(50) + "b") }',
  'a regular expression with endless backtracking': 'return { x: /(x+x+)+y/.test("x".repeat(100000)) }',
  'a text too long': 'return { x: "x".repeat(2 ** 30) }',
  'a text that grows': 'let s = "x"; for (;;) s += s;',
  'a list that grows': 'const a = []; for (;;) a.push({ a: [1, 2, 3] });',
  'a map that grows': 'const m = new Map(); for (let i = 0; ; i++) m.set(i, "x".repeat(100));',
  'a large buffer': 'return { x: new Uint8Array(2 ** 31).length }',
  'many buffers': 'const a = []; for (;;) a.push(new Uint8Array(1e6).fill(1));',
  'JSON that explodes': 'const a = "x".repeat(1e6); return { a: Array(1000).fill(a) }',
  'a large result': 'return { a: "x".repeat(2e6) }',
  'a deep result': 'let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; return o',
  'endless recursion': 'const f = () => f() + 1; return { x: f() }',
  'proxies around proxies': 'let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); return { x: p.x }',
  'JSON nested without end': 'return { x: JSON.parse("[".repeat(1e6)) }',
  'a list of a billion': 'return { x: new Array(2 ** 32 - 1).join("x") }',
  'a search in nothing': 'return { x: Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1) }',
  'a promise': 'return Promise.resolve(event)',
  'promises without end': 'const f = () => Promise.resolve().then(f); return f()',
  'eleven events': 'return Array(11).fill(event)',
  'a list of what are no events': 'return [1, "two", null]',
  'a number': 'return 42',
  nothing: '',
  'eval of a loop': 'return eval("for (;;);")',
  'a generator without end': 'function* g() { for (;;) yield 1 } return { x: [...g()] }',
  'replacing without end': 'return { x: "a".repeat(1e6).replaceAll("", "b".repeat(1000)) }',
};

describe('what a transformation may do to others', () => {
  for (const [what, code] of Object.entries(HOSTILE)) {
    it(`${what} stops that event alone`, async () => {
      const { results } = await run(body(`if (!event.bad) return event;\n${code}`), [
        { n: 1 },
        { bad: true },
        { n: 2 },
      ]);
      assert.deepEqual(outOf(results[0]), [{ n: 1 }]);
      assert.ok(results[1]?.failure, JSON.stringify(results[1])?.slice(0, 300));
      assert.notEqual(results[1]?.failure?.message, '');
      assert.deepEqual(outOf(results[2]), [{ n: 2 }]);
    });
  }

  it('what it does to the prototypes of the language stays with it', async () => {
    const code = body(`
      Object.prototype.polluted = 1; Array.prototype.map = null; JSON.stringify = () => '{"forged":true}';
      JSON.parse = () => ({}); String.prototype.startsWith = () => true; Array.isArray = () => false;
      Object.defineProperty(Object.prototype, 'toJSON', { value() { return { forged: true } } });
      return JSON.parse('{"__proto__":{"admin":true},"n":1}')`);
    await run(code, [{}, {}]);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    const { results } = await run(body('return { n: event.n, p: typeof ({}).polluted }'), [{ n: 5 }]);
    assert.deepEqual(outOf(results[0]), [{ n: 5, p: 'undefined' }]);
  });

  it('is paused after time-outs in a row, not after some here and there', async () => {
    const code = body('if (event.bad) for (;;);\nreturn event');
    const some = await run(
      code,
      Array.from({ length: 12 }, (_, i) => ({ bad: i % 2 === 0 })),
    );
    assert.equal(some.results.length, 12);
    assert.equal(some.paused, null);
    const all = await run(
      code,
      Array.from({ length: 50 }, () => ({ bad: true })),
    );
    assert.deepEqual(all.paused, { program: 0, why: 'timeouts' });
    assert.equal(all.results.length, 5);
    assert.equal(all.counts[0]?.slow, 5);
  });

  it('is paused where it takes too long on average, however evenly', async () => {
    const code = body('let x = 0; for (let i = 0; i < 150000; i++) x += i; return { x }');
    const { paused, results } = await run(
      code,
      Array.from({ length: 2000 }, () => ({})),
    );
    assert.deepEqual(paused, { program: 0, why: 'slow' });
    assert.ok(results.length < 2000);
  });

  it('code that cannot be read fails each event with its line', async () => {
    const { results } = await run(js('function transform(event) {\n  return event +;\n}'), [{}, {}]);
    assert.deepEqual(
      results.map((one) => one.failure?.place?.line),
      [2, 2],
    );
    const none = await run(js('const x = 1'), [{}]);
    assert.match(none.results[0]?.failure?.message ?? '', /no function transform/);
  });
});

describe('a transformation of steps', () => {
  it('renames, removes, sets, hashes, masks, converts and writes small', async () => {
    const content = steps(
      { do: 'rename', from: 'properties.mail', to: 'properties.contact.email' },
      { do: 'remove', path: 'properties.secret' },
      { do: 'set', path: 'properties.name', by: 'template', text: '{{properties.first}} {{ properties.last }}!' },
      { do: 'set', path: 'properties.total', by: 'expression', text: '$sum(properties.items.(price * count))' },
      { do: 'set', path: 'properties.shop', by: 'value', text: '{"id":7}' },
      { do: 'hash', path: 'userId', salt: 'salt' },
      { do: 'mask', path: 'properties.contact.email', keep: 'domain' },
      { do: 'mask', path: 'properties.card', keep: 'last4' },
      { do: 'convert', path: 'properties.age', to: 'number' },
      { do: 'lowercase', path: 'properties.code' },
      { do: 'renameEvent', from: 'buy', to: 'Order Completed' },
    );
    const { results } = await run(content, [
      {
        event: 'buy',
        userId: 'ada',
        properties: {
          mail: 'ada@example.com',
          secret: 1,
          first: 'Ada',
          last: 'Nowak',
          items: [
            { price: 2, count: 3 },
            { price: 1, count: 4 },
          ],
          card: '4111111111111111',
          age: '42',
          code: 'ABC',
        },
      },
    ]);
    const [event] = outOf(results[0])!;
    assert.deepEqual(event.properties.contact, { email: '***@example.com' });
    assert.equal('secret' in event.properties, false);
    assert.equal(event.properties.name, 'Ada Nowak!');
    assert.equal(event.properties.total, 10);
    assert.deepEqual(event.properties.shop, { id: 7 });
    assert.equal(event.userId, createHash('sha256').update('saltada').digest('hex'));
    assert.equal(event.properties.card, '***1111');
    assert.equal(event.properties.age, 42);
    assert.equal(event.properties.code, 'abc');
    assert.equal(event.event, 'Order Completed');
  });

  it('drops when a condition holds, and says which step failed otherwise', async () => {
    const content = steps(
      { do: 'drop', when: "context.ip = '10.0.0.1' or $contains(properties.email, '@ours.example')" },
      { do: 'convert', path: 'properties.n', to: 'number' },
    );
    const { results } = await run(content, [
      { context: { ip: '10.0.0.1' } },
      { properties: { email: 'a@ours.example' } },
      { properties: { email: 'b@theirs.example', n: 'many' } },
      { properties: { email: 'b@theirs.example', n: '7' } },
    ]);
    assert.deepEqual(
      results.slice(0, 2).map((one) => one.droppedBy),
      [0, 0],
    );
    assert.match(results[2]?.failure?.message ?? '', /step 2: properties.n cannot be made a number: many/);
    assert.equal(outOf(results[3])?.[0].properties.n, 7);
  });

  it('an expression that never ends stops that event alone', async () => {
    const endless = steps({ do: 'drop', when: 'bad and ($f := function($n){$f($n + 1)}; $f(0))' });
    const backtracking = steps({
      do: 'drop',
      when: 'bad ? $match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", /^(a+)+$/)',
    });
    for (const content of [endless, backtracking]) {
      const { results } = await run(content, [{ bad: false }, { bad: true }, { bad: false }]);
      assert.equal(results[0]?.failure, null);
      assert.ok(results[1]?.failure);
      assert.equal(results[2]?.failure, null);
    }
  });

  it('several in a row each get what the one before left', async () => {
    const { results, counts } = await run(
      [
        body('return event.n === 0 ? null : [event, { ...event, second: true }]'),
        steps({ do: 'drop', when: 'second and n = 1' }, { do: 'set', path: 'seen', by: 'value', text: 'true' }),
        body('event.last = true; return event'),
      ],
      [{ n: 0 }, { n: 1 }, { n: 2 }],
    );
    assert.deepEqual(results.map(outOf), [
      [],
      [{ n: 1, seen: true, last: true }],
      [
        { n: 2, seen: true, last: true },
        { n: 2, second: true, seen: true, last: true },
      ],
    ]);
    assert.deepEqual(
      counts.map((count) => [count.events, count.dropped, count.failed]),
      [
        [3, 1, 0],
        [4, 1, 0],
        [3, 0, 0],
      ],
    );
  });

  it('any JSON comes out of a transformation that does nothing as it went in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 20 }), async (events) => {
        const plain = JSON.parse(JSON.stringify(events)) as object[];
        const { results } = await run(body('return event'), plain);
        assert.deepEqual(
          results.map(outOf),
          plain.map((event) => [event]),
        );
      }),
      { numRuns: 30 },
    );
  });
});
