import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { PersonSummary, summaries } from './list.ts';
import type { Stores } from './overrides.ts';
import { accountView } from './person.ts';
import type { StoredSet } from './traits.ts';

/** Members shown with an account, those met last. */
const MEMBERS_SHOWN = 50;

export const AccountView = z.object({
  id: z.string(),
  key: z.string().describe('The group ID that events name it by.'),
  name: z.string(),
  traits: z.record(z.string(), z.unknown()),
  createdAt: z.string(),
  memberCount: z.number(),
});
export type AccountView = z.infer<typeof AccountView>;

export const AccountWithMembers = AccountView.extend({ members: z.array(PersonSummary) });

interface Row {
  id: number;
  key: string;
  traits: StoredSet;
  created_at: Date;
  members: number;
}

/** Members are people: two of them that were merged count once. */
const COLUMNS = `id, key, traits, created_at,
  (SELECT count(DISTINCT p.root_id) FROM memberships m JOIN persons p ON p.id = m.person_id
   WHERE m.account_id = accounts.id)::int AS members`;

const view = (row: Row): AccountView => ({
  ...accountView(row),
  createdAt: row.created_at.toISOString(),
  memberCount: row.members,
});

/** The accounts, newest first. */
export async function listAccounts(
  { records }: Stores,
  query: { cursor?: string | undefined; limit: number },
): Promise<{ items: AccountView[]; nextCursor: string | null }> {
  const before = decodeCursor(query.cursor, z.int()) ?? Number.MAX_SAFE_INTEGER;
  const { rows } = await records.pool.query<Row>(
    `SELECT ${COLUMNS} FROM accounts WHERE id < $1 ORDER BY id DESC LIMIT $2`,
    [before, query.limit + 1],
  );
  const page = rows.slice(0, query.limit);
  return { items: page.map(view), nextCursor: rows.length > query.limit ? encodeCursor(page.at(-1)!.id) : null };
}

/** Refuses with 404 where there is no such account. */
export async function accountById(stores: Stores, id: number): Promise<z.infer<typeof AccountWithMembers>> {
  const { rows } = await stores.records.pool.query<Row>(`SELECT ${COLUMNS} FROM accounts WHERE id = $1`, [id]);
  if (!rows[0]) throw refuse.notFound('There is no such account.');
  const members = await stores.records.pool.query<{ root: number }>(
    `SELECT DISTINCT p.root_id AS root FROM memberships m JOIN persons p ON p.id = m.person_id
     WHERE m.account_id = $1 ORDER BY root DESC LIMIT ${MEMBERS_SHOWN}`,
    [id],
  );
  const shown = members.rows.map((row) => row.root);
  return { ...view(rows[0]), members: await summaries(stores, shown) };
}
