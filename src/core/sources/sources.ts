import type { Selectable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { newKey } from '../../kernel/secrets.ts';
import { forgetSources, remember, remembered } from './key-cache.ts';
import type { SourceTables } from './tables.ts';

export const SOURCE_KINDS = [
  'browser',
  'server',
  'mobile',
  'webhook',
  'file',
  'cloudevents',
  'mqtt',
  'mail',
  'postgres',
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Where events come from: a web site, a program, a file. Its write key is what senders show. */
export interface Source {
  id: number;
  name: string;
  kind: SourceKind;
  writeKey: string;
  /** A source that is switched off is refused at intake. */
  enabled: boolean;
  /** Turns what the source sends into events; null where it already sends events. */
  mapping: string | null;
  createdAt: Date;
}

/** Largest id that the table can hold. */
const LAST_ID = 2_147_483_647;

/** Makes a source with a fresh write key. */
export async function createSource(context: Context, input: { name: string; kind: SourceKind }): Promise<Source> {
  const row = await tables(context)
    .insertInto('sources')
    .values({ name: input.name, kind: input.kind, write_key: newKey('wk') })
    .returningAll()
    .executeTakeFirstOrThrow();
  forgetSources(context);
  return sourceOf(row);
}

/** The source with this id; refuses with 404 where there is none. */
export async function sourceById(context: Context, id: number): Promise<Source> {
  const row = isId(id)
    ? await tables(context).selectFrom('sources').selectAll().where('id', '=', id).executeTakeFirst()
    : undefined;
  if (!row) throw noSource(id);
  return sourceOf(row);
}

/** What is known about a write key without waiting: a source, null for a key of none, undefined for "ask the store". */
export function cachedSource(context: Context, writeKey: string): Source | null | undefined {
  return remembered(context, writeKey);
}

/**
 * The source that a write key belongs to, also where it is switched off; null where there is none. Remembered for a few
 * seconds; a change made by this process shows at once.
 */
export async function sourceByKey(context: Context, writeKey: string): Promise<Source | null> {
  const known = remembered(context, writeKey);
  if (known !== undefined) return known;
  // Also keeps out what PostgreSQL would not take as text.
  if (!/^[\x21-\x7e]{1,200}$/.test(writeKey)) return null;
  return remember(context, writeKey, async () => {
    const row = await tables(context)
      .selectFrom('sources')
      .selectAll()
      .where('write_key', '=', writeKey)
      .executeTakeFirst();
    return row ? sourceOf(row) : null;
  });
}

/** Sources in the order of their making, those with an id above `after`. */
export async function listSources(context: Context, page: { after: number; limit: number }): Promise<Source[]> {
  const rows = await tables(context)
    .selectFrom('sources')
    .selectAll()
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute();
  return rows.map(sourceOf);
}

/** Changes what is given of a source; refuses with 404 where there is none. */
export async function updateSource(
  context: Context,
  id: number,
  change: { name?: string; enabled?: boolean; mapping?: string | null },
): Promise<Source> {
  if (Object.values(change).every((value) => value === undefined)) return sourceById(context, id);
  const row = isId(id)
    ? await tables(context).updateTable('sources').set(change).where('id', '=', id).returningAll().executeTakeFirst()
    : undefined;
  forgetSources(context);
  if (!row) throw noSource(id);
  return sourceOf(row);
}

/** Gives a source a new write key; the old one stops at once here, within seconds in other processes. */
export async function rotateWriteKey(context: Context, id: number): Promise<Source> {
  const row = isId(id)
    ? await tables(context)
        .updateTable('sources')
        .set({ write_key: newKey('wk') })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst()
    : undefined;
  forgetSources(context);
  if (!row) throw noSource(id);
  return sourceOf(row);
}

const tables = (context: Context) => context.records.tables<SourceTables>();
const isId = (id: number) => Number.isInteger(id) && id > 0 && id <= LAST_ID;
const noSource = (id: number) => refuse.notFound(`There is no source ${id}.`);

function sourceOf(row: Selectable<SourceTables['sources']>): Source {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    writeKey: row.write_key,
    enabled: row.enabled,
    mapping: row.mapping,
    createdAt: row.created_at,
  };
}
