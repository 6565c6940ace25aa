import type pg from 'pg';
import { audienceById } from '../../core/audiences/audience.ts';
import { membersOf } from '../../core/audiences/membership.ts';
import { emitAll } from '../../core/stream/outbox.ts';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { mailIsSetUp, sendMail } from '../../kernel/mail.ts';
import { isRecordsAway } from '../../kernel/records.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { hashKey } from '../../kernel/secrets.ts';
import { newToken } from './links.ts';
import { pickLanguage } from './logic.ts';
import { checkMail, fieldsOfEvent } from './mail-words.ts';
import { mailFor } from './mails.ts';
import { reach } from './people.ts';
import type { SendingMail, SendingTo } from './shapes.ts';
import { readSettings, surveyById, versionOf } from './surveys.ts';
import { fullSurveys, isOpen, lockNames, mayAsk, noteShown, seenBy } from './targeting.ts';
import { surveySent } from './told.ts';

/** Sendings of one survey. */
const SENDINGS_LIMIT = 500;
/** People of an audience that are written down at a time, and mails that are made in one run. */
const AT_ONCE = 500;
const MAILS_A_RUN = 300;
/** Events come in late: so long ago is looked at again. An event counts once. */
const LATE_MINUTES = 15;
const EVENTS_A_RUN = 5000;

export interface Sending {
  id: number;
  surveyId: string;
  to: SendingTo;
  mail: SendingMail;
  state: 'running' | 'stopped' | 'done';
  position: { after?: number; count?: number; planned?: 'all'; from?: string };
  skipped: Record<string, number>;
  error: string | null;
  createdBy: string;
  createdAt: Date;
  finishedAt: Date | null;
}

// A mail from before there were fields has none.
const ROW = `id, survey_id AS "surveyId", "to", '{"fields": {}}' || mail AS mail, state, position, skipped, error, created_by AS "createdBy",
  created_at AS "createdAt", finished_at AS "finishedAt"`;

/**
 * Begins to send mails about a survey. Refuses with 409 where no mail server is set, the survey is not running or has
 * SENDINGS_LIMIT of them; with 404 an unknown audience; with 400 what `checkMail` does.
 */
export async function createSending(
  context: Context,
  surveyId: string,
  to: SendingTo,
  mail: SendingMail,
  by: string,
): Promise<number> {
  const survey = await surveyById(context, surveyId);
  if (survey.state !== 'running') throw refuse.conflict('Publish the survey first: a mail would lead to nothing.');
  if (!mailIsSetUp(context.config)) throw refuse.conflict('No mail server is set: THROUGHLINE_MAIL_URL.');
  checkMail((await versionOf(context, surveyId, survey.version!))!, mail);
  if ('audience' in to) await audienceById(context, to.audience);
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO surveys_sendings (survey_id, "to", mail, created_by)
       SELECT $1, $2, $3, $4 WHERE (SELECT count(*) FROM surveys_sendings WHERE survey_id = $1) < ${SENDINGS_LIMIT} RETURNING id`,
      [surveyId, JSON.stringify(to), JSON.stringify(mail), by],
    );
    if (!rows[0]) throw refuse.conflict(`A survey has ${SENDINGS_LIMIT} sendings at most.`);
    await addJob(client, 'surveys.send', {}, { key: 'surveys.send' });
    return rows[0].id;
  });
}

export interface SendingCounts extends Sending {
  waiting: number;
  sent: number;
  opened: number;
  answered: number;
}

const COUNTS = `(SELECT count(*) FROM surveys_invitations i WHERE i.sending_id = s.id AND i.state = 'waiting') AS waiting,
  (SELECT count(*) FROM surveys_invitations i WHERE i.sending_id = s.id AND i.state = 'sent') AS sent,
  (SELECT count(*) FROM surveys_invitations i WHERE i.sending_id = s.id AND i.opened_at IS NOT NULL) AS opened,
  (SELECT count(*) FROM surveys_invitations i WHERE i.sending_id = s.id AND i.answered_at IS NOT NULL) AS answered`;

/** The newest first. */
export async function listSendings(
  { records }: Pick<Context, 'records'>,
  surveyId: string,
  before: number | undefined,
  limit: number,
): Promise<SendingCounts[]> {
  const { rows } = await records.pool.query<SendingCounts>(
    `SELECT ${ROW}, ${COUNTS} FROM surveys_sendings s WHERE survey_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [surveyId, before ?? null, limit],
  );
  return rows;
}

