import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Context } from '../../kernel/context.ts';
import { S3_KEY, startTestS3, type TestS3 } from '../../kernel/s3.testing.ts';
import { runJobs, testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import type { IncomingEvent } from '../intake/incoming.ts';
import { append, processAll, sent } from '../stream/testing.ts';
import { createDestination, type Files } from './destination.ts';
import { stampOf } from './period.ts';
import { deliveriesOfPersons, destinationsOf } from './personal.ts';
import { beginDue, GRACE_MS, listRuns, runAgain, runById, workOnRun } from './runs.ts';
import type { FilesSettings } from './settings.ts';
import { openTarget } from './target.ts';

const HOUR = 3_600_000;
/** A whole hour of the past, in which the events of these tests were received. */
const START = Math.floor(Date.now() / HOUR) * HOUR - 10 * HOUR;

let context: Context & { close(): Promise<void> };
let root: string;
let s3: TestS3;
before(async () => {
  root = mkdtempSync(join(tmpdir(), 'throughline-exports-'));
  s3 = await startTestS3('exports');
  context = await testContext({
    apps: core,
    environment: { THROUGHLINE_EXPORTS_DIR: root, THROUGHLINE_OUTGOING_ALLOW: '127.0.0.1/32' },
  });
});
after(async () => {
  await context.close();
  await s3.close();
  rmSync(root, { recursive: true, force: true });
});

const settings = (more: Partial<FilesSettings> = {}): FilesSettings => ({
  format: 'ndjson',
  every: 'hour',
  zone: 'UTC',
  rowsPerFile: 1000,
  place: { kind: 'folder', path: `f${crypto.randomUUID().slice(0, 8)}` },
  ...more,
});

async function make(
  more: Partial<FilesSettings> = {},
  choice: { names?: string[]; purposes?: string[]; secretAccessKey?: string; since?: number } = {},
): Promise<Files> {
  const made = await createDestination(context, {
    name: 'Warehouse',
    kind: 'files',
    filter: choice.names ? { names: choice.names } : {},
    condition: null,
    purposes: choice.purposes ?? [],
    settings: settings(more),
    notify: null,
    ...(choice.secretAccessKey ? { secretAccessKey: choice.secretAccessKey } : {}),
  });
  const createdAt = new Date(choice.since ?? Date.now());
  await context.records.pool.query('UPDATE destinations SET created_at = $2 WHERE id = $1', [made.id, createdAt]);
  return { ...made, createdAt } as Files;
}

/** Events received at a time, through the whole stream. */
async function arrive(receivedAt: number, events: Partial<IncomingEvent>[]): Promise<void> {
  for (let start = 0; start < events.length; start += 500) {
    const some = events.slice(start, start + 500);
    await append(
      context,
      some.map((event) => sent({ messageId: crypto.randomUUID(), ...event })),
      { receivedAt },
    );
  }
  await processAll(context);
}

const foldersOf = (files: Files) => {
  const { place } = files.settings;
  assert.equal(place.kind, 'folder');
  return join(root, place.kind === 'folder' ? place.path : '');
};
const pathsOf = (files: Files) =>
  readdirSync(foldersOf(files), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(foldersOf(files).length + 1))
    .sort();

type FileRow = Record<string, unknown> & { message_id: string; name: string; origin_id: number };

async function rowsOf(files: Files): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  for (const path of pathsOf(files)) {
    const full = join(foldersOf(files), path);
    if (path.endsWith('.ndjson.gz')) {
      const lines = gunzipSync(readFileSync(full)).toString().split('\n').filter(Boolean);
      rows.push(...lines.map((line) => JSON.parse(line) as FileRow));
    } else if (path.endsWith('.parquet')) {
      rows.push(...(await context.events.query<FileRow>("SELECT * FROM file({full:String}, 'Parquet')", { full })));
    }
  }
  return rows;
}

const runsOf = async (files: Files) => (await listRuns(context, files.id, { limit: 100 })).items;

async function personOf(userId: string): Promise<number> {
  const { rows } = await context.records.pool.query<{ id: number }>(
    'SELECT p.root_id AS id FROM identifiers i JOIN persons p ON p.id = i.person_id WHERE i.value = $1',
    [userId],
  );
  return rows[0]!.id;
}

