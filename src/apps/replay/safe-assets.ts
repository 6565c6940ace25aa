import type { Context } from '../../kernel/context.ts';
import { borrow, isFetched } from './borrowed-assets.ts';
import { CHUNK_ASSETS } from './limits.ts';
import { NOWHERE, safeCss } from './safe-css.ts';
import { type SafeEvent, safeEvents } from './safe-event.ts';
import { safeAddress } from './safe-node.ts';

/** What recordings that are watched now keep of their files is read once in this time. */
const REMEMBER_MS = 10_000;
const REMEMBERED = 50;
const remembered = new WeakMap<object, Map<string, { files: Promise<Files>; until: number }>>();

/** Where the files of a recording's pages are kept: SHA-256 by address, and the address of each. */
export interface Files {
  byUrl: Map<string, string>;
  urlOf: Map<string, string>;
  /** Addresses that were looked for among others' files, with nothing found. */
  missed: Set<string>;
}

/** The files that the recorder told of, and those that were borrowed. */
export function filesOf({ records }: Pick<Context, 'records'>, recordingId: string): Promise<Files> {
  const known = remembered.get(records) ?? new Map<string, { files: Promise<Files>; until: number }>();
  remembered.set(records, known);
  const kept = known.get(recordingId);
  if (kept && kept.until > Date.now()) return kept.files;
  const files = records.pool
    .query<{ url: string; sha256: string }>(
      `SELECT u.url, u.sha256 FROM replay_asset_uses u JOIN replay_assets a ON a.sha256 = u.sha256 WHERE u.recording_id = $1`,
      [recordingId],
    )
    .then(({ rows }) => ({
      byUrl: new Map(rows.map(({ url, sha256 }) => [url, sha256])),
      urlOf: new Map(rows.map(({ url, sha256 }) => [sha256, url])),
      missed: new Set<string>(),
    }));
  known.delete(recordingId);
  known.set(recordingId, { files, until: Date.now() + REMEMBER_MS });
  if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
  files.catch(() => known.delete(recordingId));
  return files;
}

/** Where the console fetches a file of a recording. */
const assetAddress = (recordingId: string) => (sha256: string) => `/api/replay/assets/${sha256}?of=${recordingId}`;

/** What is made with the files of a recording; made again where files that it lacks could be borrowed. */
async function withFiles<T>(
  context: Pick<Context, 'records'>,
  recordingId: string,
  addressOf: (sha256: string) => string,
  make: (asset: (url: string) => string | null, files: Files) => T,
): Promise<T> {
  const files = await filesOf(context, recordingId);
  const lacking = new Set<string>();
  const asset = (url: string) => {
    const sha256 = files.byUrl.get(url);
    if (sha256) return addressOf(sha256);
    if (!files.missed.has(url) && isFetched(url)) lacking.add(url);
    return null;
  };
  const made = make(asset, files);
  // Of more, the others with the next question.
  const wanted = [...lacking].slice(0, CHUNK_ASSETS);
  const borrowed = await borrow(context, recordingId, wanted);
  for (const url of wanted) files.missed.add(url);
  for (const { url, sha256 } of borrowed) {
    files.byUrl.set(url, sha256);
    files.urlOf.set(sha256, url);
  }
  return borrowed.length > 0 ? make(asset, files) : made;
}

/** Makes events of a recording safe: its files are at `addressOf(sha256)`, and nothing else is asked for. */
export const makeSafe =
  (
    context: Pick<Context, 'records'>,
    recordingId: string,
    addressOf: (sha256: string) => string = assetAddress(recordingId),
  ) =>
  (events: readonly unknown[]): Promise<SafeEvent[]> =>
    withFiles(context, recordingId, addressOf, (asset) => safeEvents(events, { asset }));

/** A style sheet that was kept as a file, with the addresses in it as they are kept too. */
export const safeSheet = (
  context: Pick<Context, 'records'>,
  recordingId: string,
  sha256: string,
  css: string,
  addressOf: (sha256: string) => string = assetAddress(recordingId),
): Promise<string> =>
  withFiles(context, recordingId, addressOf, (asset, { urlOf }) => {
    const base = urlOf.get(sha256);
    return safeCss(css, (url) => {
      const safe = safeAddress(url, { asset });
      if (safe !== NOWHERE || base === undefined || !URL.canParse(url, base)) return safe;
      return safeAddress(new URL(url, base).href, { asset });
    });
  });
