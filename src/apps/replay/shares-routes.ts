import type { Context as HonoContext } from 'hono';
import { z } from 'zod';
import { ofStore } from '../../core/query/of-store.ts';
import { companyName } from '../../core/staff/company.ts';
import { Allowance } from '../../kernel/allowance.ts';
import type { NoteAudit } from '../../kernel/audit.ts';
import { clientAddress, networkOf } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { assetResponse } from './assets.ts';
import { growthOf } from './growth.ts';
import { watching } from './recordings.ts';
import { AfterChunk, chunksAsJson, GrowthView, growthView, IndexView, RecordingView } from './routes.ts';
import { filesOf, makeSafe, safeSheet } from './safe-assets.ts';
import { EVENT, type SafeEvent } from './safe-event.ts';
import {
  countLook,
  createShare,
  LIFETIME,
  type OpenShare,
  openShare,
  revokeShare,
  type Share,
  sharesOf,
} from './shares.ts';
import { indexOf, type Marked, readChunks, recordingById } from './store.ts';
import { streamOf } from './stream.ts';

/** Recordings that one network may open by links, and parts of them it may fetch, at once and a minute. */
export const LOOKS_A_MINUTE = 60;
const PARTS_A_MINUTE = 1200;

const limits = new WeakMap<object, { looks: Allowance; parts: Allowance }>();

export const ShownShare = z.object({
  id: z.string(),
  atMs: z.number().nullable().describe('Where it begins; null for the start.'),
  ownerName: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
  looks: z.number(),
  lastLookAt: z.iso.datetime().nullable(),
});
export type ShownShare = z.output<typeof ShownShare>;

export const MadeShare = z.object({
  share: ShownShare,
  link: z.string().describe('Opens the recording; shown this once.'),
});
export type MadeShare = z.output<typeof MadeShare>;

/** Of a shared recording nothing is told but what it shows: not whose it is, nor which one. */
export const SharedRecording = z.object({
  company: z.string().nullable(),
  atMs: z.number().nullable(),
  expiresAt: z.iso.datetime(),
  width: z.number(),
  height: z.number(),
  state: RecordingView.shape.state,
  endedAt: z.string(),
  index: IndexView.describe('Without errors, what was left out and what went wrong; of addresses only the path.'),
});
export type SharedRecording = z.output<typeof SharedRecording>;

const shown = (share: Share): ShownShare => ({
  ...share,
  id: String(share.id),
  createdAt: share.createdAt.toISOString(),
  expiresAt: share.expiresAt.toISOString(),
  revokedAt: share.revokedAt?.toISOString() ?? null,
  lastLookAt: share.lastLookAt?.toISOString() ?? null,
});

const RecordingParams = z.object({ id: z.uuid() });
const TokenParams = z.object({ token: z.string().min(1).max(100) });
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, { error: 'is a SHA-256 as 64 hex digits' });
const Ms = z.coerce.number().int().min(0).optional();

const linkPath = (token: string) => `/api/replay/shared/${encodeURIComponent(token)}`;

