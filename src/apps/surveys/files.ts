import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { type FileGroup, sniff } from './file-types.ts';
import { QUESTION_LIMITS } from './question.ts';
import { isFinished, lockResponse, type ResponseRow } from './responses.ts';
import { versionOf } from './surveys.ts';

/** Files of one response, those that were replaced among them. */
const FILES_OF_RESPONSE = 20;
/** Files, and their bytes, within 24 hours: of one visitor over all surveys, and of all customers of the company together. */
export const FILES_A_DAY = {
  visitor: { files: 60, bytes: 300_000_000 },
  company: { files: 20_000, bytes: 10_000_000_000 },
};
const WAIT_SECONDS = 3600;
const NAME_LIMIT = 200;
/** Whoever counts the files of a day holds it, so that the last place is given once. */
const COUNT_LOCK = 7_406_001;

export const blobOf = (responseId: string, fileId: string) => `surveys/files/${responseId}/${fileId}`;

export interface StoredFile {
  id: string;
  name: string;
  type: string;
  bytes: number;
}

/**
 * Keeps a file for a question of a response; it counts once an answer names it. Refuses with 403 another secret, 404 a
 * question that asks for none, 415 a kind that is not asked for, 413 too many or too large, 429 more than FILES_A_DAY.
 */
export async function storeFile(
  context: Context,
  given: { responseId: string; secret: string; question: string; name: string; content: Buffer },
): Promise<StoredFile> {
  const { responseId, secret, question: questionId, content } = given;
  const kind = sniff(content);
  const { rows } = await context.records.pool.query<{ surveyId: string; version: number }>(
    'SELECT survey_id AS "surveyId", version FROM surveys_responses WHERE id = $1',
    [responseId],
  );
  if (!rows[0]) throw refuse.notFound('There is no such response.');
  const definition = await versionOf(context, rows[0].surveyId, rows[0].version);
  const question = definition?.questions.find(({ id }) => id === questionId);
  const file = {
    id: crypto.randomUUID(),
    name: cleanName(given.name),
    type: kind?.type ?? '',
    bytes: content.byteLength,
  };
  await context.records.transaction(async (client) => {
    const row = await lockResponse(client, responseId, secret);
    if (question?.kind !== 'file') throw refuse.notFound('This question asks for no file.');
    if (isFinished(row)) throw new Refusal(410, 'finished', 'This response is finished.');
    if (content.byteLength === 0) throw refuse.invalid('The file is empty.');
    if (!kind || !(question.accept as FileGroup[]).includes(kind.group))
      throw new Refusal(415, 'file_kind', `This kind of file is not asked for; ${question.accept.join(', ')} is.`);
    const { rows: counted } = await client.query<{ n: number }>(
      'SELECT count(*) AS n FROM surveys_files WHERE response_id = $1',
      [responseId],
    );
    if (counted[0]!.n >= FILES_OF_RESPONSE)
      throw refuse.tooLarge(`A response may have ${FILES_OF_RESPONSE} files in all.`);
    await refuseFullDay(client, row, content.byteLength);
    await client.query(
      'INSERT INTO surveys_files (id, response_id, question_id, name, type, bytes) VALUES ($1, $2, $3, $4, $5, $6)',
      [file.id, responseId, questionId, file.name, file.type, file.bytes],
    );
  });
  try {
    await context.blobs.put(blobOf(responseId, file.id), content);
  } catch {
    await context.records.pool.query('DELETE FROM surveys_files WHERE id = $1', [file.id]);
    throw refuse.unavailable('Files cannot be kept at this moment. Try again in a while.', 30);
  }
  // Whoever was erased meanwhile leaves no file behind.
  const { rowCount } = await context.records.pool.query('SELECT FROM surveys_files WHERE id = $1', [file.id]);
  if (!rowCount) {
    await context.blobs.remove(blobOf(responseId, file.id));
    throw refuse.notFound('There is no such response.');
  }
  return file;
}

/** Refuses with 429 a file with which a visitor, or all of them, would hand in more than is taken a day. */
async function refuseFullDay(client: pg.PoolClient, row: ResponseRow, bytes: number): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [COUNT_LOCK]);
  const { rows } = await client.query<Record<'files' | 'bytes' | 'ownFiles' | 'ownBytes', number>>(
    `SELECT count(*) AS files, coalesce(sum(f.bytes), 0)::bigint AS bytes, count(*) FILTER (WHERE own) AS "ownFiles",
       coalesce(sum(f.bytes) FILTER (WHERE own), 0)::bigint AS "ownBytes"
     FROM surveys_files f JOIN surveys_responses r ON r.id = f.response_id,
       LATERAL (SELECT r.id = $1 OR r.person_id = $2 OR r.anonymous_id = $3 OR r.user_id = $4 AS own) AS whose
     WHERE f.created_at > now() - interval '1 day'`,
    [row.id, row.personId, row.anonymousId, row.userId],
  );
  const day = rows[0]!;
  const { visitor, company } = FILES_A_DAY;
  const said = (most: typeof visitor) => `${most.files.toLocaleString('en')} files and ${most.bytes / 1e6} MB`;
  if (day.ownFiles >= visitor.files || day.ownBytes + bytes > visitor.bytes)
    throw refuse.tooMany(
      `One visitor may hand in ${said(visitor)} within 24 hours. Answer without this file, or come back tomorrow.`,
      WAIT_SECONDS,
    );
  if (day.files >= company.files || day.bytes + bytes > company.bytes)
    throw refuse.tooMany(
      `All customers together may hand in ${said(company)} within 24 hours, and did. Answer without this file, or come back tomorrow.`,
      WAIT_SECONDS,
    );
}

export const FILE_LIMIT = QUESTION_LIMITS.fileBytes;

/** A name without folders and characters that a file system or a header could take for something else. */
function cleanName(name: string): string {
  const last = name.toWellFormed().split(/[\\/]/).pop() ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  return last.replaceAll(/[\u0000-\u001f\u007f"<>|:*?]/g, '').slice(0, NAME_LIMIT) || 'file';
}

/** A file as a download; never anything that a browser shows or runs. Refuses with 404 where there is none. */
export async function fileResponse(context: Context, surveyId: string, fileId: string): Promise<Response> {
  const { rows } = await context.records.pool.query<{ responseId: string; name: string; bytes: number }>(
    `SELECT f.response_id AS "responseId", f.name, f.bytes FROM surveys_files f JOIN surveys_responses r ON r.id = f.response_id
     WHERE f.id = $1 AND r.survey_id = $2`,
    [fileId, surveyId],
  );
  const [file] = rows;
  if (!file || (await context.blobs.size(blobOf(file.responseId, fileId))) === null)
    throw refuse.notFound('There is no such file.');
  const chunks: Buffer[] = [];
  for await (const chunk of context.blobs.read(blobOf(file.responseId, fileId))) chunks.push(chunk as Buffer);
  return new Response(Buffer.concat(chunks), {
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-store',
    },
  });
}
