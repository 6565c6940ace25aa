import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { shortText } from '../../kernel/storable.ts';
import { noSaved, ownerOf, SAVED_KEPT_DAYS } from './saved.ts';
import { SavedId } from './saved-routes.ts';

/** Annotations of an installation: a few a day for years. */
export const ANNOTATIONS_LIMIT = 5000;
const TEXT_LIMIT = 500;

/** A word at a moment, shown in charts over time: of everything, or of one report or dashboard. */
export const Annotation = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  text: z.string(),
  of: z.string().nullable().describe('The report or dashboard that it belongs to; null for everything.'),
  ownerName: z.string(),
  createdAt: z.iso.datetime(),
});
export type Annotation = z.output<typeof Annotation>;

interface Row {
  id: number;
  at: Date;
  text: string;
  of: number | null;
  ownerName: string;
  createdAt: Date;
}

const SHOWN = 'a.id, a.at, a.text, a.saved_id AS "of", a.owner_name AS "ownerName", a.created_at AS "createdAt"';
const shown = (row: Row): Annotation => ({
  ...row,
  id: String(row.id),
  of: row.of === null ? null : String(row.of),
  at: row.at.toISOString(),
  createdAt: row.createdAt.toISOString(),
});
/** $1 is who asks: of what they cannot see they see no annotations either. */
const VISIBLE = `(a.saved_id IS NULL OR EXISTS (
  SELECT FROM analytics_saved s WHERE s.id = a.saved_id AND s.deleted_at IS NULL AND (s.shared OR s.owner = $1)))`;

const At = z.iso.datetime({ offset: true });
const Text = shortText(TEXT_LIMIT)
  .transform((text) => text.trim())
  .pipe(z.string().min(1));
const params = z.object({ id: SavedId });
const Place = z.object({ at: z.iso.datetime(), id: z.number().int() });

async function only(context: Context, statement: string, values: unknown[], id: number): Promise<Annotation> {
  const { rows } = await context.records.pool.query<Row>(statement, values);
  if (!rows[0]) throw refuse.notFound(`There is no annotation ${id}.`);
  return shown(rows[0]);
}

async function mustSee({ records }: Context, caller: Caller, of: number): Promise<void> {
  const { rows } = await records.pool.query(
    'SELECT FROM analytics_saved WHERE id = $1 AND deleted_at IS NULL AND (shared OR owner = $2)',
    [of, ownerOf(caller)],
  );
  if (rows.length === 0) throw noSaved('report', of);
}

export const annotationRoutes = [
  route({
    method: 'GET',
    path: '/api/annotations',
    summary: 'Annotations of everything, and of the given reports and dashboards, the latest first',
    permission: 'reports.read',
    query: pageQuery.extend({
      from: At.optional(),
      to: At.optional().describe('The first moment after.'),
      of: z
        .string()
        .regex(/^\d{1,15}(,\d{1,15}){0,99}$/, 'is not a list of ids')
        .optional()
        .describe('Ids of reports and dashboards, with commas between them. Without it all that the caller sees.'),
    }),
    reply: pageOf(Annotation),
    run: async ({ context, caller, query }) => {
      const before = decodeCursor(query.cursor, Place);
      const { rows } = await context.records.pool.query<Row>(
        `SELECT ${SHOWN} FROM analytics_annotations a WHERE a.deleted_at IS NULL AND ${VISIBLE}
           AND ($2::timestamptz IS NULL OR a.at >= $2) AND ($3::timestamptz IS NULL OR a.at < $3)
           AND ($4::bigint[] IS NULL OR a.saved_id IS NULL OR a.saved_id = ANY ($4))
           AND ($5::timestamptz IS NULL OR (date_trunc('milliseconds', a.at), a.id) < ($5, $6::bigint))
         ORDER BY date_trunc('milliseconds', a.at) DESC, a.id DESC LIMIT $7`,
        [
          ...[ownerOf(caller), query.from ?? null, query.to ?? null, query.of?.split(',') ?? null],
          ...[before?.at ?? null, before?.id ?? null, query.limit + 1],
        ],
      );
      const items = rows.slice(0, query.limit).map(shown);
      const last = items.at(-1);
      const next = last && { at: last.at, id: Number(last.id) };
      return { items, nextCursor: rows.length > items.length ? encodeCursor(next) : null };
    },
  }),
  route({
    method: 'POST',
    path: '/api/annotations',
    summary: 'Note something at a moment; charts over time show it',
    permission: 'reports.write',
    body: z.object({ at: At, text: Text, of: SavedId.nullable().default(null) }),
    reply: Annotation,
    status: 201,
    run: async ({ context, caller, body }) => {
      if (body.of !== null) await mustSee(context, caller, body.of);
      const { rows } = await context.records.pool.query<Row>(
        `INSERT INTO analytics_annotations AS a (at, text, saved_id, owner, owner_name) SELECT $1, $2, $3, $4, $5
         WHERE (SELECT count(*) FROM analytics_annotations WHERE deleted_at IS NULL) < $6 RETURNING ${SHOWN}`,
        [body.at, body.text, body.of, ownerOf(caller), caller.name, ANNOTATIONS_LIMIT],
      );
      if (!rows[0])
        throw refuse.conflict(`There are ${ANNOTATIONS_LIMIT} annotations, which is the limit. Delete some first.`);
      return shown(rows[0]);
    },
  }),
  route({
    method: 'PATCH',
    path: '/api/annotations/{id}',
    summary: 'Change the moment or the words of an annotation',
    permission: 'reports.write',
    params,
    body: z.object({ at: At.optional(), text: Text.optional() }),
    reply: Annotation,
    run: ({ context, caller, params, body }) =>
      only(
        context,
        `UPDATE analytics_annotations a SET at = coalesce($3, at), text = coalesce($4, text)
         WHERE a.id = $2 AND a.deleted_at IS NULL AND ${VISIBLE} RETURNING ${SHOWN}`,
        [ownerOf(caller), params.id, body.at ?? null, body.text ?? null],
        params.id,
      ),
  }),
  route({
    method: 'DELETE',
    path: '/api/annotations/{id}',
    summary: `Delete an annotation; a restoration brings it back within ${SAVED_KEPT_DAYS} days`,
    permission: 'reports.write',
    params,
    reply: Annotation,
    run: ({ context, caller, params }) =>
      only(
        context,
        `UPDATE analytics_annotations a SET deleted_at = now()
         WHERE a.id = $2 AND a.deleted_at IS NULL AND ${VISIBLE} RETURNING ${SHOWN}`,
        [ownerOf(caller), params.id],
        params.id,
      ),
  }),
  route({
    method: 'POST',
    path: '/api/annotations/{id}/restoration',
    summary: 'Take the deletion of an annotation back',
    permission: 'reports.write',
    params,
    reply: Annotation,
    run: ({ context, caller, params }) =>
      only(
        context,
        `UPDATE analytics_annotations a SET deleted_at = NULL WHERE a.id = $2 AND ${VISIBLE} RETURNING ${SHOWN}`,
        [ownerOf(caller), params.id],
        params.id,
      ),
  }),
];
