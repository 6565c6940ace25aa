import type pg from 'pg';
import { normalIds, personOfVisitor } from '../../core/people/visitor.ts';
import { type AppEvent, emitAll } from '../../core/stream/outbox.ts';
import type { Context } from '../../kernel/context.ts';
import { Refusal } from '../../kernel/refusal.ts';
import { hashKey } from '../../kernel/secrets.ts';
import { type Condition, testsOf } from './condition.ts';
import type { Definition, Quota } from './definition.ts';
import { refuseSpent } from './links.ts';
import { type Answers, completion, type Facts, holds, isEmpty, type Reason, validateAnswer, walk } from './logic.ts';
import { closed, isFinished, lockResponse, type ResponseRow, toldOf } from './responses.ts';
import { versionOf } from './surveys.ts';
import { isOpen, namesOf, noteAnswered } from './targeting.ts';
import { questionsAnswered, same, surveyCompleted } from './told.ts';

export interface Answering {
  secret: string;
  version: number;
  /** Merged into those kept; null takes one back. */
  answers: Answers;
  complete: boolean;
  language?: string | undefined;
  page?: string | undefined;
  /** Of the personal link, where the survey is anonymous: the response itself does not know it. */
  token?: string | undefined;
  /** Of the visitor of a page, where the survey is anonymous. */
  anonymousId?: string | undefined;
}

export interface Answered {
  state: ResponseRow['state'];
  /** All that count now. */
  answers: Answers;
  ending: string | null;
  /** Nothing more is taken. */
  closed: boolean;
}

/** What is wrong with the answers of a call; none of them was kept. */
const wrongAnswers = (wrong: { question: string; reason: Reason | 'unknownQuestion' | 'unknownFile' }[]) =>
  new Refusal(422, 'wrong_answers', 'Some answers cannot be taken; none of this call was kept.', { details: wrong });

/**
 * Keeps answers, and with `complete` ends the response. The same call again changes nothing. Refuses with 403 another
 * secret, 409 another version than was begun, 410 a survey or response that is closed, 422 answers that cannot be.
 */
export async function answer(context: Context, id: string, given: Answering): Promise<Answered> {
  await readDefinitions(context, id);
  return context.records.transaction(async (client) => {
    const row = await lockResponse(client, id, given.secret);
    if (row.version !== given.version)
      throw new Refusal(409, 'other_version', `This response was begun with version ${row.version} of the survey.`);
    const definition = (await versionOf(context, row.surveyId, row.version))!;
    if (isFinished(row)) return repeated(row, given);
    await refuseClosed(context, client, row, given.complete);
    await refuseWrong(client, definition, id, given.answers);
    const language = given.language && definition.languages.includes(given.language) ? given.language : row.language;
    const facts: Facts = { ...row, language, answers: { ...row.answers, ...given.answers } };
    const now = { ...row, language, page: row.page ?? (definition.anonymous ? null : (given.page ?? null)) };
    const ended = await endOf(client, definition, now, facts, given);
    const kept = walk(definition, facts).kept;
    await write(client, definition, now, kept, ended);
    await tell(client, definition, now, kept, ended.state, given);
    return { state: ended.state, answers: kept, ending: ended.ending, closed: isFinished(ended) };
  });
}

/** Reads, before a connection is held, what is remembered then: a transaction must not wait for a second one. */
async function readDefinitions(context: Context, id: string): Promise<void> {
  const { rows } = await context.records.pool.query<{ surveyId: string; version: number; current: number | null }>(
    `SELECT s.id AS "surveyId", r.version, s.version AS current
     FROM surveys_responses r JOIN surveys_surveys s ON s.id = r.survey_id WHERE r.id = $1`,
    [id],
  );
  for (const { surveyId, version, current } of rows)
    for (const each of new Set([version, current ?? version])) await versionOf(context, surveyId, each);
}

/** A finished response takes what it has already, so that a call that was sent twice is answered twice. */
function repeated(row: ResponseRow, { answers }: Answering): Answered {
  if (Object.entries(answers).some(([id, value]) => !same(row.answers[id], value)))
    throw new Refusal(410, 'finished', 'This response is finished; its answers do not change any more.');
  return { state: row.state, answers: row.answers, ending: row.ending, closed: true };
}

