import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { z } from 'zod';
import type { App } from '../../kernel/app.ts';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { refuse } from '../../kernel/refusal.ts';
import { isLanguage, type Language } from '../../kernel/text.ts';
import { companyName } from '../staff/company.ts';
import { rootAndOrigins } from './consents.ts';
import { pageEnd, pageStart, SHOWN_ROWS, sectionEnd, sectionRows, sectionStart } from './export-html.ts';
import { placesOf } from './places.ts';
import { subjectOf } from './subject.ts';

/** An archive can be downloaded for so long. */
const EXPIRES_DAYS = 7;
/** Archives of a person that are shown, the newest. */
const SHOWN = 20;
/** Where an archive is put together; emptied at each start. */
export const WORK_FOLDER = 'privacy-work';

export const PersonExport = z.object({
  id: z.string(),
  personId: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'expired']),
  language: z.string(),
  bytes: z.number().nullable(),
  error: z.string().nullable(),
  by: z.string(),
  at: z.string(),
  expiresAt: z.string().nullable(),
});
export type PersonExport = z.output<typeof PersonExport>;

interface Row {
  id: string;
  personId: number;
  state: PersonExport['state'];
  language: string;
  bytes: number | null;
  error: string | null;
  by: string;
  at: Date;
  expiresAt: Date | null;
}
const COLUMNS = `id, person_id AS "personId", state, language, bytes, error, by_name AS by, at, expires_at AS "expiresAt"`;

export const shownExport = (row: Row): PersonExport => ({
  ...row,
  personId: String(row.personId),
  at: row.at.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
});

const folderOf = (id: string) => `exports-of-persons/${id}`;
const fileOf = (id: string) => `${folderOf(id)}/person.zip`;

/** Has an archive made of everything about a person. Refuses with 404 an unknown person. */
export async function requestExport(
  { records }: Pick<Context, 'records'>,
  personId: number,
  { language, by }: { language: string; by: string },
): Promise<Row> {
  return records.transaction(async (client) => {
    const { root } = await rootAndOrigins(client, personId);
    const { rows } = await client.query<Row>(
      `INSERT INTO privacy_exports (id, person_id, language, by_name) VALUES ($1, $2, $3, $4) RETURNING ${COLUMNS}`,
      [randomUUID(), root, isLanguage(language) ? language : 'en', by],
    );
    await addJob(client, 'privacy.export', { id: rows[0]!.id });
    return rows[0]!;
  });
}

export async function exportById({ records }: Pick<Context, 'records'>, id: string): Promise<Row | null> {
  const { rows } = await records.pool.query<Row>(`SELECT ${COLUMNS} FROM privacy_exports WHERE id = $1`, [id]);
  return rows[0] ?? null;
}

/** The archives that were made of a person, newest first. */
export async function exportsOf({ records }: Pick<Context, 'records'>, personId: number): Promise<Row[]> {
  const { origins } = await rootAndOrigins(records.pool, personId);
  const { rows } = await records.pool.query<Row>(
    `SELECT ${COLUMNS} FROM privacy_exports WHERE person_id = ANY ($1::bigint[]) ORDER BY at DESC LIMIT ${SHOWN}`,
    [origins],
  );
  return rows;
}

/** The archive as a download. Refuses with 404 where there is none, with 409 where it is not ready or has expired. */
export async function exportFile(context: Context, id: string): Promise<Response> {
  const row = await exportById(context, id);
  if (!row) throw refuse.notFound('There is no such archive.');
  if (row.state !== 'done' || row.expiresAt! < new Date()) {
    throw refuse.conflict(
      row.state === 'waiting' || row.state === 'running'
        ? 'The archive is being made. Try again in a moment.'
        : 'This archive is not there any more. Have a new one made.',
    );
  }
  const body = Readable.toWeb(context.blobs.read(fileOf(id))) as ReadableStream<Uint8Array>;
  return new Response(body, {
    headers: {
      'content-type': 'application/zip',
      'content-length': String(row.bytes),
      'content-disposition': `attachment; filename="person-${row.personId}.zip"`,
      'cache-control': 'no-store',
    },
  });
}

