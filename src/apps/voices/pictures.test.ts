import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { core } from '../../core/index.ts';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { ageBlobs, runJobs, testContext } from '../../kernel/testing.ts';
import { voices } from './app.ts';
import { keepPicture, PICTURES_A_DAY, pictureName } from './pictures.ts';

const apps = [...core, voices];
const packed = gzipSync(JSON.stringify({ events: [{ type: 4, timestamp: 1, data: { width: 1, height: 1 } }] }));
let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps });
});
after(() => context.close());
beforeEach(() => context.records.pool.query('TRUNCATE voices_pictures'));

const keep = (anonymousId: string, sourceId = 1, id: string = crypto.randomUUID()) =>
  keepPicture(context, id, packed, { sourceId, anonymousId, userId: '' }).then(() => id);
/** Pictures that others sent today. */
const sent = (count: number, sourceId: number, bytes = 1, when = 'now()') =>
  context.records.pool.query(
    `INSERT INTO voices_pictures (id, source_id, anonymous_id, bytes, at)
     SELECT gen_random_uuid(), $2, 'other', $3, ${when} FROM generate_series(1, $1)`,
    [count, sourceId, bytes],
  );
const full = (says: RegExp) => (error: { status?: number; message: string }) => {
  assert.equal(error.status, 429);
  assert.match(error.message, says);
  return true;
};

describe('pictures with feedback within a day', () => {
  test('are so many of a source, and another source goes on', async () => {
    await sent(PICTURES_A_DAY.source - 1, 1);
    await keep('a');
    await assert.rejects(keep('b'), full(/Visitors of one source may send 5,000 pictures within 24 hours/));
    await keep('b', 2);
  });

  test('are so many of all sources together, and go on the next day', async () => {
    for (let source = 10; source < 15; source++) await sent(PICTURES_A_DAY.company / 5, source);
    await assert.rejects(keep('a'), full(/All visitors together may send 20,000 pictures and 5000 MB/));
    await context.records.pool.query("UPDATE voices_pictures SET at = now() - interval '25 hours'");
    await keep('a');
  });

  test('have so many bytes, to the byte', async () => {
    await sent(4, 1, PICTURES_A_DAY.companyBytes / 5);
    await sent(1, 2, PICTURES_A_DAY.companyBytes / 5 - packed.length);
    const id = await keep('a', 3);
    await assert.rejects(keep('b', 3), full(/All visitors together/));
    await keep('a', 3, id);
    assert.equal(await context.blobs.size(pictureName(id)), packed.length, 'sent again it is the same one');
  });
});

describe('pictures that nobody needs', () => {
  const sweep = async () => {
    await addJob(context.records.pool, 'voices.forget-pictures', {});
    await runJobs(context, apps);
  };

  test('go where no row names them, once they are too old to be on their way, and no others', async () => {
    const [kept, lost] = [await keep('a'), crypto.randomUUID()];
    await context.blobs.put(pictureName(lost), packed);
    await sweep();
    assert.equal(await context.blobs.size(pictureName(lost)), packed.length, 'its row may be on its way');
    await ageBlobs(context, 'voices/pictures');
    await sweep();
    assert.equal(await context.blobs.size(pictureName(lost)), null);
    assert.equal(await context.blobs.size(pictureName(kept)), packed.length);
  });

  test('go with their row where no voice came in a week', async () => {
    const [early, late] = [await keep('a'), await keep('b')];
    await context.records.pool.query("UPDATE voices_pictures SET at = now() - interval '8 days' WHERE id = $1", [
      early,
    ]);
    await sweep();
    const { rows } = await context.records.pool.query<{ id: string }>('SELECT id FROM voices_pictures');
    assert.deepEqual(
      rows.map(({ id }) => id),
      [late],
    );
    assert.equal(await context.blobs.size(pictureName(early)), null);
  });
});
