import { z } from 'zod';
import { HIDDEN, hideAddresses } from '../../core/people/hide.ts';
import type { Caller } from '../../kernel/caller.ts';
import { readBody } from '../../kernel/http.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { answersCsv } from './answers-csv.ts';
import { anonymousOf, answerById, deleteAnswer, listAnswers, placeOf } from './answers-list.ts';
import { fileResponse } from './files.ts';
import { PICTURE_BYTES, storePicture } from './pictures.ts';
import { Language } from './question.ts';
import { resultsOf } from './results.ts';
import { surveyParams } from './routes.ts';
import { AnswerRow, ResponseState, SurveyChannel, SurveyResults } from './shapes.ts';
import { surveyById } from './surveys.ts';

const filters = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  channel: SurveyChannel.optional(),
  language: Language.optional(),
  version: z.coerce.number().int().positive().max(1_000_000).optional(),
});
const answerFilters = {
  ...filters.shape,
  state: ResponseState.optional(),
  person: z.coerce.number().int().positive().optional(),
  question: z.string().max(40).optional(),
  q: z.string().max(200).optional(),
};
const answerParams = surveyParams.extend({ answer: z.uuid() });

/** What is not seen is not searched either: it could be guessed word by word. */
function refuseSearch(caller: Caller, q: string | undefined): void {
  if (caller.hidesPersonalData && q?.trim())
    throw refuse.forbidden(`The role "${caller.role}" cannot search in what customers answer.`);
}

/** Roles that do not see personal data see scores and choices; of what was typed, and by whom, that it is there. */
function hideAnswer(row: AnswerRow): AnswerRow {
  const hidden = (value: unknown): unknown =>
    typeof value === 'string' ? HIDDEN : Array.isArray(value) && typeof value[0] === 'object' ? [] : value;
  const answers = Object.fromEntries(
    Object.entries(row.answers).map(([id, value]) => [
      id,
      value && typeof value === 'object' && 'other' in value ? { ...value, other: HIDDEN } : hidden(value),
    ]),
  );
  const typed = (id: string) => answers[id] !== row.answers[id];
  return {
    ...row,
    answers,
    personName: row.personName === null ? null : HIDDEN,
    page: row.page === null ? null : hideAddresses(row.page),
    fields: Object.fromEntries(Object.keys(row.fields).map((name) => [name, HIDDEN])),
    said: Object.fromEntries(
      Object.entries(row.said).map(([id, text]) => [id, typed(id) ? HIDDEN : hideAddresses(text)]),
    ),
  };
}

/** Endpoints with what was answered. */
export const answerRoutes = [
  route({
    method: 'GET',
    path: '/api/surveys/{id}/results',
    summary: 'What was answered: counts, and each question by its kind',
    permission: 'surveys.read',
    params: surveyParams,
    query: filters.extend({ state: ResponseState.optional() }),
    reply: SurveyResults,
    // Not `looksAt`: it names nobody, and a page that follows a running survey asks every moment.
    run: async ({ context, caller, params: { id }, query }) => {
      const results = await resultsOf(context, await surveyById(context, id), query);
      if (!caller.hidesPersonalData) return results;
      return { ...results, questions: results.questions.map(({ texts: _, ...question }) => question) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/surveys/{id}/answers',
    summary: 'Responses with their answers, the newest first',
    permission: 'surveys.read',
    params: surveyParams,
    query: pageQuery.extend(answerFilters),
    reply: pageOf(AnswerRow),
    looksAt: 'person',
    auditIds: (reply) => reply.items.flatMap((row) => (row.personId === null ? [] : [row.personId])),
    hide: async (reply) => ({ ...reply, items: reply.items.map(hideAnswer) }),
    run: async ({ context, caller, params: { id }, query: { limit, cursor, ...filter } }) => {
      refuseSearch(caller, filter.q);
      await surveyById(context, id);
      const after = decodeCursor(cursor, z.object({ at: z.iso.datetime(), id: z.uuid() }));
      const found = await listAnswers(context, id, filter, { after, limit: limit + 1 });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      const anonymous = (await anonymousOf(context, id)) !== null;
      return { items, nextCursor: found.length > items.length && last ? encodeCursor(placeOf(last, anonymous)) : null };
    },
  }),
  route({
    method: 'GET',
    path: '/api/surveys/{id}/answers.csv',
    summary: 'Responses as a table for spreadsheets: a column for each question',
    permission: 'surveys.read',
    params: surveyParams,
    query: z.object(answerFilters),
    looksAt: 'person',
    hide: 'itself',
    run: async ({ context, caller, params: { id }, query, signal }) => {
      refuseSearch(caller, query.q);
      const hide = caller.hidesPersonalData ? hideAnswer : (row: AnswerRow) => row;
      return answersCsv(context, await surveyById(context, id), query, { signal, hide });
    },
  }),
  route({
    method: 'GET',
    path: '/api/surveys/{id}/answers/{answer}',
    summary: 'A response with its answers',
    permission: 'surveys.read',
    params: answerParams,
    reply: AnswerRow,
    looksAt: 'person',
    auditIds: (reply) => (reply.personId === null ? [] : [reply.personId]),
    hide: async (reply) => hideAnswer(reply),
    run: ({ context, params }) => answerById(context, params.id, params.answer),
  }),
  route({
    method: 'DELETE',
    path: '/api/surveys/{id}/answers/{answer}',
    summary: 'Delete a response with its files',
    permission: 'surveys.write',
    params: answerParams,
    reply: z.object({ deleted: z.literal(true) }),
    run: async ({ context, params }) => {
      await deleteAnswer(context, params.id, params.answer);
      return { deleted: true as const };
    },
  }),
  route({
    method: 'GET',
    path: '/api/surveys/{id}/files/{file}',
    summary: 'A file that was handed in, as a download',
    permission: 'surveys.read',
    looksAt: 'person',
    params: surveyParams.extend({ file: z.uuid() }),
    run: ({ context, params }) => fileResponse(context, params.id, params.file),
  }),
  route({
    method: 'POST',
    path: '/api/surveys/pictures',
    summary: 'Keep a picture for questions, options or a logo: PNG, JPEG, GIF or WebP as the body',
    permission: 'surveys.write',
    reply: z.object({ picture: z.string().describe('What a definition names it by.') }),
    status: 201,
    run: async ({ context, http }) => ({ picture: await storePicture(context, await readBody(http, PICTURE_BYTES)) }),
  }),
];
