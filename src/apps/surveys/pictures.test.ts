import assert from 'node:assert/strict';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { ageBlobs, runJobs } from '../../kernel/testing.ts';
import { PICTURE_BYTES, PICTURES, PICTURES_FOLDER, pictureBlob } from './pictures.ts';
import { type SurveysServer, surveyApps, surveysServer } from './surveys.testing.ts';

const PNG = Buffer.from('\x89PNG\r\n\x1a\n of a member of staff', 'latin1');
let context: Context;
let server: SurveysServer<{ id: string; picture: string; error: { message: string } }>;

before(async () => {
  server = await surveysServer();
  ({ context } = server);
});
after(() => server?.close());
beforeEach(async () => {
  await context.records.pool.query('DELETE FROM surveys_surveys');
  await context.blobs.removeAll(PICTURES_FOLDER);
});

const upload = (content: Uint8Array = PNG) => server.api('POST', '/api/surveys/pictures', content);
const picture = async () => (await upload()).body.picture;
const isThere = async (address: string) => (await fetch(server.url + address)).status === 200;
const sweep = async () => {
  await addJob(context.records.pool, 'surveys.sweep', {});
  await runJobs(context, surveyApps);
};
const definition = (more: object) => ({
  name: 'Pictures',
  questions: [{ id: 'q1', kind: 'nps', title: { en: 'How likely?' } }],
  ...more,
});
/** Pictures that others uploaded: as many files of as many bytes, which take no room. */
async function others(count: number, bytes: number): Promise<void> {
  await mkdir(join(context.config.blobsDir, PICTURES_FOLDER), { recursive: true });
  for (let n = 0; n < count; n++) {
    const path = join(context.config.blobsDir, pictureBlob(crypto.randomUUID()));
    await writeFile(path, '');
    if (bytes > 0) await truncate(path, bytes);
  }
}

describe('pictures that staff upload for surveys', () => {
  it('are pictures by their bytes, and no larger than one may be', async () => {
    assert.equal((await upload(Buffer.from('<svg onload="alert(1)">'))).status, 400);
    assert.equal((await upload(Buffer.concat([PNG, Buffer.alloc(PICTURE_BYTES - PNG.length)]))).status, 201);
    assert.equal((await upload(Buffer.concat([PNG, Buffer.alloc(PICTURE_BYTES)]))).status, 413);
  });

  it('are so many of all surveys together, and the last place is given once', async () => {
    await others(PICTURES.files - 1, 0);
    const statuses = (await Promise.all([upload(), upload(), upload()])).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [201, 409, 409]);
    const refused = await upload();
    assert.match(
      refused.body.error.message,
      /at most\. Give an https address .* or delete surveys that are not needed/,
    );
    let kept = 0;
    for await (const _ of context.blobs.list(PICTURES_FOLDER)) kept++;
    assert.equal(kept, PICTURES.files, 'what is refused is not kept');
  });

  it('have so many bytes together, to the byte', async () => {
    await others(1, PICTURES.bytes - PNG.length);
    assert.equal((await upload()).status, 201);
    assert.equal((await upload()).status, 409);
  });

  it('go once no draft and no version of a survey names them, and make room', async () => {
    const [logo, welcome, option, published, unused] = [
      await picture(),
      await picture(),
      await picture(),
      await picture(),
      await picture(),
    ];
    const shown = { id: 'p', kind: 'picture', title: { en: 'Which?' } };
    const options = [
      { id: 'a', label: { en: 'One' }, picture: option },
      { id: 'b', label: { en: 'Two' }, picture: 'https://shop.example/b.png' },
    ];
    const first = definition({ welcome: { title: { en: 'Hello' }, picture: published } });
    const made = await server.api('POST', '/api/surveys', { definition: first });
    assert.equal(made.status, 201, made.text);
    const { id } = made.body;
    assert.equal((await server.api('POST', `/api/surveys/${id}/publish`, { revision: 1 })).status, 200);
    const second = definition({
      theme: { logo },
      welcome: { title: { en: 'Hello' }, picture: welcome },
      questions: [{ ...shown, options }],
    });
    const saved = await server.api('PUT', `/api/surveys/${id}`, { revision: 1, definition: second });
    assert.equal(saved.status, 200, saved.text);

    await sweep();
    assert.ok(await isThere(unused), 'a draft that is not saved yet may name it');
    await ageBlobs(context, PICTURES_FOLDER);
    const strange = `${PICTURES_FOLDER}/something-else`;
    await context.blobs.put(strange, PNG);
    await ageBlobs(context, PICTURES_FOLDER);
    await sweep();
    assert.deepEqual(await Promise.all([logo, welcome, option, published, unused].map(isThere)), [
      true,
      true,
      true,
      true,
      false,
    ]);
    assert.notEqual(await context.blobs.size(strange), null, 'what it does not know the name of is not its business');

    assert.equal((await server.api('DELETE', `/api/surveys/${id}`)).status, 200);
    await sweep();
    assert.deepEqual(await Promise.all([logo, welcome, option, published].map(isThere)), [false, false, false, false]);
  });
});