/** One that is completed holds a publication off until it is written, so that quotas are counted right. */
async function refuseClosed(
  context: Context,
  client: pg.PoolClient,
  row: ResponseRow,
  completes: boolean,
): Promise<void> {
  const { rows } = await client.query<{ state: string; version: number }>(
    `SELECT state, version FROM surveys_surveys WHERE id = $1${completes ? ' FOR SHARE' : ''}`,
    [row.surveyId],
  );
  const current = rows[0] && (await versionOf(context, row.surveyId, rows[0].version));
  if (rows[0]?.state !== 'running' || !current || !isOpen(current)) throw closed();
}

async function refuseWrong(client: pg.PoolClient, definition: Definition, id: string, answers: Answers): Promise<void> {
  const byId = new Map(definition.questions.map((question) => [question.id, question]));
  const wrong: Parameters<typeof wrongAnswers>[0] = [];
  const files: { question: string; id: string }[] = [];
  for (const [key, value] of Object.entries(answers)) {
    const question = byId.get(key);
    if (!question) wrong.push({ question: key, reason: 'unknownQuestion' });
    // Taking one back is always right; whether it had to be answered is asked at the end.
    else if (!isEmpty(value)) {
      const reason = validateAnswer(question, value);
      if (reason && reason !== 'rowsMissing') wrong.push({ question: key, reason });
      else if (question.kind === 'file')
        files.push(...(value as { id: string }[]).map((file) => ({ question: key, id: file.id })));
    }
  }
  if (files.length > 0) {
    const { rows } = await client.query<{ id: string; question: string }>(
      'SELECT id, question_id AS question FROM surveys_files WHERE response_id = $1',
      [id],
    );
    for (const file of files)
      if (!rows.some((row) => row.id === file.id && row.question === file.question))
        wrong.push({ question: file.question, reason: 'unknownFile' });
  }
  if (wrong.length > 0) throw wrongAnswers(wrong);
}

interface Ended {
  state: ResponseRow['state'];
  ending: string | null;
  /** Quotas that it fills up by one; the one of all responses is ''. */
  counted: string[];
}

/** What the response becomes: led out by a full quota as soon as that is certain, else finished where it asks for it. */
async function endOf(
  client: pg.PoolClient,
  definition: Definition,
  row: ResponseRow,
  facts: Facts,
  given: Answering,
): Promise<Ended> {
  const { kept } = walk(definition, facts);
  const known: Facts = { ...facts, answers: kept };
  if (!given.complete) {
    const answered = {
      state: Object.keys(kept).length > 0 ? 'answered' : row.state,
      ending: null,
      counted: [],
    } as const;
    const certain = definition.quotas.filter(({ when }) => isDecided(when, kept) && holds(when, known));
    if (certain.length === 0) return { ...answered, counted: [] };
    const full = await fullOf(client, row.surveyId, definition, certain, false);
    return full
      ? { state: 'quota', ending: endingOf(full, definition, facts), counted: [] }
      : { ...answered, counted: [] };
  }
  const done = completion(definition, facts);
  if (!done.complete) throw wrongAnswers(done.wrong);
  const ending = done.ending?.id ?? null;
  if (done.ending?.screenedOut) return { state: 'screened', ending, counted: [] };
  const matching = definition.quotas.filter(({ when }) => holds(when, known));
  const full = await fullOf(client, row.surveyId, definition, matching, true);
  if (full) return { state: 'quota', ending: endingOf(full, definition, facts), counted: [] };
  await spendLink(client, definition, row, given.token);
  return { state: 'complete', ending, counted: ['', ...matching.map((quota) => quota.id)] };
}

/** Whether answers that are still to come could change it. */
const isDecided = (condition: Condition, kept: Answers): boolean =>
  testsOf(condition).every(({ of }) => !('answer' in of) || !isEmpty(kept[of.answer]));

const endingOf = (quota: Quota | 'all', definition: Definition, facts: Facts): string | null =>
  (quota !== 'all' && quota.ending) || (walk(definition, facts).ending?.id ?? null);

/**
 * The first quota that is full, `all` where the survey has all its responses. With `lock` what is counted stands still until
 * the transaction ends, so that the last place is given once.
 */
async function fullOf(
  client: pg.PoolClient,
  surveyId: string,
  definition: Definition,
  quotas: readonly Quota[],
  lock: boolean,
): Promise<Quota | 'all' | null> {
  if (quotas.length === 0 && definition.maxResponses === undefined) return null;
  const { rows } = await client.query<{ quota: string; completed: number }>(
    `SELECT quota, completed FROM surveys_counts WHERE survey_id = $1 AND quota = ANY ($2) ORDER BY quota${lock ? ' FOR UPDATE' : ''}`,
    [surveyId, ['', ...quotas.map((quota) => quota.id)]],
  );
  const count = (id: string) => rows.find((row) => row.quota === id)?.completed ?? 0;
  if (definition.maxResponses !== undefined && count('') >= definition.maxResponses) return 'all';
  return quotas.find((quota) => count(quota.id) >= quota.limit) ?? null;
}

