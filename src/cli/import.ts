import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command } from 'commander';
import { type Client, CommandError, type Connection, connect, readAnswer, withConnection } from './client.ts';
import { follow, type Import, isPassing, progressBar, report, sayHowToGoOn } from './import-progress.ts';
import { bytesText } from './terminal.ts';

/** The file is sent in parts of this size, so that a broken connection costs no more than one. */
const PART_BYTES = 8 * 1024 * 1024;
/** A part that could not be sent is tried again so often, after a pause that doubles. */
const TRIES = 6;
const PAUSE_MILLISECONDS = 500;

interface Options extends Connection {
  map: string;
  source?: string;
  again?: boolean;
}

/** Uploads a file, or what is missing of it, waits until its events are stored, and prints totals. */
export const importCommand = withConnection(
  new Command('import')
    .description('import a file of events: CSV, TSV or NDJSON, gzipped or not')
    .argument('<file>')
    .requiredOption('--map <file>', 'the mapping file; docs/import.md describes it')
    .option('--source <name>', 'name of the source of the events; that of the file unless given')
    .option('--again', 'go through a file again that was imported already; nothing is added twice'),
).action(async (file: string, options: Options) => {
  const client = connect(options);
  const size = await sizeOf(file);
  const mapping = await readMapping(options.map);
  sayHowToGoOn();
  const announced = await client.ask<Import>('POST', '/api/imports', {
    name: basename(file),
    size,
    fingerprint: await fingerprintOf(file, size, options),
    mapping,
    sourceName: options.source,
    again: options.again,
  });
  if (announced.state === 'done') return report(announced, options);
  const uploaded = announced.state === 'uploading' ? await upload(client, file, announced, options) : announced;
  report(await follow(client, uploaded, options), options);
});

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new CommandError(`${file} is not a file.`);
    if (found.size === 0) throw new CommandError(`${file} is empty.`);
    return found.size;
  } catch (error) {
    throw readable(error, file);
  }
}

async function readMapping(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw new CommandError(`The mapping file ${file} is not JSON: ${error.message}`);
    throw readable(error, file);
  }
}

function readable(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new CommandError(`There is no file ${file}.`);
  return code ? new CommandError(`${file} cannot be read: ${(error as Error).message}.`) : error;
}

async function fingerprintOf(file: string, size: number, options: Connection): Promise<string> {
  const bar = progressBar('Reading  ', options);
  const hash = createHash('sha256');
  let read = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
      hash.update(chunk as Buffer);
      read += (chunk as Buffer).length;
      bar.show(read / size, bytesText(read));
    }
  } finally {
    bar.end();
  }
  return `sha256:${hash.digest('hex')}`;
}

async function upload(client: Client, file: string, announced: Import, options: Connection): Promise<Import> {
  const content = await openAsBlob(file);
  const bar = progressBar('Uploading', options);
  const began = performance.now();
  let now = announced;
  let failures = 0;
  try {
    while (now.state === 'uploading') {
      const from = now.uploadedBytes;
      const rate = ((from - announced.uploadedBytes) / (performance.now() - began)) * 1000;
      bar.show(from / now.size, `${bytesText(from)} of ${bytesText(now.size)}, ${bytesText(rate)}/s`);
      try {
        const part = content.slice(from, from + PART_BYTES);
        const path = `/api/imports/${now.id}/content?offset=${from}`;
        now = (await readAnswer(await client.request(path, { method: 'PUT', body: part }))) as Import;
        failures = 0;
      } catch (error) {
        if (!isPassing(error) || ++failures >= TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS * 2 ** failures));
        // The server says how much of it has arrived; where it is away still, the next try says so.
        now = await client.ask<Import>('GET', `/api/imports/${now.id}`).catch(() => now);
      }
    }
    bar.show(1, bytesText(now.size));
  } finally {
    bar.end();
  }
  return now;
}
