import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LOOK_MINUTES } from '../../kernel/audit.ts';
import { GROWTH_CHUNKS, LIVE_MS } from './limits.ts';
import {
  BEGIN,
  chunkOf,
  click,
  custom,
  meta,
  mutation,
  newId,
  type ReplayServer,
  replayServer,
  snapshot,
} from './replay.testing.ts';
import type { GrowthView, RecordingDetail } from './routes.ts';
import { LIFETIME } from './shares.ts';

let server: ReplayServer;
const json = async <T>(response: Response | Promise<Response>) => (await (await response).json()) as T;
const post = async (id: string, n: number, events: object[], change = {}) => {
  const response = await server.send(id, n, chunkOf(events, change));
  assert.equal(response.status, 200, await response.text());
};
const detailOf = (id: string) => json<RecordingDetail>(server.api('GET', `/api/replay/recordings/${id}`));
const growthOf = (id: string, after: number | string) =>
  json<GrowthView>(server.api('GET', `/api/replay/recordings/${id}/growth?after=${after}`));
/** As if nothing had come for so long. */
const passed = (id: string, ms: number) =>
  server.context.records.pool.query(
    `UPDATE replay_recordings SET last_chunk_at = now() - make_interval(secs => $2) WHERE id = $1`,
    [id, ms / 1000],
  );

before(async () => {
  server = await replayServer();
});
after(() => server?.close());

describe('a recording that is watched while it is recorded', () => {
  it('tells what came since, with its marks, and what came late among it', async () => {
    const id = newId();
    await post(id, 0, [meta(0), custom(0, 'tl-page', { url: 'https://shop.example/', title: 'Shop' }), snapshot(1)]);
    const { index } = await detailOf(id);
    assert.deepEqual((await growthOf(id, 0)).chunks, []);
    await post(id, 2, [click(3000), custom(3100, 'tl-page', { url: 'https://shop.example/pay?card=1', title: 'Pay' })]);
    await post(id, 1, [mutation(2000)]);
    const grown = await growthOf(id, 0);
    assert.deepEqual([grown.state, grown.fromMs, grown.toMs], ['live', BEGIN, BEGIN + 3100]);
    assert.deepEqual(
      grown.chunks.map(({ n, fromMs, toMs }) => [n, fromMs - BEGIN, toMs - BEGIN]),
      [
        [1, 2000, 2000],
        [2, 3000, 3100],
      ],
    );
    // What an index tells is what all that came tells.
    const whole = (await detailOf(id)).index;
    for (const kind of ['snapshots', 'pages', 'clicks', 'errors', 'dropped', 'signals'] as const)
      assert.deepEqual(
        [index, ...grown.chunks].flatMap((one): unknown[] => one[kind]),
        whole[kind],
        kind,
      );
    assert.equal((await growthOf(id, -1)).chunks.length, 3);
    assert.equal((await server.api('GET', `/api/replay/recordings/${newId()}/growth`)).status, 404);
    for (const no of ['-2', 'x', 10_001])
      assert.equal((await server.api('GET', `/api/replay/recordings/${id}/growth?after=${no}`)).status, 400);
  });

  it('tells of so many chunks at a time, and of the others when it is asked for what follows', async () => {
    const id = newId();
    await post(id, 0, [meta(0), snapshot(1)]);
    await server.context.records.pool.query(
      `INSERT INTO replay_chunks SELECT recording_id, number, hash, from_ms, to_ms, events, raw_bytes, sent_bytes, marks
       FROM replay_chunks, generate_series(1, $2) AS number WHERE recording_id = $1`,
      [id, GROWTH_CHUNKS + 1],
    );
    const first = (await growthOf(id, 0)).chunks.map(({ n }) => n);
    assert.deepEqual([first.length, first.at(-1)], [GROWTH_CHUNKS, GROWTH_CHUNKS]);
    assert.deepEqual(
      (await growthOf(id, GROWTH_CHUNKS)).chunks.map(({ n }) => n),
      [GROWTH_CHUNKS + 1],
    );
  });

  it('grows for a link without what a link does not show, and not for a role that does not see who it is', async () => {
    const id = newId();
    const { link } = await json<{ link: string }>(
      await post(id, 0, [meta(0), snapshot(1)]).then(() =>
        server.api('POST', `/api/replay/recordings/${id}/shares`, { expiresInSeconds: LIFETIME.min }),
      ),
    );
    const console = custom(2001, 'tl-console', { level: 'error', text: 'secret of the console' });
    await post(id, 1, [custom(2000, 'tl-page', { url: 'https://shop.example/pay?card=1', title: 'Pay' }), console]);
    const answer = await fetch(`${server.url}/api/replay/shared/${link.split('/').at(-1)}/growth?after=0`);
    const text = await answer.text();
    assert.deepEqual((JSON.parse(text) as GrowthView).chunks[0]!.pages, [
      { ms: BEGIN + 2000, url: '/pay', title: 'Pay' },
    ]);
    assert.doesNotMatch(text, /secret|card|visitor-1/);
    server.hide(true);
    try {
      assert.equal((await server.api('GET', `/api/replay/recordings/${id}/growth`)).status, 403);
    } finally {
      server.hide(false);
    }
  });

  it('is over once nothing came for a while, and goes on when the visitor comes back', async () => {
    const [id, without] = [newId(), newId()];
    await post(id, 0, [meta(0), snapshot(1), mutation(4000)]);
    await post(without, 0, [mutation(1)]);
    const stateOf = async (of = id) => {
      const { recording } = await detailOf(of);
      const { items } = await json<{ items: { id: string; state: string }[] }>(
        server.api('GET', '/api/replay/recordings?limit=100'),
      );
      const states = [recording.state, items.find((one) => one.id === of)!.state, (await growthOf(of, 0)).state];
      assert.equal(new Set(states).size, 1, String(states));
      return [states[0], recording.durationMs];
    };
    await passed(id, LIVE_MS - 30_000);
    assert.deepEqual(await stateOf(), ['live', 4000]);
    await passed(id, LIVE_MS + 1000);
    await passed(without, LIVE_MS + 1000);
    assert.deepEqual(await stateOf(), ['finished', 4000]);
    assert.equal((await stateOf(without))[0], 'broken');
    await post(id, 1, [mutation(600_000)]);
    assert.deepEqual(await stateOf(), ['live', 600_000]);
    // Nothing more is taken of one that reached its limit.
    await server.context.records.pool.query(`UPDATE replay_recordings SET stopped = 'bytes' WHERE id = $1`, [id]);
    assert.equal((await stateOf())[0], 'finished');
  });
});

