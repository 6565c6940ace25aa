import { createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { runImport } from './run.ts';

/** For memory.test.ts: makes a file and imports it; tells by standard output what that took. */
const [, , dir = '', megabytes = '', grouped = ''] = process.argv;
const path = join(dir, 'file.csv.gz');
const groups = grouped === 'true';

function* content(): Generator<string> {
  yield 'order,at,sku,name,quantity,price\n';
  let bytes = 0;
  for (let line = 0; bytes < Number(megabytes) * 1024 * 1024; line += 1000) {
    let text = '';
    for (let index = line; index < line + 1000; index++) {
      // The ten rows of a group stand in ten places of a thousand lines, so no group stands together.
      const order = Math.floor(line / 1000) * 100 + (index % 100);
      text += `${order},2026-01-01 12:00:00,sku-${index * 7919},"Something, with a ""name"" that is long enough",${index % 9},${index % 1000}.99\n`;
    }
    bytes += text.length;
    yield text;
  }
}
await pipeline(Readable.from(content()), createGzip({ level: 1 }), createWriteStream(path));

let resident = 0;
const watch = () => {
  resident = Math.max(resident, process.memoryUsage.rss());
};
const timer = setInterval(watch, 20);
const began = performance.now();
const { lines, events } = await runImport(
  {
    path,
    workDir: join(dir, 'work'),
    name: 'file.csv.gz',
    size: statSync(path).size,
    fingerprint: 'file',
    format: null,
    compression: null,
    mapping: groups
      ? {
          types: { quantity: 'number', price: 'number' },
          group: { by: 'order' },
          events:
            '{"type":"track","event":"Order","userId":key,"properties":{"total":$sumProduct(rows,"quantity","price")}}',
        }
      : { events: '{"type":"track","event":"Line","userId":order,"properties":{"sku":sku}}' },
    sourceId: 1,
    partitions: 8,
    checkpoint: {},
  },
  async () => {
    watch();
    await new Promise((resolve) => setImmediate(resolve));
  },
);
clearInterval(timer);
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ residentMegabytes: Math.round(resident / 1e6), lines, events, seconds }));
