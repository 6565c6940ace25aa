import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../kernel/context.ts';
import type { Events } from '../../kernel/events.ts';
import { openEmbeddedEvents } from '../../kernel/events-embedded.ts';
import { destinationById, type Files } from './destination.ts';
import { withoutPersons } from './rows.ts';
import { sha256, writeManifest } from './runs.ts';
import { openTarget } from './target.ts';

/**
 * Takes the rows of persons out of the files that were written to where we can still reach them: one file at a time, in
 * place. A file that is not there any more is left alone. Files of removed destinations cannot be reached.
 */
export async function eraseFromFiles(context: Context, origins: readonly number[]): Promise<number> {
  const { rows } = await context.records.pool.query<{ id: number; from: Date; to: Date }>(
    `SELECT d.id, min(r.first_at) AS "from", max(r.last_at) AS "to"
     FROM destinations_reached r JOIN destinations d ON d.id = r.destination_id
     WHERE r.origin_id = ANY ($1::bigint[]) AND d.kind = 'files' AND d.removed_at IS NULL GROUP BY d.id`,
    [origins],
  );
  let rewritten = 0;
  for (const { id, from, to } of rows) {
    const files = (await destinationById(context, id)) as Files;
    const target = openTarget(context.config, files);
    // Times come here in whole milliseconds.
    const { rows: candidates } = await context.records.pool.query<{ run: number; part: number; path: string }>(
      `SELECT f.run_id AS run, f.part, f.path FROM destinations_files f JOIN destinations_runs r ON r.id = f.run_id
       WHERE r.destination_id = $1 AND f.path <> '' AND f.written_at >= $2 AND f.written_at < $3::timestamptz + interval '1 ms' ORDER BY f.run_id, f.part`,
      [id, from, to],
    );
    const runs = new Set<number>();
    await withParquetEngine(context, async (engine) => {
      for (const { run, part, path } of candidates) {
        const bytes = await target.read(path);
        if (!bytes) continue;
        const format = path.endsWith('.parquet') ? 'parquet' : 'ndjson';
        const kept = await withoutPersons(await engine(format), format, bytes, origins, spool);
        if (!kept) continue;
        await target.write(path, kept.bytes);
        await context.records.pool.query(
          `UPDATE destinations_files SET rows = $3, bytes = $4, sha256 = $5, rewritten_at = now()
           WHERE run_id = $1 AND part = $2`,
          [run, part, kept.rows, kept.bytes.length, sha256(kept.bytes)],
        );
        runs.add(run);
        rewritten++;
      }
    });
    for (const run of runs) await writeManifest(context, files, run, target);
  }
  return rewritten;
}

/** Reads Parquet with the engine of this process; where the events store is a server, with one that is opened for it. */
async function withParquetEngine(
  context: Context,
  work: (engine: (format: string) => Promise<Events>) => Promise<void>,
): Promise<void> {
  if (context.events.kind === 'embedded') return work(async () => context.events);
  let opened: { engine: Events; dir: string } | null = null;
  try {
    await work(async (format) => {
      if (format !== 'parquet') return context.events;
      if (!opened) {
        const dir = await mkdtemp(join(tmpdir(), 'throughline-rewrite-'));
        opened = { engine: openEmbeddedEvents(dir), dir };
      }
      return opened.engine;
    });
  } finally {
    const { engine, dir } = (opened as { engine: Events; dir: string } | null) ?? {};
    await engine?.close();
    if (dir) await rm(dir, { recursive: true, force: true });
  }
}

async function spool(bytes: Buffer): Promise<{ path: string; release(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'throughline-rewrite-'));
  const path = join(dir, 'file.parquet');
  await writeFile(path, bytes, { mode: 0o600 });
  return { path, release: () => rm(dir, { recursive: true, force: true }) };
}
