import type pg from 'pg';
import { z } from 'zod';
import { emitAll } from '../../../core/stream/outbox.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { Context } from '../../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageQuery } from '../../../kernel/page.ts';
import { refuse } from '../../../kernel/refusal.ts';
import { personNames } from '../voices.ts';
import { answerMail } from './mails.ts';

const STATES = ['open', 'answered', 'closed'] as const;
/** How it ended: the customer is content again, is not, never answered, or there was nothing to do. */
export const OUTCOMES = ['recovered', 'lost', 'unanswered', 'nothing'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export const TEXT_LIMIT = 10_000;

export const casesQuery = pageQuery.extend({
  state: z
    .enum([...STATES, 'waiting', 'late'])
    .optional()
    .describe('waiting: not closed; late: not answered, and due.'),
  owner: z.string().max(100).optional().describe('An id of a member of staff, "me" or "nobody".'),
  person: z
    .string()
    .regex(/^\d{1,15}$/, 'is not an id')
    .transform(Number)
    .optional(),
  rule: z
    .string()
    .regex(/^\d{1,9}$/, 'is not an id')
    .transform(Number)
    .optional(),
});

export const CaseSummary = z.object({
  id: z.string(),
  person: z.object({ id: z.string(), name: z.string() }),
  rule: z.string(),
  of: z.string().describe('The name of the event that it came of.'),
  text: z.string().describe('What the customer said; empty for a score alone.'),
  score: z.number().nullable(),
  scale: z.number().nullable(),
  scoreKind: z.string().nullable(),
  mood: z.string().nullable(),
  language: z.string(),
  voiceId: z.string().nullable(),
  state: z.enum(STATES),
  outcome: z.enum(OUTCOMES).nullable(),
  owner: z.object({ id: z.string(), name: z.string() }).nullable(),
  openedAt: z.string(),
  dueAt: z.string(),
  late: z.boolean(),
  answeredAt: z.string().nullable(),
  closedAt: z.string().nullable(),
});
export type CaseSummary = z.output<typeof CaseSummary>;

export const CaseDetail = CaseSummary.extend({
  steps: z.array(z.object({ at: z.string(), by: z.string(), kind: z.string(), text: z.string() })),
  mailTo: z
    .string()
    .nullable()
    .describe('Where an answer goes; null where no address is known or no mail can be sent.'),
});
export type CaseDetail = z.output<typeof CaseDetail>;

interface Row {
  id: number;
  person: number;
  rule_name: string;
  of: string;
  text: string | null;
  score: number | null;
  scale: number | null;
  score_kind: string | null;
  mood: string | null;
  language: string;
  voice_id: number | null;
  state: (typeof STATES)[number];
  outcome: Outcome | null;
  owner_id: string | null;
  owner_name: string | null;
  opened_at: Date;
  due_at: Date;
  answered_at: Date | null;
  closed_at: Date | null;
}

const SHOWN = `c.id, p.root_id AS person, c.rule_name, c.of, v.text, c.score, c.scale, c.score_kind, v.mood,
  coalesce(nullif(v.language, ''), c.language) AS language, c.voice_id, c.state, c.outcome, c.owner_id, u.name AS owner_name,
  c.opened_at, c.due_at, c.answered_at, c.closed_at`;
const FROM = `voices_cases c JOIN persons p ON p.id = c.origin_id
  LEFT JOIN voices_voices v ON v.id = c.voice_id LEFT JOIN staff_users u ON u.id = c.owner_id`;

const Position = z.tuple([z.iso.datetime(), z.int()]);

/** Cases that are not closed in the order in which they are due; with closed ones among them, those opened last first. */
export async function listCases(context: Context, caller: Caller, query: z.output<typeof casesQuery>) {
  const where = ['true'];
  const values: unknown[] = [];
  const add = (condition: (value: string) => string, value: unknown) => where.push(condition(`$${values.push(value)}`));
  const open = query.state === 'waiting' || query.state === 'late' || query.state === 'open';
  if (query.state === 'waiting') where.push('c.closed_at IS NULL');
  else if (query.state === 'late') where.push(`c.state = 'open' AND c.due_at < now()`);
  else if (query.state) add((value) => `c.state = ${value}`, query.state);
  if (query.owner === 'nobody') where.push('c.owner_id IS NULL');
  else if (query.owner) add((value) => `c.owner_id = ${value}`, query.owner === 'me' ? caller.id : query.owner);
  if (query.person !== undefined)
    add((value) => `p.root_id = (SELECT root_id FROM persons WHERE id = ${value})`, query.person);
  if (query.rule !== undefined) add((value) => `c.rule_id = ${value}`, query.rule);
  const [column, order, compare] = open ? ['c.due_at', 'ASC', '>'] : ['c.opened_at', 'DESC', '<'];
  const after = decodeCursor(query.cursor, Position);
  if (after)
    where.push(
      `(${column}, c.id) ${compare} ($${values.push(after[0])}::timestamptz, $${values.push(after[1])}::bigint)`,
    );
  const { rows } = await context.records.pool.query<Row>(
    `SELECT ${SHOWN} FROM ${FROM} WHERE ${where.join(' AND ')} ORDER BY ${column} ${order}, c.id ${order} LIMIT ${query.limit + 1}`,
    values,
  );
  const items = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? items.at(-1) : undefined;
  return {
    items: await shown(context, items),
    nextCursor: last ? encodeCursor([(open ? last.due_at : last.opened_at).toISOString(), last.id]) : null,
  };
}

async function shown({ records }: Context, rows: readonly Row[]): Promise<CaseSummary[]> {
  const names = await personNames(
    records.pool,
    rows.map((row) => row.person),
  );
  return rows.map((row) => ({
    id: String(row.id),
    person: { id: String(row.person), name: names.get(row.person) ?? `#${row.person}` },
    rule: row.rule_name,
    of: row.of,
    text: row.text ?? '',
    score: row.score,
    scale: row.scale,
    scoreKind: row.score_kind,
    mood: row.mood,
    language: row.language,
    voiceId: row.voice_id === null ? null : String(row.voice_id),
    state: row.state,
    outcome: row.outcome,
    owner: row.owner_id === null ? null : { id: row.owner_id, name: row.owner_name ?? row.owner_id },
    openedAt: row.opened_at.toISOString(),
    dueAt: row.due_at.toISOString(),
    late: row.state === 'open' && row.due_at.getTime() < Date.now(),
    answeredAt: row.answered_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
  }));
}

/** Refuses with 404 a case that is not there. */
export async function caseById(context: Context, id: number): Promise<CaseDetail> {
  const { rows } = await context.records.pool.query<Row>(`SELECT ${SHOWN} FROM ${FROM} WHERE c.id = $1`, [id]);
  const [summary] = await shown(context, rows);
  if (!summary) throw refuse.notFound('There is no such case.');
  const [steps, mail] = await Promise.all([
    context.records.pool.query<{ at: Date; by: string; kind: string; text: string }>(
      'SELECT at, by_name AS by, kind, text FROM voices_case_steps WHERE case_id = $1 ORDER BY id DESC LIMIT 200',
      [id],
    ),
    answerMail(context, context.records.pool, id),
  ]);
  return {
    ...summary,
    steps: steps.rows.reverse().map((step) => ({ ...step, at: step.at.toISOString() })),
    mailTo: mail?.to ?? null,
  };
}

/** Locks a case that is there. */
async function locked(client: pg.PoolClient, id: number) {
  const { rows } = await client.query<{
    state: Row['state'];
    person: number;
    answered_at: Date | null;
    opened_at: Date;
  }>(
    `SELECT c.state, p.root_id AS person, c.answered_at, c.opened_at FROM voices_cases c JOIN persons p ON p.id = c.origin_id
     WHERE c.id = $1 FOR UPDATE OF c`,
    [id],
  );
  if (!rows[0]) throw refuse.notFound('There is no such case.');
  return rows[0];
}

const note = (client: pg.PoolClient, id: number, by: string, kind: string, text = '') =>
  client.query('INSERT INTO voices_case_steps (case_id, by_name, kind, text) VALUES ($1, $2, $3, $4)', [
    id,
    by,
    kind,
    text,
  ]);

/** Hands a case to somebody, moves when it is due, or adds a note. */
export async function changeCase(
  context: Context,
  id: number,
  change: { owner?: string | null | undefined; dueAt?: string | undefined; note?: string | undefined },
  by: string,
): Promise<void> {
  await context.records.transaction(async (client) => {
    await locked(client, id);
    if (change.owner !== undefined) {
      const { rows } = await client.query<{ name: string }>(
        'SELECT name FROM staff_users WHERE id = $1 AND disabled_at IS NULL',
        [change.owner],
      );
      if (change.owner !== null && !rows[0]) throw refuse.invalid('There is no such member of staff.');
      await client.query('UPDATE voices_cases SET owner_id = $2, changed_at = now() WHERE id = $1', [id, change.owner]);
      await note(client, id, by, 'owner', rows[0]?.name ?? '');
    }
    if (change.dueAt !== undefined) {
      await client.query('UPDATE voices_cases SET due_at = $2, changed_at = now() WHERE id = $1', [id, change.dueAt]);
      await note(client, id, by, 'due', change.dueAt);
    }
    if (change.note) await note(client, id, by, 'note', change.note);
  });
}

/**
 * Answers the customer: by mail, where an address is known and mails can be sent, or in another way that is noted. Refuses
 * with 409 a case that is closed.
 */
export async function answerCase(
  context: Context,
  id: number,
  { text, how }: { text: string; how: 'mail' | 'phone' | 'other' },
  by: string,
): Promise<void> {
  await context.records.transaction(async (client) => {
    const { state, person, answered_at, opened_at } = await locked(client, id);
    if (state === 'closed') throw refuse.conflict('The case is closed. Open it again before you answer.');
    if (how === 'mail') {
      const mail = await answerMail(context, client, id);
      if (!mail)
        throw refuse.conflict(
          'No address of the customer is known, or no mail server is set. Note how you answered instead.',
        );
      await mail.send(text);
    }
    await client.query(
      `UPDATE voices_cases SET state = 'answered', answered_at = coalesce(answered_at, now()), changed_at = now() WHERE id = $1`,
      [id],
    );
    await note(client, id, by, `answer.${how}`, text);
    if (answered_at) return;
    const hours = Math.round((Date.now() - opened_at.getTime()) / 36_000) / 100;
    await emitAll(client, [
      {
        name: 'Case Answered',
        personId: person,
        properties: { caseId: String(id), how, hours },
        channel: how === 'mail' ? 'email' : how === 'phone' ? 'phone' : 'server',
      },
    ]);
  });
}

/** Ends a case with how it ended; or, without an outcome, opens it again. */
export async function closeCase(context: Context, id: number, outcome: Outcome | null, by: string): Promise<void> {
  await context.records.transaction((client) => close(client, id, outcome, by, ''));
}

async function close(
  client: pg.PoolClient,
  id: number,
  outcome: Outcome | null,
  by: string,
  said: string,
): Promise<void> {
  const { person, state, answered_at } = await locked(client, id);
  if (outcome === null) {
    if (state !== 'closed') throw refuse.conflict('The case is open.');
    await client.query(
      `UPDATE voices_cases SET state = $2, outcome = NULL, closed_at = NULL, changed_at = now() WHERE id = $1`,
      [id, answered_at ? 'answered' : 'open'],
    );
    await note(client, id, by, 'reopened', said);
    return;
  }
  await client.query(
    `UPDATE voices_cases SET state = 'closed', outcome = $2, closed_at = now(), changed_at = now() WHERE id = $1`,
    [id, outcome],
  );
  await note(client, id, by, `closed.${outcome}`, said);
  await emitAll(client, [{ name: 'Case Closed', personId: person, properties: { caseId: String(id), outcome } }]);
}

/** Whether a customer has a case that is not closed: they are asked nothing meanwhile. */
export async function hasOpenCase({ records }: Pick<Context, 'records'>, personId: number): Promise<boolean> {
  const { rows } = await records.pool.query(
    `SELECT FROM voices_cases c JOIN persons p ON p.id = c.origin_id
     WHERE p.root_id = (SELECT root_id FROM persons WHERE id = $1) AND c.closed_at IS NULL LIMIT 1`,
    [personId],
  );
  return rows.length > 0;
}

/** The customer says whether it was solved. What is not solved is open again. */
export async function sayOutcome(context: Context, id: number, solved: boolean, text: string): Promise<void> {
  await context.records.transaction(async (client) => {
    const { state } = await locked(client, id);
    if (solved) {
      if (state !== 'closed') await close(client, id, 'recovered', '', text);
      return;
    }
    await note(client, id, '', 'customer', text);
    await client.query(
      `UPDATE voices_cases SET state = 'open', outcome = NULL, closed_at = NULL, changed_at = now(),
         due_at = greatest(due_at, now() + interval '1 day') WHERE id = $1`,
      [id],
    );
  });
}
