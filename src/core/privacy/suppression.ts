import { createHmac } from 'node:crypto';
import type pg from 'pg';
import { z } from 'zod';
import type { Config } from '../../kernel/config.ts';
import { decodeCursor, encodeCursor } from '../../kernel/page.ts';
import type { Records } from '../../kernel/records.ts';
import { refuse } from '../../kernel/refusal.ts';
import { keptSecret } from '../../kernel/secrets.ts';
import { loadKinds, normaliseIdentifier } from '../people/identifier.ts';

/** An identifier whose events are dropped, known by a keyed hash only. */
export const Suppressed = z.object({
  hash: z.string().describe('HMAC-SHA-256 of the identifier, hex; nobody can read the identifier from it.'),
  kind: z.string(),
  at: z.string(),
  by: z.string(),
  erasureId: z.string().nullable().describe('The erasure it came with; null where it was added by hand.'),
});
export type Suppressed = z.output<typeof Suppressed>;

type Stores = { records: Records; config: Pick<Config, 'dataDir'> };

const SECRET = 'suppression';
const KEY_CHECK = 'throughline suppression list';

/** The keyed hash under which the list knows an identifier in its normal form. */
export function hashIdentifier(dataDir: string, kind: string, value: string): Buffer {
  return createHmac('sha256', keptSecret(dataDir, SECRET)).update(`${kind}\0${value}`).digest();
}

/** As `hashIdentifier`, with the key read once: for whoever hashes many. */
export function identifierHasher(dataDir: string): (kind: string, value: string) => Buffer {
  const key = keptSecret(dataDir, SECRET);
  return (kind, value) => createHmac('sha256', key).update(`${kind}\0${value}`).digest();
}

/** Whether an erased person had one of some identifiers, which are in their normal form. */
export async function isSuppressed(
  { config }: Pick<Stores, 'config'>,
  db: pg.Pool | pg.PoolClient,
  identifiers: readonly (readonly [kind: string, value: string])[],
): Promise<boolean> {
  if (identifiers.length === 0) return false;
  const hashOf = identifierHasher(config.dataDir);
  const { rowCount } = await db.query({
    name: 'privacy-is-suppressed',
    text: 'SELECT FROM privacy_suppressed WHERE hash = ANY ($1::bytea[]) LIMIT 1',
    values: [identifiers.map(([kind, value]) => hashOf(kind, value))],
  });
  return rowCount !== 0;
}

/**
 * Makes sure that this process hashes with the key that the list was made with. Throws an Error with a sentence where
 * another data folder's key is in use: its hashes would match nobody, and the erased would come back.
 */
export async function checkSuppressionKey({ records, config }: Stores): Promise<void> {
  const mine = createHmac('sha256', keptSecret(config.dataDir, SECRET)).update(KEY_CHECK).digest();
  await records.pool.query('UPDATE privacy_suppression_version SET key_check = $1 WHERE key_check IS NULL', [mine]);
  const { rows } = await records.pool.query<{ key_check: Buffer }>('SELECT key_check FROM privacy_suppression_version');
  if (!rows[0]!.key_check.equals(mine)) {
    throw new Error(
      `The list of erased people was made with another key. Copy the file secrets/${SECRET} of the data folder it was made with into this one.`,
    );
  }
}

