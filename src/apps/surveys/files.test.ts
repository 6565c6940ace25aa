import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createSource } from '../../core/sources/sources.ts';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { ageBlobs, runJobs } from '../../kernel/testing.ts';
import { blobOf, FILES_A_DAY } from './files.ts';
import { filesOfNetworks, NETWORK_FILES_A_DAY } from './public-api.ts';
import { type SurveysServer, surveyApps, surveysServer } from './surveys.testing.ts';
import { UNSUBMITTED_DAYS } from './sweep.ts';

const PDF = Buffer.from('%PDF-1.7 of a customer');
let context: Context;
let server: SurveysServer<Body>;
let writeKey: string;
let survey: { id: string; version: number };

before(async () => {
  server = await surveysServer({ THROUGHLINE_PROXIES: '1' });
  ({ context } = server);
  writeKey = (await createSource(context, { name: 'Shop', kind: 'browser' })).writeKey;
  const questions = [
    { id: 'q1', kind: 'nps', title: { en: 'How likely?' } },
    { id: 'f', kind: 'file', title: { en: 'Show us' }, max: 3 },
  ];
  const made = await api('POST', '/api/surveys', { definition: { name: 'Files', questions } });
  survey = (await api('POST', `/api/surveys/${made.body.id}/publish`, { revision: 1 })).body as never;
});
after(() => server.close());

interface Body {
  id: string;
  name: string;
  state: string;
  responseId: string;
  secret: string;
  error: { code: string; message: string };
}
const api: SurveysServer<Body>['api'] = (...call) => server.api(...call);
const begin = async (visitor: string = crypto.randomUUID()) =>
  (
    await api('POST', `/v1/surveys/${survey.id}/responses`, {
      ...{ version: survey.version, language: 'en', channel: 'api', writeKey, anonymousId: visitor },
    })
  ).body;
/** `from` is an address that a proxy in front saw. */
const upload = ({ responseId, secret }: Body, content = PDF, from?: string) =>
  api(
    ...(['POST', `/v1/surveys/responses/${responseId}/files?secret=${secret}&question=f&name=a.pdf`, content] as const),
    from === undefined ? {} : { 'x-forwarded-for': from },
  );
const hand = ({ responseId, secret }: Body, files: Body[], complete = false) =>
  api('PUT', `/v1/surveys/responses/${responseId}/answers`, {
    ...{ secret, version: survey.version, complete },
    answers: { f: files.map(({ id, name }) => ({ id, name })) },
  });
/** Files of a response that were handed in at some other time. */
const earlier = (responseId: string, count: number, bytes: number, when = 'now()') =>
  context.records.pool.query(
    `INSERT INTO surveys_files (id, response_id, question_id, name, type, bytes, created_at)
     SELECT gen_random_uuid(), $1, 'f', 'x', 'application/pdf', $3, ${when} FROM generate_series(1, $2)`,
    [responseId, count, bytes],
  );
const forget = () => context.records.pool.query('DELETE FROM surveys_files');

