import type { Context } from '../../kernel/context.ts';
import { addJob, type Job } from '../../kernel/jobs.ts';
import { deleteRows } from '../privacy/erase-events.ts';
import { inOrder, referencesOfAll } from './references.ts';
import { type RefreshOptions, refreshAudience } from './refresh.ts';

/** An audience rests this many times as long as its computing took, so that many large ones leave time for the rest. */
const REST_FACTOR = 20;
/** The shortest rest: somewhat less than the minute that the schedule takes. */
const REST_MS = 50_000;
/** How long an archived audience can be restored. */
const KEPT_DAYS = 30;
const ALL_LOCK = 7_401_022;

/** Computes an audience at once, beside what was asked. `full`: also where nothing seems new. */
export const queueRefresh = (db: Parameters<typeof addJob>[0], id: number): Promise<void> =>
  addJob(db, 'audiences.refresh', { id }, { key: `audience:${id}`, attempts: 3 });

/** Computes every audience that is due, each after those that it is made of. One process at a time. */
export async function refreshDue(context: Context, options: RefreshOptions & { all?: boolean } = {}): Promise<void> {
  const client = await context.records.pool.connect();
  try {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [ALL_LOCK]);
    if (!rows[0]!.got) return;
    try {
      const due = await dueIds(context, options.all === true);
      for (const id of inOrder(await referencesOfAll(context))) {
        if (options.signal?.aborted) return;
        if (due.has(id)) await refreshAudience(context, id, options);
      }
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [ALL_LOCK]);
    }
  } finally {
    client.release();
  }
}

async function dueIds({ records }: Context, all: boolean): Promise<Set<number>> {
  const { rows } = await records.pool.query<{ id: number }>(
    `SELECT id FROM audiences WHERE archived_at IS NULL
       AND ($1 OR computed_at IS NULL OR computed_version IS DISTINCT FROM version
         OR computed_at < now() - greatest($2, coalesce(took_ms, 0) * $3) * interval '1 millisecond')`,
    [all, REST_MS, REST_FACTOR],
  );
  return new Set(rows.map((row) => row.id));
}

/** Removes audiences that were archived long ago, with all that is known of their members. */
export async function forgetArchived(context: Context, days = KEPT_DAYS): Promise<number> {
  const { rows } = await context.records.pool.query<{ id: number }>(
    'SELECT id FROM audiences WHERE archived_at < now() - make_interval(days => $1)',
    [days],
  );
  for (const { id } of rows) {
    await context.records.pool.query(`UPDATE audiences_members SET "of" = "of" - $1::text WHERE "of" ? $1::text`, [
      String(id),
    ]);
    await deleteRows(context.events, 'audience_members', `audience_id = ${Number(id)}`);
    await context.records.pool.query('DELETE FROM audiences WHERE id = $1', [id]);
  }
  return rows.length;
}

export const audienceJobs: Record<string, Job> = {
  'audiences.refresh': {
    attempts: 3,
    async run(context, payload, { signal }) {
      const { state } = await refreshAudience(context, (payload as { id: number }).id, { full: true, signal });
      if (state === 'busy') throw new Error('It is being computed; it is done again afterwards.');
    },
  },
  'audiences.due': {
    every: '* * * * *',
    attempts: 1,
    run: (context, _, { signal }) => refreshDue(context, { signal }),
  },
  'audiences.forget': { every: '40 3 * * *', run: async (context) => void (await forgetArchived(context)) },
};
