import type pg from 'pg';
import { displayName, latestOf, type StoredSet } from '../../core/people/traits.ts';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import type { Definition } from './definition.ts';
import { blobOf } from './files.ts';
import { type Answers, answerText } from './logic.ts';
import type { AnswerRow } from './shapes.ts';
import { versionOf } from './surveys.ts';

export interface AnswersPlace {
  at: string;
  id: string;
}

export interface AnswersFilter {
  from?: string | undefined;
  to?: string | undefined;
  state?: string | undefined;
  channel?: string | undefined;
  language?: string | undefined;
  version?: number | undefined;
  person?: number | undefined;
  /** An answer to this question was given; with `q`: with this text in it. */
  question?: string | undefined;
  q?: string | undefined;
}

interface Row extends Omit<AnswerRow, 'personId' | 'personName' | 'startedAt' | 'completedAt' | 'said' | 'answers'> {
  personId: number | null;
  anonymousId: string | null;
  userId: string | null;
  startedAt: Date;
  completedAt: Date | null;
  answers: Answers;
  traits: Record<string, unknown>;
}

/** What the filters leave, as SQL from $2 on; $1 is the survey. */
export function filterSql(filter: AnswersFilter): { where: string; values: unknown[] } {
  const values: unknown[] = [
    ...[filter.from ?? null, filter.to ?? null, filter.state ?? null, filter.channel ?? null],
    ...[filter.language ?? null, filter.version ?? null, filter.person ?? null],
    ...[filter.question ?? null, filter.q?.trim() ? filter.q.trim() : null],
  ];
  const where = `r.survey_id = $1 AND ($2::timestamptz IS NULL OR r.started_at >= $2) AND ($3::timestamptz IS NULL OR r.started_at < $3)
    AND ($4::text IS NULL OR r.state = $4) AND ($5::text IS NULL OR r.channel = $5) AND ($6::text IS NULL OR r.language = $6)
    AND ($7::int IS NULL OR r.version = $7)
    AND ($8::bigint IS NULL OR r.person_id IN (SELECT id FROM persons WHERE root_id = (SELECT root_id FROM persons WHERE id = $8)))
    AND ($9::text IS NULL OR r.answers ? $9)
    AND ($10::text IS NULL OR strpos(lower(CASE WHEN $9::text IS NULL THEN r.answers::text ELSE r.answers ->> $9 END), lower($10)) > 0)`;
  return { where, values };
}

const COLUMNS = `r.id, r.state, r.version, r.channel, r.language, r.person_id AS "personId", r.anonymous_id AS "anonymousId",
  r.user_id AS "userId", r.started_at AS "startedAt", r.completed_at AS "completedAt", r.dismissed_at IS NOT NULL AS dismissed, r.page, r.ending,
  r.fields, r.traits, r.answers, CASE WHEN r.completed_at IS NOT NULL THEN round(extract(epoch FROM r.completed_at - r.started_at))::int END AS seconds`;

/**
 * Of an anonymous survey answers are shown once there are as many as its group, without what narrows down whose they are.
 * Refuses with 403 (`group_too_small`) before, and with 400 filters that would single somebody out.
 */
async function refuseFew({ records }: Context, surveyId: string, definition: Definition, filter: AnswersFilter) {
  const { from, to, channel, language, version, person } = filter;
  if ([from, to, channel, language, version, person].some((one) => one !== undefined))
    throw refuse.invalid(
      'Answers of an anonymous survey cannot be narrowed down by time, channel, language or version.',
    );
  const { rows } = await records.pool.query<{ n: number }>(
    "SELECT count(*) AS n FROM surveys_responses WHERE survey_id = $1 AND answers <> '{}'",
    [surveyId],
  );
  if (rows[0]!.n < definition.groupSize)
    throw new Refusal(
      403,
      'group_too_small',
      `This survey is anonymous: answers are shown once ${definition.groupSize} people have answered.`,
    );
}

