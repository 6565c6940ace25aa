import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Blobs } from './blobs.ts';
import { openBlobs } from './blobs-open.ts';
import { parseConfig } from './config.ts';
import { S3_KEY, startTestS3, type TestS3 } from './s3.testing.ts';
import { PART_BYTES, S3Error, s3Client, sendPlainly } from './s3.ts';

let s3: TestS3;
let dir: string;
before(async () => {
  s3 = await startTestS3();
  dir = mkdtempSync(join(tmpdir(), 'throughline-blobs-'));
});
after(async () => {
  await s3.close();
  rmSync(dir, { recursive: true, force: true });
});

async function* chunks(...parts: (string | Buffer)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part as string);
}

async function text(blobs: Blobs, name: string, range?: { start?: number; end?: number }): Promise<string> {
  const read: Buffer[] = [];
  for await (const chunk of blobs.read(name, range)) read.push(chunk as Buffer);
  return Buffer.concat(read).toString();
}

async function names(blobs: Blobs, folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, size } of blobs.list(folder)) found.push(`${name} ${size}`);
  return found;
}

for (const kind of ['a folder', 'an S3 bucket'] as const) {
  describe(`files in ${kind}`, () => {
    let blobs: Blobs;
    before(() => {
      blobs = openBlobs(
        parseConfig({ THROUGHLINE_DATA: dir, ...(kind === 'an S3 bucket' ? { THROUGHLINE_BLOBS_URL: s3.url } : {}) }),
      );
    });

    it('are stored whole, read in part, renamed and removed', async () => {
      assert.equal(await blobs.size('one/żółw.txt'), null);
      assert.equal(await blobs.put('one/żółw.txt', Buffer.from('hello there')), 11);
      assert.equal(await blobs.put('one/żółw.txt', chunks('good ', 'morning')), 12);
      assert.equal(await text(blobs, 'one/żółw.txt'), 'good morning');
      assert.equal(await text(blobs, 'one/żółw.txt', { start: 5, end: 8 }), 'morn');
      await blobs.rename('one/żółw.txt', 'one/a b+c.txt');
      assert.equal(await blobs.size('one/żółw.txt'), null);
      assert.deepEqual(await names(blobs, 'one'), ['one/a b+c.txt 12']);
      await blobs.remove('one/a b+c.txt');
      await blobs.remove('one/a b+c.txt');
      assert.deepEqual(await names(blobs, 'one'), []);
      await assert.rejects(text(blobs, 'one/a b+c.txt'), { code: 'ENOENT' });
    });

    it('are appended to, also after an upload that broke off, and read as one', async () => {
      assert.equal(await blobs.append('up/content', 0, chunks('abc', 'def')), 6);
      assert.equal(await blobs.append('up/content', 6, chunks('ghi')), 9);
      async function* breaking(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('jkl');
        throw new Error('the line broke');
      }
      await assert.rejects(blobs.append('up/content', 9, breaking()), /the line broke/);
      const stored = (await blobs.size('up/content')) ?? 0;
      assert.ok(stored === 9 || stored === 12, `${stored}`);
      assert.equal(await blobs.append('up/content', stored, chunks('JKL'.slice(0, 12 - stored), 'mno')), 15);
      assert.equal((await text(blobs, 'up/content')).toLowerCase(), 'abcdefghijklmno');
      assert.equal((await text(blobs, 'up/content', { start: 4, end: 10 })).toLowerCase(), 'efghijk');
      assert.deepEqual(await names(blobs, 'up'), ['up/content 15']);
      await blobs.rename('up/content', 'up/done');
      assert.equal(await blobs.size('up/done'), 15);
      assert.equal(await blobs.append('up/done', 0, chunks('new')), 3);
      assert.equal(await text(blobs, 'up/done'), 'new');
      await blobs.removeAll('up');
      assert.equal(await blobs.size('up/done'), null);
    });

    it('are listed with when they were written last, and those that go meanwhile are passed over', async () => {
      // A store may say the second only.
      const before = Date.now() - 1000;
      await blobs.append('when/a', 0, chunks('abc'));
      await blobs.append('when/a', 3, chunks('def'));
      await blobs.put('when/b', chunks('b'));
      const after = Date.now();
      const listing = blobs.list('when')[Symbol.asyncIterator]();
      const first = await listing.next();
      assert.deepEqual([first.value?.name, first.value?.size], ['when/a', 6]);
      const changed = first.value!.changedAt.getTime();
      assert.ok(changed >= before && changed <= after, `${before} ${changed} ${after}`);
      await blobs.remove('when/b');
      if (kind === 'a folder') assert.equal((await listing.next()).done, true);
      await blobs.removeAll('when');
    });

    it('of more than one part come back byte for byte, and can be had as a file of this machine', async () => {
      const large = Buffer.alloc(PART_BYTES * 2 + 12_345);
      for (let i = 0; i < large.length; i += 997) large[i] = i % 251;
      const cut = PART_BYTES - 1;
      assert.equal(await blobs.put('large', chunks(large.subarray(0, cut), large.subarray(cut))), large.length);
      const { path, release } = await blobs.file('large');
      assert.ok(readFileSync(path).equals(large));
      await release();
      await blobs.append('large2', 0, chunks(large));
      const second = await blobs.file('large2');
      assert.ok(readFileSync(second.path).equals(large));
      await second.release();
      assert.equal(await blobs.size('large2'), large.length);
      if (kind === 'an S3 bucket') assert.deepEqual(readdirSync(join(dir, 'spool')), []);
    });

    it('cannot be named so that the name leads elsewhere', async () => {
      for (const name of ['../x', 'a/../../x', '/etc/passwd', 'a//b', 'a/./b', '', 'a\\b', 'a\0b', 'a~b']) {
        await assert.rejects(async () => await blobs.put(name, Buffer.from('x')), /is not a name of a blob/, name);
      }
    });
  });
}

