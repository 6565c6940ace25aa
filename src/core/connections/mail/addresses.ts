import type { Context } from '../../../kernel/context.ts';
import { type Source, sourceById } from '../../sources/sources.ts';

/**
 * The mail source that an address belongs to, switched on: <write key>@any domain, in whatever case a mail server made
 * of it, also with +… behind the key; or one of the aliases. Null where there is none.
 */
export async function sourceOfAddress(context: Context, address: string): Promise<Source | null> {
  const lower = address.toLowerCase();
  const at = lower.lastIndexOf('@');
  if (at < 1 || lower.length > 254 || lower.includes('\0') || !lower.isWellFormed()) return null;
  const key = lower.slice(0, at).split('+', 1)[0]!;
  const { rows } = await context.records.pool.query<{ id: number }>(
    `SELECT id FROM sources WHERE kind = 'mail' AND enabled AND lower(write_key) = $1
     UNION ALL
     SELECT s.id FROM connection_addresses a JOIN sources s ON s.id = a.source_id
     WHERE a.address = $2 AND s.kind = 'mail' AND s.enabled LIMIT 1`,
    [key, lower],
  );
  return rows[0] ? sourceById(context, rows[0].id) : null;
}
