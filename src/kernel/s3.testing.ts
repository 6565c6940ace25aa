import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';

export interface TestS3 {
  /** As THROUGHLINE_BLOBS_URL takes it. */
  url: string;
  endpoint: string;
  port: number;
  bucket: string;
  close(): Promise<void>;
}

/** The key and the secret of the server for tests. */
export const S3_KEY = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** A real server that speaks S3's protocol and checks its signatures, with one bucket. */
export async function startTestS3(bucket = 'files'): Promise<TestS3> {
  const directory = mkdtempSync(join(tmpdir(), 'throughline-s3-'));
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  const { port } = await server.run();
  return {
    url: `s3://${S3_KEY.accessKeyId}:${S3_KEY.secretAccessKey}@127.0.0.1:${port}/${bucket}/kept?tls=off`,
    endpoint: `http://127.0.0.1:${port}`,
    port,
    bucket,
    async close() {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
