import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import type { Refusal } from '../../kernel/refusal.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { core } from '../index.ts';
import { storeEvents } from './events.testing.ts';
import { HOSTILE_TEXTS } from './hostile.testing.ts';
import { bought, HOSTILE_PARTS, HOSTILE_REPORTS, MARCH, trend } from './hostile-reports.testing.ts';
import { STATEMENTS_AT_ONCE, WAITING_LIMIT } from './limits.ts';
import { Report } from './report.ts';
import { runReport } from './run.ts';

const analyst: Caller = {
  ...{ kind: 'staff', id: 'ana', name: 'ana', email: null, role: 'analyst' },
  permissions: new Set(['reports.read', 'reports.write', 'audiences.read', 'audiences.write']),
};

let context: Context & { close(): Promise<void> };
let server: { url: string; close(): Promise<void> };

before(async () => {
  context = await testContext({ apps: core });
  server = await serveForTest(buildHttp(context, core, async () => analyst));
  await storeEvents(context, [
    { person: 1, name: 'Bought', at: '2026-03-10T10:00:00Z', session: '2026-03-10T10:00:00Z', path: '/a' },
    { person: 1, name: 'Bought', at: '2026-03-11T10:00:00Z', revenueMinor: 500, currency: 'EUR' },
    { person: 2, name: 'Bought', at: '2026-03-11T11:00:00Z', properties: { text: `${'a'.repeat(5000)}!`, n: 1 } },
    ...HOSTILE_TEXTS.filter((text) => text.isWellFormed()).map((text, i) => ({
      person: 3 + (i % 5),
      name: text,
      type: i % 2 === 0 ? 'page' : 'track',
      at: `2026-03-12T10:${String(i % 60).padStart(2, '0')}:00Z`,
      session: '2026-03-12T10:00:00Z',
      path: text,
      country: text.slice(0, 20),
      currency: text.slice(0, 3),
      revenueMinor: i,
      properties: { text, [text || 'empty']: 1 },
    })),
  ]);
});
after(async () => {
  await server.close();
  await context.close();
});

type Answered = { status: number; body: { error?: { code: string; message: string }; result: never; meta: never } };

