import { z } from 'zod';
import { personOfVisitor } from '../../core/people/visitor.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { assetResponse } from './assets.ts';
import { type Growth, growthOf } from './growth.ts';
import { GROWTH_CHUNKS, RECORDING_CHUNKS } from './limits.ts';
import { removeRecordings, watching } from './recordings.ts';
import { lookAgain, pausedReason } from './room.ts';
import { makeSafe, safeSheet } from './safe-assets.ts';
import type { SafeEvent } from './safe-event.ts';
import { changeSettings, keptSettings, ReplaySettings } from './settings.ts';
import { indexOf, type Recording, readChunks, recordingById } from './store.ts';
import { streamOf } from './stream.ts';
import { SIGNALS } from './watch-first.ts';

const RecordingId = z.object({ id: z.uuid() });

export const RecordingView = z.object({
  id: z.string(),
  sourceId: z.number(),
  anonymousId: z.string(),
  userId: z.string().nullable(),
  sessionStart: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string(),
  durationMs: z.number(),
  activeMs: z.number(),
  url: z.string(),
  path: z.string(),
  title: z.string(),
  width: z.number(),
  height: z.number(),
  browser: z.string(),
  os: z.string(),
  device: z.string(),
  country: z.string(),
  masked: z.enum(['inputs', 'text']),
  chunks: z.number(),
  events: z.number(),
  pages: z.number(),
  clicks: z.number(),
  inputs: z.number(),
  errors: z.number(),
  rages: z.number(),
  deads: z.number(),
  dropped: z.number().describe('What the recorder left out and said so.'),
  rawBytes: z.number(),
  storedBytes: z.number(),
  state: z.enum(['live', 'finished', 'broken']),
  playable: z.boolean().describe('Whether the page as a whole has come, without which nothing can be shown.'),
  stopped: z
    .enum(['bytes', 'hours', 'chunks'])
    .nullable()
    .describe('The limit that the recording reached; what came before it is kept.'),
  tellsSignals: z.boolean().describe('Whether the index tells what went wrong in this tab; otherwise only events do.'),
  expiresAt: z.string(),
});
export type RecordingView = z.output<typeof RecordingView>;

export function recordingView(recording: Recording): RecordingView {
  const { fromMs, toMs, snapshots, sentBytes: _, signals, ...rest } = recording;
  return {
    ...rest,
    sessionStart: recording.sessionStart?.toISOString() ?? null,
    startedAt: recording.startedAt.toISOString(),
    endedAt: recording.endedAt.toISOString(),
    expiresAt: recording.expiresAt.toISOString(),
    durationMs: toMs - fromMs,
    playable: snapshots > 0,
    tellsSignals: signals !== null,
  };
}

const Ms = z.number().describe('Milliseconds since 1970 by the browser’s clock.');
const MarkedView = z.object({
  snapshots: z.array(Ms).describe('Where a player can begin.'),
  pages: z.array(z.object({ ms: Ms, url: z.string(), title: z.string() })),
  clicks: z.array(z.object({ ms: Ms, x: z.number(), y: z.number() })),
  errors: z.array(z.object({ ms: Ms, text: z.string() })),
  dropped: z.array(z.object({ ms: Ms, reason: z.string(), count: z.number() })),
  signals: z
    .array(z.object({ ms: Ms, signal: z.enum(SIGNALS), id: z.string() }))
    .describe('What went wrong for the visitor in this tab, by the ids of the events that tell of it.'),
});
const ChunkView = z.object({ n: z.number(), fromMs: Ms, toMs: Ms, events: z.number() });

export const IndexView = MarkedView.extend({
  fromMs: Ms,
  toMs: Ms,
  chunks: z.array(ChunkView),
  gaps: z.array(z.number()).describe('Numbers of chunks that never came.'),
});
export type IndexView = z.output<typeof IndexView>;

export const GrowthView = z.object({
  state: RecordingView.shape.state,
  endedAt: z.string(),
  fromMs: Ms,
  toMs: Ms,
  chunks: z
    .array(ChunkView.extend(MarkedView.shape))
    .describe(`The lowest first, at most ${GROWTH_CHUNKS}; where there are more, they follow on the next question.`),
});
export type GrowthView = z.output<typeof GrowthView>;

/** A number of a chunk; -1 stands before all of them. */
export const AfterChunk = z.coerce.number().int().min(-1).max(RECORDING_CHUNKS).default(-1);

export const growthView = ({ recording: { state, endedAt, fromMs, toMs }, chunks }: Growth): GrowthView => ({
  ...{ state, endedAt: endedAt.toISOString(), fromMs, toMs, chunks },
});

export const RecordingDetail = z.object({
  recording: RecordingView,
  personId: z.string().nullable(),
  index: IndexView,
});
export type RecordingDetail = z.output<typeof RecordingDetail>;

export const SettingsView = z.object({
  settings: ReplaySettings,
  version: z.number(),
  changedAt: z.string().nullable(),
  changedBy: z.string().nullable(),
  paused: z.string().nullable().describe('Why recordings pause now; null where they do not.'),
  storedBytes: z.number(),
  recordings: z.number(),
});
export type SettingsView = z.output<typeof SettingsView>;

