import { z } from 'zod';
import type { Report } from '../../core/query/report.ts';
import { runReport } from '../../core/query/run.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { judge, judgeAll, timesFired } from './alert-judge.ts';
import { asWatched, checkRule, lineOf, Rule, Watched } from './alert-series.ts';
import {
  type Alert,
  changeAlert,
  createAlert,
  deleteAlert,
  evaluationsOf,
  getAlert,
  listAlerts,
  muteAlert,
  STATES,
  watchedReport,
} from './alerts.ts';
import { refusePersonalIn } from './outside.ts';
import { checkRecipients, Recipients } from './recipients.ts';
import { SavedId, SavedName } from './saved-routes.ts';
import { speechIn } from './shown-names.ts';

const PREVIEW_MS = 60 * 86_400_000;

const asked = {
  savedId: SavedId.in.nullable().default(null).describe('The saved report that is watched; null for one of its own.'),
  report: z.unknown().optional().describe('A report, as POST /api/query takes it, where none is saved.'),
  watched: Watched.describe('Which number of the report.'),
  rule: Rule.describe('When it is one to tell.'),
};
const AlertBody = z.strictObject({
  ...asked,
  name: SavedName,
  recipients: Recipients,
  enabled: z.boolean().default(true),
});

export const ShownAlert = z.object({
  id: z.string(),
  name: z.string(),
  savedId: z.string().nullable(),
  report: z.unknown(),
  watched: z.unknown(),
  rule: z.unknown(),
  recipients: z.array(z.unknown()),
  ownerName: z.string(),
  mine: z.boolean(),
  enabled: z.boolean(),
  mutedUntil: z.iso.datetime().nullable(),
  state: z.enum(STATES),
  said: z.string().describe('Why, where a state needs a reason.'),
  evaluatedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type ShownAlert = z.output<typeof ShownAlert>;

const shown = ({ owner: _, judged: __, ...alert }: Alert) => ({
  ...alert,
  id: String(alert.id),
  savedId: alert.savedId === null ? null : String(alert.savedId),
  mutedUntil: alert.mutedUntil?.toISOString() ?? null,
  evaluatedAt: alert.evaluatedAt?.toISOString() ?? null,
  createdAt: alert.createdAt.toISOString(),
});

export const ShownEvaluation = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  state: z.enum(STATES),
  bucket: z.string().nullable(),
  value: z.number().nullable(),
  low: z.number().nullable().describe('Of what was expected.'),
  high: z.number().nullable(),
  said: z.string(),
});
export type ShownEvaluation = z.output<typeof ShownEvaluation>;