/** What is left of an anonymous response: the answers, and the month. */
const unnamed = (row: AnswerRow, { defaultLanguage }: Definition): AnswerRow => ({
  ...row,
  ...{ language: defaultLanguage, fields: {}, page: null, personId: null, personName: null, seconds: null },
  startedAt: monthOf(row.startedAt),
  completedAt: row.completedAt === null ? null : monthOf(row.completedAt),
});
const monthOf = (at: string) => `${at.slice(0, 7)}-01T00:00:00.000Z`;

/**
 * Responses with what was answered, the newest first (those of an anonymous survey in no order that tells); without those
 * that were only shown unless they are asked for.
 */
export async function listAnswers(
  context: Context,
  surveyId: string,
  filter: AnswersFilter,
  page: { after: AnswersPlace | undefined; limit: number },
): Promise<AnswerRow[]> {
  const anonymous = await anonymousOf(context, surveyId);
  if (anonymous) await refuseFew(context, surveyId, anonymous, filter);
  const { where, values } = filterSql(filter);
  const at = anonymous ? "'epoch'::timestamptz" : "date_trunc('milliseconds', r.started_at)";
  const { rows } = await context.records.pool.query<Row>(
    `SELECT ${COLUMNS} FROM surveys_responses r WHERE ${where} AND ($4::text IS NOT NULL OR r.state <> 'started')
       AND ($11::timestamptz IS NULL OR (${at}, r.id) < ($11, $12::uuid))
     ORDER BY ${at} DESC, r.id DESC LIMIT $13`,
    [surveyId, ...values, page.after?.at ?? null, page.after?.id ?? null, page.limit],
  );
  const answers = await shown(context, surveyId, rows);
  return anonymous ? answers.map((row) => unnamed(row, anonymous)) : answers;
}

/** What the place after a row is: of an anonymous survey its id alone. */
export const placeOf = (row: AnswerRow, anonymous: boolean): AnswersPlace => ({
  at: anonymous ? new Date(0).toISOString() : row.startedAt,
  id: row.id,
});

/** The definition where the survey, or any version of it, is anonymous: who answered that one was promised it. */
export async function anonymousOf({ records }: Pick<Context, 'records'>, surveyId: string): Promise<Definition | null> {
  const { rows } = await records.pool.query<{ definition: Definition }>(
    `SELECT definition FROM surveys_versions WHERE survey_id = $1 AND (definition ->> 'anonymous')::boolean
     ORDER BY (definition ->> 'groupSize')::int DESC LIMIT 1`,
    [surveyId],
  );
  return rows[0]?.definition ?? null;
}

/** Refuses with 404 where there is none. */
export async function answerById(context: Context, surveyId: string, id: string): Promise<AnswerRow> {
  const { rows } = await context.records.pool.query<Row>(
    `SELECT ${COLUMNS} FROM surveys_responses r WHERE r.survey_id = $1 AND r.id = $2`,
    [surveyId, id],
  );
  const anonymous = await anonymousOf(context, surveyId);
  if (anonymous) await refuseFew(context, surveyId, anonymous, {});
  const [found] = await shown(context, surveyId, rows);
  const row = found && anonymous ? unnamed(found, anonymous) : found;
  if (!row) throw refuse.notFound('There is no such response.');
  return row;
}

async function shown(context: Context, surveyId: string, rows: readonly Row[]): Promise<AnswerRow[]> {
  const people = await peopleOf(context, rows);
  const definitions = new Map<number, Definition | null>();
  for (const { version } of rows)
    if (!definitions.has(version)) definitions.set(version, await versionOf(context, surveyId, version));
  return rows.map(({ anonymousId, userId: _, traits, ...row }) => {
    const definition = definitions.get(row.version);
    const facts = { ...row, traits, language: definition?.defaultLanguage ?? 'en' };
    const person = people.get(row.personId === null ? `a:${anonymousId}` : `p:${row.personId}`);
    // Of an anonymous response not even the seconds are kept: its times are days.
    const seconds = definition?.anonymous ? null : row.seconds;
    return {
      ...row,
      ...{ seconds, personId: person ? String(person.id) : null, personName: person?.name ?? null },
      startedAt: row.startedAt.toISOString(),
      completedAt: row.completedAt?.toISOString() ?? null,
      said: definition
        ? Object.fromEntries(Object.keys(row.answers).map((id) => [id, answerText(definition, id, facts)]))
        : {},
    };
  });
}

