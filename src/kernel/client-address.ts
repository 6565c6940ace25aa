import { isIP } from 'node:net';
import type { Context as HonoContext } from 'hono';
import ipaddr from 'ipaddr.js';

interface Bindings {
  incoming?: { socket?: { remoteAddress?: string } };
}

/** The address at the other end of the connection: the client's or the last proxy's. Undefined without a connection. */
function peerAddress(http: HonoContext): string | undefined {
  const address = (http.env as Bindings | undefined)?.incoming?.socket?.remoteAddress;
  // IPv4 addresses come in IPv6 clothes where the server listens on both.
  return address?.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

/**
 * The client's address. X-Forwarded-For is believed only as far as it was written by the given number of proxies in
 * front: each appends the address that it was called from, so the client's stands that many from the end.
 */
export function clientAddress(http: HonoContext, proxies: number): string | undefined {
  const peer = peerAddress(http);
  if (proxies === 0) return peer;
  const forwarded = (http.req.header('x-forwarded-for') ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const address = forwarded[Math.max(0, forwarded.length - proxies)];
  return address !== undefined && isIP(address) !== 0 ? address : peer;
}

/** What stands for a client where tries are counted. Of IPv6, where one subscriber has many addresses, the network. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv6' ? parsed.toNormalizedString().split(':').slice(0, 4).join(':') : parsed.toString();
}

/** Whether the connection comes from this machine itself, and not through a proxy on it. */
export function isLocal(http: HonoContext): boolean {
  const peer = peerAddress(http);
  const proxied = http.req.header('x-forwarded-for') !== undefined || http.req.header('forwarded') !== undefined;
  return !proxied && peer !== undefined && (peer === '::1' || peer.startsWith('127.'));
}
