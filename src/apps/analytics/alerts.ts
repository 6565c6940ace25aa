import { Report } from '../../core/query/report.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import type { Rule, Watched } from './alert-series.ts';
import type { Recipients } from './recipients.ts';
import { notAReport } from './reports.ts';
import { getSaved, ownerOf } from './saved.ts';

const ALERTS_LIMIT = 500;
export const EVALUATIONS_KEPT = 200;

export const STATES = ['new', 'ok', 'firing', 'resolved', 'nodata', 'broken'] as const;
export type State = (typeof STATES)[number];

export interface Alert {
  id: number;
  name: string;
  savedId: number | null;
  report: unknown;
  watched: unknown;
  rule: unknown;
  recipients: Recipients;
  owner: string;
  ownerName: string;
  mine: boolean;
  enabled: boolean;
  mutedUntil: Date | null;
  state: State;
  said: string;
  judged: string | null;
  evaluatedAt: Date | null;
  createdAt: Date;
}

export interface AlertInput {
  name: string;
  savedId: number | null;
  report: Report | null;
  watched: Watched;
  rule: Rule;
  recipients: Recipients;
  enabled: boolean;
}

export const ALERT_COLUMNS = `a.id, a.name, a.saved_id AS "savedId", a.report, a.watched, a.rule, a.recipients, a.owner,
  a.owner_name AS "ownerName", a.enabled, a.muted_until AS "mutedUntil", a.state, a.said, a.judged,
  a.evaluated_at AS "evaluatedAt", a.created_at AS "createdAt"`;
/** $1 is who asks. An alert on a private report is its owner's. */
const SHOWN = `${ALERT_COLUMNS}, a.owner = $1 AS mine`;
const VISIBLE = `(a.owner = $1 OR a.saved_id IS NULL OR EXISTS (SELECT FROM analytics_saved s
  WHERE s.id = a.saved_id AND s.deleted_at IS NULL AND (s.shared OR s.owner = $1)))`;

export async function listAlerts(
  context: Context,
  caller: Caller,
  page: { state: State | undefined; before: number | undefined; limit: number },
): Promise<Alert[]> {
  const { rows } = await context.records.pool.query<Alert>(
    `SELECT ${SHOWN} FROM analytics_alerts a WHERE ${VISIBLE} AND ($2::text IS NULL OR a.state = $2)
       AND ($3::bigint IS NULL OR a.id < $3) ORDER BY a.id DESC LIMIT $4`,
    [ownerOf(caller), page.state ?? null, page.before ?? null, page.limit],
  );
  return rows;
}

export async function getAlert(context: Context, caller: Caller, id: number): Promise<Alert> {
  const { rows } = await context.records.pool.query<Alert>(
    `SELECT ${SHOWN} FROM analytics_alerts a WHERE ${VISIBLE} AND a.id = $2`,
    [ownerOf(caller), id],
  );
  if (!rows[0]) throw refuse.notFound(`There is no alert ${id}.`);
  return rows[0];
}

/** Refuses with 409 one more than the limit. */
export async function createAlert(context: Context, caller: Caller, input: AlertInput): Promise<Alert> {
  const { rows } = await context.records.pool.query<Alert>(
    `INSERT INTO analytics_alerts AS a (name, saved_id, report, watched, rule, recipients, enabled, owner, owner_name)
     SELECT $2, $3, $4, $5, $6, $7, $8, $1, $9 WHERE (SELECT count(*) FROM analytics_alerts) < $10 RETURNING ${SHOWN}`,
    [...values(caller, input), caller.name, ALERTS_LIMIT],
  );
  if (!rows[0]) throw refuse.conflict(`There are ${ALERTS_LIMIT} alerts, which is the limit. Delete one first.`);
  return rows[0];
}

/** Begins anew with what is given: what was found of another rule says nothing of this one. Its owner is who changed it. */
export async function changeAlert(context: Context, caller: Caller, id: number, input: AlertInput): Promise<Alert> {
  await getAlert(context, caller, id);
  const { rows } = await context.records.pool.query<Alert>(
    `UPDATE analytics_alerts a SET name = $2, saved_id = $3, report = $4, watched = $5, rule = $6, recipients = $7, enabled = $8,
       owner = $1, owner_name = $9, changed_at = now(), state = 'new', said = '', judged = NULL, next_at = now()
     WHERE id = $10 RETURNING ${SHOWN}`,
    [...values(caller, input), caller.name, id],
  );
  if (!rows[0]) throw refuse.notFound(`There is no alert ${id}.`);
  return rows[0];
}

const values = (caller: Caller, input: AlertInput) => [
  ...[ownerOf(caller), input.name, input.savedId, input.report && JSON.stringify(input.report)],
  ...[JSON.stringify(input.watched), JSON.stringify(input.rule), JSON.stringify(input.recipients), input.enabled],
];

/** Says nothing until then; it is still looked at. */
export async function muteAlert(context: Context, caller: Caller, id: number, until: Date | null): Promise<Alert> {
  await getAlert(context, caller, id);
  const { rows } = await context.records.pool.query<Alert>(
    `UPDATE analytics_alerts a SET muted_until = $3 WHERE id = $2 RETURNING ${SHOWN}`,
    [ownerOf(caller), id, until],
  );
  if (!rows[0]) throw refuse.notFound(`There is no alert ${id}.`);
  return rows[0];
}

export async function deleteAlert(context: Context, caller: Caller, id: number): Promise<void> {
  await getAlert(context, caller, id);
  await context.records.pool.query('DELETE FROM analytics_alerts WHERE id = $1', [id]);
}

export interface Evaluation {
  id: number;
  at: Date;
  state: State;
  bucket: string | null;
  value: number | null;
  low: number | null;
  high: number | null;
  said: string;
}

/** What was found of it, the latest first. */
export async function evaluationsOf(
  context: Context,
  caller: Caller,
  id: number,
  page: { before: number | undefined; limit: number },
): Promise<Evaluation[]> {
  await getAlert(context, caller, id);
  const { rows } = await context.records.pool.query<Evaluation>(
    `SELECT id, at, state, bucket, value, low, high, said FROM analytics_alert_evaluations
     WHERE alert_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [id, page.before ?? null, page.limit],
  );
  return rows;
}

/** The report that is watched, as it stands now. Refuses one that is gone, or is none any more. */
export async function watchedReport(
  context: Context,
  caller: Caller,
  { savedId, report }: { savedId: number | null; report: unknown },
): Promise<Report> {
  const stored = savedId === null ? report : (await getSaved(context, caller, 'report', Number(savedId))).content;
  const parsed = Report.safeParse(savedId === null ? stored : (stored as { report?: unknown } | null)?.report);
  if (!parsed.success) throw refuse.invalid(notAReport(parsed.error));
  return parsed.data;
}
