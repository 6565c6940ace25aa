import type pg from 'pg';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { faultText } from '../../kernel/fault-text.ts';
import { type Mail, mailIsSetUp, sendMail } from '../../kernel/mail.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { callerOf } from './acting.ts';
import { partsOf } from './parts.ts';
import { type Recipients, readersOf } from './recipients.ts';
import { ownerOf } from './saved.ts';
import { nextTime, Timing } from './schedule-times.ts';
import { mailWith } from './sent-mail.ts';
import { speechIn } from './shown-names.ts';

const SCHEDULES_LIMIT = 500;
const ROUND_LIMIT = 50;
/** When what could not be sent, because a store was away, is tried again. */
const AGAIN_MINUTES = 15;

export interface Schedule {
  id: number;
  savedId: number;
  kind: 'report' | 'dashboard';
  savedName: string;
  timing: unknown;
  recipients: Recipients;
  owner: string;
  ownerName: string;
  mine: boolean;
  createdAt: Date;
  nextAt: Date | null;
  lastSentAt: Date | null;
  paused: string | null;
}

const COLUMNS = `c.id, c.saved_id AS "savedId", s.kind, s.name AS "savedName", c.timing, c.recipients, c.owner,
  c.owner_name AS "ownerName", c.created_at AS "createdAt", c.next_at AS "nextAt", c.last_sent_at AS "lastSentAt", c.paused`;
/** $1 is who asks. */
const SHOWN = `${COLUMNS}, c.owner = $1 AS mine`;
const VISIBLE = 's.deleted_at IS NULL AND (s.shared OR s.owner = $1 OR c.owner = $1)';

export async function listSchedules(
  context: Context,
  caller: Caller,
  page: { savedId: number | undefined; before: number | undefined; limit: number },
): Promise<Schedule[]> {
  const { rows } = await context.records.pool.query<Schedule>(
    `SELECT ${SHOWN} FROM analytics_schedules c JOIN analytics_saved s ON s.id = c.saved_id
     WHERE ${VISIBLE} AND ($2::bigint IS NULL OR c.saved_id = $2) AND ($3::bigint IS NULL OR c.id < $3)
     ORDER BY c.id DESC LIMIT $4`,
    [ownerOf(caller), page.savedId ?? null, page.before ?? null, page.limit],
  );
  return rows;
}

/** Refuses with 409 one more than the limit. */
export async function createSchedule(
  context: Context,
  caller: Caller,
  input: { savedId: number; timing: Timing; recipients: Recipients },
): Promise<Schedule> {
  const { rows } = await context.records.pool.query<Schedule>(
    `WITH c AS (INSERT INTO analytics_schedules (saved_id, timing, recipients, owner, owner_name, next_at)
       SELECT $2, $3, $4, $1, $5, $6 WHERE (SELECT count(*) FROM analytics_schedules) < $7 RETURNING *)
     SELECT ${SHOWN} FROM c JOIN analytics_saved s ON s.id = c.saved_id`,
    [
      ...[ownerOf(caller), input.savedId, JSON.stringify(input.timing), JSON.stringify(input.recipients), caller.name],
      ...[new Date(nextTime(input.timing, Date.now())), SCHEDULES_LIMIT],
    ],
  );
  if (!rows[0])
    throw refuse.conflict(`There are ${SCHEDULES_LIMIT} scheduled mails, which is the limit. Delete one first.`);
  return rows[0];
}

/** Changes when and to whom it goes; it becomes the caller's, and goes out again where it was paused. */
export async function changeSchedule(
  context: Context,
  caller: Caller,
  id: number,
  input: { timing: Timing; recipients: Recipients; paused: boolean },
): Promise<Schedule> {
  const { rows } = await context.records.pool.query<Schedule>(
    `UPDATE analytics_schedules c SET timing = $3, recipients = $4, owner = $1, owner_name = $5, next_at = $6, paused = $7
     FROM analytics_saved s WHERE c.id = $2 AND s.id = c.saved_id AND s.deleted_at IS NULL AND (s.shared OR s.owner = $1)
     RETURNING ${SHOWN}`,
    [
      ...[ownerOf(caller), id, JSON.stringify(input.timing), JSON.stringify(input.recipients), caller.name],
      ...[new Date(nextTime(input.timing, Date.now())), input.paused ? `${caller.name} paused it.` : null],
    ],
  );
  if (!rows[0]) throw refuse.notFound(`There is no scheduled mail ${id}.`);
  return rows[0];
}

