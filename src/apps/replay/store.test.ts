import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Hono } from 'hono';
import { mountSmallDisk } from '../../../test/small-disk.ts';
import { searchFiles } from '../../core/privacy/bytes.testing.ts';
import { requestErasure } from '../../core/privacy/erasure.ts';
import { append, processAll, sent } from '../../core/stream/testing.ts';
import { openFolderBlobs } from '../../kernel/blobs-folder.ts';
import type { Context } from '../../kernel/context.ts';
import { ageBlobs, runJobs } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { compact, compactFinished, learnFrom } from './compact.ts';
import { currentDictionary, learn } from './dictionary.ts';
import { mountReplayIntake } from './intake.ts';
import { QUIET_MS, RECORDING_MS } from './limits.ts';
import { recordingsOfSubject } from './personal-data.ts';
import {
  BEGIN,
  chunkOf,
  click,
  custom,
  meta,
  mutation,
  newId,
  type ReplayServer,
  replayApps,
  replayServer,
  snapshot,
} from './replay.testing.ts';
import { expireRecordings, sweepRecordings } from './retention.ts';
import { lookAgain, pausedReason, storing } from './room.ts';
import { inShare, type ReplayConfig } from './sdk-config.ts';
import { indexOf, readBodies, readChunks, recordingById } from './store.ts';

let server: ReplayServer;
let context: Context;
before(async () => {
  server = await replayServer();
  context = server.context;
});
after(() => server.close());

const post = async (id: string, n: number, body: unknown) => {
  const response = await server.send(id, n, body);
  assert.equal(response.status, 200, await response.text());
};
const bodiesOf = async (id: string) => {
  const bodies = new Map<number, string>();
  for await (const { chunk, body } of readBodies(context, id)) bodies.set(chunk.n, body.toString());
  return bodies;
};
const eventsOf = async (id: string, from: number | null = null, to: number | null = null) => {
  const events: unknown[] = [];
  for await (const chunk of readChunks(context, id, from, to)) events.push(...chunk.events);
  return events;
};
const filesOf = async (id: string) => {
  const names: string[] = [];
  for await (const { name } of context.blobs.list(`recordings/${id}`)) names.push(name.split('/').at(-1)!);
  return names;
};
/** As if nothing had come of it for so long. */
const quiet = (id: string) =>
  context.records.pool.query(
    'UPDATE replay_recordings SET last_chunk_at = now() - make_interval(secs => $2) WHERE id = $1',
    [id, QUIET_MS / 1000 + 1],
  );
const finish = async (id: string) => {
  await quiet(id);
  await compactFinished(context, new AbortController().signal);
};

