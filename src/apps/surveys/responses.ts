import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { latestOf, type StoredSet } from '../../core/people/traits.ts';
import { normalIds, personOfVisitor } from '../../core/people/visitor.ts';
import { type About, emitAll } from '../../core/stream/outbox.ts';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { hashKey, sameSecret } from '../../kernel/secrets.ts';
import type { Definition } from './definition.ts';
import { isErased } from './erased.ts';
import { openLink, refuseSpent } from './links.ts';
import type { Answers } from './logic.ts';
import type { SurveyChannel } from './shapes.ts';
import { readSettings, versionOf } from './surveys.ts';
import { fullSurveys, isOpen, lockNames, mayAsk, namesOf, noteShown, seenBy, showable } from './targeting.ts';
import { surveyDismissed, surveyShown, type Told } from './told.ts';
import { traitsUsed } from './used.ts';

/** A response as it is kept. */
export interface ResponseRow {
  id: string;
  surveyId: string;
  version: number;
  secretHash: string;
  channel: SurveyChannel;
  personId: number | null;
  anonymousId: string | null;
  userId: string | null;
  invitationId: number | null;
  linkHash: string | null;
  language: string;
  page: string | null;
  fields: Record<string, string>;
  traits: Record<string, unknown>;
  answers: Answers;
  state: 'started' | 'answered' | 'complete' | 'screened' | 'quota';
  ending: string | null;
  startedAt: Date;
  dismissedAt: Date | null;
}

const ROW = `id, survey_id AS "surveyId", version, secret_hash AS "secretHash", channel, person_id AS "personId",
  anonymous_id AS "anonymousId", user_id AS "userId", invitation_id AS "invitationId", link_hash AS "linkHash", language, page,
  fields, traits, answers, state, ending, started_at AS "startedAt", dismissed_at AS "dismissedAt"`;

export interface Begin {
  surveyId: string;
  version: number;
  language: string;
  channel: SurveyChannel;
  /** Of a link; a visitor of a page has none. */
  token?: string | undefined;
  sourceId?: number | undefined;
  anonymousId?: string | undefined;
  userId?: string | undefined;
  fields: Record<string, string>;
  traits: Record<string, unknown>;
  page?: string | undefined;
}

/** What whoever answers is told of the response. */
export interface Begun {
  responseId: string;
  secret: string;
  version: number;
  language: string;
  fields: Record<string, string>;
  traits: Record<string, unknown>;
  answers: Answers;
  state: ResponseRow['state'];
  ending: string | null;
}

export const closed = () => new Refusal(410, 'survey_closed', 'This survey takes no answers now.');
const tooSoon = () => new Refusal(409, 'too_soon', 'This visitor is not to be asked this now.');
export const full = () => new Refusal(410, 'quota_full', 'This survey has all the answers it wants.');

/**
 * Begins a response: the survey is shown from now on. By a personal link an unfinished one goes on. Refuses with 404 an
 * unknown survey, version or link, with 410 what is closed, full or a spent link, with 409 (`too_soon`) a visitor of a page
 * whom the survey is not for, or not yet again.
 */
export async function beginResponse(context: Context, asked: Begin): Promise<Begun> {
  const begin = { ...asked, ...(await normalIds(context.records.pool, asked)) };
  const survey = await surveyOf(context, begin.surveyId);
  const definition = await versionOf(context, begin.surveyId, begin.version);
  const current = survey.version === null ? null : await versionOf(context, begin.surveyId, survey.version);
  if (!definition || !current) throw refuse.notFound('There is no such survey, or no such version of it.');
  if (survey.state !== 'running' || !isOpen(current)) throw closed();
  const running = { id: survey.id, version: survey.version!, definition: current };
  if ((await fullSurveys(context.records.pool, [running])).size > 0) throw full();
  if (!definition.languages.includes(begin.language))
    throw refuse.invalid(`This survey is not there in "${begin.language}".`);
  const fields = Object.fromEntries(Object.entries(begin.fields).filter(([name]) => definition.fields.includes(name)));
  if (begin.token !== undefined) return byLink(context, definition, { ...begin, fields, token: begin.token });
  const used = traitsUsed(definition);
  const traits = Object.fromEntries(Object.entries(begin.traits).filter(([name]) => used.has(name)));
  return byVisitor(context, running, definition, { ...begin, fields, traits });
}

async function surveyOf({ records }: Context, id: string) {
  const { rows } = await records.pool.query<{ id: string; state: string; version: number | null }>(
    'SELECT id, state, version FROM surveys_surveys WHERE id = $1',
    [id],
  );
  if (!rows[0]) throw refuse.notFound('There is no such survey.');
  return rows[0];
}

