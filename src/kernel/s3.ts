import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';

/** Where a bucket is and who asks. */
export interface S3Place {
  /** Without a slash at the end: https://s3.eu-central-1.amazonaws.com */
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export interface S3Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** How a call leaves: plainly where the operator set the address, past the guard where somebody typed it. */
export type S3Send = (
  url: URL,
  options: { method: string; headers: Record<string, string>; body?: Uint8Array; timeoutMs: number; maxBytes: number },
) => Promise<S3Answer>;

/** A part of a large object, and what is read at a time. S3 takes parts from 5 MB on, 10,000 of them. */
export const PART_BYTES = 8 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
const TRIES = 5;
const FIRST_WAIT_MS = 200;

/** The store said no, or cannot be reached. */
export class S3Error extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface S3Client {
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** In parts where it is larger than one; none of it is there until all of it is. Returns the size. */
  putStream(key: string, content: AsyncIterable<Uint8Array>): Promise<number>;
  /** Bytes from `start` to `end`, both included; null where there is no such object or nothing in the range. */
  get(key: string, start: number, end: number): Promise<Buffer | null>;
  size(key: string): Promise<number | null>;
  remove(key: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  list(prefix: string): AsyncGenerator<{ key: string; size: number; changedAt: Date }>;
}

/**
 * Reads `s3://key:secret@host:port/bucket/prefix?region=eu-central-1&tls=off`. Throws an Error with a sentence where a
 * part is missing; the sentence never has the secret in it.
 */
export function parseS3Url(text: string): { place: S3Place; prefix: string } {
  const url = new URL(text);
  const [bucket = '', ...rest] = url.pathname.slice(1).split('/');
  const unknown = [...url.searchParams.keys()].find((name) => !['region', 'tls'].includes(name));
  if (unknown) throw new Error(`an S3 address knows ?region= and ?tls=off, not ${unknown}`);
  if (!url.hostname) throw new Error('an S3 address needs a host: s3://key:secret@host/bucket');
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new Error('an S3 address needs a bucket after the host');
  if (!url.username || !url.password) throw new Error('an S3 address needs an access key and a secret before the host');
  return {
    place: {
      endpoint: `${url.searchParams.get('tls') === 'off' ? 'http' : 'https'}://${url.host}`,
      bucket,
      region: url.searchParams.get('region') ?? 'us-east-1',
      accessKeyId: decodeURIComponent(url.username),
      secretAccessKey: decodeURIComponent(url.password),
    },
    prefix: rest.filter((word) => word !== '').join('/'),
  };
}

/** Calls a store that the operator's settings name. */
export const sendPlainly: S3Send = async (url, { method, headers, body, timeoutMs }) => {
  const answer = await fetch(url, {
    method,
    headers,
    signal: AbortSignal.timeout(timeoutMs),
    redirect: 'manual',
    ...(body ? { body: body as Uint8Array<ArrayBuffer> } : {}),
  });
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: Buffer.from(await answer.arrayBuffer()),
  };
};

/** A small client of S3's protocol (signature version 4, path-style addresses), with time-outs and retries. */
export function s3Client(place: S3Place, send: S3Send): S3Client {
  const address = (key: string, query: Record<string, string> = {}) => {
    const path = key.split('/').map(encodeRfc3986).join('/');
    const pairs = Object.entries(query).map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`);
    // Not through searchParams: it writes a space as +, and stores differ in what they take that for.
    return new URL(
      `${place.endpoint}/${place.bucket}${key === '' ? '' : `/${path}`}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`,
    );
  };

  async function once(method: string, url: URL, headers: Record<string, string>, body?: Uint8Array): Promise<S3Answer> {
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      headers: { ...headers, 'x-amz-content-sha256': sha256(body ?? new Uint8Array()) },
      accessKeyId: place.accessKeyId,
      secretAccessKey: place.secretAccessKey,
      region: place.region,
      service: 's3',
    });
    const signed = await signer.sign();
    return send(signed.url, {
      method,
      headers: Object.fromEntries(signed.headers),
      timeoutMs: TIMEOUT_MS,
      maxBytes: PART_BYTES + 1024,
      ...(body ? { body } : {}),
    });
  }

  /** Tries again what may succeed later; throws an S3Error for an answer that is not one of `fine`. */
  async function call(
    method: string,
    url: URL,
    options: { headers?: Record<string, string>; body?: Uint8Array; fine?: number[] } = {},
  ): Promise<S3Answer> {
    for (let attempt = 1, wait = FIRST_WAIT_MS; ; attempt++, wait *= 2) {
      let failure: Error;
      try {
        const answer = await once(method, url, options.headers ?? {}, options.body);
        if ((answer.status >= 200 && answer.status < 300) || options.fine?.includes(answer.status)) return answer;
        failure = errorOf(answer, place);
        if (answer.status < 500 && answer.status !== 429) throw new Final(failure);
      } catch (error) {
        if (error instanceof Final) throw error.reason;
        // Refused by the guard of outgoing calls: it will be every time.
        if ((error as { code?: string }).code === 'invalid') throw error;
        failure = error as Error;
      }
      if (attempt === TRIES) throw failure;
      await sleep(wait * (0.5 + Math.random()));
    }
  }

  return {
    async put(key, bytes) {
      await call('PUT', address(key), { body: bytes, headers: { 'content-type': 'application/octet-stream' } });
    },
    async putStream(key, content) {
      let size = 0;
      let upload: string | null = null;
      const parts: string[] = [];
      try {
        for await (const { bytes, last } of inParts(content)) {
          size += bytes.byteLength;
          if (last && upload === null) {
            await this.put(key, bytes);
            return size;
          }
          upload ??= textOf(await call('POST', address(key, { uploads: '' })), 'UploadId');
          const query = { partNumber: String(parts.length + 1), uploadId: upload };
          const { headers } = await call('PUT', address(key, query), { body: bytes });
          parts.push(String(headers.etag ?? ''));
        }
        const list = parts.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
        const body = Buffer.from(`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`);
        const done = await call('POST', address(key, { uploadId: upload! }), {
          body,
          headers: { 'content-type': 'application/xml' },
        });
        // It may answer 200 and say in the body that it failed.
        if (done.body.includes('<Error>')) throw errorOf(done, place);
        return size;
      } catch (error) {
        if (upload !== null) {
          await call('DELETE', address(key, { uploadId: upload }), { fine: [404] }).catch(() => {});
        }
        throw error;
      }
    },
    async get(key, start, end) {
      const headers = { range: `bytes=${start}-${end}` };
      const answer = await call('GET', address(key), { headers, fine: [404, 416] });
      if (answer.status === 404 || answer.status === 416) return null;
      return answer.status === 206 ? answer.body : answer.body.subarray(start, end + 1);
    },
    async size(key) {
      const answer = await call('HEAD', address(key), { fine: [404] });
      return answer.status === 404 ? null : Number(answer.headers['content-length']);
    },
    async remove(key) {
      await call('DELETE', address(key), { fine: [404] });
    },
    async copy(from, to) {
      const source = `/${place.bucket}/${from.split('/').map(encodeRfc3986).join('/')}`;
      await call('PUT', address(to), { headers: { 'x-amz-copy-source': source } });
    },
    // The first version of the listing: its marker is a key, which every store takes, while tokens of the second are their own.
    async *list(prefix) {
      for (let marker = ''; ; ) {
        const text = (await call('GET', address('', { prefix, marker }))).body.toString();
        for (const [, entry = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
          marker = unescapeXml(/<Key>(.*?)<\/Key>/s.exec(entry)?.[1] ?? '');
          const changed = Date.parse(/<LastModified>(.*?)<\/LastModified>/.exec(entry)?.[1] ?? '');
          yield {
            key: marker,
            size: Number(/<Size>(\d+)<\/Size>/.exec(entry)?.[1] ?? 0),
            // What does not say its age counts as new.
            changedAt: new Date(Number.isNaN(changed) ? Date.now() : changed),
          };
        }
        if (!/<IsTruncated>true<\/IsTruncated>/.test(text) || !text.includes('<Contents>')) return;
      }
    },
  };
}

class Final extends Error {
  readonly reason: Error;
  constructor(reason: Error) {
    super(reason.message);
    this.reason = reason;
  }
}

/** Pieces of PART_BYTES; the last one is what is left, at least one even of nothing. */
export async function* inParts(content: AsyncIterable<Uint8Array>): AsyncGenerator<{ bytes: Buffer; last: boolean }> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    held.push(chunk);
    size += chunk.byteLength;
    while (size > PART_BYTES) {
      const all = Buffer.concat(held);
      yield { bytes: all.subarray(0, PART_BYTES), last: false };
      held = [all.subarray(PART_BYTES)];
      size -= PART_BYTES;
    }
  }
  yield { bytes: Buffer.concat(held), last: true };
}

function errorOf(answer: S3Answer, place: S3Place): S3Error {
  const code = /<Code>(.*?)<\/Code>/s.exec(answer.body.toString())?.[1] ?? `status ${answer.status}`;
  const said = /<Message>(.*?)<\/Message>/s.exec(answer.body.toString())?.[1] ?? '';
  const host = new URL(place.endpoint).host;
  return new S3Error(
    answer.status,
    code,
    `The bucket ${place.bucket} at ${host} answered ${code}${said ? `: ${said.slice(0, 300)}` : ''}`,
  );
}

function textOf(answer: S3Answer, tag: string): string {
  const found = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(answer.body.toString())?.[1];
  if (!found) throw new Error(`The S3 store answered without ${tag}.`);
  return unescapeXml(found);
}

const XML: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const unescapeXml = (text: string) =>
  text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(lt|gt|quot|apos|amp));/gi, (_, hex, decimal, name) =>
    name ? XML[name]! : String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal)),
  );

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const encodeRfc3986 = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