describe('a finished recording', () => {
  test('is packed into one file, and its chunks are read back byte for byte', async () => {
    const id = newId();
    const bodies = Array.from({ length: 12 }, (_, n) => {
      const at = n * 5000;
      const events: unknown[] = n % 4 === 0 ? [meta(at), snapshot(at + 1, `Page ${n} 漢字`)] : [];
      // Text as odd as pages have it, and JSON that is not written as we would.
      for (let i = 0; i < 200; i++) events.push(mutation(at + 2 + i, `${n}/${i} "\\ \u2028 ${'ż'.repeat(i % 7)}`));
      return JSON.stringify(chunkOf(events), null, n % 2);
    });
    for (const [n, body] of bodies.entries()) await post(id, n, gzipSync(body));
    const index = await indexOf(context, id);
    await finish(id);
    const recording = await recordingById(context, id);
    assert.deepEqual([recording.state, recording.snapshots], ['finished', 3]);
    assert.ok(recording.storedBytes < recording.sentBytes / 2, `${recording.storedBytes} of ${recording.sentBytes}`);
    const files = await filesOf(id);
    assert.equal(files.length, 1);
    assert.match(files[0]!, /^packed-/);
    const read = await bodiesOf(id);
    for (const [n, body] of bodies.entries()) assert.equal(read.get(n), body);
    assert.deepEqual(await indexOf(context, id), index);
    const part = await eventsOf(id, BEGIN + 40_000, BEGIN + 44_000);
    assert.deepEqual(part, (JSON.parse(bodies[8]!) as { events: unknown[] }).events);
  });

  test('goes on when more comes of it, and is packed anew', async () => {
    const id = newId();
    await post(id, 0, chunkOf([meta(0), snapshot(1)]));
    await finish(id);
    await post(id, 1, chunkOf([mutation(900)]));
    assert.equal((await recordingById(context, id)).state, 'live');
    assert.deepEqual((await filesOf(id)).length, 2);
    assert.equal((await eventsOf(id)).length, 3);
    await finish(id);
    assert.equal((await recordingById(context, id)).state, 'finished');
    assert.deepEqual((await filesOf(id)).length, 1);
    assert.equal((await eventsOf(id)).length, 3);
  });

  test('that is written to while it is packed loses nothing', async () => {
    const id = newId();
    await post(id, 0, chunkOf([meta(0), snapshot(1)]));
    await quiet(id);
    await Promise.all([compact(context, id), post(id, 1, chunkOf([mutation(900)])), compact(context, id)]);
    await finish(id);
    assert.equal((await eventsOf(id)).length, 3);
    assert.equal((await filesOf(id)).length, 1);
  });

  test('without any snapshot is broken; a file that was lost is a gap', async () => {
    const id = newId();
    await post(id, 0, chunkOf([click(0)]));
    await finish(id);
    assert.equal((await recordingById(context, id)).state, 'broken');
    const other = newId();
    await post(other, 0, chunkOf([meta(0), snapshot(1)]));
    await post(other, 1, chunkOf([click(100)]));
    const lost = (await filesOf(other)).find((name) => name.startsWith('1-'));
    await context.blobs.remove(`recordings/${other}/${lost}`);
    assert.equal((await eventsOf(other)).length, 2);
    await finish(other);
    assert.deepEqual([(await recordingById(context, other)).chunks, (await eventsOf(other)).length], [1, 2]);
  });

  test('counts what only the whole tells: rage and dead clicks, pages, time in use', async () => {
    const id = newId();
    await post(id, 0, chunkOf([meta(0), snapshot(1), custom(2, 'tl-page', { url: '/a', title: '' }), click(5000)]));
    // Two more of the burst in the next chunk; the first two have an effect, the last has none.
    await post(id, 1, chunkOf([click(5200, 12), click(5400, 9), mutation(5450), click(20_000), click(29_000)]));
    await post(id, 2, chunkOf([custom(40_000, 'tl-page', { url: '/b', title: '' })]));
    await finish(id);
    const { rages, deads, clicks, pages, activeMs } = await recordingById(context, id);
    assert.deepEqual(
      { rages, deads, clicks, pages, activeMs },
      { rages: 1, deads: 2, clicks: 5, pages: 2, activeMs: 9400 },
    );
  });
});

test('chunks in any order, twice and with gaps give the same recording', async () => {
  const all = Array.from({ length: 6 }, (_, n) =>
    JSON.stringify(
      chunkOf(
        [
          ...(n % 3 === 0 ? [meta(n * 1000), snapshot(n * 1000 + 1, `page ${n}`)] : []),
          click(n * 1000 + 500),
          custom(n * 1000 + 600, 'tl-page', { url: `/p${n}`, title: `P ${n}` }),
        ],
        { page: { url: `https://shop.example/p${n}`, title: `P ${n}`, viewport: [800 + n, 600] }, sentAt: BEGIN },
      ),
    ),
  );
  const told = async (id: string) => {
    const { id: _, startedAt, endedAt, expiresAt, storedBytes, ...recording } = await recordingById(context, id);
    return { recording, index: await indexOf(context, id), bodies: [...(await bodiesOf(id))] };
  };
  await fc.assert(
    fc.asyncProperty(
      fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
      fc.array(fc.nat(100), { minLength: 12, maxLength: 12 }),
      fc.boolean(),
      async (there, order, packedBetween) => {
        const [one, two] = [newId(), newId()];
        for (const n of there) await post(one, n, gzipSync(all[n]!));
        const shuffled = [...there, ...there.filter((n) => n % 2 === 0)]
          .map((n, at) => ({ n, key: order[at]! }))
          .toSorted((a, b) => a.key - b.key);
        for (const [at, { n }] of shuffled.entries()) {
          await post(two, n, gzipSync(all[n]!));
          if (packedBetween && at === 1) await compact(context, two);
        }
        await compact(context, one);
        await compact(context, two);
        const [expected, found] = [await told(one), await told(two)];
        // By the clock, packing between two chunks may come in the moment in which another came.
        assert.deepEqual({ ...found.recording, state: '' }, { ...expected.recording, state: '' });
        assert.deepEqual([found.index, found.bodies], [expected.index, expected.bodies]);
        assert.deepEqual(
          expected.bodies.map(([n]) => n),
          there,
        );
      },
    ),
    { numRuns: 25 },
  );
});