async function byVisitor(
  context: Context,
  running: { id: string; version: number; definition: Definition },
  definition: Definition,
  asked: Begin,
): Promise<Begun> {
  const erased = await isErased(context, asked);
  if (erased && asked.channel === 'popover') throw tooSoon();
  // What is answered is kept, as that of somebody unknown.
  const begin = erased ? { ...asked, anonymousId: undefined, userId: undefined, traits: {} } : asked;
  const visitor = { anonymousId: begin.anonymousId, userId: begin.userId };
  const anonymousId = begin.anonymousId ?? '';
  const personId = await personOfVisitor(context.records.pool, visitor);
  const shown = begin.channel === 'popover';
  if (shown) {
    const may = await showable(context, [running], { anonymousId, personId, language: '*' });
    if (may.length === 0) throw tooSoon();
  } else if (!running.definition.openLink) throw tooSoon();
  const survey = { id: running.id, anonymous: running.definition.anonymous };
  return context.records.transaction(async (client) => {
    const names = await namesOf(client, { anonymousId, personId });
    if (shown) {
      // Two tabs at once: the second sees what the first wrote.
      await lockNames(client, names);
      const { quietDays } = await readSettings(client);
      if (!mayAsk(running, await seenBy(client, names), quietDays)) throw tooSoon();
      await noteShown(client, names, survey);
    }
    const about: About = { anonymousId, ...(begin.userId !== undefined ? { userId: begin.userId } : {}) };
    return insert(client, definition, begin, about, { personId, invitationId: null, linkHash: null });
  });
}

async function byLink(context: Context, definition: Definition, begin: Begin & { token: string }): Promise<Begun> {
  const opened = await openLink(context, begin.token);
  if (opened.surveyId !== begin.surveyId) throw refuse.notFound('This link leads to another survey.');
  const { invitation } = opened;
  const { anonymous } = definition;
  const personId = invitation?.personId ?? null;
  const anonymousId = (await isErased(context, { anonymousId: begin.anonymousId })) ? undefined : begin.anonymousId;
  const traits = personId === null ? {} : await traitsOf(context, personId, traitsUsed(definition));
  const fields = { ...begin.fields, ...invitation?.fields };
  return context.records.transaction(async (client) => {
    if (invitation) {
      const { rows } = await client.query<typeof invitation>(
        `SELECT single_use AS "singleUse", expires_at AS "expiresAt", answered_at AS "answeredAt", revoked_at AS "revokedAt"
         FROM surveys_invitations WHERE id = $1 FOR UPDATE`,
        [invitation.id],
      );
      if (rows[0]) refuseSpent(rows[0]);
      await client.query(
        `UPDATE surveys_invitations SET opened_at = coalesce(opened_at, CASE WHEN $2 THEN date_trunc('day', now()) ELSE now() END)
         WHERE id = $1`,
        [invitation.id, anonymous],
      );
      const unfinished = anonymous ? null : await goOn(client, invitation.id);
      if (unfinished) return unfinished;
    }
    const about: About = personId !== null ? { personId } : { anonymousId: anonymousId ?? '' };
    return insert(client, definition, { ...begin, fields, traits }, about, {
      personId,
      invitationId: invitation?.id ?? null,
      linkHash: anonymous && invitation ? begin.token : null,
    });
  });
}

/** The unfinished response of a link, under a new secret: whoever began it elsewhere goes on here. */
async function goOn(client: pg.PoolClient, invitationId: number): Promise<Begun | null> {
  const secret = randomBytes(24).toString('base64url');
  const { rows } = await client.query<ResponseRow>(
    `UPDATE surveys_responses SET secret_hash = $2 WHERE id = (
       SELECT id FROM surveys_responses WHERE invitation_id = $1 AND state IN ('started', 'answered')
       ORDER BY started_at DESC LIMIT 1) RETURNING ${ROW}`,
    [invitationId, hashKey(secret)],
  );
  return rows[0] ? begun(rows[0], secret) : null;
}

const begun = (row: ResponseRow, secret: string): Begun => ({
  responseId: row.id,
  secret,
  version: row.version,
  language: row.language,
  fields: row.fields,
  traits: row.traits,
  answers: row.answers,
  state: row.state,
  ending: row.ending,
});