/** Puts hashes on the list, in the caller's transaction; the stream drops their events from the commit on. */
export async function suppressHashes(
  client: pg.PoolClient,
  entries: readonly { kind: string; hash: Buffer }[],
  by: string,
  erasureId: string | null,
): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO privacy_suppressed (hash, kind, by_name, erasure_id)
     SELECT hash, kind, $3, $4 FROM unnest($1::bytea[], $2::text[]) AS s (hash, kind) ON CONFLICT (hash) DO NOTHING`,
    [entries.map((entry) => entry.hash), entries.map((entry) => entry.kind), by, erasureId],
  );
  await client.query('UPDATE privacy_suppression_version SET version = version + 1');
  return rowCount ?? 0;
}

/** The normal form of an identifier as somebody typed it. Refuses with 404 an unknown kind, with 400 what names nobody. */
async function typed({ records }: Stores, kindName: string, written: string): Promise<string> {
  const kind = (await loadKinds(records.pool)).get(kindName);
  if (!kind) throw refuse.notFound(`There is no kind of identifier named "${kindName}".`);
  const value = normaliseIdentifier(kind, written);
  if (value === null) throw refuse.invalid(`This is not a ${kindName} that could name anybody. Check what was typed.`);
  return value;
}

/** Puts an identifier on the list by hand. Refuses with 409 where somebody known has it: erase that person instead. */
export async function suppressIdentifier(
  stores: Stores,
  kind: string,
  written: string,
  by: string,
): Promise<Suppressed> {
  const value = await typed(stores, kind, written);
  await checkSuppressionKey(stores);
  const hash = hashIdentifier(stores.config.dataDir, kind, value);
  await stores.records.transaction(async (client) => {
    const { rows } = await client.query<{ root_id: number }>(
      `SELECT p.root_id FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id JOIN persons p ON p.id = i.person_id
       WHERE i.value = $1 AND k.kind = $2`,
      [value, kind],
    );
    if (rows[0]) {
      throw refuse.conflict(
        'A person with this identifier is known. Erase that person; the list then gets all its identifiers.',
        {
          personId: String(rows[0].root_id),
        },
      );
    }
    await suppressHashes(client, [{ kind, hash }], by, null);
  });
  const { rows } = await stores.records.pool.query<Row>(`SELECT ${COLUMNS} FROM privacy_suppressed WHERE hash = $1`, [
    hash,
  ]);
  return shown(rows[0]!);
}

/**
 * Takes an identifier off the list, and with it all that were erased together with it: the person has come back and knows
 * it. What happened before stays gone. Refuses with 404 where it is not on the list. Returns how many were taken off.
 */
export async function liftSuppression(stores: Stores, kind: string, written: string): Promise<number> {
  const value = await typed(stores, kind, written);
  await checkSuppressionKey(stores);
  return lift(stores, hashIdentifier(stores.config.dataDir, kind, value));
}

/** The same by the hash that the list shows. */
export async function liftHash(stores: Stores, hash: string): Promise<number> {
  return lift(stores, Buffer.from(hash, 'hex'));
}

async function lift({ records }: Stores, hash: Buffer): Promise<number> {
  return records.transaction(async (client) => {
    const { rowCount } = await client.query(
      `WITH one AS (SELECT hash, erasure_id FROM privacy_suppressed WHERE hash = $1)
       DELETE FROM privacy_suppressed s USING one WHERE s.hash = one.hash OR s.erasure_id = one.erasure_id`,
      [hash],
    );
    if (!rowCount) throw refuse.notFound('This identifier is not on the suppression list.');
    await client.query('UPDATE privacy_suppression_version SET version = version + 1');
    return rowCount;
  });
}

interface Row {
  hash: Buffer;
  kind: string;
  at: Date;
  by_name: string;
  erasure_id: string | null;
}
const COLUMNS = 'hash, kind, at, by_name, erasure_id';

const shown = (row: Row): Suppressed => ({
  hash: row.hash.toString('hex'),
  kind: row.kind,
  at: row.at.toISOString(),
  by: row.by_name,
  erasureId: row.erasure_id,
});

/** The list, newest first. */
export async function listSuppressed(
  { records }: Pick<Stores, 'records'>,
  query: { cursor?: string | undefined; limit: number },
): Promise<{ items: Suppressed[]; nextCursor: string | null }> {
  const after = decodeCursor(query.cursor, z.tuple([z.string(), z.string()]));
  const { rows } = await records.pool.query<Row & { exact: string }>(
    `SELECT ${COLUMNS}, at::text AS exact FROM privacy_suppressed
     WHERE $1::timestamptz IS NULL OR (at, hash) < ($1, $2::bytea) ORDER BY at DESC, hash DESC LIMIT $3`,
    [after?.[0] ?? null, after ? Buffer.from(after[1], 'hex') : null, query.limit + 1],
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map(shown),
    nextCursor: rows.length > page.length && last ? encodeCursor([last.exact, last.hash.toString('hex')]) : null,
  };
}
