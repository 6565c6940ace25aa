import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { deleteRows, removeOldParts } from './erase-events.ts';

/** More rules than this nobody oversees. */
export const RULES_LIMIT = 200;
const DAY_MS = 24 * 60 * 60 * 1000;
const COUNT_SECONDS = 60;

/** How long events are kept, by name and source. Of several rules that fit, the one with the shortest time counts. */
export const RetentionRule = z.object({
  id: z.string(),
  eventName: z.string().nullable().describe('Null: any.'),
  sourceId: z.string().nullable().describe('Null: any.'),
  days: z.number(),
  createdAt: z.string(),
  ranAt: z.string().nullable(),
  removed: z.number().describe('Events it has removed in all.'),
});
export type RetentionRule = z.output<typeof RetentionRule>;

export interface RuleInput {
  eventName: string | null;
  sourceId: number | null;
  days: number;
}

interface Row {
  id: number;
  event_name: string | null;
  source_id: number | null;
  days: number;
  created_at: Date;
  ran_at: Date | null;
  removed: number;
}

const shown = (row: Row): RetentionRule => ({
  id: String(row.id),
  eventName: row.event_name,
  sourceId: row.source_id === null ? null : String(row.source_id),
  days: row.days,
  createdAt: row.created_at.toISOString(),
  ranAt: row.ran_at?.toISOString() ?? null,
  removed: row.removed,
});

export async function listRules({ records }: Context): Promise<RetentionRule[]> {
  const { rows } = await records.pool.query<Row>(
    `SELECT * FROM privacy_retention ORDER BY event_name NULLS FIRST, source_id NULLS FIRST LIMIT ${RULES_LIMIT}`,
  );
  return rows.map(shown);
}

/** What a rule would remove if it ran now. */
export async function previewRule(
  { events }: Context,
  rule: RuleInput,
): Promise<{ events: number; people: number; oldest: string | null; of: number }> {
  const where = whereOf(rule, Date.now());
  const [row] = await events.query<{ events: string; people: string; oldest: string }>(
    `SELECT count() AS events, uniqExact(origin_id) AS people, toUnixTimestamp64Milli(min(timestamp)) AS oldest
     FROM events WHERE ${where}`,
    {},
    { seconds: COUNT_SECONDS },
  );
  const [all] = await events.query<{ events: string }>('SELECT count() AS events FROM events');
  const count = Number(row?.events ?? 0);
  return {
    events: count,
    people: Number(row?.people ?? 0),
    oldest: count === 0 ? null : new Date(Number(row!.oldest)).toISOString(),
    of: Number(all?.events ?? 0),
  };
}

/** Makes a rule, or changes the days of the one for the same events. Refuses with 409 past RULES_LIMIT rules. */
export async function setRule(context: Context, rule: RuleInput): Promise<RetentionRule> {
  const { rows } = await context.records.pool.query<Row>(
    `INSERT INTO privacy_retention (event_name, source_id, days)
     SELECT $1, $2, $3 WHERE (SELECT count(*) FROM privacy_retention) < ${RULES_LIMIT}
       OR EXISTS (SELECT 1 FROM privacy_retention WHERE event_name IS NOT DISTINCT FROM $1 AND source_id IS NOT DISTINCT FROM $2)
     ON CONFLICT (event_name, source_id) DO UPDATE SET days = excluded.days RETURNING *`,
    [rule.eventName, rule.sourceId, rule.days],
  );
  if (!rows[0]) throw refuse.conflict(`There are ${RULES_LIMIT} rules, the most there can be. Remove one first.`);
  return shown(rows[0]);
}

/** Events are kept for ever again, as far as no other rule fits. Refuses with 404. */
export async function removeRule({ records }: Context, id: number): Promise<void> {
  const { rowCount } = await records.pool.query('DELETE FROM privacy_retention WHERE id = $1', [id]);
  if (!rowCount) throw refuse.notFound('There is no such rule.');
}

/** Removes what is older than the rules say; each rule notes how much it removed. */
export async function applyRetention(context: Context): Promise<number> {
  const { rows } = await context.records.pool.query<Row>('SELECT * FROM privacy_retention ORDER BY id');
  let total = 0;
  for (const row of rows) {
    const rule = { eventName: row.event_name, sourceId: row.source_id, days: row.days };
    const removed = await removeOlder(context, rule);
    total += removed;
    await context.records.pool.query(
      'UPDATE privacy_retention SET ran_at = now(), removed = removed + $2 WHERE id = $1',
      [row.id, removed],
    );
  }
  if (total > 0) await removeOldParts(context.events, 'events');
  return total;
}

/** Months that lie behind the limit go whole where the rule is for all events; of the others only the rows. */
async function removeOlder({ events }: Context, rule: RuleInput): Promise<number> {
  const before = Date.now() - rule.days * DAY_MS;
  let removed = 0;
  if (rule.eventName === null && rule.sourceId === null) {
    const months = await events.query<{ partition: string; rows: string }>(
      `SELECT _partition_id AS partition, count() AS rows FROM events GROUP BY partition
       HAVING max(timestamp) < fromUnixTimestamp64Milli({before:Int64}, 'UTC')`,
      { before },
      { seconds: COUNT_SECONDS },
    );
    const thisMonth = new Date().toISOString().slice(0, 7).replace('-', '');
    for (const { partition, rows } of months) {
      if (!/^\d{6}$/.test(partition) || partition >= thisMonth) continue;
      await events.command(`ALTER TABLE events DROP PARTITION ID '${partition}'`);
      removed += Number(rows);
    }
  }
  return removed + (await deleteRows(events, 'events', whereOf(rule, Date.now())));
}

/** A mutation takes no parameters, so the name stands in the text, as ClickHouse reads a string. */
function whereOf(rule: RuleInput, now: number): string {
  const conditions = [`timestamp < fromUnixTimestamp64Milli(${Math.floor(now - rule.days * DAY_MS)}, 'UTC')`];
  if (rule.eventName !== null) conditions.push(`name = ${quoted(rule.eventName)}`);
  if (rule.sourceId !== null) conditions.push(`source_id = ${Math.floor(rule.sourceId)}`);
  return conditions.join(' AND ');
}

const quoted = (text: string) => `unhex('${Buffer.from(text).toString('hex')}')`;
