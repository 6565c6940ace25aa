import { z } from 'zod';
import { mailIsSetUp } from '../../kernel/mail.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { refusePersonalOutside } from './outside.ts';
import { checkRecipients, Recipients } from './recipients.ts';
import { getSaved } from './saved.ts';
import { SavedId } from './saved-routes.ts';
import { Timing } from './schedule-times.ts';
import { changeSchedule, createSchedule, deleteSchedule, listSchedules, type Schedule } from './schedules.ts';

const Kind = z.enum(['report', 'dashboard']);

export const ShownSchedule = z.object({
  id: z.string(),
  kind: Kind,
  savedId: z.string(),
  savedName: z.string(),
  timing: z.unknown(),
  recipients: z.array(z.unknown()),
  ownerName: z.string(),
  mine: z.boolean(),
  createdAt: z.iso.datetime(),
  nextAt: z.iso.datetime().nullable(),
  lastSentAt: z.iso.datetime().nullable(),
  paused: z.string().nullable().describe('Why it does not go out; null while it does.'),
});
export type ShownSchedule = z.output<typeof ShownSchedule>;

const NewSchedule = z.strictObject({
  kind: Kind,
  savedId: SavedId.in.transform(Number),
  timing: Timing,
  recipients: Recipients,
});

const shown = ({ owner: _, ...schedule }: Schedule) => ({
  ...schedule,
  id: String(schedule.id),
  savedId: String(schedule.savedId),
  createdAt: schedule.createdAt.toISOString(),
  nextAt: schedule.paused === null ? (schedule.nextAt?.toISOString() ?? null) : null,
  lastSentAt: schedule.lastSentAt?.toISOString() ?? null,
});

const params = z.object({ id: SavedId });

export const scheduleRoutes = [
  route({
    method: 'GET',
    path: '/api/schedules',
    summary: 'Reports and dashboards that are mailed at set times',
    permission: 'reports.read',
    query: pageQuery.extend({ savedId: SavedId.optional() }),
    reply: pageOf(ShownSchedule),
    run: async ({ context, caller, query: { savedId, limit, cursor } }) => {
      const before = decodeCursor(cursor, z.int());
      const found = await listSchedules(context, caller, { savedId, before, limit: limit + 1 });
      const page = found.slice(0, limit);
      return {
        items: page.map(shown),
        nextCursor: found.length > limit ? encodeCursor(Number(page.at(-1)!.id)) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/schedules',
    summary: 'Mail a saved report or dashboard at set times, without personal data',
    permission: 'reports.write',
    body: NewSchedule,
    reply: ShownSchedule,
    status: 201,
    run: async ({ context, caller, body: { kind, ...input } }) => {
      if (!mailIsSetUp(context.config))
        throw refuse.conflict('No mail server is set. Set THROUGHLINE_MAIL_URL, and mails can be sent.');
      const saved = await getSaved(context, caller, kind, input.savedId);
      await refusePersonalOutside(context, caller, kind, saved);
      await checkRecipients(context, input.recipients);
      return shown(await createSchedule(context, caller, input));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/schedules/{id}',
    summary: 'Change when and to whom a mail goes, or pause it; it becomes the caller’s',
    permission: 'reports.write',
    params,
    body: z.strictObject({ timing: Timing, recipients: Recipients, paused: z.boolean().default(false) }),
    reply: ShownSchedule,
    run: async ({ context, caller, params, body }) => {
      await checkRecipients(context, body.recipients);
      return shown(await changeSchedule(context, caller, params.id, body));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/schedules/{id}',
    summary: 'Mail it no longer',
    permission: 'reports.write',
    params,
    reply: z.object({ deleted: z.literal(true) }),
    run: async ({ context, caller, params }) => {
      await deleteSchedule(context, caller, params.id);
      return { deleted: true as const };
    },
  }),
];
