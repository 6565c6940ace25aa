import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * A file beside the stores that remembers each erasure, so that a database restored from an older backup is made to forget
 * again at the next start. It holds no identifiers: IDs, and the keyed hashes of the suppression list.
 */
export const LEDGER_FILE = 'erasures.jsonl';

const Entry = z.object({
  id: z.string(),
  personId: z.number(),
  origins: z.array(z.number()),
  hashes: z.array(z.object({ kind: z.string(), hash: z.string() })),
  by: z.string(),
  at: z.string(),
});
export type LedgerEntry = z.output<typeof Entry>;

export async function readLedger(dataDir: string): Promise<LedgerEntry[]> {
  const text = await readFile(join(dataDir, LEDGER_FILE), 'utf8').catch((error: { code?: string }) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const entries = new Map<string, LedgerEntry>();
  for (const line of text.split('\n')) {
    // A line cut off by a crash is written again by the erasure, which goes on.
    const parsed = Entry.safeParse(parse(line));
    if (parsed.success) entries.set(parsed.data.id, parsed.data);
  }
  return [...entries.values()];
}

/** Adds an erasure; on disk when it resolves. Adding it again does no harm. */
export async function writeLedger(dataDir: string, entry: LedgerEntry): Promise<void> {
  await appendFile(join(dataDir, LEDGER_FILE), `\n${JSON.stringify(entry)}\n`, { mode: 0o600, flush: true });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