/** Whom responses belong to now: by the person they name, or by the device. */
async function peopleOf(
  { records }: Context,
  rows: readonly Row[],
): Promise<Map<string, { id: number; name: string }>> {
  const ids = rows.flatMap(({ personId }) => (personId === null ? [] : [personId]));
  const devices = rows.flatMap(({ personId, anonymousId }) => (personId === null && anonymousId ? [anonymousId] : []));
  if (ids.length + devices.length === 0) return new Map();
  const found = await records.pool.query<{ key: string; root: number }>(
    `SELECT 'p:' || id AS key, root_id AS root FROM persons WHERE id = ANY ($1::bigint[])
     UNION ALL SELECT 'a:' || i.value, p.root_id FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id
       JOIN persons p ON p.id = i.person_id WHERE k.kind = 'anonymous_id' AND i.value = ANY ($2::text[])`,
    [ids, devices],
  );
  const names = await namesOfRoots(records.pool, [...new Set(found.rows.map(({ root }) => root))]);
  return new Map(found.rows.map(({ key, root }) => [key, { id: root, name: names.get(root)! }]));
}

/** Whom ids of people, as they were once written down, mean now, and what they are called. */
export async function namesOfPeople({ records }: Pick<Context, 'records'>, ids: readonly number[]) {
  const { rows } = await records.pool.query<{ id: number; root: number }>(
    'SELECT id, root_id AS root FROM persons WHERE id = ANY ($1::bigint[])',
    [[...new Set(ids)]],
  );
  const names = await namesOfRoots(records.pool, [...new Set(rows.map(({ root }) => root))]);
  return new Map(rows.map(({ id, root }) => [id, { id: root, name: names.get(root)! }]));
}

async function namesOfRoots(pool: pg.Pool, roots: readonly number[]): Promise<Map<number, string>> {
  const [traits, identifiers] = await Promise.all([
    pool.query<{ root: number; traits: StoredSet }>(
      'SELECT root_id AS root, traits FROM persons WHERE root_id = ANY ($1::bigint[])',
      [roots],
    ),
    pool.query<{ root: number; kind: string; value: string }>(
      `SELECT p.root_id AS root, k.kind, i.value FROM persons p JOIN identifiers i ON i.person_id = p.id
       JOIN identifier_kinds k ON k.id = i.kind_id WHERE p.root_id = ANY ($1::bigint[]) ORDER BY k.priority`,
      [roots],
    ),
  ]);
  const name = (root: number) =>
    displayName(
      latestOf(traits.rows.filter((row) => row.root === root).map((row) => row.traits)),
      identifiers.rows.filter((row) => row.root === root),
    );
  return new Map(roots.map((root) => [root, name(root)]));
}

/** Removes a response with its files. What it put on a timeline stays there. Refuses with 404 where there is none. */
export async function deleteAnswer(context: Context, surveyId: string, id: string): Promise<void> {
  await context.records.transaction(async (client) => {
    const { rows } = await client.query<{ version: number; state: string }>(
      'DELETE FROM surveys_responses WHERE survey_id = $1 AND id = $2 RETURNING version, state',
      [surveyId, id],
    );
    if (!rows[0]) throw refuse.notFound('There is no such response.');
    if (rows[0].state === 'complete')
      await client.query(
        "UPDATE surveys_counts SET completed = greatest(0, completed - 1) WHERE survey_id = $1 AND quota = ''",
        [surveyId],
      );
  });
  await context.blobs.removeAll(blobOf(id, '').slice(0, -1));
}
