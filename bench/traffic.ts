import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shop } from './company.ts';

/** Requests made before a measurement and read during it, so that making them costs nothing while it runs. */
export interface Traffic {
  /** The next request body, or null at the end. */
  next(): Buffer | null;
  requests: number;
  eventsInRequest: number;
  averageEventBytes: number;
  remove(): void;
}

/** Writes `events` events in requests of `size` events to a file. Deterministic for a seed, but for the times. */
export function makeTraffic(options: { seed: number; people: number; events: number; size: number }): Traffic {
  const dir = mkdtempSync(join(tmpdir(), 'throughline-traffic-'));
  const path = join(dir, 'requests');
  const company = shop(options);
  const requests = Math.floor(options.events / options.size);
  const now = new Date();
  const writer = openSync(path, 'w');
  const length = Buffer.alloc(4);
  let bytes = 0;
  for (let i = 0; i < requests; i++) {
    const events = Array.from({ length: options.size }, () => company.event(now));
    const body = Buffer.from(
      JSON.stringify(options.size === 1 ? events[0] : { batch: events, sentAt: now.toISOString() }),
    );
    length.writeUInt32LE(body.length);
    writeSync(writer, length);
    writeSync(writer, body);
    bytes += body.length;
  }
  closeSync(writer);
  const reader = openSync(path, 'r');
  const total = statSync(path).size;
  let at = 0;
  return {
    requests,
    eventsInRequest: options.size,
    averageEventBytes: Math.round(bytes / requests / options.size),
    next() {
      if (at >= total) return null;
      readSync(reader, length, 0, 4, at);
      const body = Buffer.allocUnsafe(length.readUInt32LE(0));
      readSync(reader, body, 0, body.length, at + 4);
      at += 4 + body.length;
      return body;
    },
    remove() {
      closeSync(reader);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