/** Refuses with 404 where there is none. */
export async function sendingById(
  { records }: Pick<Context, 'records'>,
  surveyId: string,
  id: number,
): Promise<SendingCounts> {
  const { rows } = await records.pool.query<SendingCounts>(
    `SELECT ${ROW}, ${COUNTS} FROM surveys_sendings s WHERE survey_id = $1 AND id = $2`,
    [surveyId, id],
  );
  if (!rows[0]) throw refuse.notFound('There is no such sending.');
  return rows[0];
}

/** Stops it, or lets it go on; mails that have left have left. Refuses with 409 one that is done. */
export async function setSending(
  context: Context,
  surveyId: string,
  id: number,
  state: 'running' | 'stopped',
): Promise<void> {
  const sending = await sendingById(context, surveyId, id);
  if (sending.state === 'done') throw refuse.conflict('All its mails have left already.');
  await context.records.pool.query("UPDATE surveys_sendings SET state = $2 WHERE id = $1 AND state <> 'done'", [
    id,
    state,
  ]);
  if (state === 'running') await addJob(context.records.pool, 'surveys.send', {}, { key: 'surveys.send' });
}

/** Plans mails of all sendings that run, sends those that are due, and closes what is done. Every minute. */
export async function sendDue(context: Context, signal: AbortSignal): Promise<void> {
  if (!mailIsSetUp(context.config)) return;
  const { rows } = await context.records.pool.query<Sending>(
    `SELECT ${ROW} FROM surveys_sendings WHERE state = 'running' ORDER BY id LIMIT 200`,
  );
  for (const sending of rows) {
    if (signal.aborted) return;
    try {
      await plan(context, sending, signal);
      await context.records.pool.query('UPDATE surveys_sendings SET error = NULL WHERE id = $1 AND error IS NOT NULL', [
        sending.id,
      ]);
    } catch (error) {
      // The others go on; this one is tried again in a minute.
      const message = (error as Error).message.slice(0, 500);
      await context.records.pool.query('UPDATE surveys_sendings SET error = $2 WHERE id = $1', [sending.id, message]);
    }
  }
  for (let n = 0; n < MAILS_A_RUN && !signal.aborted; n += 1) if (!(await sendNext(context))) break;
  await context.records.pool.query(
    `UPDATE surveys_sendings s SET state = 'done', finished_at = now() WHERE state = 'running' AND position ->> 'planned' = 'all'
       AND NOT EXISTS (SELECT FROM surveys_invitations i WHERE i.sending_id = s.id AND i.state = 'waiting')`,
  );
  const { rowCount } = await context.records.pool.query(
    `SELECT FROM surveys_invitations i JOIN surveys_sendings s ON s.id = i.sending_id
     WHERE i.state = 'waiting' AND i.send_at <= now() AND s.state = 'running' LIMIT 1`,
  );
  if (rowCount && !signal.aborted)
    await addJob(context.records.pool, 'surveys.send', {}, { key: 'surveys.send', runAt: new Date(Date.now() + 1000) });
}

async function plan(context: Context, sending: Sending, signal: AbortSignal): Promise<void> {
  if ('event' in sending.to) return follow(context, sending, sending.to);
  if (sending.position.planned === 'all') return;
  let { after = 0, count = 0 } = sending.position;
  while (!signal.aborted) {
    const ids =
      'audience' in sending.to
        ? await membersOf(context, sending.to.audience, { after, limit: AT_ONCE })
        : sending.to.people
            .map(Number)
            .sort((a, b) => a - b)
            .filter((id) => id > after)
            .slice(0, AT_ONCE);
    const last = ids.at(-1);
    const position = last === undefined ? { after, count, planned: 'all' } : { after: last, count: count + ids.length };
    await context.records.transaction(async (client) => {
      await client.query(
        `INSERT INTO surveys_invitations (survey_id, sending_id, person_id, expires_at, send_at, state, fields)
         SELECT $1, $2, person, at + make_interval(days => $3), at, 'waiting', $8
         FROM unnest($4::bigint[]) WITH ORDINALITY AS p (person, n),
           LATERAL (SELECT $5::timestamptz + make_interval(hours => (($6::int + n - 1) / $7)::int) AS at) AS t
         ON CONFLICT DO NOTHING`,
        [
          ...[sending.surveyId, sending.id, sending.mail.expiresInDays, ids],
          ...[sending.createdAt, count, sending.mail.perHour, JSON.stringify(sending.mail.fields)],
        ],
      );
      await client.query('UPDATE surveys_sendings SET position = $2 WHERE id = $1', [
        sending.id,
        JSON.stringify(position),
      ]);
    });
    if (last === undefined) return;
    after = last;
    count += ids.length;
  }
}