describe('files that are handed in within a day', () => {
  const { visitor, company } = FILES_A_DAY;
  const assertFull = (answer: Awaited<ReturnType<typeof api>>, says: RegExp) => {
    assert.equal(answer.status, 429);
    assert.match(answer.body.error.message, says);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
  };

  it('are so many of one visitor over all responses, and go on the next day', async () => {
    await forget();
    const [first, second] = [await begin('device-1'), await begin('device-1')];
    await earlier(first.responseId, visitor.files - 1, 1);
    assert.equal((await upload(second)).status, 201);
    assertFull(await upload(second), /One visitor may hand in 60 files and 300 MB within 24 hours/);
    assert.equal((await upload(await begin('device-2'))).status, 201, 'others are not kept from it');
    await context.records.pool.query("UPDATE surveys_files SET created_at = now() - interval '25 hours'");
    assert.equal((await upload(second)).status, 201);
  });

  it('have so many bytes of one visitor, to the byte', async () => {
    await forget();
    const [first, second] = [await begin('device-3'), await begin('device-3')];
    await earlier(first.responseId, 1, visitor.bytes - PDF.length);
    assert.equal((await upload(second)).status, 201);
    assertFull(await upload(second, Buffer.from('%PDF-')), /One visitor/);
  });

  it('are so many of all customers together, and a refused one is not kept', async () => {
    await forget();
    await earlier((await begin()).responseId, company.files - 1, 1);
    const here = await begin();
    assert.equal((await upload(here)).status, 201);
    assertFull(await upload(await begin()), /All customers together may hand in 20,000 files and 10000 MB/);
    const kept = await context.records.pool.query('SELECT FROM surveys_files');
    assert.equal(kept.rowCount, company.files);
    await forget();
    const half = Math.floor((company.bytes - PDF.length) / 10);
    await earlier((await begin()).responseId, 10, half);
    assert.equal((await upload(await begin())).status, 201);
    assertFull(await upload(await begin()), /All customers together/);
  });

  it('are so many of one network, whoever hands them in, and answers go on without', async () => {
    await forget();
    const use = (network: string, times: number) => {
      for (let n = 0; n < times; n++) assert.equal(filesOfNetworks(context).take(network), 0);
    };
    use('203.0.113.7', NETWORK_FILES_A_DAY - 1);
    const [first, second] = [await begin(), await begin()];
    const refused = await upload(first, Buffer.from('no kind of file that is asked for \u0000'), '203.0.113.7');
    assert.equal(refused.status, 415, 'what is not kept does not count');
    assert.equal((await upload(first, PDF, '203.0.113.7')).status, 201);
    const full = /One network may hand in 300 files within 24 hours\. Answer without this file/;
    assertFull(await upload(second, PDF, '203.0.113.7'), full);
    assert.equal((await hand(second, [])).status, 200);
    assert.equal((await upload(second, PDF, '203.0.113.8')).status, 201, 'others are not kept from it');
    use('2001:db8:0:7', NETWORK_FILES_A_DAY);
    assertFull(await upload(second, PDF, '2001:db8:0:7::abcd'), full);
    const kept = await context.records.pool.query('SELECT FROM surveys_files');
    assert.equal(kept.rowCount, 2);
  });

  it('take the last place once, also when several come at the same moment', async () => {
    await forget();
    await earlier((await begin()).responseId, company.files - 1, 1);
    const both = await Promise.all([begin(), begin(), begin()]);
    const statuses = (await Promise.all(both.map((one) => upload(one)))).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [201, 429, 429]);
    await forget();
  });
});

describe('files that nobody needs', () => {
  const sweep = async () => {
    await addJob(context.records.pool, 'surveys.sweep', {});
    await runJobs(context, surveyApps);
  };
  const size = ({ responseId }: Body, { id }: Body) => context.blobs.size(blobOf(responseId, id));
  const age = (days: number) =>
    context.records.pool.query('UPDATE surveys_files SET created_at = now() - make_interval(days => $1)', [days]);

  it('go after a week where no answer names them, and those of answers stay', async () => {
    const [left, answered, done] = [await begin(), await begin(), await begin()];
    const never = (await upload(left)).body;
    const [kept, replaced] = [(await upload(answered)).body, (await upload(answered)).body];
    const handedIn = (await upload(done)).body;
    await hand(answered, [replaced]);
    assert.equal((await hand(answered, [kept])).body.state, 'answered');
    assert.equal((await hand(done, [handedIn], true)).body.state, 'complete');
    await age(UNSUBMITTED_DAYS - 1);
    await ageBlobs(context, 'surveys/files');
    await sweep();
    assert.equal(await size(left, never), PDF.length, 'whoever is slow may still hand it in');
    await age(UNSUBMITTED_DAYS + 1);
    await sweep();
    assert.deepEqual(
      [await size(left, never), await size(answered, replaced), await size(answered, kept), await size(done, handedIn)],
      [null, null, PDF.length, PDF.length],
    );
    const rows = await context.records.pool.query<{ id: string }>('SELECT id FROM surveys_files ORDER BY id');
    assert.deepEqual(
      rows.rows.map(({ id }) => id),
      [kept.id, handedIn.id].sort(),
    );
    const late = await hand(left, [never]);
    assert.equal(late.status, 422, 'what is gone cannot be named any more');
  });

  it('go where a crash left them without a row, but not while they are being written', async () => {
    const here = await begin();
    const inUse = (await upload(here)).body;
    await hand(here, [inUse], true);
    const lost = blobOf(here.responseId, crypto.randomUUID());
    await context.blobs.put(lost, PDF);
    await sweep();
    assert.equal(await context.blobs.size(lost), PDF.length, 'its row may be on its way');
    await ageBlobs(context, 'surveys/files');
    const other = 'surveys/files/something-else';
    await context.blobs.put(other, PDF);
    await ageBlobs(context, 'surveys/files');
    await sweep();
    assert.equal(await context.blobs.size(lost), null);
    assert.equal(await size(here, inUse), PDF.length);
    assert.equal(await context.blobs.size(other), PDF.length, 'what it does not know the name of is not its business');
  });

  it('are found also beyond the first page of rows', async () => {
    await forget();
    const here = await begin();
    await earlier(here.responseId, 1200, 1, `now() - interval '${UNSUBMITTED_DAYS + 1} days'`);
    await sweep();
    assert.equal((await context.records.pool.query('SELECT FROM surveys_files')).rowCount, 0);
  });
});
