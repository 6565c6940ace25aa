import type { Context } from '../../kernel/context.ts';
import type { PartitionState } from '../../kernel/log.ts';
import { streamMetrics } from '../stream/metrics.ts';
import { pausedParts } from './parts.ts';

/** A store that has not answered by then counts as away. */
const STORE_TIMEOUT_MS = 2000;
/** Health is public and asked for often: an answer holds this long. */
const HOLD_MS = 500;

export interface StoreHealth {
  up: boolean;
  /** How long the store took to answer. */
  milliseconds: number;
}

export interface Health {
  /** `ok`; `degraded` where a store is away and events wait, or a part pauses; `failing` where events are refused. */
  status: 'ok' | 'degraded' | 'failing';
  stores: { events: StoreHealth; records: StoreHealth; log: StoreHealth };
  intake: { accepting: boolean; reason: string | null };
  stream: { ready: boolean | null; trouble: string | null; partitions: PartitionState[] };
  /** Parts that pause, and why: recordings where their files cannot be stored. */
  paused: Record<string, string>;
}

const held = new WeakMap<object, { health: Promise<Health>; until: number }>();

/** How the stores are and how far the stream is behind; half a second old at most. */
export function health(context: Context): Promise<Health> {
  const known = held.get(context.log);
  if (known && known.until > Date.now()) return known.health;
  const fresh = { health: look(context), until: Number.POSITIVE_INFINITY };
  held.set(context.log, fresh);
  void fresh.health.finally(() => {
    fresh.until = Date.now() + HOLD_MS;
  });
  return fresh.health;
}

async function look(context: Context): Promise<Health> {
  let partitions: PartitionState[] = [];
  const [paused, events, records, log] = await Promise.all([
    pausedParts(context),
    timed(() => context.events.ping()),
    timed(() => context.records.pool.query('SELECT 1')),
    timed(async () => {
      partitions = await context.log.state();
    }),
  ]);
  const reason = log.up ? context.log.full() : 'the log does not answer';
  const metrics = streamMetrics();
  const up = events.up && records.up && !metrics?.trouble && Object.keys(paused).length === 0;
  return {
    status: reason !== null ? 'failing' : up ? 'ok' : 'degraded',
    stores: { events, records, log },
    intake: { accepting: reason === null, reason },
    stream: { ready: metrics?.ready ?? null, trouble: metrics?.trouble ?? null, partitions },
    paused,
  };
}

async function timed(ask: () => Promise<unknown>): Promise<StoreHealth> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), STORE_TIMEOUT_MS);
  });
  const answered = ask().then(
    () => true,
    () => false,
  );
  const up = await Promise.race([answered, timeout]);
  clearTimeout(timer);
  return { up, milliseconds: Math.round(performance.now() - started) };
}