type ToEvent = Extract<SendingTo, { event: unknown }>;

/** Writes down a mail for each new event that fits. An event from before the sending, also one that is imported, sends none. */
async function follow(context: Context, sending: Sending, { event, hours }: ToEvent): Promise<void> {
  const from = Math.max(
    Date.parse(sending.position.from ?? '') || 0,
    sending.createdAt.getTime() - LATE_MINUTES * 60_000,
  );
  const rows = await context.events.query<{
    id: string;
    person: string;
    at: string;
    received: string;
    properties: string;
  }>(
    `SELECT event_id AS id, origin_id AS person, toUnixTimestamp64Milli(e.timestamp) AS at,
       toUnixTimestamp64Milli(e.received_at) AS received, toJSONString(e.properties) AS properties
     FROM events AS e WHERE name = {name:String} AND origin_id > 0 AND e.timestamp >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
       AND e.received_at > fromUnixTimestamp64Milli({from:Int64}, 'UTC') ORDER BY e.received_at, event_id LIMIT ${EVENTS_A_RUN}`,
    { name: event.name, since: sending.createdAt.getTime(), from },
    { seconds: 20 },
  );
  const fitting = rows
    .map((row) => ({ ...row, properties: JSON.parse(row.properties) as Record<string, unknown> }))
    .filter(({ properties }) =>
      event.where.every(({ property, oneOf }) => oneOf.includes(String(properties[property] ?? ''))),
    );
  const version = fitting.length > 0 ? (await surveyById(context, sending.surveyId)).version : null;
  const definition = version === null ? null : await versionOf(context, sending.surveyId, version);
  const handed = (properties: Record<string, unknown>) =>
    JSON.stringify({ ...sending.mail.fields, ...(definition && fieldsOfEvent(definition, properties)) });
  const newest = rows.length > 0 ? Number(rows.at(-1)!.received) : Date.now();
  // Of a full page the rest comes at once; else those that are on their way are waited for.
  const next = rows.length === EVENTS_A_RUN ? newest : Math.max(from, Date.now() - LATE_MINUTES * 60_000);
  await context.records.transaction(async (client) => {
    await client.query(
      `INSERT INTO surveys_invitations (survey_id, sending_id, person_id, event_id, send_at, expires_at, state, fields)
       SELECT $1, $2, person, event, at, at + make_interval(days => $3), 'waiting', fields
       FROM unnest($4::bigint[], $5::uuid[], $6::timestamptz[], $7::jsonb[]) AS e (person, event, at, fields) ON CONFLICT DO NOTHING`,
      [
        ...[sending.surveyId, sending.id, sending.mail.expiresInDays],
        ...[fitting.map((row) => Number(row.person)), fitting.map((row) => row.id)],
        fitting.map((row) => new Date(Number(row.at) + hours * 3_600_000)),
        fitting.map((row) => handed(row.properties)),
      ],
    );
    const position = { from: new Date(next).toISOString() };
    await client.query('UPDATE surveys_sendings SET position = $2 WHERE id = $1', [
      sending.id,
      JSON.stringify(position),
    ]);
  });
}

interface Waiting {
  id: number;
  surveyId: string;
  sendingId: number;
  personId: number;
  mail: SendingMail;
  fields: Record<string, string>;
}

/** Sends one mail that is due, or notes why not; false where none is. */
async function sendNext(context: Context): Promise<boolean> {
  const { rows } = await context.records.pool.query<Waiting>(
    `SELECT i.id, i.survey_id AS "surveyId", i.sending_id AS "sendingId", i.person_id AS "personId", s.mail, i.fields
     FROM surveys_invitations i JOIN surveys_sendings s ON s.id = i.sending_id
     WHERE i.state = 'waiting' AND i.send_at <= now() AND s.state = 'running' ORDER BY i.send_at, i.id LIMIT 1`,
  );
  const [due] = rows;
  if (!due) return false;
  try {
    await sendOne(context, due);
  } catch (error) {
    // One that cannot be made must not keep the others waiting; while a store is away all of them wait.
    if (isRecordsAway(error)) throw error;
    const message = (error as Error).message.slice(0, 500);
    await context.records.pool.query('UPDATE surveys_sendings SET error = $2 WHERE id = $1', [due.sendingId, message]);
    if (error instanceof Refusal) await context.records.transaction((client) => skip(client, due, 'failed'));
    else await postpone(context, due);
  }
  return true;
}