export const shareRoutes = [
  route({
    method: 'GET',
    path: '/api/replay/recordings/{id}/shares',
    summary: 'Links that show this recording, the newest first',
    permission: 'replay.read',
    params: RecordingParams,
    reply: z.object({ items: z.array(ShownShare) }),
    run: async ({ context, params }) => ({ items: (await sharesOf(context, params.id)).map(shown) }),
  }),
  route({
    method: 'POST',
    path: '/api/replay/recordings/{id}/shares',
    summary: 'Make a link that shows this recording to whoever has it, for a time',
    permission: 'replay.write',
    params: RecordingParams,
    body: z.strictObject({
      expiresInSeconds: z.int().min(LIFETIME.min).max(LIFETIME.max),
      atMs: z.int().min(0).nullable().default(null),
    }),
    reply: MadeShare,
    status: 201,
    looksAt: 'person',
    run: async ({ context, caller, params, body: { expiresInSeconds, atMs } }) => {
      const { share, token } = await createShare(context, caller, params.id, { seconds: expiresInSeconds, atMs });
      return { share: shown(share), link: `${context.url()}/replay/shared/${token}` };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/replay/shares/{id}',
    summary: 'Revoke a link: it shows nothing from now on',
    permission: 'replay.write',
    params: z.object({
      id: z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
    }),
    reply: ShownShare,
    run: async ({ context, params }) => shown(await revokeShare(context, params.id)),
  }),
  route({
    method: 'GET',
    path: '/api/replay/shared/{token}',
    summary: 'What a link to a recording shows',
    permission: 'anyone',
    params: TokenParams,
    reply: SharedRecording,
    run: async ({ context, http, params: { token }, note }) => {
      allow(context, http, 'looks');
      const share = await openShare(context, token);
      const recording = await recordingById(context, share.recordingId);
      const index = await indexOf(context, share.recordingId);
      await countLook(context, share.id);
      await noteWatching(note, share);
      return {
        company: (await companyName(context)) ?? null,
        atMs: share.atMs,
        expiresAt: share.expiresAt.toISOString(),
        width: recording.width,
        height: recording.height,
        state: recording.state,
        endedAt: recording.endedAt.toISOString(),
        index: forAnybody(index),
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/replay/shared/{token}/growth',
    summary: 'What came of a recording after a chunk, for a link to it',
    permission: 'anyone',
    params: TokenParams,
    query: z.object({ after: AfterChunk }),
    reply: GrowthView,
    run: async ({ context, http, params: { token }, query: { after }, note }) => {
      allow(context, http, 'parts');
      const share = await openShare(context, token);
      const view = growthView(await growthOf(context, share.recordingId, after));
      await noteWatching(note, share);
      return { ...view, chunks: view.chunks.map(forAnybody) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/replay/shared/{token}/chunks',
    summary: 'What was recorded in a time, for a link to the recording',
    permission: 'anyone',
    params: TokenParams,
    query: z.object({ from: Ms, to: Ms }),
    run: async ({ context, http, params: { token }, query, signal, note }) => {
      allow(context, http, 'parts');
      const share = await openShare(context, token);
      const { recordingId } = share;
      await noteWatching(note, share);
      const safe = makeSafe(context, recordingId, (sha256) => `${linkPath(token)}/assets/${sha256}`);
      const chunks = readChunks(context, recordingId, query.from ?? null, query.to ?? null);
      const pictures = async (events: readonly unknown[]) => (await safe(events)).flatMap(onlyPicture);
      return new Response(streamOf(chunksAsJson(chunks, pictures, signal)), {
        headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      });
    },
  }),
  route({
    method: 'GET',
    path: '/api/replay/shared/{token}/assets/{sha256}',
    summary: 'A stylesheet, picture or font of the page that a link shows',
    permission: 'anyone',
    params: TokenParams.extend({ sha256: Sha256 }),
    run: async ({ context, http, params: { token, sha256 } }) => {
      allow(context, http, 'parts');
      const { recordingId } = await openShare(context, token);
      if (!(await filesOf(context, recordingId)).urlOf.has(sha256)) throw refuse.notFound('There is no such file.');
      const response = await assetResponse(context, sha256);
      if (response.headers.get('content-type') !== 'text/css') return response;
      const addressOf = (file: string) => `${linkPath(token)}/assets/${file}`;
      return new Response(await safeSheet(context, recordingId, sha256, await response.text(), addressOf), response);
    },
  }),
];

/** One entry an hour for a link and where it is watched from, as for a member: it is opened, grows and brings chunks. */
const noteWatching = (note: NoteAudit, { id, recordingId }: OpenShare) =>
  note({
    actor: { kind: 'link', id: String(id), name: '' },
    subjects: [`recordings/${recordingId}`],
    look: watching({ id: recordingId }),
  });

function allow(context: Context, http: HonoContext, what: 'looks' | 'parts'): void {
  const allowance = ofStore(limits, context, () => ({
    looks: new Allowance(LOOKS_A_MINUTE, 60),
    parts: new Allowance(PARTS_A_MINUTE, 60),
  }));
  const wait = allowance[what].take(networkOf(clientAddress(http, context.config.proxies) ?? 'unknown'));
  if (wait > 0) throw refuse.tooMany('Too many recordings were opened from your network. Wait a moment.', wait);
}

/** An address without what may be secret in it. */
const pathOf = (url: string) => (URL.canParse(url) ? new URL(url).pathname : url.split(/[?#]/, 1)[0]!);

/** Marks of what is seen. */
const forAnybody = <T extends Marked>(marked: T): T => ({
  ...marked,
  pages: marked.pages.map((page) => ({ ...page, url: pathOf(page.url) })),
  ...{ errors: [], dropped: [], signals: [] },
});

/** What is seen, without what only those who build the site need: consoles, requests, addresses with their queries. */
function onlyPicture(event: SafeEvent): SafeEvent[] {
  if (event.type === EVENT.custom) return [];
  if (event.type !== EVENT.meta) return [event];
  const data = event.data as { href: string };
  return [{ ...event, data: { ...data, href: pathOf(data.href) } }];
}
