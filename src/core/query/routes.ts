import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { hidePeople } from '../people/hide.ts';
import { PersonSummary, summaries } from '../people/list.ts';
import { type Defaults, environmentOf, installationDefaults } from './environment.ts';
import { Zone } from './period.ts';
import { refusePersonal, shownTo } from './personal.ts';
import { type Report as AnyReport, Report } from './report.ts';
import { peopleBehind, runReport, statementsOf } from './run.ts';

/** How old a remembered answer may be, in seconds, when its reader does not mind. */
export const MaxAge = z
  .int()
  .min(0)
  .max(3600)
  .default(0)
  .describe('How old a remembered answer may be; one that lacks more than a few events is not given.');

const Meta = z.object({
  computedAt: z.string().describe('When it was computed.'),
  dataAt: z.string().nullable().describe('When the newest event that it can know of was stored.'),
  tookMs: z.number(),
  cached: z.boolean(),
  exact: z.boolean().describe('False for a sample.'),
  sample: z.number().nullable(),
  zone: z.string(),
  weekStart: z.enum(['monday', 'sunday']),
  from: z.string(),
  to: z.string(),
  warnings: z.array(z.string()),
});

const Answer = z.object({ kind: z.string(), result: z.unknown(), meta: Meta });

const Settings = z.object({ zone: Zone, weekStart: z.enum(['monday', 'sunday']) });

export const queryRoutes = [
  route({
    method: 'POST',
    path: '/api/query',
    summary: 'Answers a report.',
    permission: 'reports.read',
    asks: true,
    body: z.strictObject({
      report: Report,
      fresh: z.boolean().default(false).describe('Computes it anew, whatever is remembered.'),
      maxAgeSeconds: MaxAge,
    }),
    reply: Answer,
    async run({ context, caller, body, signal }) {
      await allow(context, caller, body.report);
      const { maxAgeSeconds, fresh } = body;
      return shownTo(caller, await runReport(context, body.report, { signal, maxAgeSeconds, fresh }));
    },
  }),
  route({
    method: 'POST',
    path: '/api/query/statements',
    summary: 'The statements that a report sends to the events store.',
    permission: 'reports.read',
    asks: true,
    body: z.strictObject({ report: Report }),
    reply: z.object({
      statements: z.array(z.object({ name: z.string(), sql: z.string(), params: z.record(z.string(), z.unknown()) })),
    }),
    async run({ context, caller, body, signal }) {
      await allow(context, caller, body.report);
      // Statements have the words of the actions that the report names, whoever wrote them.
      if (caller.hidesPersonalData) await refusePersonal(context, await actionsIn(context, body.report));
      const statements = await statementsOf(context, body.report, { signal });
      return shownTo(caller, { statements: statements.map(({ name, statement }) => ({ name, ...statement })) });
    },
  }),
  route({
    method: 'POST',
    path: '/api/query/people',
    summary: 'The people behind a part of a report: a point, a step, a cohort.',
    permission: 'reports.read',
    body: z.strictObject({ report: Report, part: z.unknown(), ...pageQuery.shape }),
    reply: pageOf(PersonSummary),
    looksAt: 'person',
    auditIds: (reply) => reply.items.map((person) => person.id),
    hide: async (reply) => hidePeople({ ...reply, total: null }),
    async run({ context, caller, body, signal }) {
      await allow(context, caller, body.report);
      const after = decodeCursor(body.cursor, z.int().min(0)) ?? 0;
      const ids = await peopleBehind(context, body.report, body.part, { after, limit: body.limit + 1 }, { signal });
      const shown = ids.slice(0, body.limit);
      const items = await summaries(context, shown);
      return { items, nextCursor: ids.length > body.limit ? encodeCursor(shown.at(-1)) : null };
    },
  }),
  route({
    method: 'GET',
    path: '/api/query/settings',
    summary: 'The zone and the first day of the week of reports that name none.',
    permission: 'reports.read',
    reply: Settings,
    run: ({ context }) => installationDefaults(context),
  }),
  route({
    method: 'PUT',
    path: '/api/query/settings',
    summary: 'Sets the zone and the first day of the week of reports that name none.',
    permission: 'reports.write',
    body: Settings,
    reply: Settings,
    async run({ context, body }) {
      await setDefaults(context, body);
      return body;
    },
  }),
];

async function allow(context: Context, caller: Caller, report: AnyReport): Promise<void> {
  if (caller.hidesPersonalData) await refusePersonal(context, report);
}

/** The actions that a report names, as they are. */
async function actionsIn(context: Context, report: AnyReport): Promise<unknown[]> {
  const { actions } = await environmentOf(context, {});
  const ids = JSON.stringify(report).matchAll(/"action":(\d+)/g);
  return [...ids].map(([, id]) => actions.get(Number(id)));
}

async function setDefaults({ records }: Context, { zone, weekStart }: Defaults): Promise<void> {
  if (zone === '') throw refuse.invalid('Name a zone.');
  await records.pool.query(
    `INSERT INTO query_settings (zone, week_start) VALUES ($1, $2)
     ON CONFLICT (one_row) DO UPDATE SET zone = excluded.zone, week_start = excluded.week_start, changed_at = now()`,
    [zone, weekStart],
  );
}
