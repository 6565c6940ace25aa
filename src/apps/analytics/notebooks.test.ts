import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { core } from '../../core/index.ts';
import type { AuditEntry } from '../../kernel/audit.ts';
import type { Caller } from '../../kernel/caller.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { analytics } from './app.ts';
import { notebookRoutes } from './notebook-routes.ts';
import { CELLS_LIMIT, NOTEBOOKS_LIMIT, VERSIONS_KEPT } from './notebooks.ts';
import { SQL_LIMIT } from './sql/fence.ts';
import { MAY_SQL, sqlRoutes } from './sql/routes.ts';
import { SQL_ROWS } from './sql/run.ts';

const member = (id: string, more: Partial<Caller> = {}): Caller => ({
  ...{ kind: 'staff', id, name: id, email: null, role: 'analyst', permissions: new Set([MAY_SQL]), ...more },
});
const people: Record<string, Caller> = {
  ada: member('ada'),
  ben: member('ben'),
  eve: member('eve', { permissions: new Set() }),
  hal: member('hal', { hidesPersonalData: true }),
};
const SLOW = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1';

const notebookApp = {
  name: 'notebooks',
  permissions: analytics.permissions!,
  routes: [...sqlRoutes, ...notebookRoutes],
};

let context: Awaited<ReturnType<typeof testContext>>;
let server: { url: string; close(): Promise<void> };
const noted: AuditEntry[] = [];
before(async () => {
  context = await testContext({ apps: [...core, analytics] });
  const keep = { name: 'keep', audit: async (_: unknown, entry: AuditEntry) => void noted.push(entry) };
  const authenticate = async (http: { req: { header(name: string): string | undefined } }) =>
    people[http.req.header('x-person') ?? ''] ?? null;
  server = await serveForTest(buildHttp(context, [keep, notebookApp], authenticate));
});
after(async () => {
  await server?.close();
  await context?.close();
});
beforeEach(() => context.records.pool.query('TRUNCATE analytics_notebooks CASCADE'));

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
  body: any;
}
async function call(who: string, method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
  const response = await fetch(`${server.url}/api${path}`, {
    method,
    headers: { 'x-person': who, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  return { status: response.status, body: await response.json() };
}
const sql = (who: string, text: string, more: object = {}) => call(who, 'POST', '/sql', { sql: text, ...more });

/** Queries like the slow one that the engine works on now. */
async function slowOnes(): Promise<number> {
  const [row] = await context.events.query<{ n: number }>(
    "SELECT toUInt32(count()) AS n FROM system.processes WHERE query LIKE '%1000000000000%' AND match(query, '^(SELECT \\\\*|WITH)')",
  );
  return row!.n;
}
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 30));
}

