import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { route } from '../../kernel/route.ts';
import { check } from './checks.ts';
import { Definition } from './definition.ts';
import { Language } from './question.ts';
import { createSurvey, surveyById } from './surveys.ts';
import { fromTemplate, TEMPLATE_KEYS } from './templates.ts';

/** Surveys asked about at once. */
const OVERVIEW_LIMIT = 100;
const SCORES = ['nps', 'csat', 'ces', 'rating'] as const;

export const SurveyOverview = z.object({
  id: z.string(),
  lastAnswerAt: z.string().nullable(),
  score: z
    .object({
      kind: z.enum(SCORES),
      value: z.number().describe('NPS: -100 to 100; else the mean.'),
      scale: z.number(),
      answers: z.number(),
    })
    .nullable()
    .describe(
      'Of its first question that gives one; null without answers, or below the group size of an anonymous one.',
    ),
});
export type SurveyOverview = z.output<typeof SurveyOverview>;

interface Asked {
  id: string;
  question: string | null;
  kind: (typeof SCORES)[number] | null;
  scale: number;
  least: number;
}

/** The score of each survey's first question that gives one, as it is shown to customers now, and when it was last answered. */
export async function overviewOf(
  { records }: Pick<Context, 'records'>,
  ids: readonly string[],
): Promise<SurveyOverview[]> {
  const { rows: surveys } = await records.pool.query<{ id: string; definition: unknown }>(
    `SELECT s.id, coalesce(v.definition, s.draft) AS definition FROM surveys_surveys s
     LEFT JOIN surveys_versions v ON v.survey_id = s.id AND v.version = s.version WHERE s.id = ANY ($1::uuid[])`,
    [ids],
  );
  const asked = surveys.map(({ id, definition }): Asked => {
    const { questions, anonymous, groupSize } = Definition.parse(definition);
    const main = questions.find((one) => (SCORES as readonly string[]).includes(one.kind));
    return {
      id,
      question: main?.id ?? null,
      kind: (main?.kind as Asked['kind']) ?? null,
      scale: main && 'scale' in main ? main.scale : 10,
      least: anonymous ? groupSize : 1,
    };
  });
  const { rows } = await records.pool.query<{ id: string; answer: string | null; count: number; last: Date }>(
    `SELECT a.id, r.answers ->> a.question AS answer, count(*) AS count, max(r.changed_at) AS last
     FROM unnest($1::uuid[], $2::text[]) AS a (id, question)
     JOIN surveys_responses r ON r.survey_id = a.id AND r.answers <> '{}' GROUP BY 1, 2`,
    [asked.map(({ id }) => id), asked.map(({ question }) => question)],
  );
  const found = Map.groupBy(rows, (row) => row.id);
  return asked.map((one) => {
    const own = found.get(one.id) ?? [];
    const last = own.length > 0 ? Math.max(...own.map((row) => row.last.getTime())) : null;
    return { id: one.id, lastAnswerAt: last === null ? null : new Date(last).toISOString(), score: scoreOf(one, own) };
  });
}

function scoreOf({ kind, scale, least }: Asked, rows: readonly { answer: string | null; count: number }[]) {
  if (!kind) return null;
  const counted = rows
    .map((row) => ({ score: Number(row.answer ?? Number.NaN), count: row.count }))
    .filter(({ score }) => Number.isFinite(score));
  const answers = counted.reduce((sum, one) => sum + one.count, 0);
  if (answers < least) return null;
  const mean = (weight: (score: number) => number) =>
    counted.reduce((sum, one) => sum + weight(one.score) * one.count, 0) / answers;
  const value = kind === 'nps' ? 100 * mean((score) => (score >= 9 ? 1 : score <= 6 ? -1 : 0)) : mean((score) => score);
  return { kind, value, scale, answers };
}

const asIds = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.uuid()).max(OVERVIEW_LIMIT));

/** What the console's list shows beside the surveys, and templates. They stand before `/api/surveys/{id}`. */
export const overviewRoutes = [
  route({
    method: 'GET',
    path: '/api/surveys/overview',
    summary: `The main score of up to ${OVERVIEW_LIMIT} surveys, and when each was last answered`,
    permission: 'surveys.read',
    query: z.object({ ids: asIds }),
    reply: z.object({ items: z.array(SurveyOverview) }),
    run: async ({ context, query }) => ({ items: await overviewOf(context, query.ids) }),
  }),
  route({
    method: 'POST',
    path: '/api/surveys/from-template',
    summary: 'Make a survey of a template, in five languages; it is a draft until it is published',
    permission: 'surveys.write',
    body: z.strictObject({
      template: z.enum(TEMPLATE_KEYS),
      name: z.string().trim().min(1).max(200),
      language: Language.default('en').describe('The one that others fall back to.'),
    }),
    reply: z.object({ id: z.string(), problems: z.number() }),
    status: 201,
    run: async ({ context, caller, body }) => {
      const id = await createSurvey(context, fromTemplate(body.template, body.name, body.language), caller.name);
      const { draft } = await surveyById(context, id);
      return { id, problems: check(Definition.parse(draft)).length };
    },
  }),
];
