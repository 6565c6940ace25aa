import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { check, Problem } from './checks.ts';
import { DEFINITION_LIMITS, Definition } from './definition.ts';
import { embedCode, openLinkOf } from './page.ts';
import { SurveyDetail, SurveySettings, SurveyState, SurveySummary, SurveyVersion } from './shapes.ts';
import {
  createSurvey,
  deleteSurvey,
  listSurveys,
  publish,
  readSettings,
  type Survey,
  saveDraft,
  setState,
  surveyById,
  versionOf,
  versionsOf,
  writeSettings,
} from './surveys.ts';

/** A definition with a little around it. */
const BODY_BYTES = DEFINITION_LIMITS.bytes * 2;
const At = z.object({ at: z.iso.datetime(), id: z.uuid() });

export const surveyParams = z.object({ id: z.uuid('is not an id of a survey') });
const Saving = z.object({ revision: z.int().positive() });

const summaryOf = (survey: Survey): SurveySummary => {
  const draft = survey.draft;
  return {
    id: survey.id,
    name: survey.name,
    state: survey.state,
    version: survey.version,
    changed: survey.version !== null && survey.revision !== survey.publishedRevision,
    questions: draft.questions.length,
    languages: draft.languages,
    channels: [
      ...(draft.popover ? (['popover'] as const) : []),
      ...(draft.openLink ? (['link'] as const) : []),
      ...(draft.embed.length > 0 ? (['embed'] as const) : []),
    ],
    anonymous: draft.anonymous,
    touchpoint: draft.touchpoint,
    ...{ shown: survey.shown, responses: survey.responses, completed: survey.completed },
    createdAt: survey.createdAt.toISOString(),
    changedAt: survey.changedAt.toISOString(),
    publishedAt: survey.publishedAt?.toISOString() ?? null,
  };
};

async function detail(context: Context, id: string): Promise<SurveyDetail> {
  const survey = await surveyById(context, id);
  const definition = Definition.parse(survey.draft);
  return {
    ...summaryOf(survey),
    revision: survey.revision,
    definition,
    problems: check(definition),
    openLink: openLinkOf(context, survey.openToken),
    embedCode: embedCode(context, survey.openToken),
  };
}

const change = (verb: string, summary: string, state: 'paused' | 'running' | 'ended') =>
  route({
    method: 'POST',
    path: `/api/surveys/{id}/${verb}`,
    summary,
    permission: 'surveys.write',
    params: surveyParams,
    reply: SurveyDetail,
    run: async ({ context, params: { id } }) => {
      await setState(context, id, state);
      return detail(context, id);
    },
  });

