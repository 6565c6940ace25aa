import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import pg from 'pg';
import { lastingPort } from '../../../../test/ports.ts';
import { type EmbeddedRecords, startEmbeddedRecords } from '../../../kernel/records-embedded.ts';
import { Refusal, refuse } from '../../../kernel/refusal.ts';
import type { Source } from '../../sources/sources.ts';
import { restartConnection } from '../connections.ts';
import { PostgresSettings } from '../settings.ts';
import { startConnections } from '../supervisor.ts';
import { type ConnectionBench, connectionBench, until } from '../testing.ts';
import { quoted, withDatabase } from './open.ts';
import { earlierUuid } from './run.ts';
import { checkTable, columnsOf, tablesOf } from './schema.ts';

describe('a source that reads a table', { timeout: 200_000 }, () => {
  let bench: ConnectionBench;
  let theirs: EmbeddedRecords;
  let theirDir: string;
  let db: pg.Pool;
  let stop: () => Promise<void>;
  const fields = { event: 'Order Placed', identifiers: [{ kind: 'email', column: 'email' }] };
  const postgres = (table: string, more: object = {}, url = theirs.url) => ({
    kind: 'postgres',
    settings: { table, cursor: 'updated_at', key: ['id'], everyMinutes: 1440, fields, ...more },
    secrets: { url },
  });
  const settings = (table: string, more: object = {}) => PostgresSettings.parse(postgres(table, more).settings);
  const orders = (name: string, cursorType = 'timestamptz DEFAULT clock_timestamp()') =>
    db.query(`CREATE TABLE ${quoted(name)} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text, total numeric,
      updated_at ${cursorType}); CREATE INDEX ON ${quoted(name)} (updated_at)`);
  const ofTable = async (test: (properties: Record<string, unknown>) => boolean) => {
    const events = (await bench.logged()).events.filter((e) => test((e.properties ?? {}) as Record<string, unknown>));
    return { events, ids: new Set(events.map((event) => event.messageId)) };
  };
  const read = async (source: Source, rows: number) =>
    bench.stateIs(source, (now) => (now.progress as { rows?: number }).rows === rows && now.state === 'connected');

  before(async () => {
    bench = await connectionBench();
    theirDir = mkdtempSync(join(tmpdir(), 'throughline-theirs-'));
    theirs = await startEmbeddedRecords(theirDir, { port: await lastingPort() });
    db = new pg.Pool({ connectionString: theirs.url });
    db.on('error', () => {});
    stop = await startConnections(bench.context);
  });
  after(async () => {
    await stop?.();
    await db?.end();
    await theirs?.stop();
    rmSync(theirDir, { recursive: true, force: true });
    await bench?.close();
  });
  afterEach(() => bench.context.records.pool.query('UPDATE sources SET enabled = false'));

  test('takes the whole history in batches and then what changes, each change once', async () => {
    await orders('history');
    await db.query(
      `INSERT INTO history (email, total) SELECT 'h' || n || '@example.com', n FROM generate_series(1, 250) n`,
    );
    const source = await bench.connect(postgres('history', { batch: 40 }));
    await read(source, 250);
    const first = await ofTable((p) => String(p.email).startsWith('h'));
    assert.deepEqual([first.events.length, first.ids.size], [250, 250]);
    const one = first.events.find((event) => (event.properties as { id: number }).id === 7)!;
    assert.deepEqual([one.event, one.externalIds], ['Order Placed', [{ kind: 'email', value: 'h7@example.com' }]]);
    assert.equal((one.properties as { total: number }).total, 7);
    assert.ok(Date.parse(String(one.timestamp)) > Date.now() - 60_000);
    await db.query('UPDATE history SET total = 1000, updated_at = clock_timestamp() WHERE id IN (3, 4)');
    await db.query("INSERT INTO history (email) VALUES ('h251@example.com')");
    await restartConnection(bench.context, source.id);
    const second = await until(async () => {
      const now = await ofTable((p) => String(p.email).startsWith('h'));
      return now.ids.size === 253 ? now : `${now.ids.size} of 253`;
    });
    assert.equal(second.ids.size, 253);
  });

  test('goes on where it was cut off, and does not pass a row by because it was committed late', async () => {
    await orders('late');
    await db.query("INSERT INTO late (email) SELECT 'l' || n FROM generate_series(1, 100) n");
    const source = await bench.connect(postgres('late', { batch: 10 }));
    await read(source, 100);
    const slow = await db.connect();
    await slow.query('BEGIN');
    await slow.query("INSERT INTO late (email) VALUES ('l-slow')");
    await db.query("INSERT INTO late (email) VALUES ('l-quick')");
    await restartConnection(bench.context, source.id);
    await until(async () =>
      (await ofTable((p) => p.email === 'l-quick')).events.length > 0 ? {} : 'quick is missing',
    );
    await slow.query('COMMIT');
    slow.release();
    await restartConnection(bench.context, source.id);
    await until(async () => ((await ofTable((p) => p.email === 'l-slow')).events.length > 0 ? {} : 'slow is missing'));
    assert.equal((await ofTable((p) => String(p.email).startsWith('l'))).ids.size, 102);
  });

  test('goes on in the midst of the history where it was cut off', async () => {
    await orders('cut');
    await db.query("INSERT INTO cut (email) SELECT 'c' || n FROM generate_series(1, 100) n");
    const { log } = bench.context;
    const append = log.append.bind(log);
    let batches = 0;
    log.append = async (entries) => {
      await append(entries);
      if (++batches === 4) throw new Error('cut off here');
    };
    const source = await bench.connect(postgres('cut', { batch: 10 }));
    const stopped = await bench.stateIs(source, (now) => now.error !== null);
    assert.match(stopped.error ?? '', /cut off here/);
    assert.equal((stopped.progress as { rows: number }).rows, 30);
    log.append = append;
    await read(source, 100);
    const { ids, events } = await ofTable((p) => /^c\d+$/.test(String(p.email)));
    assert.deepEqual([ids.size, events.length], [100, 110], 'only what was not yet written down is read again');
  });

  for (const [type, how, value] of [
    ['bigint', 'GENERATED ALWAYS AS IDENTITY', null],
    ['uuid', 'DEFAULT uuidv7()', null],
    ['timestamp', '', "timestamp '2026-01-01 12:00'"],
  ] as const) {
    test(`reads by a cursor of the type ${type}, also where many rows share it`, async () => {
      const table = `by ${type} "x"`;
      await db.query(`CREATE TABLE ${quoted(table)} (id int PRIMARY KEY, email text, updated_at ${type} ${how})`);
      await db.query(
        value
          ? `INSERT INTO ${quoted(table)} SELECT n, $1 || n, ${value} FROM generate_series(1, 55) n`
          : `INSERT INTO ${quoted(table)} (id, email) SELECT n, $1 || n FROM generate_series(1, 55) n`,
        [type],
      );
      const source = await bench.connect(postgres(table, { batch: 10 }));
      await read(source, 55);
      const found = await ofTable((p) => new RegExp(`^${type}\\d+$`).test(String(p.email)));
      assert.equal(found.ids.size, 55);
      if (value) assert.equal(found.events[0]?.timestamp, '2026-01-01T12:00:00Z');
      await db.query(
        value
          ? `INSERT INTO ${quoted(table)} VALUES (56, $1 || 56, ${value})`
          : `INSERT INTO ${quoted(table)} (id, email) VALUES (56, $1 || 56)`,
        [type],
      );
      await restartConnection(bench.context, source.id);
      await until(async () =>
        (await ofTable((p) => p.email === `${type}56`)).events.length ? {} : 'row 56 is missing',
      );
    });
  }

  test('waits while the log is full, and takes rows to quarantine that cannot be events', async () => {
    await orders('odd');
    await db.query(
      `INSERT INTO odd (email, total) VALUES ('o1', 9007199254740993), (repeat('x', 300000), 1), ('o3', 3)`,
    );
    const { log } = bench.context;
    const append = log.append.bind(log);
    log.append = async () => {
      throw refuse.unavailable('the log is full');
    };
    const source = await bench.connect(postgres('odd'));
    const held = await bench.stateIs(source, 'waiting');
    assert.match(held.error ?? '', /log is full/);
    log.append = append;
    const now = await read(source, 3);
    assert.deepEqual([now.received, now.refused, now.error], [2, 1, null]);
    const { events } = await ofTable((p) => p.email === 'o1');
    assert.equal((events[0]!.properties as { total: unknown }).total, '9007199254740993', 'no digit is lost');
    assert.match((await bench.logged()).refused.at(-1)?.reason ?? '', /longer than 200 kB/);
  });

  test('maps rows by the mapping of the source', async () => {
    await orders('mapped');
    await db.query("INSERT INTO mapped (email, total) VALUES ('m1@example.com', 5), ('m2@example.com', -1)");
    const mapping =
      'total > 0 ? { "event": "Paid in " & $table, "externalIds": [{ "kind": "email", "value": email }], "properties": { "email": email } }';
    const source = await bench.connect(postgres('mapped'), { mapping });
    await read(source, 2);
    const { events } = await ofTable((p) => /^m\d@/.test(String(p.email)));
    assert.deepEqual(
      events.map((event) => event.event),
      ['Paid in mapped'],
    );
  });

  test('goes on when the database was away', async () => {
    await orders('away');
    await db.query("INSERT INTO away (email) VALUES ('a1')");
    const dir = theirs;
    const port = Number(new URL(theirs.url).port);
    await dir.stop();
    const source = await bench.connect(postgres('away'));
    const waiting = await bench.stateIs(source, (now) => now.error !== null);
    assert.match(waiting.error ?? '', /Nothing listens at this address/);
    theirs = await startEmbeddedRecords(theirDir, { port });
    await read(source, 1);
  });

  test('shows what may be read, and refuses plainly what cannot be gone by', async () => {
    await orders('checked');
    await db.query(
      'ALTER TABLE checked ADD note text, ADD slow timestamptz, ADD random uuid DEFAULT gen_random_uuid()',
    );
    await db.query("INSERT INTO checked (email) VALUES ('c')");
    await db.query("CREATE ROLE stranger LOGIN PASSWORD 'stranger'");
    await withDatabase(theirs.url, AbortSignal.timeout(20_000), async (client) => {
      const tables = await tablesOf(client);
      assert.ok(tables.some((table) => table.name === 'checked' && table.schema === 'public'));
      const columns = await columnsOf(client, 'public', 'checked');
      assert.deepEqual(
        columns.map(({ name, cursor, key, indexed }) => [name, cursor, key, indexed]),
        [
          ['id', true, 1, true],
          ['email', false, 0, false],
          ['total', false, 0, false],
          ['updated_at', true, 0, true],
          ['note', false, 0, false],
          ['slow', true, 0, false],
          ['random', true, 0, false],
        ],
      );
      const refused = (more: object, says: RegExp, table = 'checked') =>
        assert.rejects(checkTable(client, settings(table, more)), (error) => {
          assert.ok(error instanceof Refusal && error.status === 400, String(error));
          assert.match(error.message, says);
          return true;
        });
      await refused({}, /no table or view public\.nowhere/, 'nowhere');
      await refused({ cursor: 'gone' }, /has no column "gone"/);
      await refused({ key: ['gone'] }, /has no column "gone"/);
      await refused({ cursor: 'note' }, /of the type text, which does not grow/);
      await refused({ cursor: 'random' }, /not of version 7/);
      await refused({ fields: { ...fields, time: 'when' } }, /has no column "when"/);
      const slow = await checkTable(client, settings('checked', { cursor: 'slow' }));
      assert.match(slow.warnings.join('\n'), /has no index[\s\S]*is empty are not read/);
      assert.deepEqual((await checkTable(client, settings('checked'))).warnings, [
        'Rows whose "updated_at" is empty are not read.',
      ]);
    });
    const stranger = new URL(theirs.url);
    stranger.username = 'stranger';
    stranger.password = 'stranger';
    await withDatabase(stranger.href, AbortSignal.timeout(20_000), async (client) => {
      await assert.rejects(columnsOf(client, 'public', 'checked'), /may not read public\.checked\. Run: GRANT SELECT/);
      assert.deepEqual(await tablesOf(client), []);
    });
    const source = await bench.connect(postgres('checked', {}, stranger.href));
    const state = await bench.stateIs(source, (now) => now.error !== null);
    assert.match(state.error ?? '', /may not read public\.checked/);
    const { rows } = await bench.context.records.pool.query('SELECT * FROM connections');
    assert.doesNotMatch(JSON.stringify(rows), /stranger:stranger|postgres:\/\//);
  });

  test('never writes to the database that it reads, whatever it is named', async () => {
    await assert.rejects(
      withDatabase(theirs.url, AbortSignal.timeout(20_000), (client) => client.query('CREATE TABLE mischief (x int)')),
      /read-only/,
    );
    const name = `x"; DROP TABLE checked; --`;
    await db.query(`CREATE TABLE ${quoted(name)} (${quoted(`id"`)} int PRIMARY KEY, email text, updated_at int)`);
    await db.query(`INSERT INTO ${quoted(name)} VALUES (1, 'safe', 1)`);
    const source = await bench.connect(postgres(name, { key: ['id"'] }));
    await read(source, 1);
    assert.equal((await db.query('SELECT count(*)::int AS n FROM checked')).rows[0].n, 1);
  });
});

test('a UUID of version 7 can be set back in time', () => {
  const later = '01890a5d-ac96-774b-bcce-b302099a8057';
  const earlier = earlierUuid(later, 60);
  assert.ok(earlier < later);
  const at = (uuid: string) => Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16);
  assert.equal(at(later) - at(earlier), 60_000);
  assert.match(earlierUuid('00000000-0001-7000-8000-000000000000', 60), /^00000000-0000-7/);
});
