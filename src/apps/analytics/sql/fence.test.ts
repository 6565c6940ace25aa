import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { core } from '../../../core/index.ts';
import type { Caller } from '../../../kernel/caller.ts';
import { Refusal } from '../../../kernel/refusal.ts';
import { testContext } from '../../../kernel/testing.ts';
import { analytics } from '../app.ts';
import { ATTACKS, HONEST } from './fence-corpus.testing.ts';
import { runSql } from './run.ts';

let context: Awaited<ReturnType<typeof testContext>>;
const ada: Caller = {
  ...{ kind: 'staff', id: 'ada', name: 'Ada', email: null, role: 'owner', permissions: new Set(['analytics.sql']) },
};
const SECRET = 'secret-of-a-restricted-person';

before(async () => {
  context = await testContext({ apps: [...core, analytics] });
  const row = (event: object) =>
    JSON.stringify({
      ...{ event_id: crypto.randomUUID(), type: 'track', name: 'Order', timestamp: '2026-06-01 10:00:00.000' },
      ...{ received_at: '2026-06-01 10:00:01.000', session_start: '2026-06-01 10:00:00.000', path: '/', country: 'PL' },
      ...{ properties: { price: 5, sku: 'a' }, revenue_minor: 500, currency: 'EUR' },
      ...event,
    });
  const rows = [
    row({ origin_id: 1, person_id: 1, user_id: 'u1' }),
    row({ origin_id: 1, person_id: 1, user_id: 'u1', type: 'page', name: 'Home' }),
    row({ origin_id: 2, person_id: 2, user_id: 'u2', country: 'IT' }),
    row({ origin_id: 9, person_id: 9, user_id: SECRET, properties: { secret: SECRET } }),
  ];
  await context.events.insert({
    ...{ table: 'events', format: 'JSONEachRow', token: 'one', bytes: Buffer.from(rows.join('\n')) },
    columns: [
      ...['event_id', 'origin_id', 'person_id', 'type', 'name', 'timestamp', 'received_at', 'session_start', 'path'],
      ...['user_id', 'country', 'properties', 'revenue_minor', 'currency'],
    ],
  });
  await context.events.command('INSERT INTO people_restricted (origin_id, version, is_deleted) VALUES (9, 1, 0)');
});
after(() => context.close());

const run = (sql: string) =>
  runSql(
    context,
    ada,
    { id: crypto.randomUUID(), sql, from: new Date('2026-01-01'), to: new Date('2026-12-31') },
    new AbortController().signal,
  );