/** A personal link was used: by the response that knows it, or, in an anonymous survey, by the token itself. */
async function spendLink(
  client: pg.PoolClient,
  definition: Definition,
  row: ResponseRow,
  token?: string,
): Promise<void> {
  if (row.invitationId === null && row.linkHash === null) return;
  if (row.linkHash !== null && (token === undefined || hashKey(token + row.id) !== row.linkHash))
    throw new Refusal(
      403,
      'wrong_secret',
      'Send the token of the link with the last answers: the survey is anonymous.',
    );
  const { rows } = await client.query<{
    id: number;
    personId: number | null;
    singleUse: boolean;
    expiresAt: Date;
    answeredAt: Date | null;
    revokedAt: Date | null;
  }>(
    `SELECT id, person_id AS "personId", single_use AS "singleUse", expires_at AS "expiresAt", answered_at AS "answeredAt",
       revoked_at AS "revokedAt" FROM surveys_invitations WHERE ${row.linkHash === null ? 'id = $1' : 'token_hash = $1'} FOR UPDATE`,
    [row.linkHash === null ? row.invitationId : hashKey(token!)],
  );
  const link = rows[0];
  if (!link) return;
  refuseSpent(link);
  await client.query(
    `UPDATE surveys_invitations SET answered_at = CASE WHEN $2 THEN date_trunc('day', now()) ELSE now() END WHERE id = $1`,
    [link.id, definition.anonymous],
  );
  const names = await namesOf(client, { personId: link.personId });
  await noteAnswered(client, names, { id: row.surveyId, anonymous: definition.anonymous });
}

async function write(
  client: pg.PoolClient,
  definition: Definition,
  row: ResponseRow,
  kept: Answers,
  ended: Ended,
): Promise<void> {
  const finished = isFinished(ended);
  await client.query(
    `UPDATE surveys_responses SET answers = $2, state = $3, ending = $4, language = $5, page = $6, changed_at = at,
       completed_at = CASE WHEN $7::boolean THEN at END, dismissed_at = CASE WHEN $7::boolean THEN NULL ELSE dismissed_at END
     FROM (SELECT CASE WHEN $8::boolean THEN date_trunc('day', now()) ELSE now() END AS at) AS t WHERE id = $1`,
    [
      ...[row.id, JSON.stringify(kept), ended.state, ended.ending, row.language, row.page],
      ...[finished, definition.anonymous],
    ],
  );
  if (ended.counted.length > 0)
    await client.query(
      `INSERT INTO surveys_counts (survey_id, quota, completed)
       SELECT $1, quota, 1 FROM unnest($2::text[]) AS quota ORDER BY quota
       ON CONFLICT (survey_id, quota) DO UPDATE SET completed = surveys_counts.completed + 1`,
      [row.surveyId, ended.counted],
    );
}

/** Puts what happened on the timeline, in the same transaction; of an anonymous response nothing. */
async function tell(
  client: pg.PoolClient,
  definition: Definition,
  row: ResponseRow,
  kept: Answers,
  state: ResponseRow['state'],
  given: Answering,
): Promise<void> {
  const survey = { id: row.surveyId, anonymous: definition.anonymous };
  const first = row.state === 'started' && Object.keys(kept).length > 0;
  if (definition.anonymous) {
    // Not kept with the response, only that this visitor need not be asked again.
    if (first && given.anonymousId)
      await noteAnswered(client, await namesOf(client, await normalIds(client, given)), survey);
    return;
  }
  const told = toldOf(row, definition);
  const events: AppEvent[] = questionsAnswered(told, row.answers, kept);
  if (state === 'complete')
    events.push(surveyCompleted(told, Math.round((Date.now() - row.startedAt.getTime()) / 1000)));
  if (events.length > 0) await emitAll(client, events);
  if (first) {
    const visitor = { anonymousId: row.anonymousId ?? undefined, userId: row.userId ?? undefined };
    const personId = row.personId ?? (await personOfVisitor(client, visitor));
    await noteAnswered(client, await namesOf(client, { anonymousId: row.anonymousId, personId }), survey);
  }
}
