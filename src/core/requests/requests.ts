import { createHmac } from 'node:crypto';
import type pg from 'pg';
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { keptSecret, sameSecret } from '../../kernel/secrets.ts';
import type { Language } from '../../kernel/text.ts';

/** What somebody can ask about their data: the rights of articles 15 to 21 of the GDPR, in its order. */
export const KINDS = ['access', 'correction', 'erasure', 'restriction', 'portability', 'objection'] as const;
export type RequestKind = (typeof KINDS)[number];
export const STATES = ['unproven', 'open', 'done', 'refused', 'withdrawn'] as const;
export type RequestState = (typeof STATES)[number];

/** A request is to be answered within so many days of its receipt, and can be extended once (article 12, paragraph 3). */
export const DUE_DAYS = 30;
const EXTENSION_DAYS = 60;
/** A request whose sender did not prove the address in this time is closed. */
export const PROOF_DAYS = 14;
/** What one client may send in an hour, and what may wait for one address. */
export const AN_HOUR_LIMIT = 10;
export const WAITING_LIMIT = 3;
/** New requests of the whole page in an hour, whoever sends them. */
const ALL_HOUR_LIMIT = 500;
export const MESSAGE_LIMIT = 4000;
export const NAME_LIMIT = 200;

export const RequestSummary = z.object({
  id: z.string(),
  kind: z.enum(KINDS),
  state: z.enum(STATES),
  email: z.string().describe('Empty once the person was erased.'),
  name: z.string(),
  language: z.string(),
  receivedAt: z.string(),
  dueAt: z.string(),
  extended: z.boolean(),
  closedAt: z.string().nullable(),
  personId: z.string().nullable(),
  assignee: z.string().nullable().describe('ID of the member of staff who answers it.'),
});
export type RequestSummary = z.output<typeof RequestSummary>;

export const RequestDetail = RequestSummary.extend({
  message: z.string(),
  purpose: z.string().nullable(),
  provenAt: z.string().nullable(),
  provenBy: z.string().nullable(),
  extendedBecause: z.string().nullable(),
  answer: z.string(),
  exportId: z.string().nullable(),
  erasureId: z.string().nullable(),
  steps: z.array(z.object({ at: z.string(), actor: z.string(), action: z.string(), note: z.string() })),
});
export type RequestDetail = z.output<typeof RequestDetail>;

/** A request as it is stored. */
export interface RequestRow {
  id: number;
  kind: RequestKind;
  state: RequestState;
  email: string;
  name: string;
  message: string;
  language: Language;
  purpose: string | null;
  receivedAt: Date;
  provenAt: Date | null;
  provenBy: string | null;
  dueAt: Date;
  extendedBecause: string | null;
  closedAt: Date | null;
  answer: string;
  personId: number | null;
  assignee: string | null;
  exportId: string | null;
  erasureId: string | null;
}

const COLUMNS = `id, kind, state, email, name, message, language, purpose, received_at AS "receivedAt",
  proven_at AS "provenAt", proven_by AS "provenBy", due_at AS "dueAt", extended_because AS "extendedBecause",
  closed_at AS "closedAt", answer, person_id AS "personId", assignee, export_id AS "exportId",
  erasure_id AS "erasureId"`;

export interface NewRequest {
  kind: RequestKind;
  email: string;
  name: string;
  message: string;
  language: Language;
  purpose: string | null;
}

/**
 * Takes a request in. `sender` is the address of the client, of which only a keyed hash is kept. Returns the token by
 * which whoever sent it can follow it; the one that proves the address goes by mail. Refuses with 429 past the limits.
 */
export async function takeRequest(
  context: Context,
  input: NewRequest,
  from: { sender: string | null; actor: string },
): Promise<{ request: RequestRow; token: string }> {
  const email = input.email.trim().toLowerCase();
  const request = await context.records.transaction(async (client) => {
    const sender =
      from.sender && createHmac('sha256', keyOf(context)).update(`sender ${from.sender}`).digest('base64url');
    if (sender) await checkLimits(client, sender, email);
    const { rows } = await client.query<RequestRow>(
      `INSERT INTO requests (kind, state, email, name, message, language, purpose, due_at, sender)
       VALUES ($1, 'unproven', $2, $3, $4, $5, $6, now() + make_interval(days => ${DUE_DAYS}), $7) RETURNING ${COLUMNS}`,
      [input.kind, email, input.name, input.message, input.language, input.purpose, sender],
    );
    await addStep(client, rows[0]!.id, from.actor, 'received');
    return rows[0]!;
  });
  return { request, token: tokenOf(context, request.id, 'status') };
}

const keyOf = (context: Context) => keptSecret(context.config.dataDir, 'requests');

/**
 * What stands in the links of a request's mails: who has it, reads that mailbox. Made again whenever it is needed. The
 * one for `status` is given to whoever sends a form where nothing can be mailed: it shows how far the request is, and
 * proves nothing.
 */
export function tokenOf(context: Context, id: number, use: 'proof' | 'status' = 'proof'): string {
  const text = use === 'proof' ? `request ${id}` : `status of request ${id}`;
  return `${id}-${createHmac('sha256', keyOf(context)).update(text).digest('base64url')}`;
}

