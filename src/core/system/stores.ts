import { join } from 'node:path';
import type { Context } from '../../kernel/context.ts';
import type { Health } from './health.ts';

/** A figure that takes longer is left out. */
const FIGURE_SECONDS = 3;
/** Up to this many persons are counted; of more the number is PostgreSQL's estimate. */
const COUNTED = 20_000;

export interface StoreReport {
  kind: 'embedded' | 'server' | 'folder';
  /** The folder, or the server without user and password. */
  where: string;
  up: boolean;
  milliseconds: number;
  /** What the store takes on disk, where that can be told. */
  bytes: number | null;
  /** Stored events, known persons, waiting events. */
  rows: number | null;
}

export interface StoreReports {
  events: StoreReport;
  records: StoreReport;
  log: StoreReport;
  blobs: StoreReport;
}

/** Where each store is and how large, beside whether it is up. */
export async function storeReports(context: Context, health: Health): Promise<StoreReports> {
  const { dataDir, eventsUrl, recordsUrl, logUrl, blobsDir, blobsS3 } = context.config;
  const [events, records] = await Promise.all([
    health.stores.events.up ? eventsSize(context) : null,
    health.stores.records.up ? recordsSize(context) : null,
  ]);
  const waiting = health.stream.partitions.reduce((sum, partition) => sum + partition.lagEvents, 0);
  const place = (url: string | undefined, folder: string): { kind: 'embedded' | 'server'; where: string } =>
    url ? { kind: 'server', where: new URL(url).host } : { kind: 'embedded', where: join(dataDir, folder) };
  return {
    events: { ...place(eventsUrl, 'events'), ...health.stores.events, ...(events ?? UNKNOWN) },
    records: { ...place(recordsUrl, 'records'), ...health.stores.records, ...(records ?? UNKNOWN) },
    log: { ...place(logUrl, 'log'), ...health.stores.log, bytes: null, rows: health.stores.log.up ? waiting : null },
    blobs: {
      ...(blobsS3
        ? { kind: 'server' as const, where: new URL(blobsS3).host + new URL(blobsS3).pathname }
        : { kind: 'folder' as const, where: blobsDir }),
      up: true,
      milliseconds: 0,
      ...UNKNOWN,
    },
  };
}

type Size = { bytes: number | null; rows: number | null };
const UNKNOWN: Size = { bytes: null, rows: null };

async function eventsSize(context: Context): Promise<Size> {
  const [row] = await context.events
    .query<{ bytes: string; events: string }>(
      `SELECT sum(bytes_on_disk) AS bytes, sumIf(rows, table = 'events') AS events
       FROM system.parts WHERE active AND database = currentDatabase()`,
      undefined,
      { seconds: FIGURE_SECONDS },
    )
    .catch(() => []);
  return row ? { bytes: Number(row.bytes), rows: Number(row.events) } : UNKNOWN;
}

async function recordsSize(context: Context): Promise<Size> {
  const { rows } = await context.records.pool
    .query<{ bytes: number; persons: number }>(
      `SELECT pg_database_size(current_database()) AS bytes,
              greatest(0, (SELECT reltuples FROM pg_class WHERE oid = to_regclass('persons')))::bigint AS persons`,
    )
    .catch(() => ({ rows: [] }));
  const size = rows[0];
  if (!size) return UNKNOWN;
  if (size.persons > COUNTED) return { bytes: size.bytes, rows: size.persons };
  const counted = await context.records.pool
    .query<{ persons: number }>('SELECT count(*) AS persons FROM persons')
    .catch(() => ({ rows: [] }));
  return { bytes: size.bytes, rows: counted.rows[0]?.persons ?? size.persons };
}