describe('SQL', { timeout: 60_000 }, () => {
  test('is run within a period, and answers with columns, types and rows', async () => {
    const { status, body } = await sql(
      'ada',
      "SELECT {from:DateTime} AS f, toUInt64(5) AS n, [1, 2] AS l, NULL AS x, 'ü' AS t",
      {
        from: '2026-01-02T03:04:05Z',
        to: '2026-02-01T00:00:00+01:00',
      },
    );
    assert.equal(status, 200);
    assert.deepEqual(
      body.columns.map((column: { name: string }) => column.name),
      ['f', 'n', 'l', 'x', 't'],
    );
    assert.deepEqual(body.rows, [['2026-01-02 03:04:05', '5', [1, 2], null, 'ü']]);
    assert.equal(body.cut, false);
  });

  test('shows so many rows, and says that there are more', async () => {
    const { body } = await sql('ada', `SELECT number FROM numbers(${SQL_ROWS + 1}) ORDER BY number`);
    assert.equal(body.rows.length, SQL_ROWS);
    assert.equal(body.cut, true);
    assert.equal((await sql('ada', `SELECT number FROM numbers(${SQL_ROWS})`)).body.cut, false);
  });

  test('that is wrong is refused with where it is wrong', async () => {
    const refused = async (text: string) => {
      const { status, body } = await sql('ada', text);
      assert.equal(status, 400, text);
      return { ...body.error.details, message: body.error.message };
    };
    assert.equal((await refused('SELECT count(\nFROM events')).reason, 'wrong');
    assert.equal((await refused('SELECT 1,\n nothing_like_it FROM events')).position, 11);
    const file = await refused("SELECT 1, file('/etc/passwd')");
    assert.deepEqual([file.reason, file.position], ['refused', 10]);
    assert.match((await refused('SELECT * FROM (SELECT 1')).message, /Unmatched parentheses/);
    assert.match((await refused('SELECT {who:String}')).message, /\{from:DateTime\}/);
    assert.doesNotMatch((await refused('SELECT nothing FROM sessions')).message, /session_start|WITH/);
    assert.equal((await sql('ada', `SELECT '${'x'.repeat(SQL_LIMIT)}'`)).status, 400);
    assert.equal((await sql('ada', `SELECT '${'x'.repeat(2 * SQL_LIMIT)}'`)).status, 413);
  });

  test('that needs too much is stopped, and says what it lacked', async () => {
    const memory = await sql(
      'ada',
      "SELECT length(groupArray(toString(number) || repeat('x', 1000))) FROM numbers(10000000)",
    );
    assert.equal(memory.status, 413);
    assert.match(memory.body.error.message, /1 GB of memory/);
    const wide = await sql('ada', "SELECT repeat('x', 1000000) || toString(number) FROM numbers(100)");
    assert.equal(wide.status, 413);
    assert.match(wide.body.error.message, /32 MB/);
  });

  test('is cancelled by whom it belongs to, and ends in the engine', async () => {
    const id = crypto.randomUUID();
    const answer = sql('ada', SLOW, { id });
    await until(async () => (await slowOnes()) > 0);
    assert.equal((await call('ben', 'DELETE', `/sql/${id}`)).status, 404);
    assert.equal((await sql('ada', 'SELECT 1', { id })).status, 409);
    assert.equal((await call('ada', 'DELETE', `/sql/${id}`)).status, 200);
    const { status, body } = await answer;
    assert.deepEqual([status, body.error.code], [499, 'cancelled']);
    await until(async () => (await slowOnes()) === 0);
    assert.equal((await call('ada', 'DELETE', `/sql/${id}`)).status, 404);
  });

  test('ends in the engine when the browser goes away', async () => {
    const control = new AbortController();
    const answer = call('ada', 'POST', '/sql', { sql: `SELECT (${SLOW})` }, control.signal);
    await until(async () => (await slowOnes()) > 0);
    control.abort();
    await assert.rejects(answer, /abort/i);
    await until(async () => (await slowOnes()) === 0);
    assert.equal((await sql('ada', 'SELECT 1')).status, 200);
  });

  test('runs twice at a time for a member; more wait for nobody', async () => {
    const ids = [crypto.randomUUID(), crypto.randomUUID()];
    const answers = ids.map((id) => sql('ada', SLOW, { id }));
    await until(async () => (await slowOnes()) === 2);
    const third = await sql('ada', 'SELECT 1');
    assert.equal(third.status, 429);
    // Another's waits for a place, and can be given up while it waits.
    const id = crypto.randomUUID();
    const waits = sql('ben', 'SELECT 1', { id });
    await until(async () => (await call('ben', 'DELETE', `/sql/${id}`)).status === 200);
    assert.equal((await waits).status, 499);
    const later = sql('ben', 'SELECT 1');
    for (const id of ids) assert.equal((await call('ada', 'DELETE', `/sql/${id}`)).status, 200);
    assert.deepEqual(
      (await Promise.all(answers)).map(({ status }) => status),
      [499, 499],
    );
    assert.equal((await later).status, 200);
  });

  test('is for who may', async () => {
    assert.equal((await sql('eve', 'SELECT 1')).status, 403);
    assert.equal((await sql('nobody', 'SELECT 1')).status, 401);
  });

  test('has no columns that tell who somebody is, for a role that does not see personal data', async () => {
    const event = {
      event_id: crypto.randomUUID(),
      origin_id: 1,
      person_id: 1,
      type: 'page',
      name: 'Home',
      user_id: 'anna',
    };
    const at = {
      timestamp: '2026-06-01 10:00:00.000',
      received_at: '2026-06-01 10:00:00.000',
      session_start: '2026-06-01 10:00:00.000',
    };
    const row = {
      ...event,
      ...at,
      path: '/of/anna@example.com/orders',
      title: 'For anna%40example.com',
      properties: { email: 'anna' },
    };
    const columns = Object.keys(row);
    await context.events.insert({
      ...{ table: 'events', format: 'JSONEachRow', token: 'hidden', columns, bytes: Buffer.from(JSON.stringify(row)) },
    });
    const { tables } = (await call('hal', 'GET', '/sql/schema')).body;
    for (const { name, columns } of tables) {
      const { status, body } = await sql('hal', `SELECT * FROM ${name}`);
      assert.equal(status, 200, `${name}: ${body.error?.message}`);
      assert.deepEqual(
        body.columns.map((column: { name: string }) => column.name),
        columns.map((column: { name: string }) => column.name),
      );
      assert.doesNotMatch(JSON.stringify(body.rows), /anna/, name);
    }
    for (const column of ['user_id', 'anonymous_id', 'url', 'referrer', 'properties', 'properties.email']) {
      assert.equal((await sql('hal', `SELECT ${column} FROM events`)).status, 400, column);
      assert.equal(
        (await sql('hal', `SELECT count() FROM events WHERE toString(${column}) = 'anna'`)).status,
        400,
        column,
      );
    }
    const { body } = await sql('hal', 'SELECT path, title FROM events');
    assert.deepEqual(body.rows, [['/of/•••/orders', 'For •••']]);
    assert.deepEqual((await sql('ada', 'SELECT user_id FROM events')).body.rows, [['anna']]);
  });

  test('is kept in the audit log with the people that it showed', async () => {
    noted.length = 0;
    await sql('ada', 'SELECT number AS person_id FROM numbers(3) ORDER BY 1');
    const [entry] = noted;
    assert.deepEqual(
      [entry!.action, entry!.actor.id, entry!.subjects],
      ['POST /api/sql', 'ada', ['people/0', 'people/1', 'people/2']],
    );
  });

  test('finds its tables, columns and properties in the schema, and each column is there', async () => {
    await context.records.pool.query(
      `INSERT INTO catalogue_events (type, name) VALUES ('track', 'Order'), ('identify', 'identify');
       INSERT INTO catalogue_properties (event_id, path, first_seen, last_seen, strings, numbers)
       SELECT id, p, now(), now(), n, 1 FROM catalogue_events, (VALUES ('sku', 3), ('price', 5)) v(p, n) WHERE type = 'track'`,
    );
    const { body } = await call('ada', 'GET', '/sql/schema');
    assert.deepEqual(body.properties, [
      { name: 'price', events: 6 },
      { name: 'sku', events: 4 },
    ]);
    assert.ok(body.functions.includes('quantile') && !body.functions.includes('file'));
    for (const table of body.tables) {
      const result = await sql('ada', `SELECT * FROM ${table.name}`);
      assert.equal(result.status, 200, `${table.name}: ${result.body.error?.message}`);
      assert.deepEqual(
        result.body.columns.map(({ name, type }: Record<string, string>) => ({
          name,
          type: type!.replace(/^LowCardinality\((.*)\)$/, '$1'),
        })),
        table.columns.map(({ name, type }: Record<string, string>) => ({ name, type })),
        table.name,
      );
    }
  });
});

