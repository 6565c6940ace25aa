import type { Context } from '../../kernel/context.ts';
import { mailIsSetUp, sendMail } from '../../kernel/mail.ts';
import type { Webhook } from './destination.ts';
import type { Attempt } from './send.ts';

/** What became of a delivery. `dueAt` is set where it waits on. */
export interface Outcome {
  eventId: string;
  status: 'waiting' | 'delivered' | 'failed' | 'held' | 'left';
  reason: string | null;
  dueAt: Date | null;
  attempt: Attempt | null;
  originId: number;
  kind: 'event' | 'test' | 'erased';
}

/** Attempts that the log of a delivery holds; older ones go. */
const ATTEMPTS_KEPT = 30;

/** Writes what became of deliveries, what it means for the destination, and whom it reached, in one transaction. */
export async function writeOutcomes(context: Context, webhook: Webhook, outcomes: readonly Outcome[]): Promise<void> {
  if (outcomes.length === 0) return;
  await context.records.transaction(async (client) => {
    // What was taken back meanwhile (an erasure, a removal) is not there any more, and stays away.
    const { rows } = await client.query<{ event_id: string }>(
      `UPDATE destinations_deliveries d SET status = o.status, reason = o.reason, due_at = coalesce(o.due, d.due_at),
         attempts = d.attempts + (o.attempt IS NOT NULL)::int,
         finished_at = CASE WHEN o.status = 'waiting' THEN NULL ELSE now() END,
         log = CASE WHEN o.attempt IS NULL THEN d.log
                    WHEN jsonb_array_length(d.log) >= ${ATTEMPTS_KEPT} THEN (d.log - 0) || o.attempt::jsonb
                    ELSE d.log || o.attempt::jsonb END
       FROM unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[]) AS o (id, status, reason, due, attempt)
       WHERE d.destination_id = $1 AND d.event_id = o.id AND d.status = 'waiting' RETURNING d.event_id`,
      [
        webhook.id,
        outcomes.map((one) => one.eventId),
        outcomes.map((one) => one.status),
        outcomes.map((one) => one.reason),
        outcomes.map((one) => one.dueAt),
        outcomes.map((one) => (one.attempt ? JSON.stringify(one.attempt) : null)),
      ],
    );
    const there = new Set(rows.map((row) => row.event_id));
    const events = outcomes.filter((one) => one.kind === 'event' && there.has(one.eventId));
    const counts = new Map<string, [outcome: string, purpose: string, count: number]>();
    for (const { status, reason } of events) {
      if (status === 'waiting') continue;
      const purpose = status === 'held' ? (reason ?? '') : '';
      const known = counts.get(`${status} ${purpose}`);
      if (known) known[2]++;
      else counts.set(`${status} ${purpose}`, [status, purpose, 1]);
    }
    await addCounts(client, webhook.id, [...counts.values()]);
    const reached = new Map<number, number>();
    for (const { status, originId } of events) {
      if (status === 'delivered') reached.set(originId, (reached.get(originId) ?? 0) + 1);
    }
    await addReached(client, webhook.id, [...reached]);
  });
  await noteHealth(context, webhook, outcomes);
}

type Client = { query: (text: string, values: unknown[]) => Promise<unknown> };

export async function addCounts(
  client: Client,
  destinationId: number,
  counts: readonly (readonly [outcome: string, purpose: string, count: number])[],
): Promise<void> {
  if (counts.length === 0) return;
  await client.query(
    `INSERT INTO destinations_counts (destination_id, day, outcome, purpose, count)
     SELECT $1, (now() AT TIME ZONE 'UTC')::date, * FROM unnest($2::text[], $3::text[], $4::bigint[])
     ON CONFLICT (destination_id, day, outcome, purpose) DO UPDATE SET count = destinations_counts.count + excluded.count`,
    [destinationId, counts.map((one) => one[0]), counts.map((one) => one[1]), counts.map((one) => one[2])],
  );
}

export async function addReached(
  client: Client,
  destinationId: number,
  reached: readonly (readonly [origin: number, events: number])[],
): Promise<void> {
  if (reached.length === 0) return;
  const sorted = reached.toSorted(([a], [b]) => a - b);
  await client.query(
    `INSERT INTO destinations_reached (destination_id, origin_id, events, first_at, last_at)
     SELECT $1, origin, events, now(), now() FROM unnest($2::bigint[], $3::bigint[]) AS r (origin, events)
     ON CONFLICT (origin_id, destination_id)
     DO UPDATE SET events = destinations_reached.events + excluded.events, last_at = now()`,
    [destinationId, sorted.map(([origin]) => origin), sorted.map(([, events]) => events)],
  );
}

/** Keeps how a destination does; one that failed for too long is switched off, and whoever made it is told. */
async function noteHealth(context: Context, webhook: Webhook, outcomes: readonly Outcome[]): Promise<void> {
  const tried = outcomes.filter((one) => one.attempt !== null);
  if (tried.length === 0) return;
  const { pool } = context.records;
  if (tried.some((one) => one.status === 'delivered')) {
    await pool.query(
      'UPDATE destinations SET last_success_at = now(), failing_since = NULL, paused_until = NULL WHERE id = $1',
      [webhook.id],
    );
    return;
  }
  const attempt = tried.at(-1)!.attempt!;
  const error = attempt.error ?? `It answered ${attempt.status}.`;
  const { rows } = await pool.query<{ days: number }>(
    `UPDATE destinations SET failing_since = coalesce(failing_since, now()), last_error = $2 WHERE id = $1
     RETURNING extract(epoch FROM now() - failing_since) / 86400 AS days`,
    [webhook.id, error],
  );
  if (Number(rows[0]?.days ?? 0) >= webhook.settings.disableAfterDays) await stop(context, webhook, 'failing');
}

/** Switches a destination off, with a mail to whoever made it. What waits stays, and is sent when it is switched on. */
export async function stop(context: Context, webhook: Webhook, why: 'failing' | 'gone'): Promise<void> {
  await context.records.transaction(async (client) => {
    const { rowCount } = await client.query(
      'UPDATE destinations SET enabled = false, stopped = $2, stopped_at = now() WHERE id = $1 AND enabled',
      [webhook.id, why],
    );
    if (rowCount === 0 || !webhook.notify || !mailIsSetUp(context.config)) return;
    const reason =
      why === 'gone'
        ? 'The receiver answered 410 Gone: it wants nothing more.'
        : `Nothing has been delivered for ${webhook.settings.disableAfterDays} days.`;
    await sendMail(client, {
      to: webhook.notify,
      subject: `The destination "${webhook.name}" was switched off`,
      text: `${reason}\n\nWhat waits is kept for 30 days and is sent when you switch the destination on again:\n${context.url()}/destinations/${webhook.id}\n`,
    });
  });
}