export const AlertPreview = z.object({
  now: z.object({ state: z.enum(STATES), value: z.number().nullable(), said: z.string() }),
  fired: z
    .number()
    .nullable()
    .describe('How often it would have fired in 60 days; null for a number of a whole period.'),
  points: z.array(
    z.object({
      from: z.string(),
      label: z.string(),
      value: z.number().nullable(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      firing: z.boolean(),
    }),
  ),
});
export type AlertPreview = z.output<typeof AlertPreview>;

const params = z.object({ id: SavedId });

async function checked(context: Context, caller: Caller, body: z.output<typeof AlertBody>) {
  const savedId = body.savedId === null ? null : Number(body.savedId);
  if ((savedId === null) === (body.report === undefined || body.report === null))
    throw refuse.invalid(
      'An alert watches either a saved report or one of its own. Give one of "savedId" and "report".',
    );
  const report = await watchedReport(context, caller, { savedId, report: body.report });
  checkRule(report, body.watched, body.rule);
  await refusePersonalIn(context, report);
  await checkRecipients(context, body.recipients);
  return { ...body, savedId, report: savedId === null ? report : null };
}

export const alertRoutes = [
  route({
    method: 'GET',
    path: '/api/alerts',
    summary: 'Alerts on numbers of reports, with how they stand',
    permission: 'reports.read',
    query: pageQuery.extend({ state: z.enum(STATES).optional() }),
    reply: pageOf(ShownAlert),
    run: async ({ context, caller, query: { state, limit, cursor } }) => {
      const found = await listAlerts(context, caller, {
        state,
        before: decodeCursor(cursor, z.int()),
        limit: limit + 1,
      });
      const page = found.slice(0, limit);
      return {
        items: page.map(shown),
        nextCursor: found.length > limit ? encodeCursor(Number(page.at(-1)!.id)) : null,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/alerts/{id}',
    summary: 'One alert',
    permission: 'reports.read',
    params,
    reply: ShownAlert,
    run: async ({ context, caller, params }) => shown(await getAlert(context, caller, params.id)),
  }),
  route({
    method: 'POST',
    path: '/api/alerts',
    summary: 'Watch a number of a report, and mail when it does what the rule says',
    permission: 'reports.write',
    body: AlertBody,
    reply: ShownAlert,
    status: 201,
    run: async ({ context, caller, body }) =>
      shown(await createAlert(context, caller, await checked(context, caller, body))),
  }),
  route({
    method: 'PUT',
    path: '/api/alerts/{id}',
    summary: 'Change an alert; it becomes the caller’s, and begins anew',
    permission: 'reports.write',
    params,
    body: AlertBody,
    reply: ShownAlert,
    run: async ({ context, caller, params, body }) => {
      await getAlert(context, caller, params.id);
      return shown(await changeAlert(context, caller, params.id, await checked(context, caller, body)));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/alerts/{id}/mute',
    summary: 'Keep an alert quiet until a time; null to hear of it again',
    permission: 'reports.write',
    params,
    body: z.strictObject({ until: z.iso.datetime().nullable() }),
    reply: ShownAlert,
    run: async ({ context, caller, params, body }) =>
      shown(await muteAlert(context, caller, params.id, body.until === null ? null : new Date(body.until))),
  }),
  route({
    method: 'DELETE',
    path: '/api/alerts/{id}',
    summary: 'Delete an alert',
    permission: 'reports.write',
    params,
    reply: z.object({ deleted: z.literal(true) }),
    run: async ({ context, caller, params }) => {
      await deleteAlert(context, caller, params.id);
      return { deleted: true as const };
    },
  }),
  route({
    method: 'GET',
    path: '/api/alerts/{id}/evaluations',
    summary: 'What was found each time that an alert was looked at anew, the latest first',
    permission: 'reports.read',
    params,
    query: pageQuery,
    reply: pageOf(ShownEvaluation),
    run: async ({ context, caller, params, query: { limit, cursor } }) => {
      const before = decodeCursor(cursor, z.int());
      const found = await evaluationsOf(context, caller, params.id, { before, limit: limit + 1 });
      const page = found.slice(0, limit);
      return {
        items: page.map((one) => ({ ...one, id: String(one.id), at: one.at.toISOString() })),
        nextCursor: found.length > limit ? encodeCursor(Number(page.at(-1)!.id)) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/alerts/preview',
    summary: 'What a rule would have told of in the last 60 days',
    permission: 'reports.read',
    asks: true,
    body: z.strictObject(asked),
    reply: AlertPreview,
    run: async ({ context, caller, body, signal }) => {
      const savedId = body.savedId === null ? null : Number(body.savedId);
      const found = await watchedReport(context, caller, { savedId, report: body.report });
      checkRule(found, body.watched, body.rule);
      await refusePersonalIn(context, found);
      const report: Report = asWatched(found, body.rule, true);
      const now = Date.now();
      const { result } = await runReport(context, report, { signal, now });
      const line = lineOf(report, result, body.watched, speechIn('en'));
      if (!line)
        return {
          now: { state: 'nodata' as const, value: null, said: 'The report has no such series now.' },
          fired: null,
          points: [],
        };
      const { state, point, said } = judge(report, line, body.rule, now);
      const findings = report.kind === 'trend' ? judgeAll(report, line, body.rule, now, now - PREVIEW_MS) : null;
      return {
        now: { state, value: point?.value ?? null, said },
        fired: findings && timesFired(findings),
        points: (findings ?? []).map((one) => ({
          ...{ from: one.point?.key ?? '', label: one.point?.label ?? '', value: one.point?.value ?? null },
          ...{ low: one.expected?.low ?? null, high: one.expected?.high ?? null, firing: one.state === 'firing' },
        })),
      };
    },
  }),
];