async function sendOne(context: Context, due: Waiting): Promise<void> {
  const survey = await surveyById(context, due.surveyId);
  const definition = survey.version === null ? null : await versionOf(context, survey.id, survey.version);
  const running = definition && { id: survey.id, version: survey.version!, definition };
  const isClosed =
    !running ||
    survey.state === 'ended' ||
    !isOpen(running.definition) ||
    (await fullSurveys(context.records.pool, [running])).size > 0;
  // A survey that is only paused goes on later.
  if (!isClosed && survey.state === 'paused') return postpone(context, due);
  const found = isClosed ? ('surveyClosed' as const) : await reach(context, running, due.personId);
  if (typeof found === 'string') {
    await context.records.transaction((client) => skip(client, due, found));
    return;
  }
  const token = newToken();
  const expiresAt = new Date(Date.now() + due.mail.expiresInDays * 86_400_000);
  const language = pickLanguage(running!.definition, found.language ? [found.language] : []);
  const fields = Object.fromEntries(
    Object.entries(due.fields).filter(([name]) => running!.definition.fields.includes(name)),
  );
  const facts = { answers: {}, fields, traits: found.traits, language };
  const mail = await mailFor(context, running!.definition, due.mail, { to: found.address, token, expiresAt, facts });
  await context.records.transaction(async (client) => {
    // Another survey may ask the same person at this moment.
    await lockNames(client, found.names);
    if (!mayAsk(running!, await seenBy(client, found.names), (await readSettings(client)).quietDays))
      return skip(client, due, 'askedRecently');
    // Whoever else took it meanwhile sends it.
    const { rowCount } = await client.query(
      `UPDATE surveys_invitations SET state = 'sent', sent_at = now(), token_hash = $2, expires_at = $3, language = $4
       WHERE id = $1 AND state = 'waiting'`,
      [due.id, hashKey(token), expiresAt, language],
    );
    if (!rowCount) return;
    await noteShown(client, found.names, { id: survey.id, anonymous: running!.definition.anonymous });
    await sendMail(client, mail);
    if (running!.definition.anonymous) return;
    const about = { personId: found.personId };
    const { version } = running!;
    await emitAll(client, [
      surveySent({
        about,
        surveyId: survey.id,
        version,
        definition: running!.definition,
        channel: 'mail',
        language,
        page: null,
      }),
    ]);
  });
}

async function postpone({ records }: Context, { id }: Waiting): Promise<void> {
  await records.pool.query("UPDATE surveys_invitations SET send_at = now() + interval '1 hour' WHERE id = $1", [id]);
}

async function skip(client: pg.PoolClient, { id, sendingId }: Waiting, reason: string): Promise<void> {
  const { rowCount } = await client.query(
    "UPDATE surveys_invitations SET state = 'skipped' WHERE id = $1 AND state = 'waiting'",
    [id],
  );
  if (!rowCount) return;
  await client.query(
    `UPDATE surveys_sendings SET skipped = skipped || jsonb_build_object($2::text, coalesce((skipped ->> $2)::int, 0) + 1) WHERE id = $1`,
    [sendingId, reason],
  );
}

/** Who wants no mails about surveys, by a link of theirs; null where the link is none. */
export async function personOfLink({ records }: Pick<Context, 'records'>, token: string): Promise<number | null> {
  const { rows } = await records.pool.query<{ person: number | null }>(
    'SELECT coalesce(p.root_id, i.person_id) AS person FROM surveys_invitations i LEFT JOIN persons p ON p.id = i.person_id WHERE i.token_hash = $1',
    [hashKey(token)],
  );
  return rows[0]?.person ?? null;
}

export async function setUnsubscribed(
  { records }: Pick<Context, 'records'>,
  personId: number,
  off: boolean,
): Promise<void> {
  if (off) {
    await records.pool.query('INSERT INTO surveys_unsubscribed (person_id) VALUES ($1) ON CONFLICT DO NOTHING', [
      personId,
    ]);
    return;
  }
  await records.pool.query(
    'DELETE FROM surveys_unsubscribed WHERE person_id IN (SELECT id FROM persons WHERE root_id = $1) OR person_id = $1',
    [personId],
  );
}
