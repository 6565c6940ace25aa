import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { STATUSES } from './deliveries.ts';
import type { Destination } from './destination.ts';
import { FilesSettings, Filter, WebhookSettings } from './settings.ts';

const Health = z.object({
  deliveredToday: z.number().describe('Since midnight UTC; of files, rows.'),
  failedToday: z.number(),
  leftToday: z.number().describe('Left out by the condition, or not stored any more.'),
  heldToday: z.number().describe('Held back for want of consent, or because the person is restricted.'),
  held: z.record(z.string(), z.number()).describe('Of today, by purpose; "restricted" of restricted persons.'),
  waiting: z.number().describe('Deliveries that wait, up to 10,000 counted.'),
});

export const DestinationReply = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['webhook', 'files']),
  enabled: z.boolean(),
  filter: Filter,
  condition: z.string().nullable(),
  purposes: z.array(z.string()),
  webhook: WebhookSettings.nullable(),
  files: FilesSettings.nullable(),
  stopped: z.enum(['failing', 'gone']).nullable().describe('Why it was switched off by itself.'),
  failingSince: z.string().nullable(),
  lastSuccessAt: z.string().nullable(),
  lastError: z.string().nullable(),
  pausedUntil: z.string().nullable(),
  createdAt: z.string(),
  health: Health,
});
export type DestinationReply = z.output<typeof DestinationReply>;

const AttemptReply = z.object({
  at: z.string(),
  status: z.number().nullable(),
  ms: z.number(),
  error: z.string().nullable(),
});

export const DeliveryReply = z.object({
  eventId: z.string(),
  messageId: z.string().describe('The header webhook-id.'),
  kind: z.enum(['event', 'test', 'erased']),
  name: z.string(),
  personId: z.string().nullable().describe('The person as first met.'),
  status: z.enum(STATUSES),
  reason: z.string().nullable(),
  attempts: z.number(),
  dueAt: z.string().nullable().describe('When it is tried next.'),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  last: AttemptReply.nullable(),
});
export type DeliveryReply = z.output<typeof DeliveryReply>;

export const DeliveryDetail = DeliveryReply.extend({ log: z.array(AttemptReply) });
export type DeliveryDetail = z.output<typeof DeliveryDetail>;

export const DeliveryContent = z.object({
  body: z.string().nullable().describe('As it would be sent now; null where the event is not stored any more.'),
  responses: z.array(z.string().nullable()).describe('What the receiver answered, for each attempt; 2 kB of it.'),
});
export type DeliveryContent = z.output<typeof DeliveryContent>;

const RunFile = z.object({
  path: z.string(),
  rows: z.number(),
  bytes: z.number(),
  sha256: z.string(),
  rewrittenAt: z.string().nullable(),
});
export const RunReply = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  cause: z.string(),
  rows: z.number(),
  bytes: z.number(),
  files: z.number(),
  held: z.record(z.string(), z.number()),
  error: z.string().nullable(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  replaced: z.boolean().describe('A younger run of the same period has taken its place.'),
});
export type RunReply = z.output<typeof RunReply>;
export const RunDetail = RunReply.extend({ list: z.array(RunFile) });
export type RunDetail = z.output<typeof RunDetail>;

const WAITING_COUNTED = 10_000;

/**
 * Destinations as they are shown, with how they do. The address of a webhook often has a secret in it: only those who may
 * change destinations see more of it than the host.
 */
export async function shown(
  context: Context,
  caller: Pick<Caller, 'permissions'>,
  destinations: readonly Destination[],
): Promise<DestinationReply[]> {
  const whole = caller.permissions.has('destinations.write');
  const ids = destinations.map((one) => one.id);
  const [counts, waiting] = await Promise.all([
    context.records.pool.query<{ destination_id: number; outcome: string; purpose: string; count: number }>(
      `SELECT destination_id, outcome, purpose, count FROM destinations_counts
       WHERE destination_id = ANY ($1::int[]) AND day = (now() AT TIME ZONE 'UTC')::date`,
      [ids],
    ),
    context.records.pool.query<{ id: number; count: number }>(
      `SELECT d.id, (SELECT count(*) FROM (SELECT 1 FROM destinations_deliveries w
          WHERE w.destination_id = d.id AND w.status = 'waiting' LIMIT ${WAITING_COUNTED}) AS counted) AS count
       FROM unnest($1::int[]) AS d (id)`,
      [ids],
    ),
  ]);
  return destinations.map((one) => {
    const mine = counts.rows.filter((row) => row.destination_id === one.id);
    const sum = (outcome: string) =>
      mine.filter((row) => row.outcome === outcome).reduce((total, row) => total + row.count, 0);
    return {
      id: String(one.id),
      name: one.name,
      kind: one.kind,
      enabled: one.enabled,
      filter: one.filter,
      condition: one.condition,
      purposes: one.purposes,
      webhook:
        one.kind === 'webhook'
          ? { ...one.settings, url: whole ? one.settings.url : `${new URL(one.settings.url).origin}/…` }
          : null,
      files: one.kind === 'files' ? one.settings : null,
      stopped: one.stopped,
      failingSince: one.failingSince?.toISOString() ?? null,
      lastSuccessAt: one.lastSuccessAt?.toISOString() ?? null,
      lastError: one.lastError,
      pausedUntil: one.pausedUntil && one.pausedUntil > new Date() ? one.pausedUntil.toISOString() : null,
      createdAt: one.createdAt.toISOString(),
      health: {
        deliveredToday: sum('delivered'),
        failedToday: sum('failed'),
        leftToday: sum('left'),
        heldToday: sum('held'),
        held: Object.fromEntries(
          mine.filter((row) => row.outcome === 'held').map((row) => [row.purpose, row.count] as const),
        ),
        waiting: waiting.rows.find((row) => row.id === one.id)?.count ?? 0,
      },
    };
  });
}
