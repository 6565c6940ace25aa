import type { Blobs } from './blobs.ts';

/** A blob that was written within this time is never swept: its row may still be on its way. */
export const YOUNG_HOURS = 24;
/** Looked up in the records at a time, and removed in one run; the next run goes on. */
const PAGE = 1000;
const MOST_A_RUN = 50_000;

export interface Sweep {
  folder: string;
  /** What the records know a blob by, which several blobs may share; null for a name that is not the sweep's business. */
  idOf(name: string): string | null;
  /** Those of the ids that the records know. */
  known(ids: string[]): Promise<Iterable<string>>;
  /** Removes all that belongs to an id. */
  remove(id: string): Promise<void>;
  signal: AbortSignal;
}

/**
 * Removes what is in a folder of the blobs and in no record: a crash between the two leaves it, or a row that goes while its
 * blob is written. Returns how many ids went.
 */
export async function sweepBlobs(blobs: Blobs, { folder, idOf, known, remove, signal }: Sweep): Promise<number> {
  const before = Date.now() - YOUNG_HOURS * 3_600_000;
  let removed = 0;
  /** The ids of a page, and whether each has a blob that is young. */
  let page = new Map<string, boolean>();
  const isOver = () => signal.aborted || removed >= MOST_A_RUN;
  const judge = async () => {
    const old = [...page].flatMap(([id, young]) => (young ? [] : [id]));
    page = new Map();
    const kept = new Set(old.length > 0 ? await known(old) : []);
    for (const id of old) {
      if (kept.has(id)) continue;
      if (isOver()) return;
      await remove(id);
      removed += 1;
    }
  };
  for await (const { name, changedAt } of blobs.list(folder)) {
    if (isOver()) return removed;
    const id = idOf(name);
    if (id === null) continue;
    // The blobs of an id follow one another, so a page is full only once another id begins.
    if (page.size >= PAGE && !page.has(id)) await judge();
    page.set(id, page.get(id) === true || changedAt.getTime() > before);
  }
  await judge();
  return removed;
}
