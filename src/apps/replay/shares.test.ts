import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NOTE_LENGTH, NOTES_LIMIT } from './notes.ts';
import { BEGIN, chunkOf, newId, type ReplayServer, replayServer } from './replay.testing.ts';
import { LIFETIME, SHARES_LIMIT } from './shares.ts';
import { LOOKS_A_MINUTE } from './shares-routes.ts';

let server: ReplayServer;
const id = newId();
const json = async <T>(response: Response) => (await response.json()) as T;
const path = `/api/replay/recordings/${id}`;
const share = (seconds = LIFETIME.min) => server.api('POST', `${path}/shares`, { expiresInSeconds: seconds });
const note = (text: string, atMs = BEGIN) => server.api('POST', `${path}/notes`, { text, atMs });

describe('notes and links of a recording', () => {
  before(async () => {
    server = await replayServer();
    const events = [
      { type: 4, timestamp: BEGIN, data: { href: 'https://shop.example/?token=1', width: 1, height: 1 } },
    ];
    assert.equal((await server.send(id, 0, chunkOf(events))).status, 200);
  });
  after(() => server?.close());

  it('are refused past their limits, and of a recording that is not there', async () => {
    assert.equal((await note('x'.repeat(NOTE_LENGTH + 1))).status, 400);
    assert.equal((await note('  ')).status, 400);
    assert.equal(
      (await server.api('POST', `/api/replay/recordings/${newId()}/notes`, { text: 'x', atMs: 1 })).status,
      404,
    );
    assert.equal(
      (await server.api('POST', `/api/replay/recordings/${newId()}/shares`, { expiresInSeconds: 3600 })).status,
      404,
    );
    assert.equal(
      (await json<{ atMs: number }>(await note('far away', 1))).atMs,
      BEGIN,
      'a note stays within its recording',
    );
    await server.context.records.pool.query(
      `INSERT INTO replay_notes (recording_id, at_ms, text, owner, owner_name)
       SELECT $1, 0, 'x', 'local:other', 'Ben' FROM generate_series(1, $2)`,
      [id, NOTES_LIMIT - 1],
    );
    assert.equal((await note('one more')).status, 409);
    const { items } = await json<{ items: { id: string; mine: boolean }[] }>(await server.api('GET', `${path}/notes`));
    assert.equal(items.length, NOTES_LIMIT);
    assert.equal((await server.api('DELETE', `/api/replay/notes/${items.find(({ mine }) => !mine)!.id}`)).status, 404);
    for (const seconds of [LIFETIME.min - 1, LIFETIME.max + 1]) assert.equal((await share(seconds)).status, 400);
    for (let n = 0; n < SHARES_LIMIT; n++) assert.equal((await share()).status, 201);
    assert.equal((await share()).status, 409);
    await server.context.records.pool.query('DELETE FROM replay_shares');
  });

  it('show nothing of addresses’ secrets, and nothing at all once the link has ended', async () => {
    const { link } = await json<{ link: string }>(await share());
    const shared = `/api/replay/shared/${link.split('/').at(-1)}`;
    const look = (more = '') => fetch(server.url + shared + more);
    for (const more of ['', '/chunks']) {
      const answer = await look(more);
      assert.equal(answer.status, 200);
      assert.doesNotMatch(await answer.text(), /token=1|visitor-1/);
    }
    await server.context.records.pool.query("UPDATE replay_shares SET expires_at = now() - interval '1 second'");
    for (const more of ['', '/chunks', `/assets/${'0'.repeat(64)}`]) assert.equal((await look(more)).status, 404);
  });

  it('are guessed at no quicker than anybody looks', async () => {
    const answers = await Promise.all(
      // Some are allowed anew with each second that this takes.
      Array.from({ length: 3 * LOOKS_A_MINUTE }, () => fetch(`${server.url}/api/replay/shared/rs_guessed`)),
    );
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length > 0 && Number(refused[0]!.headers.get('retry-after')) > 0);
  });

  it('go with their recording', async () => {
    assert.equal((await server.api('DELETE', path)).status, 204);
    const { rows } = await server.context.records.pool.query(
      'SELECT id FROM replay_notes UNION ALL SELECT id FROM replay_shares',
    );
    assert.deepEqual(rows, []);
  });
});
