import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { addJob, type JobInfo } from '../../kernel/jobs.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { resendNext } from './quarantine.ts';
import { conditionOf, type QuarantineFilter } from './quarantine-filter.ts';

/** Events a transaction, and the pause between two: at most 2,000 events a second, so that new ones are not held up. */
const AT_ONCE = 200;
const PAUSE_MS = 100;
const RUNNING_LIMIT = 5;

/** Many events that are sent again: what is meant, how far it is, how it ended. */
export interface Resend {
  id: number;
  at: Date;
  byName: string;
  filter: QuarantineFilter;
  total: number;
  sent: number;
  failed: number;
  state: 'running' | 'done' | 'stopped' | 'failed';
  trouble: string | null;
  endedAt: Date | null;
}

const COLUMNS = `id, at, by_name AS "byName", filter, total, sent, failed, state, trouble, ended_at AS "endedAt"`;

/** Starts to send all that wait and are meant again. Refuses with 404 where there are none, 409 while many are under way. */
export async function startResend(context: Context, caller: Caller, filter: QuarantineFilter): Promise<Resend> {
  const { where, values } = conditionOf({ ...filter, state: 'waiting' });
  return context.records.transaction(async (client) => {
    const { rows: running } = await client.query("SELECT 1 FROM quarantine_resends WHERE state = 'running'");
    if (running.length >= RUNNING_LIMIT)
      throw refuse.conflict(`${RUNNING_LIMIT} such runs are under way. Wait until one is done, or stop one.`);
    const { rows: found } = await client.query<{ total: number; last: number | null }>(
      `SELECT count(*)::int AS total, max(id) AS last FROM quarantine WHERE ${where}`,
      values,
    );
    const { total, last } = found[0]!;
    if (last === null) throw refuse.notFound('No event in quarantine that waits is meant by this.');
    const { rows } = await client.query<Resend>(
      `INSERT INTO quarantine_resends (by_name, filter, last_id, total) VALUES ($1, $2, $3, $4) RETURNING ${COLUMNS}`,
      [caller.name, JSON.stringify(filter), last, total],
    );
    await addJob(client, 'stream.resend', { id: rows[0]!.id }, { key: `stream.resend:${rows[0]!.id}` });
    return rows[0]!;
  });
}

/** The newest first. */
export async function listResends(
  context: Context,
  page: { before: number | undefined; limit: number },
): Promise<Resend[]> {
  const { rows } = await context.records.pool.query<Resend>(
    `SELECT ${COLUMNS} FROM quarantine_resends WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
    [page.before ?? null, page.limit],
  );
  return rows;
}

export async function resendById(context: Context, id: number): Promise<Resend> {
  const { rows } = await context.records.pool.query<Resend>(`SELECT ${COLUMNS} FROM quarantine_resends WHERE id = $1`, [
    id,
  ]);
  if (!rows[0]) throw refuse.notFound(`There is no such run ${id}.`);
  return rows[0];
}

/** Stops a run; what was sent is sent. */
export async function stopResend(context: Context, id: number): Promise<Resend> {
  await context.records.pool.query(
    "UPDATE quarantine_resends SET state = 'stopped', ended_at = now() WHERE id = $1 AND state = 'running'",
    [id],
  );
  return resendById(context, id);
}

/** The job: goes on where it was cut off, a part at a time; each part's events and how far it came are one transaction. */
export async function runResend(context: Context, payload: unknown, info: JobInfo): Promise<void> {
  const { id } = payload as { id: number };
  try {
    for (;;) {
      if (info.signal.aborted) throw new Error('the process stops');
      if (await nextPart(context, id)) return;
      await sleep(PAUSE_MS, undefined, { signal: info.signal });
    }
  } catch (error) {
    const why = error instanceof Refusal ? error.message : 'It was interrupted and is tried again.';
    await context.records.pool.query(
      `UPDATE quarantine_resends SET trouble = $2, state = CASE WHEN $3 THEN 'failed' ELSE state END,
         ended_at = CASE WHEN $3 THEN now() END WHERE id = $1 AND state = 'running'`,
      [id, why, info.last],
    );
    throw error;
  }
}

async function nextPart(context: Context, id: number): Promise<boolean> {
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<{ filter: QuarantineFilter; last_id: number; position: number; state: string }>(
      'SELECT filter, last_id, position, state FROM quarantine_resends WHERE id = $1 FOR UPDATE',
      [id],
    );
    const [run] = rows;
    if (run?.state !== 'running') return true;
    const range = { after: run.position, upTo: run.last_id, limit: AT_ONCE };
    const part = await resendNext(context, client, run.filter, range);
    await client.query(
      `UPDATE quarantine_resends SET position = $2, sent = sent + $3, failed = failed + $4, trouble = NULL,
         state = CASE WHEN $5 THEN 'done' ELSE state END, ended_at = CASE WHEN $5 THEN now() END WHERE id = $1`,
      [id, part.position, part.sent, part.failed, part.done],
    );
    return part.done;
  });
}
