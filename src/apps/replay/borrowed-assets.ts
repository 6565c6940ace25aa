import type { Context } from '../../kernel/context.ts';
import { VISITORS } from './dictionary.ts';
import { RECORDING_ASSETS, URL_LENGTH } from './limits.ts';

/** Recordings that are asked for each address. */
const RECORDINGS = 100;

/** Whether a file may be found under this address; pages write anything where one belongs. */
export const isFetched = (url: string) =>
  /^https?:\/\/[^#]+$/.test(url) && url.length <= URL_LENGTH && url.isWellFormed() && !url.includes('\0');

/**
 * Looks for files that a recording shows and that its own recorder did not keep, by their addresses: those that the same
 * visitor was given in another recording, or else those that at least three visitors of the source were given with the same
 * content, which so is nobody's own. What is found belongs to the recording from now on. Nothing is fetched from the site.
 */
export async function borrow(
  { records }: Pick<Context, 'records'>,
  recordingId: string,
  urls: readonly string[],
): Promise<{ url: string; sha256: string }[]> {
  if (urls.length === 0) return [];
  const { rows } = await records.pool.query<{ url: string; sha256: string }>(
    `WITH me AS (SELECT id, source_id, anonymous_id, user_id, started_at FROM replay_recordings WHERE id = $1),
     found AS (
       SELECT wanted.url, best.sha256 FROM me CROSS JOIN unnest($2::text[]) AS wanted (url)
       CROSS JOIN LATERAL (
         SELECT sha256 FROM (
           SELECT u.sha256, coalesce(r.user_id, r.anonymous_id) AS visitor, r.started_at,
             r.anonymous_id = me.anonymous_id AND r.user_id IS NOT DISTINCT FROM me.user_id AS own
           FROM replay_asset_uses u JOIN replay_recordings r ON r.id = u.recording_id
             JOIN replay_assets a ON a.sha256 = u.sha256
           WHERE u.url = wanted.url AND NOT u.borrowed AND r.source_id = me.source_id LIMIT $3) uses
         GROUP BY sha256 HAVING bool_or(own) OR count(DISTINCT visitor) >= $4
         ORDER BY bool_or(own) DESC, min(abs(extract(epoch FROM started_at - me.started_at))), sha256 LIMIT 1) best)
     INSERT INTO replay_asset_uses (recording_id, url, sha256, borrowed)
     SELECT $1, url, sha256, true FROM found
     LIMIT greatest(0, $5 - (SELECT count(*) FROM replay_asset_uses WHERE recording_id = $1))
     ON CONFLICT (recording_id, url) DO UPDATE SET sha256 = replay_asset_uses.sha256
     RETURNING url, sha256`,
    [recordingId, urls, RECORDINGS, VISITORS, RECORDING_ASSETS],
  );
  return rows;
}
