import { join } from 'node:path';
import type { Blobs } from './blobs.ts';
import { openFolderBlobs } from './blobs-folder.ts';
import { openS3Blobs } from './blobs-s3.ts';
import type { Config } from './config.ts';
import { parseS3Url, s3Client, sendPlainly } from './s3.ts';

/** The store of files that the settings name: a folder, or a bucket of an S3-compatible store. */
export function openBlobs(config: Config): Blobs {
  if (!config.blobsS3) return openFolderBlobs(config.blobsDir);
  const { place, prefix } = parseS3Url(config.blobsS3);
  return openS3Blobs(s3Client(place, sendPlainly), prefix, join(config.dataDir, 'spool'));
}