async function post(path: string, body: unknown, signal?: AbortSignal): Promise<Answered> {
  const response = await fetch(`${server.url}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
  return { status: response.status, body: (await response.json()) as Answered['body'] };
}
const ask = (report: object) => post('/query', { report });

/** Right whatever was asked before. */
async function ordinary(): Promise<void> {
  const report = {
    kind: 'trend',
    period: MARCH,
    interval: 'month',
    series: [{ what: bought, measure: { of: 'people' } }],
  };
  const { status, body } = await post('/query', { report, fresh: true });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual((body.result as { series: { values: number[] }[] }).series[0]!.values, [2]);
}

function assertAnswered({ status, body }: Answered, asked: unknown): void {
  const said = () => `${status} ${JSON.stringify(body).slice(0, 600)} to ${JSON.stringify(asked).slice(0, 1500)}`;
  assert.ok(status === 200 || (status >= 400 && status < 500), said());
  if (status !== 200) assert.match(body.error?.message ?? '', /^\P{Ll}.{8,}[.!?]$/su, said());
}

async function assertRefused(report: unknown, sentence: RegExp, status = 400): Promise<void> {
  const answered = await post('/query', { report });
  assert.equal(answered.status, status, JSON.stringify(answered.body).slice(0, 600));
  assert.match(answered.body.error!.message, sentence);
}

const RUNS = 20;
const MORE_RUNS = 100;

/** A filter of so many groups in one another. */
const deep = (depth: number): object =>
  depth === 0 ? { field: { of: 'event', name: 'country' }, is: 'isSet' } : { all: [deep(depth - 1)] };

describe('a report that makes no sense', () => {
  it('is refused by what it names and is not there', async () => {
    await assertRefused(trend({ series: [{ what: { events: [{ action: 999 }] } }] }), /^There is no action 999\./);
    const inside = { field: { of: 'audience', id: 999 }, is: 'is', values: ['true'] };
    await assertRefused(trend({ filter: inside }), /^There is no audience 999\./);
    await assertRefused(trend({ breakdown: [{ of: 'audience', id: 999 }] }), /^There is no audience 999\./);
    await assertRefused(trend({ zone: 'Europe/Atlantis' }), /is not a time zone; they are named like Europe\/Warsaw/);
    await assertRefused(trend({ breakdown: [{ of: 'event', name: 'password' }] }), /breakdown/);
    await assertRefused({ kind: 'magic' }, /report\.kind/);
    await assertRefused(trend({ formulas: [{ expression: 'A / B' }] }), /B/);
  });

  it('says so in a warning where an event of the name was never sent: it may yet come', async () => {
    const { status, body } = await ask(trend({ series: [{ what: { events: [{ name: 'Bougth' }] } }] }));
    assert.equal(status, 200);
    assert.match(
      JSON.stringify((body.meta as { warnings: string[] }).warnings),
      /No event was ever called \\"Bougth\\"/,
    );
  });

  it('is refused with a window that is none', async () => {
    const funnel = (window: unknown) => ({
      kind: 'funnel',
      period: MARCH,
      steps: [{ what: bought }, { what: bought }],
      window,
    });
    for (const count of [-1, 0, 1e9, 1.5, '14', null, 1e21])
      await assertRefused(funnel({ count, unit: 'year' }), /window\.count/);
    await assertRefused(funnel({ count: 10_000, unit: 'year' }), /longer than 30 years/);
    await assertRefused(funnel({ count: 1, unit: 'eon' }), /window\.unit/);
    await assertRefused({ kind: 'retention', start: bought, count: -1 }, /count/);
    await assertRefused({ kind: 'retention', start: bought, brackets: [1000, 1000] }, /may span 1000 intervals/);
    await assertRefused({ kind: 'journey', within: { idleMinutes: 0 } }, /within/);
  });

  it('is refused with a period that is none, or with more points than anybody can look at', async () => {
    await assertRefused(
      trend({ period: { from: '2026-03-31', to: '2026-03-01' } }),
      /ends on 2026-03-01, before it begins/,
    );
    await assertRefused(trend({ period: { from: '1990-01-01', to: '2026-03-01' } }), /30 years long at most/);
    await assertRefused(trend({ period: { from: '2026-02-30', to: '2026-03-01' } }), /period/);
    await assertRefused(trend({ period: { last: -1, unit: 'day' } }), /period/);
    await assertRefused(trend({ period: { last: 1e9, unit: 'year' } }), /period/);
    for (const kind of ['trend', 'sessions', 'web'])
      await assertRefused(
        {
          ...trend({ kind, period: { from: '1997-01-01', to: '2026-12-31' }, interval: 'minute' }),
          ...(kind === 'trend' ? {} : { series: undefined }),
        },
        /more than 5,000 points in time/,
      );
  });

  it('is refused where it goes on and on', async () => {
    await assertRefused(trend({ filter: deep(6) }), /groups deeper than 5/);
    await assertRefused(trend({ filter: deep(3000) }), /groups deeper than 5/);
    const one = { field: { of: 'event', name: 'country' }, is: 'is', values: ['PL'] };
    await assertRefused(trend({ filter: { all: Array.from({ length: 101 }, () => one) } }), /more than 100 conditions/);
    await assertRefused(trend({ filter: { ...one, values: Array.from({ length: 501 }, String) } }), /filter/);
    await assertRefused(trend({ series: Array.from({ length: 21 }, () => ({ what: bought })) }), /series/);
    await assertRefused(trend({ breakdown: Array.from({ length: 4 }, () => one.field) }), /breakdown/);
    const steps = Array.from({ length: 21 }, () => ({ what: bought }));
    await assertRefused({ kind: 'funnel', steps }, /steps/);
  });

  it('is refused where it is no report at all', async () => {
    for (const report of [
      null,
      [],
      'trend',
      1,
      {},
      { kind: 'trend' },
      trend({ period: [] }),
      trend({ top: '10' }),
      trend({ sample: 2 }),
    ])
      await assertRefused(report, /^Something in the body is wrong/);
    await assertRefused(trend({ limit: 10, sql: 'SELECT 1' }), /Unrecognized key/);
    await assertRefused(JSON.parse('{"kind":"trend","__proto__":{"x":1},"series":[]}'), /series/);
    for (const body of ['', '{', '[]', '"', 'NaN', '{"report":NaN}', '{"report":{"top":1e999}}', '\u0000'])
      assert.equal((await post('/query', body)).status, 400, body);
    assert.equal((await post('/query', { report: trend({ zone: 'x'.repeat(2 ** 20) }) })).status, 413);
    await ordinary();
  });

  it('is refused where a formula is code, or has no end', async () => {
    for (const expression of [
      'process.exit(1)',
      'A; B',
      'A = 1',
      'constructor',
      'A ** B',
      '`A`',
      'A'.repeat(400),
      '()',
      '1e999',
      'A[0]',
      'A?.b',
    ])
      await assertRefused(trend({ formulas: [{ expression }] }), /formula/i);
    const { status } = await ask(trend({ formulas: [{ expression: `${'('.repeat(249)}A${')'.repeat(249)}` }] }));
    assert.ok([200, 400].includes(status), String(status));
    const divided = await ask(
      trend({ interval: 'month', formulas: [{ expression: 'A / 0' }, { expression: 'A / (A - A)' }] }),
    );
    assert.equal(divided.status, 200);
    assert.doesNotMatch(JSON.stringify(divided.body.result), /Infinity|NaN/);
  });

  it('is refused with an expression that looks around or backwards; one that would explode elsewhere is answered', async () => {
    const matches = (pattern: string) =>
      trend({
        interval: 'month',
        filter: { field: { of: 'property', name: 'text' }, is: 'matches', values: [pattern] },
      });
    for (const pattern of ['(?=a)', '(?!a)', '(?<=a)b', '(?<!a)b', '(a)\\1', '[', '(', 'a{1,100000}', '*'])
      await assertRefused(matches(pattern), /cannot be read: .*Expressions are those of RE2/);
    await assertRefused(matches('a'.repeat(1001)), /1000 characters at most; this one has 1001/);
    for (const pattern of [
      '^(a+)+$',
      '^(a|a)+$',
      '^(a|aa)+$',
      `^a${'(a*)*'.repeat(50)}$`,
      `^${'a?'.repeat(300)}${'a'.repeat(300)}$`,
    ]) {
      const { status, body } = await ask(matches(pattern));
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual((body.result as { series: { values: number[] }[] }).series[0]!.values, [0], pattern);
    }
  });

  it('takes "inf" and "nan" among numbers and dates for no value', async () => {
    const field = { of: 'property', name: 'text' };
    for (const is of ['before', 'after'] as const)
      assert.equal(
        (await ask(trend({ filter: { field, is, values: ['2026-03-01'] }, series: [{ what: { events: [{}] } }] })))
          .status,
        200,
      );
    for (const sum of ['sum', 'average', 'max', 'p99'] as const) {
      const { status, body } = await ask(trend({ series: [{ what: { events: [{}] }, measure: { of: sum, field } }] }));
      assert.equal(status, 200, JSON.stringify(body));
      assert.doesNotMatch(JSON.stringify(body), /"-?(inf|nan|Infinity|NaN)"/);
    }
  });

  it('is not shown beyond its first page by a cursor of another making', async () => {
    const report = trend();
    for (const place of [-1, 1.5, 2 ** 60, '1', null, {}, [1], '1 OR 1 = 1', Number.MAX_SAFE_INTEGER]) {
      const cursor = Buffer.from(JSON.stringify(place)).toString('base64url');
      const { status, body } = await post('/query/people', { report, part: { series: 'A' }, cursor });
      if (place === Number.MAX_SAFE_INTEGER)
        assert.deepEqual([status, (body as unknown as { items: unknown[] }).items], [200, []]);
      else assert.deepEqual([status, body.error?.code], [400, 'invalid'], JSON.stringify(place));
    }
    for (const cursor of ['%', 'x'.repeat(9000), '\ud800'])
      assert.equal((await post('/query/people', { report, part: { series: 'A' }, cursor })).status, 400);
  });
});

describe('a report with hostile texts', () => {
  it('is tried of every kind there is', () => {
    assert.deepEqual(Object.keys(HOSTILE_REPORTS).sort(), Report.options.map(({ shape }) => shape.kind.value).sort());
  });

  for (const [kind, reports] of Object.entries(HOSTILE_REPORTS)) {
    it(`of the kind ${kind} is answered or refused with a sentence`, async () => {
      let right = 0;
      const tried = async (report: Record<string, unknown>) => {
        const answered = await ask(report);
        if (answered.status === 200) right++;
        assertAnswered(answered, report);
      };
      await fc.assert(fc.asyncProperty(reports, tried), { numRuns: RUNS, endOnFailure: true });
      // Chance may have made mostly such as are refused.
      for (const report of fc.sample(reports, MORE_RUNS)) if (right <= RUNS / 8) await tried(report);
      assert.ok(right > RUNS / 8, `only ${right} of ${RUNS + MORE_RUNS} were answered`);
      await ordinary();
    });
  }

  for (const [kind, [report, parts]] of Object.entries(HOSTILE_PARTS)) {
    it(`in the part whose people are asked for, of the kind ${kind}, is answered or refused too`, async () => {
      await fc.assert(
        fc.asyncProperty(parts, async (part) =>
          assertAnswered(await post('/query/people', { report, part }), { report, part }),
        ),
        { numRuns: RUNS, endOnFailure: true },
      );
      await ordinary();
    });
  }

  it('finds exactly the events that are called so, however they are called', async () => {
    for (const text of HOSTILE_TEXTS) {
      const said = await ask(trend({ interval: 'month', series: [{ what: { events: [{ name: text }] } }] }));
      const storable = text !== '' && !text.includes('\0') && text.isWellFormed() && text.length <= 500;
      assert.equal(said.status, storable ? 200 : 400, JSON.stringify(text));
      if (!storable) continue;
      assert.deepEqual(
        (said.body.result as { series: { values: number[] }[] }).series[0]!.values,
        [1],
        JSON.stringify(text),
      );
    }
  });

  it('compares values as they are, without reading anything into them', async () => {
    const OPERATORS = ['is', 'contains', 'startsWith', 'endsWith'] as const;
    const stored = HOSTILE_TEXTS.filter((one) => one.isWellFormed());
    for (const text of HOSTILE_TEXTS.filter(
      (one) => one !== '' && !one.includes('\0') && one.isWellFormed() && one.length <= 2000,
    )) {
      const filters = OPERATORS.map((is) => ({ field: { of: 'property', name: 'text' }, is, values: [text] }));
      const series = filters.map((where) => ({ what: { events: [{ where }] } }));
      const said = await ask(trend({ interval: 'month', series }));
      assert.equal(said.status, 200, JSON.stringify(said.body));
      const counts = (said.body.result as { series: { values: number[] }[] }).series.map(({ values }) => values[0]!);
      for (const [i, is] of OPERATORS.entries()) {
        if (is === 'is') assert.equal(counts[i], stored.filter((one) => one === text).length, JSON.stringify(text));
        else assert.ok(counts[i]! >= 1, `${is} ${JSON.stringify(text)}: ${counts[i]}`);
      }
    }
  });
});

describe('a report that takes too much', () => {
  const slow = (mark: string) =>
    trend({
      period: { from: '2025-01-01', to: '2025-01-31' },
      series: [{ what: { events: [{ name: 'Heavy' }] }, label: mark }],
      filter: {
        any: Array.from({ length: 90 }, (_, i) => ({
          field: { of: 'event', name: 'title' },
          is: 'matches',
          // Without a letter that must be there, by which the engine could tell at once that it does not fit.
          values: [`[xy]+[ab][0-${i % 9}]{${1 + Math.floor(i / 9)}}`],
        })),
      },
    });
  before(async () => {
    await context.events.command(
      `INSERT INTO events (event_id, origin_id, person_id, source_id, type, name, timestamp, received_at, title, properties)
       SELECT generateUUIDv4(), number % 1000, number % 1000, 1, 'track', 'Heavy', toDateTime64('2025-01-10 00:00:00', 3, 'UTC') + number,
         now64(3), repeat('xy', 2000), concat('{"a":"a', number, '","b":"b', number * 7, '","c":"', repeat('c', 300), number, '"}')
       FROM numbers(30000)`,
    );
  });

  /** Statements of reports that the engine works at. */
  const underWay = async () => {
    const [row] = await context.events.query<{ count: string }>(
      "SELECT count() AS count FROM system.processes WHERE query LIKE '%match(%' AND query NOT LIKE '%system.processes%'",
    );
    return Number(row!.count);
  };
  const until = async (holds: () => Promise<boolean>) => {
    while (!(await holds())) await sleep(20);
  };

  it('ends at its time with 422, and the server goes on', async () => {
    await assert.rejects(runReport(context, Report.parse(slow('time')), { seconds: 0.3 }), (error: Refusal) => {
      assert.deepEqual([error.status, error.code], [422, 'query_time']);
      assert.match(error.message, /was stopped\. Take a shorter period, fewer breakdowns or a sample\.$/);
      return true;
    });
    await ordinary();
  });

  it('ends in the engine when its reader goes away', async () => {
    const reader = new AbortController();
    const asked = post('/query', { report: slow('away') }, reader.signal);
    asked.catch(() => {});
    await until(async () => (await underWay()) > 0);
    reader.abort();
    await assert.rejects(asked);
    await until(async () => (await underWay()) === 0);
    await ordinary();
  });

  it('with 10,000 values, or three fields of very many, shows as many as asked and counts the rest', async () => {
    const property = (name: string) => ({ of: 'property', name });
    const heavy = {
      period: { from: '2025-01-01', to: '2025-01-31' },
      interval: 'month',
      series: [{ what: { events: [{ name: 'Heavy' }] } }],
    };
    for (const breakdown of [[property('a')], [property('a'), property('b'), property('c')]]) {
      const { status, body } = await ask(trend({ ...heavy, breakdown, top: 100 }));
      assert.equal(status, 200, JSON.stringify(body).slice(0, 500));
      const { series } = body.result as { series: { values: number[] }[] };
      assert.equal(series.length, 101);
      assert.equal(
        series.reduce((sum, one) => sum + one.values[0]!, 0),
        30_000,
      );
    }
    await assertRefused(trend({ ...heavy, breakdown: [property('a')], top: 10_000 }), /top/);
    const others: object[] = [
      {
        kind: 'funnel',
        steps: [{ what: heavy.series[0]!.what }, { what: heavy.series[0]!.what }],
        breakdown: [property('a'), property('b'), property('c')],
        top: 100,
      },
      { kind: 'retention', start: heavy.series[0]!.what, breakdown: property('c'), top: 100 },
      { kind: 'sessions', breakdown: property('a') },
    ];
    for (const report of others) assertAnswered(await ask({ ...report, period: heavy.period }), report);
    await ordinary();
  });

  it('is refused with 422 where it has too many conditions for one statement', async () => {
    const field = { of: 'property', name: 'text' };
    const values = Array.from({ length: 500 }, (_, i) => `${i}`);
    const all = Array.from({ length: 100 }, (_, i) => ({
      field,
      is: 'contains',
      values: [`${i}x`, ...values.slice(1)],
    }));
    await assertRefused(trend({ filter: { all } }), /more conditions and values than can be asked at once/, 422);
    const long = { ...field, name: 'x'.repeat(500) };
    assertAnswered(await ask(trend({ filter: { field: long, is: 'contains', values } })), 'long names');
    await ordinary();
  });

  it('waits its turn where many ask at once; of 300 some are refused with 429, and none is lost', async () => {
    const busy = new AbortController();
    const slowOnes = Array.from({ length: STATEMENTS_AT_ONCE }, (_, i) =>
      post('/query', { report: slow(`busy${i}`) }, busy.signal),
    );
    for (const one of slowOnes) one.catch(() => {});
    await until(async () => (await underWay()) === STATEMENTS_AT_ONCE);
    let refused = 0;
    const asked = Array.from({ length: 300 }, async (_, i) => {
      const report = trend({ interval: 'month', series: [{ what: bought, label: `${i}`, measure: { of: 'people' } }] });
      const answered = await ask(report);
      if (answered.status === 429) refused++;
      return answered;
    });
    await until(async () => refused > 0);
    busy.abort();
    const answers = await Promise.all(asked);
    const right = answers.filter(({ status }) => status === 200);
    for (const { body } of right)
      assert.deepEqual((body.result as { series: { values: number[] }[] }).series[0]!.values, [2]);
    assert.equal(right.length + refused, 300);
    assert.ok(right.length >= WAITING_LIMIT, `${right.length} were answered`);
    for (const { status, body } of answers)
      if (status !== 200)
        assert.match(body.error!.message, /^Too many reports are waiting .* Try again in a few seconds\.$/);
    await ordinary();
  });
});
