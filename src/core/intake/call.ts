import type { IncomingMessage } from 'node:http';
import type { Context as HonoContext } from 'hono';
import type { Config } from '../../kernel/config.ts';
import { type Refusal, refuse } from '../../kernel/refusal.ts';
import { decompress } from './decompress.ts';
import type { Envelope } from './incoming.ts';

/** Largest body of any request here, also after decompression: RudderStack's limit, the largest of the protocols'. */
const BODY_BYTES = 4000 * 1024;
const USER_AGENT_CHARACTERS = 512;

/**
 * A request as intake reads it. Behind node's own server it is read from there: the standard Request would be built for
 * each, which costs as much as all the rest of a small request.
 */
export interface Call {
  http: HonoContext;
  header(name: string): string | undefined;
  query(name: string): string | undefined;
}

export function callOf(http: HonoContext): Call {
  const headers = incomingOf(http)?.headers;
  return {
    http,
    header: headers
      ? (name) => headers[name] as string | undefined
      : (name) => http.req.raw.headers.get(name) ?? undefined,
    query: (name) => http.req.query(name),
  };
}

const incomingOf = (http: HonoContext) => (http.env as { incoming?: IncomingMessage } | undefined)?.incoming;

/** The body as text, decompressed. Refuses a body over BODY_BYTES with 413, without reading on. */
export async function readText(call: Call): Promise<string> {
  const raw = await readBytes(call, BODY_BYTES, tooLarge);
  const encoding = call.header('content-encoding');
  const body = encoding && encoding !== 'identity' ? await decompress(raw, encoding, BODY_BYTES, tooLarge) : raw;
  const text = body.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

const tooLarge = () => refuse.tooLarge(`The body is larger than ${BODY_BYTES / 1024} kB, the limit here.`);

/** The body as it came. Throws what `tooLarge` makes for one of more than `limit` bytes, without reading on. */
export async function readBytes(call: Call, limit: number, tooLarge: () => Refusal): Promise<Buffer> {
  const incoming = incomingOf(call.http);
  if (Number(call.header('content-length') ?? 0) > limit) throw tooLarge();
  return incoming ? readIncoming(incoming, limit, tooLarge) : readStream(call.http.req.raw.body, limit, tooLarge);
}

function readIncoming(incoming: IncomingMessage, limit: number, tooLarge: () => Refusal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > limit) {
        incoming.removeAllListeners('data');
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    const broken = () => reject(refuse.invalid('The connection closed before the whole body had arrived.'));
    incoming.on('error', broken);
    incoming.on('close', broken);
    incoming.on('end', () => {
      // After every request comes a close, which is no fault any more.
      incoming.off('close', broken);
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
  });
}

async function readStream(
  stream: ReadableStream<Uint8Array> | null,
  limit: number,
  tooLarge: () => Refusal,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream ?? []) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What the log's record tells of the request that brought its events. */
export function deliveryOf(call: Call, config: Config): Pick<Envelope, 'receivedAt' | 'ip' | 'userAgent' | 'country'> {
  const userAgent = call.header('user-agent');
  return {
    receivedAt: Date.now(),
    // The address is of use for a look-up of the country only, unless the installation keeps addresses.
    ip: config.geoFile || config.storeIp ? addressOf(call, config.proxies) : undefined,
    userAgent: userAgent?.slice(0, USER_AGENT_CHARACTERS),
    country: config.countryHeader ? countryOf(call.header(config.countryHeader)) : undefined,
  };
}

/** Each proxy adds the address it was called from at the end, so the last `proxies` entries can be trusted. */
function addressOf(call: Call, proxies: number): string | undefined {
  const forwarded = proxies > 0 ? call.header('x-forwarded-for') : undefined;
  if (!forwarded) return incomingOf(call.http)?.socket.remoteAddress;
  const hops = forwarded.split(',');
  return hops[Math.max(0, hops.length - proxies)]?.trim().slice(0, 45);
}

/** ISO 3166-1 alpha-2; XX and T1 are how some proxies say "not known" and "Tor". */
function countryOf(header: string | undefined): string | undefined {
  const code = header?.trim().toUpperCase();
  return code && /^[A-Z]{2}$/.test(code) && code !== 'XX' ? code : undefined;
}