describe('SQL of members', { timeout: 280_000 }, () => {
  test('that only reads what it may is run', async () => {
    assert.ok(HONEST.length >= 30);
    for (const [i, sql] of HONEST.entries()) {
      const result = await run(sql).catch((error: Error) => assert.fail(`${i}: ${sql}\n${error.message}`));
      assert.ok(result.columns.length > 0);
      assert.ok(!JSON.stringify(result).includes(SECRET), `${sql} shows a restricted person`);
    }
  });

  test('that writes, reads files, addresses or others’ tables, or steers the engine is refused with a sentence', async () => {
    assert.ok(ATTACKS.length >= 60);
    const before = await context.events.query(
      'SELECT name, total_rows FROM system.tables WHERE database = currentDatabase() ORDER BY name',
    );
    const passed: string[] = [];
    for (const sql of ATTACKS) {
      const error = await run(sql).then(
        (result) => JSON.stringify(result).slice(0, 200),
        (error: unknown) => error,
      );
      if (!(error instanceof Refusal)) passed.push(`${sql}\n    → ${String(error)}`);
      else {
        assert.equal(error.status, 400, `${sql}: ${error.message}`);
        assert.match(error.message, /^\p{Lu}[\s\S]{10,}/u, sql);
        assert.ok(!error.message.includes(SECRET), sql);
      }
    }
    assert.deepEqual(passed, [], 'passed');
    assert.deepEqual(
      await context.events.query(
        'SELECT name, total_rows FROM system.tables WHERE database = currentDatabase() ORDER BY name',
      ),
      before,
    );
  });

  test('never reaches a stored table by a name of ours, wherever the name stands', async () => {
    const places = [
      'SELECT user_id FROM events',
      'SELECT e.user_id FROM events AS e',
      'SELECT (SELECT groupArray(user_id) FROM events)',
      'WITH x AS (SELECT user_id FROM events) SELECT * FROM x',
      'WITH x AS (WITH y AS (SELECT * FROM events) SELECT user_id FROM y) SELECT * FROM x',
      'WITH (SELECT groupArray(user_id) FROM events) AS list SELECT list',
      'SELECT user_id FROM (SELECT * FROM (SELECT * FROM events))',
      'SELECT b.user_id FROM numbers(1) AS a CROSS JOIN events AS b',
      'SELECT b.user_id FROM people AS a LEFT JOIN events AS b ON a.person_id = b.person_id',
      'SELECT user_id FROM events UNION ALL SELECT user_id FROM events',
      'SELECT user_id FROM events EXCEPT SELECT toString(number) FROM numbers(3)',
      'SELECT user_id FROM events INTERSECT SELECT user_id FROM events',
      'SELECT number FROM numbers(10) WHERE toUInt64(number) IN (SELECT person_id FROM events)',
      "SELECT number, EXISTS(SELECT 1 FROM events WHERE user_id LIKE 'secret%') AS x FROM numbers(1) WHERE x",
      'SELECT arrayMap(x -> x IN (SELECT person_id FROM events), [1, 9]) AS list WHERE list[2]',
      'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT user_id FROM r CROSS JOIN events',
      'SELECT * FROM events WHERE (SELECT count() FROM events WHERE person_id = 9) > 0',
      'SELECT count() AS n FROM events GROUP BY person_id HAVING person_id IN (SELECT person_id FROM events) AND person_id = 9',
      'SELECT user_id FROM events ORDER BY (SELECT max(user_id) FROM events)',
      "SELECT if((SELECT max(person_id) FROM events) = 9, user_id, '') FROM events",
    ];
    const nine = /\b9\b|secret/;
    for (const sql of places) {
      const { rows } = await run(sql).catch((error: Error) => assert.fail(`${sql}\n${error.message}`));
      assert.doesNotMatch(JSON.stringify(rows), nine, sql);
    }
    const { rows } = await run(
      'SELECT number FROM numbers(10) WHERE toUInt64(number) IN (SELECT person_id FROM events) ORDER BY 1',
    );
    assert.deepEqual(rows.flat().map(Number), [1, 2]);
  });

  test('of any text ends with a result or a refusal, and with no other fault', async () => {
    const piece = fc.constantFrom(
      ...'SELECT FROM WHERE ( ) , * events people system.one file url remote IN AS WITH SETTINGS readonly=0 FORMAT ; -- /* */ \' " ` \\ 1 x x. UNION ALL JOIN ON {from:DateTime} {x:Identifier} $$ INTO OUTFILE numbers(3) person_overrides -> [ ] :: Int8 \n \u00a0 \u200b é'.split(
        ' ',
      ),
    );
    const text = fc.array(fc.oneof({ weight: 4, arbitrary: piece }, fc.string({ maxLength: 5 })), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(text, async (pieces) => {
        const sql = `SELECT ${pieces.join(' ')}`;
        try {
          assert.ok(!JSON.stringify(await run(sql)).includes(SECRET), sql);
        } catch (error) {
          assert.ok(error instanceof Refusal, `${JSON.stringify(sql)}: ${String(error)}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('that wraps an attack in something harmless is refused too', async () => {
    const attacks = [
      'SELECT * FROM system.one',
      "SELECT file('/etc/passwd')",
      'SELECT * FROM person_overrides',
      'SELECT 1 SETTINGS max_threads = 1',
    ];
    const around = fc.constantFrom<(sql: string) => string>(
      (sql) => `SELECT * FROM (${sql})`,
      (sql) => `WITH x AS (${sql}) SELECT * FROM x`,
      (sql) => `SELECT 1 WHERE 1 IN (${sql})`,
      (sql) => `SELECT 1 UNION ALL ${sql}`,
      (sql) => `SELECT (${sql})`,
      (sql) => `SELECT arrayMap(x -> (${sql}), [1])`,
      (sql) => `SELECT * FROM numbers(1) AS n CROSS JOIN (${sql}) AS m`,
      (sql) => `SELECT EXISTS(${sql})`,
      (sql) => `/* \n */ ${sql} -- x`,
      (sql) => `SELECT if(0, (${sql}), 1)`,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...attacks),
        fc.array(around, { minLength: 1, maxLength: 4 }),
        async (attack, wraps) => {
          const sql = wraps.reduce((inner, wrap) => wrap(inner.replace(/ -- x$/, '\n')), attack);
          await assert.rejects(run(sql), (error) => error instanceof Refusal && error.status === 400, sql);
        },
      ),
      { numRuns: 100 },
    );
  });
});
