import type { Context } from '../../kernel/context.ts';
import { NOWHERE, safeCss } from './safe-css.ts';
import { type SafeEvent, safeEvents } from './safe-event.ts';
import { safeAddress } from './safe-node.ts';

/** What recordings that are watched now keep of their files is read once in this time. */
const REMEMBER_MS = 10_000;
const REMEMBERED = 50;
const remembered = new WeakMap<object, Map<string, { files: Promise<Files>; until: number }>>();

/** Where the files of a recording's pages are kept: SHA-256 by address, and the address of each. */
export interface Files {
  byUrl: ReadonlyMap<string, string>;
  urlOf: ReadonlyMap<string, string>;
}

/** The files that the recorder told of. */
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
    }));
  known.delete(recordingId);
  known.set(recordingId, { files, until: Date.now() + REMEMBER_MS });
  if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
  files.catch(() => known.delete(recordingId));
  return files;
}

/** Where the console fetches a file of a recording. */
export const assetAddress = (recordingId: string) => (sha256: string) =>
  `/api/replay/assets/${sha256}?of=${recordingId}`;

/** Makes events of a recording safe: its files are at `addressOf(sha256)`, and nothing else is asked for. */
export async function makeSafe(
  context: Pick<Context, 'records'>,
  recordingId: string,
  addressOf: (sha256: string) => string = assetAddress(recordingId),
): Promise<(events: readonly unknown[]) => SafeEvent[]> {
  const { byUrl } = await filesOf(context, recordingId);
  const asset = (url: string) => {
    const sha256 = byUrl.get(url);
    return sha256 ? addressOf(sha256) : null;
  };
  return (events) => safeEvents(events, { asset });
}

/** A style sheet that was kept as a file, with the addresses in it as they are kept too. */
export async function safeSheet(
  context: Pick<Context, 'records'>,
  recordingId: string,
  sha256: string,
  css: string,
  addressOf: (sha256: string) => string = assetAddress(recordingId),
): Promise<string> {
  const { byUrl, urlOf } = await filesOf(context, recordingId);
  const base = urlOf.get(sha256);
  const asset = (url: string) => {
    const file = byUrl.get(url);
    return file ? addressOf(file) : null;
  };
  return safeCss(css, (url) => {
    const safe = safeAddress(url, { asset });
    if (safe !== NOWHERE || base === undefined || !URL.canParse(url, base)) return safe;
    return safeAddress(new URL(url, base).href, { asset });
  });
}
