import { z } from 'zod';
import { LOOK_MINUTES, type RecordAudit } from '../../kernel/audit.ts';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageQuery } from '../../kernel/page.ts';

const NAME_LIMIT = 200;

export const AuditItem = z.object({
  id: z.string(),
  at: z.string(),
  actor: z.object({
    kind: z.string().describe('staff, key, local, scim, or nobody.'),
    id: z.string(),
    name: z.string().describe('As it was at the time.'),
  }),
  action: z.string().describe('The endpoint, as `PATCH /api/sources/{id}`, or a word such as `sign-in`.'),
  subjects: z.array(z.string()).describe('What it was about, each as `people/12`.'),
  fields: z.array(z.string()).describe('Names of the fields that were sent; their values are not kept.'),
  status: z.number().describe('HTTP status: 403 where it was forbidden.'),
  address: z.string().nullable(),
});
export type AuditItem = z.output<typeof AuditItem>;

export const auditQuery = pageQuery.extend({
  actor: z.string().max(200).optional().describe('ID of who did it, or a part of the name.'),
  action: z.string().max(200).optional().describe('A part of the action.'),
  subject: z.string().max(250).optional().describe('What it was about, as `people/12`.'),
  outcome: z.enum(['done', 'refused']).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional().describe('Up to, and not with.'),
});
export type AuditQuery = z.output<typeof auditQuery>;

const COLUMNS = '(actor_kind, actor_id, actor_name, action, subjects, fields, status, address)';
const INSERT = {
  name: 'audit-add',
  text: `INSERT INTO audit_entries ${COLUMNS} VALUES ($1, $2, $3, $4, $5::text[], $6::text[], $7, $8)`,
};
/** Does not wait for the disk: a crash of the whole machine within a second may take the last looks with it. */
const UNHURRIED = `set_config('synchronous_commit', 'off', true) = 'off'`;
const INSERT_LOOK = {
  name: 'audit-add-look',
  text: `INSERT INTO audit_entries ${COLUMNS} SELECT $1, $2, $3, $4, $5::text[], $6::text[], $7, $8 WHERE ${UNHURRIED}`,
};
/** Calls of one look at the same moment wait for one another at its row, so that one of them is kept. */
const INSERT_ONCE = {
  name: 'audit-add-once',
  text: `WITH first AS (
           INSERT INTO audit_looks AS known (actor_kind, actor_id, address, look, subjects)
           SELECT $1, $2, coalesce($8, ''), $9, $5::text[] WHERE ${UNHURRIED}
           ON CONFLICT (actor_kind, actor_id, address, look) DO UPDATE SET at = excluded.at, subjects = excluded.subjects
             WHERE known.at < now() - make_interval(mins => ${LOOK_MINUTES}) OR NOT known.subjects @> excluded.subjects
           RETURNING 1)
         INSERT INTO audit_entries ${COLUMNS} SELECT $1, $2, $3, $4, $5::text[], $6::text[], $7, $8 FROM first`,
};

/** Adds an entry; it stands when this resolves. Changes and sign-ins are on disk then too. */
export const recordAudit: RecordAudit = async (context, entry) => {
  const { actor, action, subjects, fields, status, address, look } = entry;
  const name = actor.name.replaceAll('\0', '').toWellFormed().slice(0, NAME_LIMIT);
  const values = [actor.kind, actor.id, name, action, subjects, fields, status, address];
  await context.records.pool.query(
    look === undefined
      ? { ...(action.startsWith('GET ') ? INSERT_LOOK : INSERT), values }
      : { ...INSERT_ONCE, values: [...values, look] },
  );
};

/** Forgets looks that are over; their entries stay. */
export async function forgetLooks(context: Context): Promise<void> {
  await context.records.pool.query('DELETE FROM audit_looks WHERE at < now() - make_interval(mins => $1)', [
    LOOK_MINUTES,
  ]);
}

interface Row {
  id: number;
  at: Date;
  actor_kind: string;
  actor_id: string;
  actor_name: string;
  action: string;
  subjects: string[];
  fields: string[];
  status: number;
  address: string | null;
}

/** A page of entries, newest first. */
export async function listAudit(
  context: Context,
  query: AuditQuery,
): Promise<{ items: AuditItem[]; nextCursor: string | null }> {
  const before = decodeCursor(query.cursor, z.number().int().min(0));
  const { rows } = await context.records.pool.query<Row>(
    `SELECT id, at, actor_kind, actor_id, actor_name, action, subjects, fields, status, address
     FROM audit_entries
     WHERE ($1::bigint IS NULL OR id < $1)
       AND ($2::text IS NULL OR actor_id = $2 OR actor_name ILIKE $3)
       AND ($4::text IS NULL OR action ILIKE $4)
       AND ($5::text IS NULL OR subjects @> ARRAY[$5::text])
       AND ($6::boolean IS NULL OR (status >= 400) = $6)
       AND ($7::timestamptz IS NULL OR at >= $7) AND ($8::timestamptz IS NULL OR at < $8)
     ORDER BY id DESC LIMIT $9`,
    [
      before ?? null,
      query.actor ?? null,
      query.actor === undefined ? null : containing(query.actor),
      query.action === undefined ? null : containing(query.action),
      query.subject ?? null,
      query.outcome === undefined ? null : query.outcome === 'refused',
      query.from ?? null,
      query.to ?? null,
      query.limit + 1,
    ],
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => ({
      id: String(row.id),
      at: row.at.toISOString(),
      actor: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
      action: row.action,
      subjects: row.subjects,
      fields: row.fields,
      status: row.status,
      address: row.address,
    })),
    nextCursor: rows.length > page.length && last ? encodeCursor(last.id) : null,
  };
}

const containing = (text: string) => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
