import { z } from 'zod';
import { PagePattern } from '../../core/query/heatmaps/schema.ts';
import type { Context } from '../../kernel/context.ts';
import { route } from '../../kernel/route.ts';
import { FULL_SNAPSHOT, INCREMENTAL, META, type RecordedEvent } from './chunk.ts';
import { makeSafe } from './safe-assets.ts';
import { readChunks } from './store.ts';

/** Recordings that are looked through, the newest first. */
const RECORDINGS_LOOKED_AT = 1000;
/** Snapshots that are tried before the page counts as one without a picture. */
const TRIED = 5;
/** What a page still builds after its snapshot belongs to the picture, if it comes this soon. */
const SETTLES_MS = 5000;
/** A larger picture is shown without what came after its snapshot. */
const PICTURE_CHARACTERS = 8_000_000;

export const PagePicture = z.object({
  picture: z
    .object({
      recordingId: z.string(),
      at: z.string().describe('When the page looked so.'),
      url: z.string(),
      width: z.number().describe('Pixels of the viewport.'),
      height: z.number(),
      events: z
        .array(z.object({ type: z.number(), timestamp: z.number(), data: z.unknown() }))
        .describe('rrweb’s events, made safe: the page, and what it built within seconds.'),
    })
    .nullable(),
  reason: z
    .enum(['none', 'lost'])
    .nullable()
    .describe('Why there is no picture: no recording of such a page, or its files are gone.'),
});
export type PagePicture = z.output<typeof PagePicture>;

const PagePictureQuery = z.object({
  page: PagePattern.describe('A path; * stands for any text.'),
  device: z.enum(['all', 'mobile', 'tablet', 'desktop']).default('all'),
});

export const pagePictureRoutes = [
  route({
    method: 'GET',
    path: '/api/replay/page-picture',
    summary: 'How a page looked: from the newest recording of it on such a device',
    permission: 'replay.read',
    looksAt: 'person',
    auditIds: ({ picture }) => (picture ? [`recordings/${picture.recordingId}`] : []),
    query: PagePictureQuery,
    reply: PagePicture,
    run: ({ context, query }) => pagePicture(context, query.page, query.device),
  }),
];

interface Found {
  id: string;
  ms: number;
  url: string;
}

/** The newest full snapshot of a page, with its events made safe; null with the reason where there is none. */
async function pagePicture(
  context: Context,
  page: string,
  device: z.output<typeof PagePictureQuery>['device'],
): Promise<PagePicture> {
  const found = await snapshotsOf(context, page, device);
  for (const one of found) {
    const events = await eventsOf(context, one);
    if (!events) continue;
    const safe = await makeSafe(context, one.id)(events);
    const meta = safe.find((event) => event.type === META)?.data as { width: number; height: number } | undefined;
    if (!meta || !safe.some((event) => event.type === FULL_SNAPSHOT)) continue;
    return {
      picture: {
        recordingId: one.id,
        at: new Date(one.ms).toISOString(),
        url: one.url,
        width: meta.width,
        height: meta.height,
        events: safe,
      },
      reason: null,
    };
  }
  return { picture: null, reason: found.length > 0 ? 'lost' : 'none' };
}

/** `*` stands for any text, everything else for itself. */
const likeOf = (pattern: string) => pattern.replace(/[\\%_]/g, '\\$&').replace(/\*+/g, '%');

/** Where pages of the pattern were drawn as a whole: rrweb names the page right before each full snapshot. */
async function snapshotsOf({ records }: Pick<Context, 'records'>, page: string, device: string): Promise<Found[]> {
  const { rows } = await records.pool.query<Found>(
    `SELECT r.id, (meta->>0)::float8 AS ms, meta->>1 AS url
     FROM (SELECT id, started_at FROM replay_recordings
       WHERE snapshots > 0 AND ($2 = 'all' OR device = $2) ORDER BY started_at DESC LIMIT $3) r
     JOIN replay_chunks c ON c.recording_id = r.id AND jsonb_array_length(c.marks->'snapshots') > 0
     CROSS JOIN LATERAL jsonb_array_elements(c.marks->'metas') AS meta
     WHERE coalesce(nullif(regexp_replace(regexp_replace(meta->>1, '[?#].*$', ''), '^[a-zA-Z]+://[^/]*', ''), ''), '/') LIKE $1
     ORDER BY r.started_at DESC, ms DESC LIMIT $4`,
    [likeOf(page), device, RECORDINGS_LOOKED_AT, TRIED],
  );
  return rows;
}

/** The page as rrweb tells it: its size, its snapshot, and what was changed until somebody does something. */
async function eventsOf(context: Context, { id, ms, url }: Found): Promise<RecordedEvent[] | null> {
  const events: RecordedEvent[] = [];
  let characters = 0;
  for await (const chunk of readChunks(context, id, ms, ms + SETTLES_MS)) {
    for (const event of chunk.events) {
      const data = event.data as { source?: number; href?: string } | null;
      const begun = events.length > 0;
      if (!begun && !(event.type === META && Math.round(event.timestamp) === ms && data?.href === url)) continue;
      const has = events.some((one) => one.type === FULL_SNAPSHOT);
      if (begun && event.type === META) return has ? events : null;
      if (event.timestamp > ms + SETTLES_MS && has) return events;
      const wanted =
        event.type === META ||
        (event.type === FULL_SNAPSHOT && !has) ||
        (event.type === INCREMENTAL && has && SHAPES.has(Number(data?.source)));
      if (!wanted) continue;
      characters += JSON.stringify(event).length;
      if (has && characters > PICTURE_CHARACTERS) return events.filter((one) => one.type !== INCREMENTAL);
      events.push(event);
    }
  }
  return events.some((one) => one.type === FULL_SNAPSHOT) ? events : null;
}

/** rrweb's kinds of changes that shape a page: nodes, rules and declarations of styles, fonts, adopted style sheets. */
const SHAPES: ReadonlySet<number> = new Set([0, 8, 10, 13, 15]);
