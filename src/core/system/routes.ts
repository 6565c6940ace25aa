import { z } from 'zod';
import { route } from '../../kernel/route.ts';
import { STEPS } from '../stream/metrics.ts';
import { examine } from './doctor.ts';
import { health } from './health.ts';
import { dropCounts, stepCounts } from './stream-state.ts';

const StoreHealth = z.object({ up: z.boolean(), milliseconds: z.number().describe('How long it took to answer.') });

const Partition = z.object({
  partition: z.number(),
  lagEvents: z.number().describe('Events accepted and not processed yet.'),
  lagSeconds: z.number().describe('Age of the oldest of them.'),
  oldestAt: z.string().nullable(),
});

const HealthReply = z.object({
  status: z.enum(['ok', 'degraded', 'failing']).describe('failing: events are refused, and the answer is 503.'),
  stores: z.object({ events: StoreHealth, records: StoreHealth, log: StoreHealth }),
  intake: z.object({ accepting: z.boolean(), reason: z.string().nullable() }),
  stream: z.object({
    ready: z.boolean().nullable().describe('null in a process that runs no stream.'),
    trouble: z.string().nullable(),
    partitions: z.array(Partition),
  }),
  paused: z.record(z.string(), z.string()).describe('Parts that pause, and why; events are accepted all the same.'),
});

const StoreReport = z.object({
  kind: z.enum(['embedded', 'server', 'folder']),
  where: z.string(),
  up: z.boolean(),
  milliseconds: z.number(),
  bytes: z.number().nullable(),
  rows: z.number().nullable(),
});

export const systemRoutes = [
  route({
    method: 'GET',
    path: '/health',
    summary: 'Whether the stores are up, how far the stream is behind; 503 when events are refused',
    permission: 'anyone',
    reply: HealthReply,
    run: async ({ context }) => {
      const { stream, ...rest } = await health(context);
      // Errors of stores name hosts and folders; the doctor tells them to those who may know.
      const trouble = stream.trouble && 'The stream is held up; the doctor says by what.';
      const now = { ...rest, stream: { ...stream, trouble } };
      const headers = { 'cache-control': 'no-store', 'retry-after': '5' };
      // By the status alone, so that load balancers need not read the body.
      return now.status === 'failing' ? Response.json(now, { status: 503, headers }) : now;
    },
  }),
  route({
    method: 'GET',
    path: '/api/doctor',
    summary: 'What is running, where, how far behind, what is wrong and what to do about it',
    permission: 'system.read',
    reply: z.object({
      version: z.string(),
      node: z.string(),
      uptimeSeconds: z.number(),
      checks: z.array(
        z.object({
          name: z.string(),
          state: z.enum(['ok', 'warning', 'failing']),
          detail: z.string(),
          remedy: z.string().nullable().describe('What to do; null where nothing need be done.'),
        }),
      ),
      stores: z.object({ events: StoreReport, records: StoreReport, log: StoreReport, blobs: StoreReport }),
      memory: z.object({ residentBytes: z.number(), heapBytes: z.number(), machineBytes: z.number() }),
    }),
    run: ({ context }) => examine(context),
  }),
  route({
    method: 'GET',
    path: '/api/stream',
    summary: 'What each step of the stream did, what was dropped in seven days and why, how far it is behind',
    permission: 'system.read',
    reply: z.object({
      steps: z.array(
        z.object({
          name: z.enum(STEPS),
          events: z.number().describe('Since the process started.'),
          drops: z.number(),
          milliseconds: z.number(),
        }),
      ),
      drops: z.array(
        z.object({
          step: z.string(),
          reason: z.string(),
          sourceId: z.string().nullable(),
          count: z.number(),
          lastAt: z.string(),
        }),
      ),
      partitions: z.array(Partition),
    }),
    run: async ({ context }) => ({
      steps: stepCounts(),
      drops: (await dropCounts(context)).map((drop) => ({
        ...drop,
        sourceId: String(drop.sourceId),
        lastAt: drop.lastAt.toISOString(),
      })),
      partitions: await context.log.state(),
    }),
  }),
];
