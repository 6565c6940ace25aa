import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { acceptEvents } from '../intake/accept.ts';
import { type LiveMessage, liveChannel } from '../stream/live-feed.ts';
import { sourceById } from './sources.ts';

/** What a test event is called on the timeline. */
const TEST_EVENT_NAME = 'Test Event';
/** How long what was seen of a test event is remembered. */
const REMEMBER_MS = 10 * 60 * 1000;
/** A question is held for this long while nothing new is known, and looked into this often. */
const WAIT_MS = 1000;
const LOOK_EVERY_MS = 40;
/** An event's time may have been corrected by its sender's clock; a test event's never by more. */
const CLOCK_SLACK_MS = 60_000;
/** Entries of the quarantine looked at, newest first. */
const QUARANTINE_LOOKED_AT = 1000;

export interface TestEventState {
  state: 'accepted' | 'stored' | 'dropped' | 'quarantined';
  /** accepted: on disk in the log; resolved: it is known whose it is; stored: on the timeline. */
  steps: { name: 'accepted' | 'resolved' | 'stored'; at: Date | null }[];
  personId: string | null;
  /** From accepted to stored. */
  elapsedMs: number | null;
  reason: string | null;
}

/** What this process saw of a test event on its way; times in milliseconds since 1970. */
interface Sighting {
  resolvedAt: number | null;
  storedAt: number | null;
  dropped: string | null;
}

/**
 * Sends an event through the source as any sender would; returns its message ID, by which its way can be followed.
 * Refuses with 409 where the source is switched off.
 */
export async function sendTestEvent(context: Context, sourceId: number): Promise<string> {
  const source = await sourceById(context, sourceId);
  if (!source.enabled) throw refuse.conflict(`The source "${source.name}" is switched off, so it accepts no events.`);
  const messageId = timedUuid(Date.now());
  watch(context, messageId);
  const receivedAt = Date.now();
  await acceptEvents(context, {
    sourceId,
    receivedAt,
    protocol: 'internal',
    events: [
      {
        type: 'track',
        messageId,
        anonymousId: anonymousIdOf(messageId),
        event: TEST_EVENT_NAME,
        properties: { source: source.name, sentFrom: 'Throughline' },
        timestamp: new Date(receivedAt).toISOString(),
      },
    ],
  });
  return messageId;
}

/**
 * How far a test event has come. Waits up to a second for something to be decided, so that asking in a loop shows it as
 * soon as it is. Refuses with 404 for what was not a test event of this source.
 */
export async function testEventState(
  context: Context,
  sourceId: number,
  messageId: string,
  signal: AbortSignal,
): Promise<TestEventState> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const state = await look(context, sourceId, messageId);
    if (state.state !== 'accepted' || Date.now() >= deadline || signal.aborted) return state;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function look(context: Context, sourceId: number, messageId: string): Promise<TestEventState> {
  const acceptedAt = timeOf(messageId);
  const sighting = watched(context).sightings.get(messageId);
  const [stored, resolvedTo, reason] = await Promise.all([
    findStored(context, sourceId, messageId, acceptedAt),
    findPerson(context, messageId),
    findQuarantined(context, sourceId, messageId),
  ]);
  if (sighting && resolvedTo) sighting.resolvedAt ??= Date.now();
  if (sighting && stored) sighting.storedAt ??= Date.now();
  const dropped = sighting?.dropped ?? null;
  const state = stored ? 'stored' : reason ? 'quarantined' : dropped ? 'dropped' : 'accepted';
  if (state === 'accepted' && !sighting && !(await isAnythingWaiting(context))) {
    throw refuse.notFound('There is no such test event of this source.');
  }
  const storedAt = sighting?.storedAt ?? null;
  return {
    state,
    steps: [
      { name: 'accepted', at: new Date(acceptedAt) },
      { name: 'resolved', at: dateOf(sighting?.resolvedAt ?? null) },
      { name: 'stored', at: dateOf(storedAt) },
    ],
    personId: stored ?? resolvedTo,
    elapsedMs: storedAt === null ? null : storedAt - acceptedAt,
    reason: reason ?? dropped,
  };
}

const dateOf = (time: number | null) => (time === null ? null : new Date(time));

/** The person of the stored event, or null. Away stores say nothing either way. */
async function findStored(context: Context, sourceId: number, messageId: string, at: number): Promise<string | null> {
  const [row] = await context.events
    .query<{ person: string }>(
      `SELECT dictGetOrDefault('person_overrides_map', 'person_id', origin_id, person_id) AS person FROM events
       WHERE event_id = {id:UUID} AND source_id = {source:UInt32}
         AND timestamp BETWEEN fromUnixTimestamp64Milli({from:Int64}) AND fromUnixTimestamp64Milli({to:Int64}) LIMIT 1`,
      { id: messageId, source: sourceId, from: at - CLOCK_SLACK_MS, to: at + CLOCK_SLACK_MS },
    )
    .catch(() => []);
  return row?.person ?? null;
}

async function findPerson(context: Context, messageId: string): Promise<string | null> {
  const { rows } = await context.records.pool.query<{ id: number }>(
    `SELECT persons.root_id AS id FROM identifiers JOIN persons ON persons.id = identifiers.person_id
     WHERE identifiers.value = $1 LIMIT 1`,
    [anonymousIdOf(messageId)],
  );
  return rows[0] ? String(rows[0].id) : null;
}

async function findQuarantined(context: Context, sourceId: number, messageId: string): Promise<string | null> {
  const { rows } = await context.records.pool.query<{ reason: string }>(
    `SELECT reason FROM (SELECT * FROM quarantine ORDER BY id DESC LIMIT $3) AS newest
     WHERE source_id = $1 AND message_id = $2 LIMIT 1`,
    [sourceId, messageId, QUARANTINE_LOOKED_AT],
  );
  return rows[0]?.reason ?? null;
}

async function isAnythingWaiting(context: Context): Promise<boolean> {
  const partitions = await context.log.state();
  return partitions.some((partition) => partition.lagEvents > 0);
}

interface Watched {
  sightings: Map<string, Sighting>;
  channel: BroadcastChannel | null;
}

const watches = new WeakMap<object, Watched>();

function watched(context: Context): Watched {
  let entry = watches.get(context.records);
  if (!entry) {
    entry = { sightings: new Map(), channel: null };
    watches.set(context.records, entry);
  }
  return entry;
}

/** Remembers a test event, and listens to the stream for as long as there are any: drops leave no other trace by ID. */
function watch(context: Context, messageId: string): void {
  const entry = watched(context);
  entry.sightings.set(messageId, { resolvedAt: null, storedAt: null, dropped: null });
  if (!entry.channel) {
    entry.channel = new BroadcastChannel(liveChannel(context.config.dataDir));
    entry.channel.onmessage = (message) => {
      for (const drop of (message.data as LiveMessage).drops) {
        const sighting = entry.sightings.get(drop.messageId);
        if (sighting) sighting.dropped = `${drop.step}: ${drop.reason}`;
      }
    };
    entry.channel.unref();
  }
  setTimeout(() => {
    entry.sightings.delete(messageId);
    if (entry.sightings.size > 0) return;
    entry.channel?.close();
    entry.channel = null;
  }, REMEMBER_MS).unref();
}

const anonymousIdOf = (messageId: string) => `test-${messageId}`;

/** A UUID of version 7: its first 48 bits are the time, so that the message ID alone says when it was sent. */
function timedUuid(now: number): string {
  const time = now.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

const timeOf = (messageId: string) => Number.parseInt(messageId.slice(0, 13).replace('-', ''), 16);