export async function deleteSchedule(context: Context, caller: Caller, id: number): Promise<void> {
  const { rowCount } = await context.records.pool.query(
    `DELETE FROM analytics_schedules c USING analytics_saved s WHERE c.id = $2 AND s.id = c.saved_id AND ${VISIBLE}`,
    [ownerOf(caller), id],
  );
  if (!rowCount) throw refuse.notFound(`There is no scheduled mail ${id}.`);
}

/** Sends what is due: each mail is queued in the transaction that notes it as sent, so never twice. */
export async function sendScheduled(context: Context, signal: AbortSignal, now = Date.now()): Promise<void> {
  if (!mailIsSetUp(context.config)) return;
  for (let count = 0; count < ROUND_LIMIT && !signal.aborted; count++) {
    const { rows } = await context.records.pool.query<Schedule>(
      `UPDATE analytics_schedules c SET next_at = $1::timestamptz + make_interval(mins => $2) FROM analytics_saved s
       WHERE s.id = c.saved_id AND c.id = (SELECT d.id FROM analytics_schedules d JOIN analytics_saved v ON v.id = d.saved_id
         WHERE d.paused IS NULL AND d.next_at <= $1 AND v.deleted_at IS NULL ORDER BY d.next_at LIMIT 1
         FOR UPDATE OF d SKIP LOCKED)
       RETURNING ${COLUMNS}`,
      [new Date(now), AGAIN_MINUTES],
    );
    const [due] = rows;
    if (!due) return;
    try {
      await send(context, due, signal, now);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal && error.status < 500) await pause(context, due, error.message);
      else
        console.error(
          `The scheduled mail ${due.id} could not be sent; it is tried again in ${AGAIN_MINUTES} minutes: ${faultText(error)}`,
        );
    }
  }
}

async function send(context: Context, due: Schedule, signal: AbortSignal, now: number): Promise<void> {
  const owner = await callerOf(context, due.owner);
  if (!owner) throw refuse.forbidden(`${due.ownerName}, who set it up, is no longer here. Save it as yours.`);
  if (!owner.permissions.has('reports.read'))
    throw refuse.forbidden(`${due.ownerName}, who set it up, may see no reports any more. Save it as yours.`);
  const timing = Timing.safeParse(due.timing);
  if (!timing.success) throw refuse.invalid('Its time cannot be read any more. Set it anew.');
  const readers = await readersOf(context, due.recipients);
  if (readers.length === 0) throw refuse.invalid('Nobody of its recipients may get it any more. Name others.');
  const link = `${context.url()}/${due.kind === 'report' ? 'reports' : 'dashboards'}/${due.savedId}`;
  const { zone } = timing.data;
  const mails: Mail[] = [];
  for (const { email, language } of readers) {
    const speech = speechIn(language);
    const of = { kind: due.kind, id: Number(due.savedId) };
    const { saved, parts } = await partsOf(context, owner, of, speech, { signal, maxAgeSeconds: 300, now });
    const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: zone }).format(new Date(now));
    const subject = speech.t('schedule.subject', { name: saved.name, date });
    const foot = speech.t('schedule.foot', { owner: due.ownerName });
    mails.push(await mailWith({ to: email, subject, intro: [subject], parts, link, foot }, speech));
  }
  await context.records.transaction(async (client) => {
    const { rowCount } = await client.query(
      'UPDATE analytics_schedules SET last_sent_at = $2, next_at = $3 WHERE id = $1 AND timing = $4::jsonb AND paused IS NULL',
      [due.id, new Date(now), new Date(nextTime(timing.data, now)), JSON.stringify(due.timing)],
    );
    if (!rowCount) return;
    for (const mail of mails) await sendMail(client, mail);
  });
}

/** Stops it, with the reason, and tells who set it up where they are still here. */
async function pause(context: Context, due: Schedule, why: string): Promise<void> {
  const owner = await callerOf(context, due.owner);
  const [reader] =
    owner?.email && due.owner.startsWith('staff:') ? await readersOf(context, [{ member: owner.id }]) : [];
  await context.records.transaction(async (client: pg.PoolClient) => {
    await client.query('UPDATE analytics_schedules SET paused = $2, next_at = NULL WHERE id = $1', [due.id, why]);
    if (!reader) return;
    const { t } = speechIn(reader.language);
    const text = `${t('alert.why', { why })}\n\n${context.url()}/alerts\n`;
    await sendMail(client, { to: reader.email, subject: t('schedule.pausedSubject', { name: due.savedName }), text });
  });
}
