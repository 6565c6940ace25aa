import { z } from 'zod';
import { refuse } from './refusal.ts';

const PAGE_DEFAULT = 50;
export const PAGE_LIMIT = 200;
/** Characters of a cursor: it may hold a name of 512 characters, each escaped, as base64. */
const CURSOR_LIMIT = 8000;

/** The query of every list: an opaque cursor and how many. */
export const pageQuery = z.object({
  cursor: z.string().max(CURSOR_LIMIT).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT).default(PAGE_DEFAULT),
});

/** The reply of every list. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const encodeCursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Reads a cursor back; refuses one that this server did not give. */
export function decodeCursor<T>(cursor: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (parsed.success) return parsed.data;
  } catch {
    // Not JSON: refused below.
  }
  throw refuse.invalid('The cursor is not one that this list gave. Start again without a cursor.');
}