describe('a notebook', { timeout: 60_000 }, () => {
  const cells = [{ id: 'a', kind: 'sql', text: 'SELECT 1', chart: 'line' }];
  const make = async (who: string, name: string, shared = false) =>
    (await call(who, 'POST', '/notebooks', { name, cells, shared })).body;
  const names = async (who: string, query = '') =>
    (await call(who, 'GET', `/notebooks${query}`)).body.items.map((one: { name: string }) => one.name);

  test('is private to its owner until it is shared', async () => {
    const own = await make('ada', 'Mine');
    const ours = await make('ada', 'Ours', true);
    assert.deepEqual(await names('ada'), ['Ours', 'Mine']);
    assert.deepEqual(await names('ben'), ['Ours']);
    assert.deepEqual(await names('ada', '?q=min'), ['Mine']);
    assert.equal((await call('ben', 'GET', `/notebooks/${own.id}`)).status, 404);
    assert.equal((await call('ben', 'PATCH', `/notebooks/${own.id}`, { name: 'x', version: 1 })).status, 404);
    const changed = await call('ben', 'PATCH', `/notebooks/${ours.id}`, { name: 'By Ben', version: 1 });
    assert.deepEqual(
      [changed.body.name, changed.body.changedBy, changed.body.mine, changed.body.version],
      ['By Ben', 'ben', false, 2],
    );
    assert.equal((await call('ben', 'PATCH', `/notebooks/${ours.id}`, { shared: false, version: 2 })).status, 403);
    assert.equal((await call('ben', 'DELETE', `/notebooks/${ours.id}`)).status, 403);
    assert.equal((await call('eve', 'GET', '/notebooks')).status, 403);
  });

  test('that somebody else changed meanwhile is not written over', async () => {
    const { id } = await make('ada', 'Ours', true);
    assert.equal((await call('ben', 'PATCH', `/notebooks/${id}`, { cells: [], version: 1 })).status, 200);
    const late = await call('ada', 'PATCH', `/notebooks/${id}`, { name: 'Late', version: 1 });
    assert.equal(late.status, 409);
    assert.match(late.body.error.message, /^ben changed/);
  });

  test('keeps its last versions', async () => {
    const { id } = await make('ada', 'v1');
    for (let i = 2; i <= VERSIONS_KEPT + 3; i++)
      await call('ada', 'PATCH', `/notebooks/${id}`, { name: `v${i}`, version: i - 1 });
    const first = (await call('ada', 'GET', `/notebooks/${id}/versions?limit=30`)).body;
    const rest = (await call('ada', 'GET', `/notebooks/${id}/versions?limit=30&cursor=${first.nextCursor}`)).body;
    const all = [...first.items, ...rest.items].map((one) => one.name);
    assert.deepEqual(
      [all.length, all[0], all.at(-1), rest.nextCursor],
      [VERSIONS_KEPT, `v${VERSIONS_KEPT + 3}`, 'v4', null],
    );
    assert.deepEqual(first.items[0].cells, cells);
    assert.equal((await call('ben', 'GET', `/notebooks/${id}/versions`)).status, 404);
  });

  test('comes in pages, each once', async () => {
    for (let i = 0; i < 7; i++) await make('ada', `n${i}`);
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await call('ada', 'GET', `/notebooks?limit=3${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map((one: { name: string }) => one.name));
      cursor = body.nextCursor;
      if (!cursor) break;
    }
    assert.deepEqual(seen, ['n6', 'n5', 'n4', 'n3', 'n2', 'n1', 'n0']);
  });

  test('comes back after a deletion, until it is gone for good', async () => {
    const { id } = await make('ada', 'Mine');
    assert.equal((await call('ada', 'DELETE', `/notebooks/${id}`)).status, 200);
    assert.deepEqual(await names('ada'), []);
    assert.equal((await call('ben', 'POST', `/notebooks/${id}/restoration`, {})).status, 404);
    assert.equal((await call('ada', 'POST', `/notebooks/${id}/restoration`, {})).body.name, 'Mine');
    await call('ada', 'DELETE', `/notebooks/${id}`);
    await context.records.pool.query("UPDATE analytics_notebooks SET deleted_at = now() - interval '31 days'");
    await analytics.jobs!['analytics.forget-notebooks']!.run(context, {} as never, {} as never);
    assert.equal((await call('ada', 'POST', `/notebooks/${id}/restoration`, {})).status, 404);
  });

  test('has limits: on cells, on their text, and on how many there are', async () => {
    const many = Array.from({ length: CELLS_LIMIT + 1 }, (_, i) => ({ ...cells[0], id: `c${i}` }));
    assert.equal((await call('ada', 'POST', '/notebooks', { name: 'n', cells: many })).status, 400);
    assert.equal((await call('ada', 'POST', '/notebooks', { name: 'n', cells: many.slice(1) })).status, 201);
    assert.equal(
      (
        await call('ada', 'POST', '/notebooks', {
          name: 'n',
          cells: [{ ...cells[0], text: 'x'.repeat(SQL_LIMIT + 1) }],
        })
      ).status,
      400,
    );
    assert.equal((await call('ada', 'POST', '/notebooks', { name: 'a\0b' })).status, 400);
    await context.records.pool.query(
      `INSERT INTO analytics_notebooks (name, cells, owner, owner_name, shared, changed_by)
       SELECT 'x', '[]', 'staff:ben', 'ben', false, 'ben' FROM generate_series(1, $1::int)`,
      [NOTEBOOKS_LIMIT],
    );
    assert.equal((await call('ben', 'POST', '/notebooks', { name: 'one more' })).status, 409);
  });
});
