import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { createGzip } from 'node:zlib';
import { messageIdOf } from '../events.ts';
import type { SampleToMake } from './content.ts';
import { readOrders } from './orders.ts';
import { sampleLines } from './traffic.ts';

const LINES_AT_ONCE = 100;

/** Makes the sample's file, gzipped NDJSON, in a thread of its own, and gives it to the one that began it. */
async function make({ orders, mapping, weeks, ordersOf }: SampleToMake): Promise<Uint8Array<ArrayBuffer>> {
  const known = await readOrders(fileURLToPath(orders), await readFile(new URL(mapping), 'utf8'));
  function* text() {
    let lines = '';
    let count = 0;
    for (const line of sampleLines(known, weeks, (key) => messageIdOf(`${ordersOf}\ngroup\n${key}`, 0))) {
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
  return content;
}

const content = await make(workerData as SampleToMake);
parentPort?.postMessage(content, [content.buffer]);