describe('a bucket', () => {
  const place = () => ({ endpoint: s3.endpoint, bucket: s3.bucket, region: 'us-east-1', ...S3_KEY });

  it('says so when the secret is wrong, at once and without the secret', async () => {
    const client = s3Client({ ...place(), secretAccessKey: 'not-it' }, sendPlainly);
    await assert.rejects(client.put('x', Buffer.from('x')), (error) => {
      assert.ok(error instanceof S3Error);
      assert.match(error.message, /SignatureDoesNotMatch/);
      assert.doesNotMatch(error.message, /not-it/);
      return true;
    });
  });

  it('is asked again when it falters, and an upload that failed leaves nothing', async () => {
    let calls = 0;
    const client = s3Client(place(), async (url, options) => {
      calls++;
      if (calls % 2 === 1)
        return { status: 503, headers: {}, body: Buffer.from('<Error><Code>SlowDown</Code></Error>') };
      return sendPlainly(url, options);
    });
    await client.put('again', Buffer.from('there'));
    assert.equal(calls, 2);
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(PART_BYTES + 1);
      throw new Error('no more');
    }
    await assert.rejects(client.putStream('half', failing()), /no more/);
    assert.equal(await client.size('half'), null);
  });

  it('lists more objects than fit into one answer', async () => {
    const client = s3Client(place(), sendPlainly);
    for (let i = 0; i < 1005; i += 15) {
      await Promise.all(
        Array.from({ length: 15 }, (_, n) => client.put(`many/${String(i + n).padStart(5, '0')}`, Buffer.from('1'))),
      );
    }
    let found = 0;
    for await (const { key } of client.list('many/')) assert.equal(key, `many/${String(found++).padStart(5, '0')}`);
    assert.equal(found, 1005);
  });

  it('that never answers is given up on', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const client = s3Client({ ...place(), endpoint: `http://127.0.0.1:${port}` }, (url, options) =>
      sendPlainly(url, { ...options, timeoutMs: 20 }),
    );
    await assert.rejects(client.get('x', 0, 1), /aborted|timeout/i);
    silent.closeAllConnections();
    silent.close();
  });

  it('is refused in the settings where a part of its address is missing', () => {
    for (const [url, why] of [
      ['s3://key:secret@host', /needs a bucket/],
      ['s3://host/bucket', /access key/],
      ['s3://key:secret@host/bucket?zone=1', /not zone/],
    ] as const) {
      assert.throws(() => parseConfig({ THROUGHLINE_BLOBS_URL: url }), why);
    }
  });
});
