import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { check } from './checks.ts';
import { Definition } from './definition.ts';
import { holds } from './logic.ts';
import type { SurveySettings } from './shapes.ts';

/** Surveys of one installation, and versions of one survey that are kept. */
const SURVEYS_LIMIT = 2000;
const VERSIONS_LIMIT = 1000;

export interface Survey {
  id: string;
  name: string;
  state: 'draft' | 'running' | 'paused' | 'ended';
  draft: Definition;
  revision: number;
  version: number | null;
  publishedRevision: number | null;
  openToken: string;
  createdAt: Date;
  changedAt: Date;
  publishedAt: Date | null;
  shown: number;
  responses: number;
  completed: number;
}

type Db = pg.Pool | pg.PoolClient;

const SHOWN = `s.id, s.name, s.state, s.draft, s.revision, s.version, s.published_revision AS "publishedRevision",
  s.open_token AS "openToken", s.created_at AS "createdAt", s.changed_at AS "changedAt",
  (SELECT v.published_at FROM surveys_versions v WHERE v.survey_id = s.id AND v.version = s.version) AS "publishedAt",
  counted.shown, counted.responses, counted.completed`;
const COUNTED = `LEFT JOIN LATERAL (SELECT count(*) AS shown, count(*) FILTER (WHERE r.answers <> '{}') AS responses,
  count(*) FILTER (WHERE r.state = 'complete') AS completed FROM surveys_responses r WHERE r.survey_id = s.id) counted ON true`;

export interface SurveyPlace {
  at: string;
  id: string;
}

/** The last changed first. `q` is a part of the name. */
export async function listSurveys(
  { records }: Pick<Context, 'records'>,
  page: { q: string | undefined; state: string | undefined; after: SurveyPlace | undefined; limit: number },
): Promise<Survey[]> {
  const { rows } = await records.pool.query<Survey>(
    `SELECT ${SHOWN} FROM (SELECT * FROM surveys_surveys
       WHERE ($1::text IS NULL OR strpos(lower(name), lower($1)) > 0) AND ($2::text IS NULL OR state = $2)
         AND ($3::timestamptz IS NULL OR (date_trunc('milliseconds', changed_at), id) < ($3, $4::uuid))
       ORDER BY date_trunc('milliseconds', changed_at) DESC, id DESC LIMIT $5) s ${COUNTED}
     ORDER BY date_trunc('milliseconds', s.changed_at) DESC, s.id DESC`,
    [page.q?.trim() || null, page.state ?? null, page.after?.at ?? null, page.after?.id ?? null, page.limit],
  );
  return rows;
}

/** Refuses what is not there with 404. */
export async function surveyById({ records }: Pick<Context, 'records'>, id: string): Promise<Survey> {
  const { rows } = await records.pool.query<Survey>(
    `SELECT ${SHOWN} FROM surveys_surveys s ${COUNTED} WHERE s.id = $1`,
    [id],
  );
  if (!rows[0]) throw refuse.notFound('There is no such survey.');
  return rows[0];
}

/** Refuses with 409 where there are SURVEYS_LIMIT already. */
export async function createSurvey(
  { records }: Pick<Context, 'records'>,
  definition: Definition,
  by: string,
  id: string = crypto.randomUUID(),
): Promise<string> {
  const { rowCount } = await records.pool.query(
    `INSERT INTO surveys_surveys (id, name, draft, open_token, created_by)
     SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM surveys_surveys) < ${SURVEYS_LIMIT}`,
    [id, definition.name, JSON.stringify(definition), randomBytes(12).toString('base64url'), by],
  );
  if (!rowCount) throw refuse.conflict(`There are ${SURVEYS_LIMIT} surveys already. Delete some that are not needed.`);
  return id;
}

/** Saves the draft. Refuses with 409 where somebody else saved since `revision` was read. */
export async function saveDraft(
  context: Pick<Context, 'records'>,
  id: string,
  revision: number,
  definition: Definition,
): Promise<void> {
  const { rowCount } = await context.records.pool.query(
    `UPDATE surveys_surveys SET draft = $3, name = $4, revision = revision + 1, changed_at = now()
     WHERE id = $1 AND revision = $2`,
    [id, revision, JSON.stringify(definition), definition.name],
  );
  if (!rowCount) throw otherRevision(await surveyById(context, id));
}