/** Endpoints with which surveys are made and published. */
export const surveyRoutes = [
  route({
    method: 'GET',
    path: '/api/surveys',
    summary: 'Surveys, the last changed first',
    permission: 'surveys.read',
    query: pageQuery.extend({ q: z.string().max(200).optional(), state: SurveyState.optional() }),
    reply: pageOf(SurveySummary),
    run: async ({ context, query: { q, state, limit, cursor } }) => {
      const after = decodeCursor(cursor, At);
      const found = await listSurveys(context, { q, state, after, limit: limit + 1 });
      const items = found.slice(0, limit).map(summaryOf);
      const last = items.at(-1);
      const more = found.length > items.length && last;
      return { items, nextCursor: more ? encodeCursor({ at: last.changedAt, id: last.id }) : null };
    },
  }),
  route({
    method: 'POST',
    path: '/api/surveys',
    summary: 'Make a survey; it is a draft until it is published',
    permission: 'surveys.write',
    bodyLimit: BODY_BYTES,
    body: z.strictObject({ definition: Definition }),
    reply: SurveyDetail,
    status: 201,
    run: async ({ context, caller, body }) =>
      detail(context, await createSurvey(context, body.definition, caller.name)),
  }),
  route({
    method: 'POST',
    path: '/api/surveys/check',
    summary: 'What keeps a definition from being published, and what is only not nice',
    permission: 'surveys.read',
    asks: true,
    bodyLimit: BODY_BYTES,
    body: z.strictObject({ definition: Definition }),
    reply: z.object({ problems: z.array(Problem) }),
    run: async ({ body }) => ({ problems: check(body.definition) }),
  }),
  route({
    method: 'GET',
    path: '/api/surveys/settings',
    summary: 'How often people are asked, over all surveys',
    permission: 'surveys.read',
    reply: SurveySettings,
    run: ({ context }) => readSettings(context.records.pool),
  }),
  route({
    method: 'PUT',
    path: '/api/surveys/settings',
    summary: 'Change how often people are asked, over all surveys',
    permission: 'surveys.write',
    body: SurveySettings,
    reply: SurveySettings,
    run: async ({ context, body }) => {
      await writeSettings(context.records.pool, body);
      return readSettings(context.records.pool);
    },
  }),
  route({
    method: 'GET',
    path: '/api/surveys/{id}',
    summary: 'A survey with its draft and what is wrong with that',
    permission: 'surveys.read',
    params: surveyParams,
    reply: SurveyDetail,
    run: ({ context, params: { id } }) => detail(context, id),
  }),
  route({
    method: 'PUT',
    path: '/api/surveys/{id}',
    summary: 'Save the draft; customers see it once it is published',
    permission: 'surveys.write',
    params: surveyParams,
    bodyLimit: BODY_BYTES,
    body: Saving.extend({ definition: Definition }).strict(),
    reply: SurveyDetail,
    run: async ({ context, params: { id }, body }) => {
      await saveDraft(context, id, body.revision, body.definition);
      return detail(context, id);
    },
  }),
  route({
    method: 'POST',
    path: '/api/surveys/{id}/publish',
    summary: 'Show the draft to customers from now on, as a version that is kept',
    permission: 'surveys.write',
    params: surveyParams,
    body: Saving.strict(),
    reply: SurveyDetail,
    run: async ({ context, caller, params: { id }, body }) => {
      await publish(context, id, body.revision, caller.name);
      return detail(context, id);
    },
  }),
  change('pause', 'Show it to nobody for now, and take no answers', 'paused'),
  change('resume', 'Go on with a survey that was paused or ended', 'running'),
  change('end', 'End it: it is shown to nobody and takes no answers', 'ended'),
  route({
    method: 'POST',
    path: '/api/surveys/{id}/copy',
    summary: 'A new draft with the same questions',
    permission: 'surveys.write',
    params: surveyParams,
    body: z.strictObject({ name: z.string().trim().min(1).max(200) }),
    reply: SurveyDetail,
    status: 201,
    run: async ({ context, caller, params: { id }, body: { name } }) => {
      const { draft } = await surveyById(context, id);
      return detail(context, await createSurvey(context, { ...Definition.parse(draft), name }, caller.name));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/surveys/{id}',
    summary: 'Delete a survey; with answers only where that is said',
    permission: 'surveys.write',
    params: surveyParams,
    query: z.object({ answers: z.literal('delete').optional() }),
    reply: z.object({ deleted: z.literal(true) }),
    run: async ({ context, params: { id }, query }) => {
      await deleteSurvey(context, id, query.answers === 'delete');
      return { deleted: true as const };
    },
  }),
  route({
    method: 'GET',
    path: '/api/surveys/{id}/versions',
    summary: 'What was published, the newest first',
    permission: 'surveys.read',
    params: surveyParams,
    query: pageQuery,
    reply: pageOf(SurveyVersion),
    run: async ({ context, params: { id }, query: { limit, cursor } }) => {
      await surveyById(context, id);
      const found = await versionsOf(context, id, decodeCursor(cursor, z.int()), limit + 1);
      const items = found.slice(0, limit).map((one) => ({ ...one, publishedAt: one.publishedAt.toISOString() }));
      return { items, nextCursor: found.length > items.length ? encodeCursor(items.at(-1)!.version) : null };
    },
  }),
  route({
    method: 'GET',
    path: '/api/surveys/{id}/versions/{version}',
    summary: 'A version as it was published',
    permission: 'surveys.read',
    params: surveyParams.extend({ version: z.coerce.number().int().positive().max(1_000_000) }),
    reply: z.object({ definition: Definition }),
    run: async ({ context, params: { id, version } }) => {
      const definition = await versionOf(context, id, version);
      if (!definition) throw refuse.notFound('There is no such version.');
      return { definition };
    },
  }),
];