async function checkLimits(client: pg.ClientBase, sender: string, email: string): Promise<void> {
  // Requests of one sender wait for one another, so that none slips past the count.
  await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [sender]);
  const { rows } = await client.query<{ mine: number; all: number; waiting: number }>(
    `SELECT count(*) FILTER (WHERE sender = $1) AS mine, count(*) AS all,
       (SELECT count(*) FROM requests WHERE email = $2 AND state = 'unproven') AS waiting
     FROM requests WHERE received_at > now() - interval '1 hour' AND sender IS NOT NULL`,
    [sender, email],
  );
  const { mine, all, waiting } = rows[0]!;
  if (mine >= AN_HOUR_LIMIT || all >= ALL_HOUR_LIMIT || waiting >= WAITING_LIMIT) {
    throw refuse.tooMany('There were many requests from here. Try again in an hour, or write to the company.', 3600);
  }
}

/** The request that a link's token belongs to, and whether who has it has proved the address by it; or null. */
export async function requestByToken(
  context: Context,
  token: string,
): Promise<{ request: RequestRow; proves: boolean } | null> {
  const id = Number(/^(\d{1,15})-[\w-]{43}$/.exec(token)?.[1] ?? 0);
  const proves = sameSecret(token, tokenOf(context, id));
  if (id === 0 || !(proves || sameSecret(token, tokenOf(context, id, 'status')))) return null;
  const { rows } = await context.records.pool.query<RequestRow>(`SELECT ${COLUMNS} FROM requests WHERE id = $1`, [id]);
  return rows[0] ? { request: rows[0], proves } : null;
}

/** Notes that the address is the sender's: the request is open now. Doing it again changes nothing. */
export async function proveRequest(
  context: Context,
  id: number,
  by: { actor: string; how: string },
): Promise<RequestRow> {
  return change(context, id, by.actor, 'proven', by.how, async (client, row) => {
    if (row.state !== 'unproven') return false;
    // Whose it is, where the address says so without doubt; who answers can choose another.
    await client.query(
      `UPDATE requests SET state = 'open', proven_at = now(), proven_by = $2, person_id = coalesce(person_id, (
         SELECT p.root_id FROM identifiers i JOIN persons p ON p.id = i.person_id
         JOIN identifier_kinds k ON k.id = i.kind_id
         WHERE i.value = requests.email AND k.normalise = 'email' AND k.is_unique LIMIT 1)) WHERE id = $1`,
      [id, by.how],
    );
    return true;
  });
}

/** Closes a request. Refuses with 409 where it is closed already. */
export async function closeRequest(
  context: Context,
  id: number,
  end: { state: 'done' | 'refused' | 'withdrawn'; actor: string; answer: string },
): Promise<RequestRow> {
  return change(context, id, end.actor, end.state, end.answer, async (client, row) => {
    if (row.closedAt) throw refuse.conflict('This request is closed already.');
    await client.query('UPDATE requests SET state = $2, closed_at = now(), answer = $3 WHERE id = $1', [
      id,
      end.state,
      end.answer,
    ]);
    return true;
  });
}

/** Who answers, whose request it is, or more time with the reason for it. Refuses with 409 where it is closed. */
export async function changeRequest(
  context: Context,
  id: number,
  actor: string,
  to: {
    assignee?: string | null | undefined;
    personId?: number | null | undefined;
    extendBecause?: string | undefined;
  },
): Promise<RequestRow> {
  const said = Object.keys(to).filter((name) => to[name as keyof typeof to] !== undefined);
  return change(
    context,
    id,
    actor,
    to.extendBecause ? 'extended' : 'changed',
    to.extendBecause ?? said.join(', '),
    async (client, row) => {
      if (row.closedAt) throw refuse.conflict('This request is closed; nothing of it can be changed.');
      if (to.extendBecause && row.extendedBecause)
        throw refuse.conflict('This request was extended already, which can be done once.');
      await client.query(
        `UPDATE requests SET
         assignee = CASE WHEN $2 THEN $3 ELSE assignee END,
         person_id = CASE WHEN $4 THEN $5::bigint ELSE person_id END,
         extended_because = coalesce($6, extended_because),
         due_at = due_at + CASE WHEN $6::text IS NULL THEN interval '0' ELSE make_interval(days => ${EXTENSION_DAYS}) END
       WHERE id = $1`,
        [
          id,
          to.assignee !== undefined,
          to.assignee ?? null,
          to.personId !== undefined,
          to.personId ?? null,
          to.extendBecause ?? null,
        ],
      );
      return true;
    },
  );
}

/** Notes which export or erasure answers the request. */
export async function linkWork(
  context: Context,
  id: number,
  actor: string,
  work: { exportId?: string; erasureId?: string },
): Promise<RequestRow> {
  return change(context, id, actor, work.exportId ? 'export' : 'erasure', '', async (client) => {
    await client.query(
      'UPDATE requests SET export_id = coalesce($2, export_id), erasure_id = coalesce($3, erasure_id) WHERE id = $1',
      [id, work.exportId ?? null, work.erasureId ?? null],
    );
    return true;
  });
}