async function insert(
  client: pg.PoolClient,
  definition: Definition,
  begin: Begin,
  about: About,
  whose: { personId: number | null; invitationId: number | null; linkHash: string | null },
): Promise<Begun> {
  const id = crypto.randomUUID();
  const secret = randomBytes(24).toString('base64url');
  const { anonymous } = definition;
  // Somebody by the open link is a visitor of their own: an event needs somebody it is about.
  const userId = 'anonymousId' in about ? (about.userId ?? null) : null;
  const anonymousId = 'anonymousId' in about ? about.anonymousId || (userId === null ? `survey-${id}` : null) : null;
  const named = <T>(value: T): T | null => (anonymous ? null : value);
  const { rows } = await client.query<ResponseRow>(
    `INSERT INTO surveys_responses (id, survey_id, version, secret_hash, channel, person_id, anonymous_id, user_id, source_id,
       invitation_id, link_hash, language, page, fields, traits, started_at, changed_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, at, at
     FROM (SELECT CASE WHEN $16::boolean THEN date_trunc('day', now()) ELSE now() END AS at) AS t RETURNING ${ROW}`,
    [
      ...[id, begin.surveyId, begin.version, hashKey(secret), begin.channel, named(whose.personId), named(anonymousId)],
      ...[named(userId), named(begin.sourceId ?? null)],
      ...[named(whose.invitationId), whose.linkHash === null ? null : hashKey(whose.linkHash + id), begin.language],
      ...[
        named(begin.page ?? null),
        JSON.stringify(begin.fields),
        JSON.stringify(anonymous ? {} : begin.traits),
        anonymous,
      ],
    ],
  );
  const row = rows[0]!;
  if (!anonymous) await emitAll(client, [surveyShown(toldOf(row, definition))]);
  // The reader is told the traits for the texts' pipes; an anonymous response does not keep them.
  return { ...begun(row, secret), traits: begin.traits };
}

/** Whom and what events about a response are about. Not for anonymous ones. */
export function toldOf(row: ResponseRow, definition: Definition): Told {
  const about: About =
    row.anonymousId !== null
      ? { anonymousId: row.anonymousId, ...(row.userId !== null ? { userId: row.userId } : {}) }
      : row.userId !== null
        ? { identifiers: [{ kind: 'user_id', value: row.userId }] }
        : { personId: row.personId ?? 0 };
  return {
    about,
    surveyId: row.surveyId,
    version: row.version,
    definition,
    responseId: row.id,
    channel: row.channel,
    language: row.language,
    page: row.page,
  };
}

async function traitsOf(
  { records }: Context,
  personId: number,
  used: ReadonlySet<string>,
): Promise<Record<string, unknown>> {
  if (used.size === 0) return {};
  const { rows } = await records.pool.query<{ traits: StoredSet }>(
    'SELECT traits FROM persons WHERE root_id = (SELECT root_id FROM persons WHERE id = $1)',
    [personId],
  );
  const latest = latestOf(rows.map((row) => row.traits));
  return Object.fromEntries(
    [...used].flatMap((name) => {
      const value = latest.get(name)?.[0];
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

/** The response, locked until the transaction ends. Refuses with 404 where there is none, with 403 another secret. */
export async function lockResponse(client: pg.PoolClient, id: string, secret: string): Promise<ResponseRow> {
  const { rows } = await client.query<ResponseRow>(`SELECT ${ROW} FROM surveys_responses WHERE id = $1 FOR UPDATE`, [
    id,
  ]);
  if (!rows[0]) throw refuse.notFound('There is no such response.');
  if (!sameSecret(hashKey(secret), rows[0].secretHash))
    throw new Refusal(403, 'wrong_secret', 'This response belongs to somebody else.');
  return rows[0];
}

export const isFinished = ({ state }: Pick<ResponseRow, 'state'>) => state !== 'started' && state !== 'answered';

/** Notes that it was closed without an answer, or before its end; once. What was finished is not changed. */
export async function dismissResponse(context: Context, id: string, secret: string): Promise<void> {
  const { rows } = await context.records.pool.query<{ surveyId: string; version: number }>(
    'SELECT survey_id AS "surveyId", version FROM surveys_responses WHERE id = $1',
    [id],
  );
  if (!rows[0]) throw refuse.notFound('There is no such response.');
  const definition = (await versionOf(context, rows[0].surveyId, rows[0].version))!;
  await context.records.transaction(async (client) => {
    const row = await lockResponse(client, id, secret);
    if (isFinished(row) || row.dismissedAt) return;
    await client.query(
      `UPDATE surveys_responses SET dismissed_at = CASE WHEN $2 THEN date_trunc('day', now()) ELSE now() END WHERE id = $1`,
      [id, definition.anonymous],
    );
    if (!definition.anonymous) await emitAll(client, [surveyDismissed(toldOf(row, definition))]);
  });
}