const otherRevision = ({ revision }: Survey) =>
  refuse.conflict('Somebody else changed this survey meanwhile. Load it again, then change it.', { revision });

/**
 * Makes the draft a version that customers see from now on; who is answering keeps theirs. Refuses with 400 and the
 * problems where `checks.ts` finds an error, with 409 where the draft was changed since.
 */
export async function publish(context: Context, id: string, revision: number, by: string): Promise<void> {
  const survey = await surveyById(context, id);
  if (survey.revision !== revision) throw otherRevision(survey);
  const definition = Definition.parse(survey.draft);
  const problems = check(definition).filter(({ severity }) => severity === 'error');
  if (problems.length > 0)
    throw refuse.invalid(`This must be mended before it can be published: ${problems[0]!.message}`, problems);
  if ((survey.version ?? 0) >= VERSIONS_LIMIT)
    throw refuse.conflict(`A survey has ${VERSIONS_LIMIT} versions at most. Copy it and go on with the copy.`);
  await context.records.transaction(async (client) => {
    const { rows } = await client.query<{ version: number }>(
      `UPDATE surveys_surveys SET state = 'running', version = coalesce(version, 0) + 1, published_revision = revision,
         changed_at = now() WHERE id = $1 AND revision = $2 RETURNING version`,
      [id, revision],
    );
    if (!rows[0]) throw otherRevision(await surveyById(context, id));
    await client.query(
      'INSERT INTO surveys_versions (survey_id, version, definition, published_by) VALUES ($1, $2, $3, $4)',
      [id, rows[0].version, JSON.stringify(definition), by],
    );
    await recount(client, id, definition);
  });
  forgetRunning(context);
}

/** Counts anew what falls under each quota of the version that begins. */
async function recount(client: pg.PoolClient, id: string, definition: Definition): Promise<void> {
  const counts = new Map(definition.quotas.map((quota) => [quota.id, 0]));
  let completed = 0;
  if (definition.quotas.length > 0) {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const { rows } = await client.query(
        `SELECT id, answers, traits, fields, language FROM surveys_responses
         WHERE survey_id = $1 AND state = 'complete' AND id > $2 ORDER BY id LIMIT 1000`,
        [id, after],
      );
      for (const row of rows)
        for (const quota of definition.quotas)
          if (holds(quota.when, row)) counts.set(quota.id, (counts.get(quota.id) ?? 0) + 1);
      completed += rows.length;
      if (rows.length < 1000) break;
      after = rows.at(-1).id;
    }
  } else {
    const { rows } = await client.query<{ n: number }>(
      "SELECT count(*) AS n FROM surveys_responses WHERE survey_id = $1 AND state = 'complete'",
      [id],
    );
    completed = rows[0]!.n;
  }
  await client.query('DELETE FROM surveys_counts WHERE survey_id = $1', [id]);
  const all = [['', completed] as const, ...counts];
  await client.query(
    'INSERT INTO surveys_counts (survey_id, quota, completed) SELECT $1, * FROM unnest($2::text[], $3::int[])',
    [id, all.map(([quota]) => quota), all.map(([, count]) => count)],
  );
}

const FROM: Record<'paused' | 'running' | 'ended', readonly string[]> = {
  paused: ['running'],
  running: ['paused', 'ended'],
  ended: ['running', 'paused'],
};

/** Pauses, resumes or ends it. Refuses with 409 what cannot follow its present state. */
export async function setState(context: Context, id: string, state: 'paused' | 'running' | 'ended'): Promise<void> {
  const { rowCount } = await context.records.pool.query(
    'UPDATE surveys_surveys SET state = $2, changed_at = now() WHERE id = $1 AND state = ANY ($3) AND version IS NOT NULL',
    [id, state, FROM[state]],
  );
  if (!rowCount) {
    const survey = await surveyById(context, id);
    if (survey.state === state) return;
    throw refuse.conflict(`A survey that is ${survey.state} cannot become ${state}.`);
  }
  forgetRunning(context);
}