describe('what recordings of a site share', () => {
  const page = (name: string, extra = '') => ({
    type: 2,
    timestamp: BEGIN,
    data: {
      node: {
        type: 0,
        id: 1,
        childNodes: [
          {
            type: 2,
            tagName: 'style',
            attributes: { _cssText: `.shop { color: red; } .basket-${'x'.repeat(300)} { margin: 0; }${extra}` },
            childNodes: [],
            id: 2,
          },
          {
            type: 2,
            tagName: 'div',
            attributes: { class: 'greeting', title: `Hello ${name}`, alt: name, 'data-name': name, value: name },
            childNodes: [{ type: 3, textContent: `Hello ${name}`, id: 4 }],
            id: 3,
          },
        ],
      },
      initialOffset: { left: 0, top: 0 },
    },
  });

  test('is learned from structure and styles alone, and only from what several visitors had', () => {
    assert.equal(learn([[page('Anna')], [page('Anna')]]), null, 'too few visitors');
    const bytes = learn([[page('Anna', '.anna { top: 1px; }')], [page('Anna')], [page('Anna')], [page('Ben')]]);
    const text = bytes!.toString();
    assert.match(text, /\.shop \{ color: red; \}/);
    assert.match(text, /"class":"greeting"/);
    assert.doesNotMatch(text, /Anna|Ben|Hello|\.anna/, 'no text of any page, also not one that three visitors saw');
  });

  test('makes later recordings small, and earlier ones as well', async () => {
    const css = Array.from(
      { length: 400 },
      (_, n) => `.rule-${n * 7919}{margin:${n}px;color:#${(n * 40_503).toString(16)}}`,
    );
    const ids = ['anna', 'ben', 'cleo', 'dan'].map((visitor) => ({ visitor, id: newId() }));
    const record = async (visitor: string, id: string) =>
      post(id, 0, chunkOf([meta(0), page(visitor, css.join(''))], { anonymousId: `device-${visitor}` }));
    for (const { visitor, id } of ids.slice(0, 3)) await record(visitor, id);
    for (const { id } of ids.slice(0, 3)) await quiet(id);
    await compactFinished(context, new AbortController().signal);
    assert.ok(await currentDictionary(context, server.source.id));
    assert.equal(await learnFrom(context, server.source.id), false, 'once is enough for a while');
    await record('dan', ids[3]!.id);
    await finish(ids[3]!.id);
    for (const { visitor, id } of ids) {
      const { storedBytes, sentBytes } = await recordingById(context, id);
      assert.ok(storedBytes < sentBytes * 0.4, `${visitor}: ${storedBytes} of ${sentBytes}`);
      assert.match(JSON.stringify(await eventsOf(id)), new RegExp(`Hello ${visitor}`));
    }
  });
});

describe('retention', () => {
  test('deletes recordings whose time is over, with their files, and shortening it counts at once', async () => {
    const [old, young] = [newId(), newId()];
    const { rows } = await context.records.pool.query<{ days: number }>('SELECT 30 AS days');
    await post(old, 0, chunkOf([meta(0), snapshot(1)]));
    await post(young, 0, chunkOf([meta(0), snapshot(1)]));
    await context.records.pool.query(
      "UPDATE replay_recordings SET started_at = now() - interval '10 days' WHERE id = $1",
      [old],
    );
    assert.equal(rows[0]!.days, 30);
    await server.set({ retentionDays: 7 });
    await expireRecordings(context, new AbortController().signal);
    await assert.rejects(recordingById(context, old), /no such recording/);
    assert.deepEqual(await filesOf(old), []);
    assert.equal((await recordingById(context, young)).chunks, 1);
    await server.set({ retentionDays: 30 });
  });

  test('removes files that a crash left behind, and no others', async () => {
    const [left, kept] = [newId(), newId()];
    await context.blobs.put(`recordings/${left}/0-abc`, Buffer.from('x'));
    await post(kept, 0, chunkOf([meta(0), snapshot(1)]));
    await sweepRecordings(context, new AbortController().signal);
    assert.equal((await filesOf(left)).length, 1, 'whose row may still be on its way');
    await ageBlobs(context, 'recordings');
    await sweepRecordings(context, new AbortController().signal);
    assert.deepEqual([await filesOf(left), (await filesOf(kept)).length], [[], 1]);
  });
});