describe('whoever watches a recording that goes on', () => {
  const shop = (id: string) => post(id, 0, [meta(0), snapshot(1)], { anonymousId: `visitor-of-${id}` });
  /** What the audit log keeps of a recording, the first first. */
  const kept = async (id: string) => {
    const { rows } = await server.context.records.pool.query<{ who: string; action: string }>(
      `SELECT actor_kind || ' ' || actor_name AS who, action FROM audit_entries
       WHERE subjects @> ARRAY['recordings/' || $1::text] AND status < 400 ORDER BY id`,
      [id],
    );
    return rows.map(({ who, action }) => `${who.trim()}: ${action}`);
  };
  const hourLater = () =>
    server.context.records.pool.query('UPDATE audit_looks SET at = at - make_interval(mins => $1)', [LOOK_MINUTES + 1]);
  const all = async (paths: string[], prefix: string) => {
    for (const path of paths) {
      const answer = await server.api('GET', prefix + path);
      assert.equal(answer.status, 200, path);
      await answer.text();
    }
  };

  it('stands in the audit log once an hour, however much of it comes meanwhile', async () => {
    const [id, other] = [newId(), newId()];
    for (const one of [id, other]) await shop(one);
    const path = `/api/replay/recordings/${id}`;
    const watch = () => all(['', '/notes', '/growth?after=0', '/chunks', '/chunks?from=1'], path);
    await watch();
    for (let n = 1; n < 5; n++) {
      await post(id, n, [mutation(n * 1000)], { anonymousId: `visitor-of-${id}` });
      await all([`/growth?after=${n - 1}`, `/chunks?from=${BEGIN + n * 1000}`], path);
    }
    await watch();
    const opened = 'local Ada: GET /api/replay/recordings/{id}';
    assert.deepEqual(await kept(id), [opened]);
    await detailOf(other);
    assert.deepEqual(await kept(other), [opened], 'each recording is a look of its own');
    await hourLater();
    await Promise.all(Array.from({ length: 10 }, () => all(['/chunks'], path)));
    assert.deepEqual(await kept(id), [opened, `${opened}/chunks`], 'it is kept once also of calls at one moment');
  });

  it('stands there too where only the chunks were asked for, and with the person once that is told', async () => {
    const id = newId();
    await shop(id);
    await all(['/growth?after=-1', '/chunks'], `/api/replay/recordings/${id}`);
    assert.deepEqual(await kept(id), ['local Ada: GET /api/replay/recordings/{id}/growth']);
    await server.context.records.pool.query(
      `WITH person AS (INSERT INTO persons (id, root_id, source_id) VALUES (7, 7, $2) RETURNING id)
       INSERT INTO identifiers (kind_id, value, person_id, first_seen_at, source_id)
       SELECT kind.id, $1, person.id, now(), $2 FROM person, identifier_kinds kind WHERE kind = 'anonymous_id'`,
      [`visitor-of-${id}`, server.source.id],
    );
    const { personId } = await detailOf(id);
    assert.equal(personId, '7');
    await detailOf(id);
    const { rows } = await server.context.records.pool.query<{ subjects: string[] }>(
      'SELECT subjects FROM audit_entries WHERE subjects @> ARRAY[$1] ORDER BY id',
      [`people/${personId}`],
    );
    assert.deepEqual(rows, [{ subjects: [`recordings/${id}`, `people/${personId}`] }]);
    assert.equal((await kept(id)).length, 2);
  });

  it('stands there once an hour for a link, also where the link is not opened first', async () => {
    const id = newId();
    await shop(id);
    const link = async () => {
      const answer = server.api('POST', `/api/replay/recordings/${id}/shares`, { expiresInSeconds: LIFETIME.min });
      return `/api/replay/shared/${(await json<{ link: string }>(answer)).link.split('/').at(-1)}`;
    };
    const [first, second] = [await link(), await link()];
    const made = await kept(id);
    const since = async () => (await kept(id)).slice(made.length);
    for (let n = 1; n < 4; n++) await all(['', `/growth?after=${n}`, '/chunks'], first);
    const opened = 'link: GET /api/replay/shared/{token}';
    assert.deepEqual(await since(), [opened]);
    await all(['/chunks', '/growth?after=0', ''], second);
    assert.deepEqual(await since(), [opened, `${opened}/chunks`]);
    await hourLater();
    await all(['/growth?after=0', '/chunks'], first);
    assert.deepEqual(await since(), [opened, `${opened}/chunks`, `${opened}/growth`]);
  });
});

