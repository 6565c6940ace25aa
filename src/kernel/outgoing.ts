import { lookup as systemLookup } from 'node:dns';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Config } from './config.ts';
import { type Refusal, refuse } from './refusal.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_LIMIT = 1_000_000;

export interface OutgoingOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** For the whole call, the answer's body included. */
  timeoutMs?: number;
  /** What of the answer is read; the rest is cut off. */
  maxBytes?: number;
  signal?: AbortSignal;
  /** Another resolver of names, for tests. */
  lookup?: LookupFunction;
}

export interface OutgoingAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/**
 * Calls an address that somebody typed. Addresses of private networks, of this machine and of clouds' metadata are
 * refused where the connection is made, after the name is resolved, so a name that answers differently the second time
 * does not pass; THROUGHLINE_OUTGOING_ALLOW opens networks. Redirects are not followed.
 * Refuses (400) an address that may not be called; throws an Error for a time-out or a broken connection.
 */
export async function outgoingFetch(
  config: Config,
  address: string | URL,
  options: OutgoingOptions = {},
): Promise<OutgoingAnswer> {
  const url = checkOutgoingUrl(config, address);
  const deadline = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
  const limit = options.maxBytes ?? ANSWER_LIMIT;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      const late = deadline.aborted && !options.signal?.aborted;
      reject(late ? new Error(`${url.host} did not answer in ${(options.timeoutMs ?? TIMEOUT_MS) / 1000} s`) : error);
    };
    const request = send(
      url,
      {
        method: options.method ?? 'GET',
        headers: { 'user-agent': 'Throughline', ...options.headers },
        // A connection of its own each time: a kept one would have been checked for another name.
        agent: false,
        lookup: guardedLookup(config, options.lookup ?? (systemLookup as LookupFunction)),
        signal,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const done = () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) });
        answer.on('data', (chunk: Buffer) => {
          const rest = limit - size;
          chunks.push(chunk.length > rest ? chunk.subarray(0, rest) : chunk);
          size += chunk.length;
          if (size < limit) return;
          done();
          request.destroy();
        });
        answer.on('end', done);
        answer.on('error', fail);
      },
    );
    request.on('error', fail);
    request.end(options.body);
  });
}

/** Refuses (400) what is not an http or https address, and addresses given as numbers that may not be called. */
export function checkOutgoingUrl(config: Config, address: string | URL): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw refuse.invalid('This is not an address: it must begin with https:// or http://.');
  }
  if (!['http:', 'https:'].includes(url.protocol))
    throw refuse.invalid('An address must begin with https:// or http://.');
  if (url.username || url.password) throw refuse.invalid('An address must not have a name and password in it.');
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  if (isIP(host) && !mayCall(config, host)) throw forbiddenAddress(host);
  if (/^(localhost|.*\.localhost)\.?$/i.test(host) && !mayCall(config, '127.0.0.1')) throw forbiddenAddress(host);
  return url;
}

function guardedLookup(config: Config, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '');
      const addresses = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const bad = addresses.find((one) => !mayCall(config, one.address));
      if (bad) return callback(forbiddenAddress(hostname) as unknown as NodeJS.ErrnoException, '');
      if (options.all) return callback(null, addresses);
      const first = addresses[0];
      if (!first) return callback(new Error(`${hostname} has no address`), '');
      callback(null, first.address, first.family);
    });
  };
}

/** Only addresses of the public internet, and those of the networks that the settings open. */
function mayCall(config: Config, address: string): boolean {
  const parsed = ipaddr.process(address.replace(/%.*$/, ''));
  if (parsed.range() === 'unicast') return true;
  return config.outgoingAllow.some((range) => {
    const [network, bits] = ipaddr.parseCIDR(range);
    return network.kind() === parsed.kind() && parsed.match([network, bits] as never);
  });
}

function forbiddenAddress(host: string): Refusal {
  return refuse.invalid(
    `${host} is an address of a private network, which this server does not call. THROUGHLINE_OUTGOING_ALLOW can open a network.`,
  );
}