describe('while files cannot be stored', () => {
  /** What health says is looked up now and then. */
  const healthOnce = async (is: (health: { status: string; paused: object }) => boolean) => {
    for (let tries = 0; ; tries++) {
      const health = (await (await fetch(`${server.url}/health`)).json()) as { status: string; paused: object };
      if (is(health) || tries > 100) return health;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  test('recordings pause with 503, health says so, events go on, and nothing half-written is left', async () => {
    const id = newId();
    const { blobs } = context;
    const put = blobs.put;
    blobs.put = async () => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    try {
      const response = await server.send(id, 0, chunkOf([meta(0), snapshot(1)]));
      assert.equal(response.status, 503);
      assert.ok(Number(response.headers.get('retry-after')) > 0);
      await assert.rejects(recordingById(context, id), /no such recording/);
      const health = await healthOnce(({ paused }) => 'recordings' in paused);
      assert.deepEqual([health.status, health.paused], ['degraded', { recordings: 'the disk of the files is full' }]);
      const doctor = (await (await server.api('GET', '/api/doctor')).json()) as {
        checks: { name: string; state: string }[];
      };
      assert.equal(doctor.checks.find((check) => check.name === 'Recordings')?.state, 'failing');
      const event = await fetch(`${server.url}/v1/track`, {
        method: 'POST',
        headers: { authorization: `Bearer ${server.source.writeKey}` },
        body: JSON.stringify({ userId: 'u', event: 'Still here' }),
      });
      assert.equal(event.status, 200);
    } finally {
      blobs.put = put;
    }
    await post(id, 0, chunkOf([meta(0), snapshot(1)]));
    const health = await healthOnce(({ paused }) => !('recordings' in paused));
    assert.deepEqual(health.paused, {});
  });

  test('because the disk is full, the same, until there is room again', async (t) => {
    const disk = mountSmallDisk(24);
    if (!disk) return t.skip('no disk of a size of its own can be mounted here');
    const files = openFolderBlobs(disk.dir);
    const small: Context = { ...context, blobs: files, config: { ...context.config, blobsDir: disk.dir } };
    const hono = new Hono();
    mountReplayIntake(hono, small);
    const recorder = await serveForTest(hono);
    const call = (id: string, n: number) =>
      fetch(`${recorder.url}/v1/recordings/${id}/chunks/${n}?writeKey=${server.source.writeKey}`, {
        method: 'POST',
        body: gzipSync(JSON.stringify(chunkOf([meta(0), snapshot(1)]))) as unknown as string,
      });
    try {
      const id = newId();
      assert.equal((await call(id, 0)).status, 200);
      disk.fill(512 * 1024);
      lookAgain(small);
      const full = await call(id, 1);
      assert.equal(full.status, 503);
      assert.match(await full.text(), /what is left is kept for events/);
      assert.match((await pausedReason(small)) ?? '', /nearly full/);
      // Also where the disk fills up between a look at it and the writing.
      disk.fill(0);
      await assert.rejects(
        storing({ ...small, config: context.config }, () => files.put('recordings/x', Buffer.alloc(100_000))),
        { status: 503 },
      );
      disk.empty();
      lookAgain(small);
      assert.equal((await call(id, 1)).status, 200);
      assert.equal(await pausedReason(small), null);
    } finally {
      await recorder.close();
      disk.remove();
    }
  });

  test('because recordings take as much as they may, the same', async () => {
    await server.set({ limitGigabytes: 0.001 });
    const { rows } = await context.records.pool.query<{ id: string }>('SELECT id FROM replay_recordings LIMIT 1');
    await context.records.pool.query('UPDATE replay_recordings SET stored_bytes = stored_bytes + 2e6 WHERE id = $1', [
      rows[0]!.id,
    ]);
    lookAgain(context);
    const response = await server.send(newId(), 0, chunkOf([meta(0), snapshot(1)]));
    assert.equal(response.status, 503);
    assert.match(await response.text(), /0\.001 GB/);
    await context.records.pool.query('UPDATE replay_recordings SET stored_bytes = stored_bytes - 2e6 WHERE id = $1', [
      rows[0]!.id,
    ]);
    await server.set({ limitGigabytes: 50 });
    lookAgain(context);
    await post(newId(), 0, chunkOf([meta(0), snapshot(1)]));
  });
});

describe('the recordings of a person', () => {
  test('are exported whole, erased to the last byte, and do not come back; those of others stay', async () => {
    const NEEDLE = 'Brzęczyszczykiewicz-in-a-page';
    const [anna, device, ben] = ['user-anna-rec', 'device-anna-rec', 'device-ben-rec'];
    await append(context, [
      sent({ type: 'identify', userId: anna, anonymousId: device, traits: { name: 'Anna' } }),
      sent({ type: 'track', event: 'Seen', anonymousId: ben }),
    ]);
    await processAll(context);
    const [loose, packed, others, signedIn] = [newId(), newId(), newId(), newId()];
    const big = Array.from({ length: 40 }, (_, n) => mutation(n + 10, `${NEEDLE} ${n}`));
    const page = { url: `https://shop.example/${device}-path`, title: NEEDLE, viewport: [1, 1] };
    await post(packed, 0, chunkOf([meta(0), snapshot(1, NEEDLE), ...big], { anonymousId: device, page }));
    await finish(packed);
    await post(loose, 0, chunkOf([meta(0), snapshot(1, NEEDLE)], { anonymousId: device, userId: anna, page }));
    await post(others, 0, chunkOf([meta(0), snapshot(1)], { anonymousId: ben }));
    await post(signedIn, 0, chunkOf([meta(0), snapshot(1)], { anonymousId: device, userId: 'somebody-else' }));
    const { rows } = await context.records.pool.query<{ id: number }>(
      'SELECT p.root_id AS id FROM persons p JOIN identifiers i ON i.person_id = p.id WHERE i.value = $1',
      [anna],
    );
    const subject = {
      origins: [rows[0]!.id],
      identifiers: [
        { kind: 'user_id', value: anna },
        { kind: 'anonymous_id', value: device },
      ],
    };
    const files: Record<string, object[]> = {};
    for await (const part of recordingsOfSubject.export(context, subject)) {
      const list = files[part.file] ?? [];
      list.push(...part.rows);
      files[part.file] = list;
    }
    assert.deepEqual(
      (files.recordings as { id: string }[]).map((one) => one.id).toSorted(),
      [loose, packed].toSorted(),
    );
    assert.equal(files['recorded-events']?.length, 2 + 42);
    assert.match(JSON.stringify(files['recorded-events']), new RegExp(NEEDLE));

    await requestErasure(context, rows[0]!.id, 'Dora');
    await runJobs(context, replayApps);
    for (const id of [loose, packed]) {
      await assert.rejects(recordingById(context, id), /no such recording/);
      assert.deepEqual(await filesOf(id), []);
      assert.equal((await server.send(id, 5, chunkOf([click(1)], { anonymousId: device }))).status, 410);
    }
    assert.equal((await server.send(newId(), 0, chunkOf([click(1)], { anonymousId: device }))).status, 410);
    assert.equal((await server.send(newId(), 0, chunkOf([click(1)], { anonymousId: 'x', userId: anna }))).status, 410);
    assert.equal((await recordingById(context, others)).chunks, 1);
    assert.equal((await recordingById(context, signedIn)).chunks, 1);
    // What was written and taken back is in files by then.
    await context.records.pool.query('CHECKPOINT');
    // Files of recordings are packed: each is looked into as it is, and unpacked.
    const found = searchFiles(context.config.dataDir, [NEEDLE, anna]);
    assert.deepEqual([...found.values()].flat(), []);
    const left: string[] = [];
    for await (const { id } of (await context.records.pool.query<{ id: string }>('SELECT id FROM replay_recordings'))
      .rows) {
      if (JSON.stringify(await eventsOf(id)).includes(NEEDLE)) left.push(id);
    }
    assert.deepEqual(left, []);
  });
});

test('the settings are kept by version, and name what is there', async () => {
  const now = (await (await server.api('GET', '/api/replay/settings')).json()) as { settings: object; version: number };
  const put = (settings: object, version: number) => server.api('PUT', '/api/replay/settings', { settings, version });
  assert.equal((await put({ ...now.settings, share: 50 }, now.version)).status, 200);
  assert.equal((await put({ ...now.settings, share: 60 }, now.version)).status, 409);
  const wrong = [{ share: 101 }, { sources: [99_999] }, { triggers: { audiences: [99_999] } }, { retentionDays: 0 }];
  for (const change of wrong)
    assert.equal((await put({ ...now.settings, ...change }, now.version + 1)).status, 400, JSON.stringify(change));
  await server.set({ share: 100 });
});

describe('a visitor', () => {
  const configOf = async (query: string) => {
    const address = `${server.url}/v1/sdk/config?writeKey=${server.source.writeKey}&url=https://shop.example/&${query}`;
    return ((await (await fetch(address)).json()) as { replay?: ReplayConfig; heatmap?: object }) ?? {};
  };

  test('is in the share or not, always the same, and as many are as the share says', () => {
    const visitors = Array.from({ length: 4000 }, (_, n) => `visitor-${n}`);
    const of = (percent: number) => visitors.filter((visitor) => inShare(visitor, percent));
    assert.deepEqual([of(0).length, of(100).length], [0, 4000]);
    assert.ok(Math.abs(of(25).length - 1000) < 120, `${of(25).length}`);
    const small = of(25);
    assert.ok(
      small.every((visitor) => inShare(visitor, 50)),
      'a larger share has all of a smaller one',
    );
  });

  test('who is in an audience that is recorded is, whatever the share; who was erased is not', async () => {
    await append(context, [sent({ type: 'track', event: 'Seen', userId: 'user-vip', anonymousId: 'device-vip' })]);
    await processAll(context);
    const { rows } = await context.records.pool.query<{ id: number }>(
      `INSERT INTO audiences (name, definition, owner_id, owner_name) VALUES ('VIP', '{}', 'x', 'x') RETURNING id`,
    );
    const audience = rows[0]!.id;
    await context.records.pool.query(
      `INSERT INTO audiences_members (person_id, "of") SELECT i.person_id, jsonb_build_object($1::text, 1)
       FROM identifiers i WHERE i.value = 'user-vip'`,
      [String(audience)],
    );
    const triggers = { events: ['Bought'], errors: true, pages: ['/checkout*'], audiences: [audience] };
    await server.set({ share: 0, triggers, heatmap: true });
    const vip = await configOf('anonymousId=device-vip');
    assert.equal(vip.replay?.always, true);
    assert.deepEqual(vip.heatmap, {});
    const other = await configOf('anonymousId=somebody');
    assert.deepEqual(
      [other.replay?.always, other.replay?.triggers],
      [false, { events: ['Bought'], errors: true, pages: ['/checkout*'] }],
    );
    assert.doesNotMatch(JSON.stringify(other), /audience/, 'audiences are nobody’s business outside');
    assert.equal((await configOf('anonymousId=device-anna-rec')).replay, undefined);
    await server.set({ recording: false, heatmap: false });
    assert.deepEqual(
      Object.keys(await configOf('anonymousId=device-vip')).filter((name) => name !== 'surveys'),
      [],
    );
    await server.set({ recording: true, share: 100 });
  });
});

const SHARED = fileURLToPath(new URL('../../../../shared/data/rrweb', import.meta.url));

test('recordings of real sites are stored and read back equal', {
  skip: !existsSync(SHARED) && 'no ../shared/data/rrweb',
}, async () => {
  const events = (file: string) => {
    const read = JSON.parse(readFileSync(join(SHARED, file), 'utf8')) as unknown[] | { events: unknown[] };
    return Array.isArray(read) ? read : read.events;
  };
  const small = readdirSync(join(SHARED, 'rrweb_test_events')).map((name) => `rrweb_test_events/${name}`);
  for (const file of ['jupyterlite_recording.json', 'rrweb_player_demo_2018.json', ...small]) {
    const all = events(file);
    const times = all.map((event) => (event as { timestamp: number }).timestamp);
    // Written by hand with times that no visit has.
    if (Math.max(...times) - Math.min(...times) > RECORDING_MS) continue;
    const id = newId();
    for (let at = 0; at < all.length; at += 60) await post(id, at / 60, chunkOf(all.slice(at, at + 60)));
    assert.deepEqual(await eventsOf(id), all, file);
    await quiet(id);
    await compact(context, id);
    assert.deepEqual(await eventsOf(id), all, `${file}, packed`);
  }
});