describe('events as files', () => {
  it('are exactly those received in the period, in files of so many rows, with a manifest', async () => {
    const made = Array.from({ length: 2600 }, (_, n) => ({
      messageId: `exact-${n}`,
      userId: `exact-${n % 50}`,
      event: 'Exact',
      properties: { n, big: 9007199254740991, text: `line\n"quote" żółw 🐢 ${n}`, 'a.b': { c: [1, 'x'] } },
    }));
    await arrive(START - 1, [{ messageId: 'exact-before', userId: 'exact-1', event: 'Exact' }]);
    await arrive(START, made.slice(0, 1000));
    await arrive(START + HOUR / 2, made.slice(1000, 1900));
    await arrive(START + HOUR - 1, made.slice(1900));
    await arrive(START + HOUR, [{ messageId: 'exact-after', userId: 'exact-1', event: 'Exact' }]);
    for (const format of ['ndjson', 'parquet'] as const) {
      const files = await make({ format }, { names: ['Exact'], since: START + 5000 });
      await beginDue(context, START + HOUR + GRACE_MS);
      await runJobs(context, core);
      const [run, ...others] = await runsOf(files);
      assert.deepEqual([run?.state, run?.rows, run?.files, others.length], ['done', 2600, 3, 0]);
      const rows = await rowsOf(files);
      const ids = new Set(rows.map((row) => row.message_id));
      assert.equal(rows.length, 2600);
      assert.deepEqual(ids, new Set(made.map((event) => event.messageId)));
      const row = rows.find((one) => one.message_id === 'exact-7')!;
      const properties = typeof row.properties === 'string' ? JSON.parse(row.properties) : row.properties;
      assert.deepEqual(properties, made[7]!.properties);
      assert.equal(row.user_id, 'exact-7');
      const date = new Date(START).toISOString();
      const folder = `date=${date.slice(0, 10)}/hour=${date.slice(11, 13)}`;
      const ending = format === 'ndjson' ? 'ndjson.gz' : 'parquet';
      assert.deepEqual(pathsOf(files), [
        ...[1, 2, 3].map((n) => `${folder}/events-${stampOf(START)}-r${run!.id}-000${n}.${ending}`),
        `${folder}/manifest-${stampOf(START)}.json`,
      ]);
      const manifest = JSON.parse(readFileSync(join(foldersOf(files), pathsOf(files).at(-1)!), 'utf8'));
      assert.equal(manifest.rows, 2600);
      for (const file of manifest.files) {
        assert.equal(statSync(join(foldersOf(files), file.path)).size, file.bytes);
        assert.ok(file.rows <= 1000);
      }
    }
  });

  it('hold events that came late once their period is written again by itself', async () => {
    const files = await make({}, { names: ['Late'], since: START });
    await arrive(START + 1000, [{ messageId: 'late-1', userId: 'l', event: 'Late' }]);
    await beginDue(context, START + HOUR + GRACE_MS);
    await runJobs(context, core);
    assert.equal((await rowsOf(files)).length, 1);
    // As one that was sent again from quarantine keeps the time at which it was received.
    await arrive(START + 2000, [{ messageId: 'late-2', userId: 'l', event: 'Late' }]);
    await beginDue(context, START + 2 * HOUR + GRACE_MS);
    await runJobs(context, core);
    assert.deepEqual((await rowsOf(files)).map((row) => row.message_id).sort(), ['late-1', 'late-2']);
    const runs = await runsOf(files);
    assert.deepEqual(runs.map((run) => run.cause).sort(), ['late', 'schedule', 'schedule']);
    assert.equal(runs.filter((run) => run.replacedBy !== null).length, 1);
  });

  it('go on after a crash with the file that was under way, without a row twice', async () => {
    const files = await make({}, { names: ['Crash'], since: START });
    await arrive(
      START + 1000,
      Array.from({ length: 800 }, (_, n) => ({ userId: `c${n % 9}`, event: 'Crash' })),
    );
    await arrive(
      START + 60_000,
      Array.from({ length: 800 }, (_, n) => ({ userId: `c${n % 9}`, event: 'Crash' })),
    );
    await beginDue(context, START + HOUR + GRACE_MS);
    const [run] = await runsOf(files);
    const stop = new AbortController();
    // The first file is written and on record; then the process is asked to stop.
    const poll = setInterval(async () => {
      if ((await runById(context, files.id, run!.id)).files > 0) stop.abort(new Error('stopped'));
    }, 5);
    await workOnRun(context, run!.id, { last: false, signal: stop.signal }).catch(() => {});
    clearInterval(poll);
    await context.records.pool.query(
      "UPDATE destinations_runs SET state = 'running' WHERE id = $1 AND state <> 'done'",
      [run!.id],
    );
    await workOnRun(context, run!.id, { last: false, signal: new AbortController().signal });
    const rows = await rowsOf(files);
    assert.equal(rows.length, 1600);
    assert.equal(new Set(rows.map((row) => row.message_id)).size, 1600);
    const after = await runById(context, files.id, run!.id);
    assert.deepEqual([after.state, after.rows, after.files], ['done', 1600, 2]);
  });

  it('of a past time are written again in place of those of before', async () => {
    const files = await make({}, { names: ['Again'] });
    await arrive(START + 3 * HOUR, [{ userId: 'a', event: 'Again' }]);
    for (let n = 0; n < 2; n++) {
      await runAgain(context, files.id, new Date(START + 2 * HOUR), new Date(START + 4 * HOUR));
      await runJobs(context, core);
    }
    assert.equal((await rowsOf(files)).length, 1);
    assert.equal((await runsOf(files)).filter((run) => run.replacedBy === null).length, 2);
    await assert.rejects(runAgain(context, files.id, new Date(), new Date(Date.now() + HOUR)), /is over yet/);
    await assert.rejects(runAgain(context, files.id, new Date(START), new Date(START)), /begin before/);
    await assert.rejects(runAgain(context, files.id, new Date(0), new Date()), /366 days/);
    await assert.rejects(runAgain(context, files.id, new Date(START - 300 * 86_400_000), new Date()), /1000 periods/);
  });

  it('hold only what people consent to, and count what is held back', async () => {
    const say = (granted: boolean) => ({ consent: { categoryPreferences: { analytics: granted } } });
    await arrive(START + 4 * HOUR, [
      { userId: 'f-yes', type: 'identify', context: say(true) },
      { userId: 'f-no', type: 'identify', context: say(false) },
      { userId: 'f-yes', event: 'Consented' },
      { userId: 'f-no', event: 'Consented' },
      { userId: 'f-silent', event: 'Consented' },
      { userId: 'f-own', event: 'Consented', context: say(true) },
      { userId: 'f-closed', event: 'Consented', context: say(true) },
    ]);
    await arrive(START + 4 * HOUR, [
      { userId: 'f-changed', event: 'Consented', context: say(true), timestamp: '2020-01-01T00:00:00Z' },
      { userId: 'f-changed', type: 'identify', context: say(false), timestamp: '2020-01-02T00:00:00Z' },
    ]);
    await context.records.pool.query("INSERT INTO privacy_restrictions (person_id, by_name) VALUES ($1, 'a test')", [
      await personOf('f-closed'),
    ]);
    for (const format of ['ndjson', 'parquet'] as const) {
      const files = await make({ format }, { names: ['Consented'], purposes: ['analytics', 'service'] });
      await runAgain(context, files.id, new Date(START + 4 * HOUR), new Date(START + 5 * HOUR));
      await runJobs(context, core);
      assert.deepEqual((await rowsOf(files)).map((row) => row.user_id).sort(), ['f-own', 'f-yes'], format);
      const [run] = await runsOf(files);
      assert.deepEqual(run?.held, { analytics: 3, restricted: 1 });
    }
    const open = await make({}, { names: ['Consented'], purposes: ['service'] });
    await runAgain(context, open.id, new Date(START + 4 * HOUR), new Date(START + 5 * HOUR));
    await runJobs(context, core);
    assert.equal((await rowsOf(open)).length, 5);
    const left = await context.events.query<{ n: string }>('SELECT count() AS n FROM destinations_people');
    assert.equal(left[0]?.n, '0');
  });

  it('lose the rows of a person who is erased, and the manifest follows', async () => {
    await arrive(START + 5 * HOUR, [
      { userId: 'e-gone', event: 'Erasable', properties: { secret: 'unmistakable-value' } },
      { userId: 'e-stays', event: 'Erasable' },
      { userId: 'e-stays', event: 'Erasable' },
    ]);
    const made: Files[] = [];
    for (const format of ['ndjson', 'parquet'] as const) {
      const files = await make({ format }, { names: ['Erasable'] });
      made.push(files);
      await runAgain(context, files.id, new Date(START + 5 * HOUR), new Date(START + 6 * HOUR));
    }
    await runJobs(context, core);
    const subject = { origins: [await personOf('e-gone')], identifiers: [] };
    assert.equal((await destinationsOf(context, subject)).length, 2);
    await deliveriesOfPersons.erase(context, subject);
    for (const files of made) {
      const rows = await rowsOf(files);
      assert.deepEqual(
        rows.map((row) => row.user_id),
        ['e-stays', 'e-stays'],
      );
      const [run] = await runsOf(files);
      const [file] = (await runById(context, files.id, run!.id)).list;
      assert.ok(file?.rewrittenAt);
      const manifest = JSON.parse(readFileSync(join(foldersOf(files), pathsOf(files).at(-1)!), 'utf8'));
      assert.deepEqual([manifest.rows, manifest.files[0].sha256], [2, file?.sha256]);
      const bytes = readFileSync(join(foldersOf(files), file!.path));
      const text = (files.settings.format === 'ndjson' ? gunzipSync(bytes) : bytes).toString('latin1');
      assert.ok(!text.includes('unmistakable-value'));
    }
    assert.deepEqual(await destinationsOf(context, subject), []);
  });

  it('go to an S3-compatible store too, large ones in parts', async () => {
    const noise = () => Buffer.from(crypto.getRandomValues(new Uint8Array(6000))).toString('base64');
    await arrive(
      START + 6 * HOUR,
      Array.from({ length: 1500 }, (_, n) => ({
        userId: `s${n % 7}`,
        event: 'Stored',
        properties: { noise: noise() },
      })),
    );
    const place = {
      kind: 's3' as const,
      endpoint: s3.endpoint,
      bucket: s3.bucket,
      region: 'us-east-1',
      prefix: 'crm/raw',
      accessKeyId: S3_KEY.accessKeyId,
    };
    await assert.rejects(make({ place }), /secretAccessKey/);
    const files = await make(
      { format: 'parquet', rowsPerFile: 100_000, place },
      { names: ['Stored'], secretAccessKey: S3_KEY.secretAccessKey },
    );
    await runAgain(context, files.id, new Date(START + 6 * HOUR), new Date(START + 7 * HOUR));
    await runJobs(context, core);
    const [run] = await runsOf(files);
    assert.deepEqual([run?.state, run?.rows, run?.error], ['done', 1500, null]);
    assert.ok(run!.bytes > 8 * 1024 * 1024);
    const [file] = (await runById(context, files.id, run!.id)).list;
    const bytes = await openTarget(context.config, files).read(file!.path);
    assert.equal(bytes?.length, file?.bytes);
    const full = join(root, 'from-s3.parquet');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(full, bytes!);
    const [count] = await context.events.query<{ n: string }>(
      "SELECT count() AS n FROM file({full:String}, 'Parquet')",
      {
        full,
      },
    );
    assert.equal(count?.n, '1500');
  });

  it('stay below the configured folder, whatever path was given', async () => {
    for (const path of ['../out', 'a/../../b', '/etc', 'a//b', '.hidden', 'a\\b', 'a/..', '~']) {
      const { FilePlace } = await import('./settings.ts');
      assert.equal(FilePlace.safeParse({ kind: 'folder', path }).success, false, path);
    }
    const elsewhere = mkdtempSync(join(tmpdir(), 'throughline-elsewhere-'));
    mkdirSync(join(root, 'links'), { recursive: true });
    symlinkSync(elsewhere, join(root, 'links', 'away'));
    const target = openTarget(context.config, {
      settings: settings({ place: { kind: 'folder', path: 'links/away' } }),
      secrets: {},
    });
    await assert.rejects(target.write('date=2026-01-01/x', Buffer.from('x')), /leads out/);
    rmSync(elsewhere, { recursive: true });
    await assert.rejects(make({ zone: 'Europe/Nowhere' }), /not a time zone/);
    const closed = { ...context, config: { ...context.config, exportsDir: undefined } };
    await assert.rejects(
      createDestination(closed, {
        name: 'x',
        kind: 'files',
        filter: {},
        condition: null,
        purposes: [],
        settings: settings(),
        notify: null,
      }),
      /THROUGHLINE_EXPORTS_DIR/,
    );
  });

  it('wait for the stream, so that no event that was accepted in time is missing', async () => {
    const files = await make({}, { names: ['Waited'] });
    await append(context, [sent({ messageId: 'waited', userId: 'w', event: 'Waited' })], {
      receivedAt: START + 7 * HOUR,
    });
    const { rows } = await context.records.pool.query<{ id: number }>(
      'INSERT INTO destinations_runs (destination_id, starts_at, ends_at) VALUES ($1, $2, $3) RETURNING id',
      [files.id, new Date(START + 7 * HOUR), new Date(Date.now() + HOUR)],
    );
    const { signal } = new AbortController();
    await assert.rejects(workOnRun(context, rows[0]!.id, { last: false, signal }), /has not stored all/);
    await processAll(context);
    await workOnRun(context, rows[0]!.id, { last: false, signal });
    assert.equal((await rowsOf(files)).length, 1);
  });
});