/** Removes it with all its answers and files. Refuses with 409 where it has answers and they are not to go. */
export async function deleteSurvey(context: Context, id: string, withAnswers: boolean): Promise<void> {
  const survey = await surveyById(context, id);
  if (survey.responses > 0 && !withAnswers)
    throw refuse.conflict(
      `It has ${survey.responses} responses. Say that they are to be deleted too, or end the survey.`,
    );
  const { rows } = await context.records.pool.query<{ id: string }>(
    `SELECT DISTINCT f.response_id AS id FROM surveys_files f JOIN surveys_responses r ON r.id = f.response_id
     WHERE r.survey_id = $1`,
    [id],
  );
  for (const response of rows) await context.blobs.removeAll(`surveys/files/${response.id}`);
  await context.records.pool.query('DELETE FROM surveys_surveys WHERE id = $1', [id]);
  forgetRunning(context);
}

export async function versionsOf(
  { records }: Pick<Context, 'records'>,
  id: string,
  before: number | undefined,
  limit: number,
) {
  const { rows } = await records.pool.query<{
    version: number;
    publishedAt: Date;
    publishedBy: string;
    responses: number;
  }>(
    `SELECT v.version, v.published_at AS "publishedAt", v.published_by AS "publishedBy",
       (SELECT count(*) FROM surveys_responses r WHERE r.survey_id = v.survey_id AND r.version = v.version AND r.answers <> '{}') AS responses
     FROM surveys_versions v WHERE v.survey_id = $1 AND ($2::int IS NULL OR v.version < $2) ORDER BY v.version DESC LIMIT $3`,
    [id, before ?? null, limit],
  );
  return rows;
}

const definitions = new WeakMap<object, Map<string, Definition>>();
const DEFINITIONS_KEPT = 200;

/** A published version as it was; null where there is none. Versions never change, so they are remembered. */
export async function versionOf(
  { records }: Pick<Context, 'records'>,
  id: string,
  version: number,
): Promise<Definition | null> {
  const known = definitions.get(records) ?? new Map<string, Definition>();
  definitions.set(records, known);
  const key = `${id} ${version}`;
  const found = known.get(key);
  if (found) return found;
  const { rows } = await records.pool.query<{ definition: unknown }>(
    'SELECT definition FROM surveys_versions WHERE survey_id = $1 AND version = $2',
    [id, version],
  );
  if (!rows[0]) return null;
  // Read again by the schema, so that what was added to it since has its default.
  const definition = Definition.parse(rows[0].definition);
  known.set(key, definition);
  if (known.size > DEFINITIONS_KEPT) known.delete(known.keys().next().value!);
  return definition;
}

export interface Running {
  id: string;
  version: number;
  definition: Definition;
}

const running = new WeakMap<object, { until: number; surveys: Promise<Running[]> }>();
const REMEMBERED_MS = 3000;
/** Surveys looked at for one visitor. */
const RUNNING_LIMIT = 200;

/** The surveys that are shown in pages now, the longest running first. Up to three seconds old. */
export function runningPopovers(context: Pick<Context, 'records'>): Promise<Running[]> {
  const known = running.get(context.records);
  if (known && performance.now() < known.until) return known.surveys;
  const surveys = (async () => {
    const { rows } = await context.records.pool.query<{ id: string; version: number }>(
      `SELECT id, version FROM surveys_surveys s WHERE state = 'running' AND EXISTS (
         SELECT FROM surveys_versions v WHERE v.survey_id = s.id AND v.version = s.version AND v.definition ? 'popover')
       ORDER BY created_at, id LIMIT ${RUNNING_LIMIT}`,
    );
    const found = await Promise.all(
      rows.map(async ({ id, version }) => ({ id, version, definition: (await versionOf(context, id, version))! })),
    );
    return found.filter(({ definition }) => definition?.popover);
  })();
  running.set(context.records, { until: performance.now() + REMEMBERED_MS, surveys });
  surveys.catch(() => running.delete(context.records));
  return surveys;
}

const forgetRunning = ({ records }: Pick<Context, 'records'>) => running.delete(records);

export async function readSettings(db: Db): Promise<SurveySettings> {
  const { rows } = await db.query<SurveySettings>('SELECT quiet_days AS "quietDays" FROM surveys_settings');
  return rows[0]!;
}

export async function writeSettings(db: Db, settings: SurveySettings): Promise<void> {
  await db.query('UPDATE surveys_settings SET quiet_days = $1', [settings.quietDays]);
}
