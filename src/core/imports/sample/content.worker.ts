import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { createGzip } from 'node:zlib';
import { messageIdOf } from '../events.ts';
import type { SampleMade, SampleToMake } from './content.ts';
import type { Opinion, Tell } from './opinions.ts';
import { readOrders } from './orders.ts';
import { sampleLines } from './traffic.ts';
import type { SampleEvent } from './visit.ts';

const LINES_AT_ONCE = 100;

/** Makes the sample's file, gzipped NDJSON, in a thread of its own, and gives it to the one that began it. */
async function make({ orders, mapping, weeks, ordersOf, tellers }: SampleToMake) {
  const kept: SampleMade['kept'] = {};
  const listeners: ((opinion: Opinion) => SampleEvent[])[] = [];
  for (const { name, module, facts } of tellers) {
    const { tell } = (await import(module)) as { tell: Tell };
    const own: unknown[] = [];
    kept[name] = own;
    listeners.push((opinion) => {
      const told = tell(opinion, facts);
      own.push(told.kept);
      return told.events;
    });
  }
  const tellAll = (opinion: Opinion) => listeners.flatMap((listen) => listen(opinion));
  const known = await readOrders(fileURLToPath(orders), await readFile(new URL(mapping), 'utf8'));
  function* text() {
    let lines = '';
    let count = 0;
    const orderId = (key: string) => messageIdOf(`${ordersOf}\ngroup\n${key}`, 0);
    for (const line of sampleLines(known, weeks, orderId, tellAll)) {
      lines += `${JSON.stringify(line)}\n`;
      if (++count % LINES_AT_ONCE > 0) continue;
      yield lines;
      lines = '';
    }
    yield lines;
  }
  const chunks: Buffer[] = [];
  await pipeline(text, createGzip({ level: 1 }), async (packed) => {
    for await (const chunk of packed as AsyncIterable<Buffer>) chunks.push(chunk);
  });
  const content = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    content.set(chunk, at);
    at += chunk.length;
  }
  return { content, kept };
}

const made = await make(workerData as SampleToMake);
parentPort?.postMessage(made satisfies SampleMade, [made.content.buffer]);