/** Unpacked JSON that one answer brings; a player asks on from `until`. */
const ANSWER_BYTES = 32 * 1024 * 1024;

export const recordingRoutes = [
  route({
    method: 'GET',
    path: '/api/replay/recordings/{id}',
    summary: 'A recording, whose it is, and what is where in it',
    permission: 'replay.read',
    looksAt: 'person',
    auditIds: ({ personId, recording }) => [...(personId ? [personId] : []), `recordings/${recording.id}`],
    look: watching,
    params: RecordingId,
    reply: RecordingDetail,
    run: async ({ context, params: { id } }) => {
      const recording = await recordingById(context, id);
      const { anonymousId, userId } = recording;
      const personId = await personOfVisitor(context.records.pool, { anonymousId, userId: userId ?? undefined });
      return {
        recording: recordingView(recording),
        personId: personId === null ? null : String(personId),
        index: await indexOf(context, id),
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/replay/recordings/{id}/growth',
    summary: 'What came of a recording after a chunk, for whoever watches while it is still recorded',
    permission: 'replay.read',
    looksAt: 'person',
    look: watching,
    params: RecordingId,
    query: z.object({ after: AfterChunk.describe('The number of the last chunk that is known; -1 for none.') }),
    reply: GrowthView,
    run: async ({ context, params: { id }, query: { after } }) => growthView(await growthOf(context, id, after)),
  }),
  route({
    method: 'GET',
    path: '/api/replay/recordings/{id}/chunks',
    summary: 'What was recorded in a time, made safe to be shown',
    permission: 'replay.read',
    looksAt: 'person',
    look: watching,
    params: RecordingId,
    query: z.object({
      from: z.coerce.number().int().min(0).optional().describe('Milliseconds of the browser’s clock, as in the index.'),
      to: z.coerce.number().int().min(0).optional(),
    }),
    run: async ({ context, params: { id }, query, signal }) => {
      await recordingById(context, id);
      const safe = makeSafe(context, id);
      const chunks = readChunks(context, id, query.from ?? null, query.to ?? null);
      return new Response(streamOf(chunksAsJson(chunks, safe, signal)), {
        headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      });
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/replay/recordings/{id}',
    summary: 'Delete a recording for good',
    permission: 'replay.write',
    params: RecordingId,
    status: 204,
    run: async ({ context, params: { id } }) => {
      await recordingById(context, id);
      await removeRecordings(context, [id]);
      return new Response(null, { status: 204 });
    },
  }),
  route({
    method: 'GET',
    path: '/api/replay/assets/{sha256}',
    summary: 'A stylesheet, picture or font of a recorded page',
    permission: 'replay.read',
    params: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: 'is a SHA-256 as 64 hex digits' }) }),
    query: z.object({ of: z.uuid().optional().describe('The recording that shows it: style sheets need to know.') }),
    run: async ({ context, caller, params: { sha256 }, query: { of } }) => {
      hidden(caller);
      const response = await assetResponse(context, sha256);
      if (!of || response.headers.get('content-type') !== 'text/css') return response;
      return new Response(await safeSheet(context, of, sha256, await response.text()), response);
    },
  }),
  route({
    method: 'GET',
    path: '/api/replay/settings',
    summary: 'What is recorded, and how',
    permission: 'replay.read',
    reply: SettingsView,
    run: ({ context }) => settingsView(context),
  }),
  route({
    method: 'PUT',
    path: '/api/replay/settings',
    summary: 'Decide what is recorded, and how',
    permission: 'replay.write',
    body: z.object({ settings: ReplaySettings, version: z.int().min(0) }),
    reply: SettingsView,
    run: async ({ context, caller, body: { settings, version } }) => {
      await changeSettings(context, settings, version, caller.name);
      lookAgain(context);
      return settingsView(context);
    },
  }),
];

/** In place of `looksAt`, which would keep an entry in the audit log for each picture of a page. */
function hidden(caller: Caller): void {
  if (caller.hidesPersonalData)
    throw refuse.forbidden(`This shows personal data, which the role "${caller.role}" does not see.`);
}

async function settingsView(context: Context): Promise<SettingsView> {
  const kept = await keptSettings(context);
  const { rows } = await context.records.pool.query<{ storedBytes: number; recordings: number }>(
    `SELECT coalesce(sum(stored_bytes), 0)::bigint AS "storedBytes", count(*)::int AS recordings FROM replay_recordings`,
  );
  return {
    ...kept,
    changedAt: kept.changedAt?.toISOString() ?? null,
    paused: await pausedReason(context),
    ...rows[0]!,
  };
}

/** Streams chunks until the answer is long enough; whoever asks goes on from there. */
export async function* chunksAsJson(
  chunks: ReturnType<typeof readChunks>,
  safe: (events: readonly unknown[]) => Promise<SafeEvent[]>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let size = 0;
  let until: number | null = null;
  yield encoder.encode('{"chunks":[');
  for await (const { events, ...chunk } of chunks) {
    if (signal.aborted) return;
    if (size >= ANSWER_BYTES) {
      until = chunk.fromMs;
      break;
    }
    const text = JSON.stringify({ ...chunk, events: await safe(events) });
    yield encoder.encode(size === 0 ? text : `,${text}`);
    size += text.length;
  }
  yield encoder.encode(`],"until":${until}}`);
}