/** The job: gathers from every place, a file each as JSON, and one page to read; memory holds one batch of rows at a time. */
export async function makeExport(
  context: Context,
  apps: readonly App[],
  id: string,
  info: { last: boolean },
): Promise<void> {
  const { rows } = await context.records.pool.query<Row>(
    `UPDATE privacy_exports SET state = 'running' WHERE id = $1 AND state IN ('waiting', 'running') RETURNING ${COLUMNS}`,
    [id],
  );
  const row = rows[0];
  if (!row) return;
  const work = join(context.config.dataDir, WORK_FOLDER, id);
  try {
    const bytes = await gather(context, apps, row, work);
    const { rowCount } = await context.records.pool.query(
      `UPDATE privacy_exports SET state = 'done', bytes = $2, finished_at = now(),
         expires_at = now() + interval '${EXPIRES_DAYS} days' WHERE id = $1`,
      [id, bytes],
    );
    // The person was erased meanwhile.
    if (!rowCount) await context.blobs.removeAll(folderOf(id));
  } catch (error) {
    if (info.last) {
      await context.records.pool.query("UPDATE privacy_exports SET state = 'failed', error = $2 WHERE id = $1", [
        id,
        'The archive could not be made. The output of the server tells more.',
      ]);
    }
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function gather(context: Context, apps: readonly App[], row: Row, work: string): Promise<number> {
  const subject = await subjectOf(context.records.pool, row.personId);
  if (!subject) throw new Error('The person is not known any more.');
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true, mode: 0o700 });
  const language = row.language as Language;
  const parts = new Map<string, Part>();
  try {
    for (const place of placesOf(apps)) {
      for await (const { file, rows } of place.export(context, subject)) {
        let part = parts.get(file);
        if (!part) {
          if (!/^[a-z][a-z0-9-]*$/.test(file)) throw new Error(`"${file}" is not a name for a file of an archive.`);
          part = new Part(join(work, file), file, language);
          parts.set(file, part);
        }
        await part.add(rows);
      }
    }
  } finally {
    for (const part of parts.values()) await part.end();
  }
  const zip = new ZipFile();
  const company = (await companyName(context)) ?? 'Throughline';
  zip.addReadStreamLazy('index.html', { compress: true }, (done) => done(null, Readable.from(page())));
  for (const [file, part] of parts) zip.addFile(part.json, `${file}.json`);
  zip.end();
  return context.blobs.put(fileOf(row.id), zip.outputStream as AsyncIterable<Uint8Array>);

  async function* page(): AsyncGenerator<string | Buffer> {
    const sections = [...parts].map(([file, part]) => ({ file, count: part.count }));
    yield pageStart(language, { company, at: new Date(), sections });
    for (const [file, part] of parts) {
      yield sectionStart(language, file, part.count);
      yield* createReadStream(part.html);
      yield sectionEnd(language, file, part.count);
    }
    yield pageEnd();
  }
}

/** One kind of data on its way into the archive: its JSON, and its rows of the page. */
class Part {
  readonly json: string;
  readonly html: string;
  count = 0;
  readonly #file: string;
  readonly #language: Language;
  readonly #toJson: WriteStream;
  readonly #toHtml: WriteStream;

  constructor(path: string, file: string, language: Language) {
    this.json = `${path}.json`;
    this.html = `${path}.html`;
    this.#file = file;
    this.#language = language;
    this.#toJson = createWriteStream(this.json, { mode: 0o600 });
    this.#toHtml = createWriteStream(this.html, { mode: 0o600 });
  }

  async add(rows: readonly object[]): Promise<void> {
    for (const row of rows) {
      await write(this.#toJson, `${this.count === 0 ? '[\n' : ',\n'}${JSON.stringify(row)}`);
      if (this.count < SHOWN_ROWS) await write(this.#toHtml, sectionRows(this.#language, this.#file, [row]));
      this.count++;
    }
  }

  async end(): Promise<void> {
    this.#toJson.end(this.count === 0 ? '[]\n' : '\n]\n');
    this.#toHtml.end();
    await Promise.all([finished(this.#toJson), finished(this.#toHtml)]);
  }
}

async function write(stream: WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await new Promise((resolve) => stream.once('drain', resolve));
}

/** Removes archives past their time. */
export async function expireExports({ records, blobs }: Context): Promise<void> {
  const { rows } = await records.pool.query<{ id: string }>(
    "UPDATE privacy_exports SET state = 'expired' WHERE state = 'done' AND expires_at < now() RETURNING id",
  );
  for (const { id } of rows) await blobs.removeAll(folderOf(id));
}
