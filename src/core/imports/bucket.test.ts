import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { startTestS3, type TestS3 } from '../../kernel/s3.testing.ts';
import { blobName } from './imports.ts';
import { type ImportsTest, startImports } from './testing.ts';

let s3: TestS3;
let all: ImportsTest;
before(async () => {
  s3 = await startTestS3();
  all = await startImports({ THROUGHLINE_BLOBS_URL: s3.url });
});
after(async () => {
  await all.close();
  await s3.close();
});

it('a file is imported by way of a bucket, and nothing of it is left there or here', async () => {
  const lines = Array.from({ length: 3000 }, (_, n) => `c${n % 40},Bought,${n}`);
  const mapping = { events: '{"type": "track", "userId": customer, "event": what, "properties": {"n": n}}' };
  const done = await all.importFile('orders.csv', `customer,what,n\n${lines.join('\n')}\n`, mapping);
  assert.equal(done.error, null);
  assert.equal(all.seen.events.length, 3000);
  assert.equal(await all.context.blobs.size(blobName(Number(done.id))), null);
  assert.equal(existsSync(all.context.config.blobsDir), false);
  assert.deepEqual(readdirSync(join(all.context.config.dataDir, 'spool')), []);
});