describe('two tabs of one session', () => {
  it('have a recording each, with the signals of their own tab', async () => {
    const [left, right] = [newId(), newId()];
    const signal = (ms: number, name: string, id: string) => custom(ms, 'tl-signal', { name, id });
    for (const id of [left, right]) await post(id, 0, [meta(0), snapshot(1)], { signals: true });
    await post(left, 1, [signal(10, 'Rage Clicked', 'a'), signal(20, 'Form Abandoned', 'b')], { signals: true });
    await post(right, 1, [signal(30, 'U-Turned', 'c'), signal(31, 'Not one', 'd')], { signals: true });
    await post(right, 2, [signal(40, 'U-Turned', 'e')], { signals: true });
    const { items } = await json<{ items: { id: string; signals: object }[] }>(
      server.api('GET', '/api/replay/recordings?sort=first&limit=100'),
    );
    const none = { errors: 0, rages: 0, abandoned: 0, deads: 0, uturns: 0, slow: 0 };
    assert.deepEqual(
      items.filter(({ id }) => id === left || id === right).map(({ id, signals }) => ({ id, signals })),
      [
        { id: left, signals: { ...none, rages: 1, abandoned: 1 } },
        { id: right, signals: { ...none, uturns: 2 } },
      ],
    );
    const { index } = await detailOf(right);
    assert.deepEqual(index.signals, [
      { ms: BEGIN + 30, signal: 'uturns', id: 'c' },
      { ms: BEGIN + 40, signal: 'uturns', id: 'e' },
    ]);
  });
});
