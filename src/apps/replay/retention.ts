import { sweepBlobs } from '../../kernel/blob-sweep.ts';
import type { Context } from '../../kernel/context.ts';
import { blobOfDictionary } from './dictionary.ts';
import { folderOf, removeRecordings, removeUnusedAssets } from './recordings.ts';

const ONCE = 200;
/** An asset that no recording names yet may be one that a recorder just asked about. */
const ASSET_DAYS = 2;
/** A recording is at most a day long; after it nothing comes that has to be refused. */
const GONE_DAYS = 3;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Deletes recordings whose time is over, and what none needs any more. */
export async function expireRecordings(context: Context, signal: AbortSignal): Promise<void> {
  const { pool } = context.records;
  while (!signal.aborted) {
    const { rows } = await pool.query<{ id: string }>(
      'SELECT id FROM replay_recordings WHERE expires_at < now() ORDER BY expires_at LIMIT $1',
      [ONCE],
    );
    if (rows.length === 0) break;
    await removeRecordings(
      context,
      rows.map((row) => row.id),
    );
  }
  const { rows: assets } = await pool.query<{ sha256: string }>(
    `SELECT sha256 FROM replay_assets a WHERE asked_at < now() - make_interval(days => $1)
       AND NOT EXISTS (SELECT FROM replay_asset_uses u WHERE u.sha256 = a.sha256) LIMIT 10000`,
    [ASSET_DAYS],
  );
  await removeUnusedAssets(
    context,
    assets.map((row) => row.sha256),
  );
  await pool.query('DELETE FROM replay_gone WHERE at < now() - make_interval(days => $1)', [GONE_DAYS]);
  await removeOldDictionaries(context);
}

/** Those that were followed by newer ones and that no recording is packed with. */
async function removeOldDictionaries({ records, blobs }: Context): Promise<void> {
  const { rows } = await records.pool.query<{ id: number }>(
    `DELETE FROM replay_dictionaries d WHERE created_at < now() - interval '1 day'
       AND EXISTS (SELECT FROM replay_dictionaries newer WHERE newer.source_id = d.source_id AND newer.id > d.id AND newer.blob <> '')
       AND NOT EXISTS (SELECT FROM replay_recordings r WHERE r.dictionary_id = d.id) RETURNING id`,
  );
  for (const { id } of rows) await blobs.remove(blobOfDictionary(id));
}

/** Removes files that a crash left behind: of recordings that the records do not know. */
export async function sweepRecordings({ blobs, records }: Context, signal: AbortSignal): Promise<void> {
  await sweepBlobs(blobs, {
    folder: 'recordings',
    idOf: (name) => {
      const folder = name.split('/')[1] ?? '';
      return UUID.test(folder) ? folder : null;
    },
    known: async (ids) => {
      const { rows } = await records.pool.query<{ id: string }>(
        'SELECT id FROM replay_recordings WHERE id = ANY ($1::uuid[])',
        [ids],
      );
      return rows.map((row) => row.id);
    },
    remove: (id) => blobs.removeAll(folderOf(id)),
    signal,
  });
}
