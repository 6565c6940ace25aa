import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { conditionOf, type QuarantineFilter } from './quarantine-filter.ts';

/** For so long what was thrown away can be brought back. */
const UNDO_HOURS = 24;
/** Entries kept at most; past it the oldest go first, and are counted as dropped. */
const QUARANTINE_LIMIT = 1_000_000;
const AT_ONCE = 20_000;

/** Throws away what is meant by the filter, or one entry; it can be undone for a day. Refuses with 404 where there is none. */
export async function deleteQuarantined(
  context: Context,
  caller: Pick<Caller, 'name'>,
  which: { id: number } | { filter: QuarantineFilter },
): Promise<{ id: number; count: number }> {
  const { where, values } =
    'id' in which ? { where: 'id = $1 AND deleted_at IS NULL', values: [which.id] } : conditionOf(which.filter);
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<{ id: number }>(
      'INSERT INTO quarantine_deletions (by_name, count) VALUES ($1, 0) RETURNING id',
      [caller.name],
    );
    const { id } = rows[0]!;
    const { rowCount } = await client.query(
      `UPDATE quarantine SET deleted_at = now(), deletion_id = $${values.length + 1} WHERE ${where}`,
      [...values, id],
    );
    if (!rowCount) throw refuse.notFound('There is no such event in quarantine.');
    await client.query('UPDATE quarantine_deletions SET count = $2 WHERE id = $1', [id, rowCount]);
    return { id, count: rowCount };
  });
}

/** Brings back what was thrown away in one go. Refuses with 404 where it is gone for good, 409 where that was done before. */
export async function undoDeletion(context: Context, id: number): Promise<{ id: number; count: number }> {
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<{ undone_at: Date | null }>(
      'SELECT undone_at FROM quarantine_deletions WHERE id = $1 FOR UPDATE',
      [id],
    );
    if (!rows[0]) throw refuse.notFound(`There is no deletion ${id}; after ${UNDO_HOURS} hours it cannot be undone.`);
    if (rows[0].undone_at) throw refuse.conflict('This was undone before.');
    const { rowCount } = await client.query(
      'UPDATE quarantine SET deleted_at = NULL, deletion_id = NULL WHERE deletion_id = $1',
      [id],
    );
    await client.query('UPDATE quarantine_deletions SET undone_at = now() WHERE id = $1', [id]);
    return { id, count: rowCount ?? 0 };
  });
}

export async function keepDays(context: Context): Promise<number> {
  const { rows } = await context.records.pool.query<{ keep_days: number }>('SELECT keep_days FROM quarantine_settings');
  return rows[0]!.keep_days;
}

export async function changeKeepDays(context: Context, days: number): Promise<void> {
  await context.records.pool.query('UPDATE quarantine_settings SET keep_days = $1', [days]);
}

/** Removes for good what was thrown away a day ago, what is older than it is kept, and the oldest past the limit. */
export async function pruneQuarantine(context: Context, limit = QUARANTINE_LIMIT): Promise<void> {
  const { pool } = context.records;
  const days = await keepDays(context);
  const remove = async (where: string, values: unknown[]): Promise<number> => {
    for (let removed = 0; ; ) {
      const { rowCount } = await pool.query(
        `DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE ${where} ORDER BY id LIMIT ${AT_ONCE})`,
        values,
      );
      removed += rowCount ?? 0;
      if ((rowCount ?? 0) < AT_ONCE) return removed;
    }
  };
  await remove('deleted_at < now() - make_interval(hours => $1)', [UNDO_HOURS]);
  await remove('at < now() - make_interval(days => $1)', [days]);
  const { rows } = await pool.query<{ id: number }>('SELECT id FROM quarantine ORDER BY id DESC OFFSET $1 LIMIT 1', [
    limit,
  ]);
  if (rows[0]) {
    const removed = await remove('id <= $1', [rows[0].id]);
    await pool.query(
      `INSERT INTO drops (day, step, reason, source_id, count, last_at)
       VALUES ((now() AT TIME ZONE 'UTC')::date, 'quarantine', 'the quarantine was full', 0, $1, now())
       ON CONFLICT (day, step, reason, source_id) DO UPDATE SET count = drops.count + excluded.count, last_at = now()`,
      [removed],
    );
  }
  await pool.query('DELETE FROM quarantine_deletions WHERE at < now() - make_interval(hours => $1)', [UNDO_HOURS]);
  await pool.query("DELETE FROM quarantine_resends WHERE ended_at < now() - interval '30 days'");
}