async function change(
  context: Context,
  id: number,
  actor: string,
  action: string,
  note: string,
  work: (client: pg.PoolClient, row: RequestRow) => Promise<boolean>,
): Promise<RequestRow> {
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<RequestRow>(`SELECT ${COLUMNS} FROM requests WHERE id = $1 FOR UPDATE`, [id]);
    if (!rows[0]) throw refuse.notFound(`There is no request ${id}.`);
    if (!(await work(client, rows[0]))) return rows[0];
    await addStep(client, id, actor, action, note);
    return (await client.query<RequestRow>(`SELECT ${COLUMNS} FROM requests WHERE id = $1`, [id])).rows[0]!;
  });
}

async function addStep(db: pg.ClientBase, id: number, actor: string, action: string, note = ''): Promise<void> {
  await db.query('INSERT INTO requests_steps (request_id, actor, action, note) VALUES ($1, $2, $3, $4)', [
    id,
    actor,
    action,
    note,
  ]);
}

export interface RequestFilter {
  /** `waiting` is what is not closed. */
  state?: RequestState | 'waiting' | undefined;
  kind?: RequestKind | undefined;
  q?: string | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** Requests in the order in which they are due; closed ones newest first. */
export async function listRequests(
  { records }: Context,
  filter: RequestFilter,
): Promise<{ items: RequestSummary[]; nextCursor: string | null }> {
  const after = decodeCursor(filter.cursor, z.tuple([z.number(), z.number()]));
  // Those that are closed come after all that are not, the last closed first.
  const order = `CASE WHEN closed_at IS NULL THEN extract(epoch FROM due_at) ELSE 1e11 - extract(epoch FROM closed_at) END`;
  const { rows } = await records.pool.query<RequestRow & { place: number }>(
    `SELECT ${COLUMNS}, (${order})::float8 AS place FROM requests
     WHERE ($1::text IS NULL OR CASE WHEN $1 = 'waiting' THEN closed_at IS NULL ELSE state = $1 END)
       AND ($2::text IS NULL OR kind = $2)
       AND ($3::text IS NULL OR position(lower($3) IN email) > 0 OR position(lower($3) IN lower(name)) > 0)
       AND ($4::float8 IS NULL OR ((${order})::float8, id) > ($4, $5))
     ORDER BY place, id LIMIT $6`,
    [
      filter.state ?? null,
      filter.kind ?? null,
      filter.q || null,
      after?.[0] ?? null,
      after?.[1] ?? null,
      filter.limit + 1,
    ],
  );
  const page = rows.slice(0, filter.limit);
  const last = page.at(-1);
  return {
    items: page.map(summary),
    nextCursor: rows.length > page.length && last ? encodeCursor([last.place, last.id]) : null,
  };
}

/** One request with all that happened to it. Refuses with 404. */
export async function requestById(context: Context, id: number): Promise<RequestDetail> {
  const row = await rowById(context, id);
  const steps = await context.records.pool.query<{ at: Date; actor: string; action: string; note: string }>(
    'SELECT at, actor, action, note FROM requests_steps WHERE request_id = $1 ORDER BY id LIMIT 500',
    [id],
  );
  return {
    ...summary(row),
    message: row.message,
    purpose: row.purpose,
    provenAt: row.provenAt?.toISOString() ?? null,
    provenBy: row.provenBy,
    extendedBecause: row.extendedBecause,
    answer: row.answer,
    exportId: row.exportId,
    erasureId: row.erasureId,
    steps: steps.rows.map((step) => ({ ...step, at: step.at.toISOString() })),
  };
}

/** A request as stored. Refuses with 404. */
export async function rowById({ records }: Context, id: number): Promise<RequestRow> {
  const { rows } = await records.pool.query<RequestRow>(`SELECT ${COLUMNS} FROM requests WHERE id = $1`, [id]);
  if (!rows[0]) throw refuse.notFound(`There is no request ${id}.`);
  return rows[0];
}

function summary(row: RequestRow): RequestSummary {
  return {
    id: String(row.id),
    kind: row.kind,
    state: row.state,
    email: row.email,
    name: row.name,
    language: row.language,
    receivedAt: row.receivedAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
    extended: row.extendedBecause !== null,
    closedAt: row.closedAt?.toISOString() ?? null,
    personId: row.personId === null ? null : String(row.personId),
    assignee: row.assignee,
  };
}

/** Closes what nobody proved in time; returns how many. */
export async function closeUnproven({ records }: Context): Promise<number> {
  const { rowCount } = await records.pool.query(
    `WITH late AS (
       UPDATE requests SET state = 'withdrawn', closed_at = now()
       WHERE state = 'unproven' AND received_at < now() - make_interval(days => ${PROOF_DAYS}) RETURNING id)
     INSERT INTO requests_steps (request_id, actor, action) SELECT id, 'system', 'unproven' FROM late`,
  );
  return rowCount ?? 0;
}
