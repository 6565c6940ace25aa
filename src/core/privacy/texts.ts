import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../kernel/page.ts';
import type { Records } from '../../kernel/records.ts';
import { refuse } from '../../kernel/refusal.ts';
import { listPurposes } from './purposes.ts';

/** A wording to which people agree; kept as it was for as long as somebody's consent refers to it. */
export const ConsentText = z.object({
  id: z.string(),
  purpose: z.string(),
  version: z.string(),
  language: z.string(),
  body: z.string(),
  createdAt: z.string(),
});
export type ConsentText = z.output<typeof ConsentText>;

type Stores = { records: Records };

const COLUMNS = `id::text, purpose, version, language, body, created_at AS "createdAt"`;
const shown = (row: Omit<ConsentText, 'createdAt'> & { createdAt: Date }): ConsentText => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
});

/** Publishes a text. Refuses with 409 a version that is there in this language: it is never changed, a new wording is a new version. */
export async function publishText(
  stores: Stores,
  text: { purpose: string; version: string; language: string; body: string },
): Promise<ConsentText> {
  const known = (await listPurposes(stores)).some((one) => one.key === text.purpose);
  if (!known) throw refuse.notFound(`There is no purpose "${text.purpose}".`);
  const { rows } = await stores.records.pool.query<Omit<ConsentText, 'createdAt'> & { createdAt: Date }>(
    `INSERT INTO privacy_texts (purpose, version, language, body) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    [text.purpose, text.version, text.language, text.body],
  );
  if (!rows[0]) {
    throw refuse.conflict(
      `The version "${text.version}" of this text is published in ${text.language} already, and people may have agreed to it. Give the new wording a new version.`,
    );
  }
  return shown(rows[0]);
}

/** The texts, newest first. */
export async function listTexts(
  { records }: Stores,
  query: { cursor?: string | undefined; limit: number },
): Promise<{ items: ConsentText[]; nextCursor: string | null }> {
  const before = decodeCursor(query.cursor, z.int()) ?? Number.MAX_SAFE_INTEGER;
  const { rows } = await records.pool.query<Omit<ConsentText, 'createdAt'> & { createdAt: Date }>(
    `SELECT ${COLUMNS} FROM privacy_texts WHERE id < $1 ORDER BY id DESC LIMIT $2`,
    [before, query.limit + 1],
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map(shown),
    nextCursor: rows.length > page.length && last ? encodeCursor(Number(last.id)) : null,
  };
}
