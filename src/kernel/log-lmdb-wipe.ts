import type { Database, RootDatabase } from 'lmdb';

/** Of a page; what LMDB writes before a value that has pages of its own. */
const PAGE_BYTES = 4096;
const PAGE_HEADER_BYTES = 24;
/** Values of this size stand on the pages of the tree itself, one or two to a page: so those get written over too. */
const LEAF_BYTES = 1900;
const PAGES_AT_ONCE = 512;

interface Stats {
  treeLeafPageCount: number;
  treeBranchPageCount: number;
  overflowPages: number;
}

/**
 * LMDB leaves what was removed on pages that it will use again some time, and in the gaps of pages in use. This uses the
 * free pages at once, for blanks, and has the pages in use copied onto them. More than once: pages given free by the last
 * transactions can be taken only by the next but one. The file grows by next to nothing, since no more is written than is
 * free. `touch` writes into each tree that is kept, and takes that out again.
 */
export async function wipeFreePages(
  environment: RootDatabase,
  kept: readonly Database[],
  touch: () => Promise<void>,
): Promise<void> {
  const blanks: Database<Buffer, number> = environment.openDB({
    name: 'blanks',
    encoding: 'binary',
    keyEncoding: 'uint32',
  });
  for (const bytes of [PAGE_BYTES - PAGE_HEADER_BYTES, LEAF_BYTES, PAGE_BYTES - PAGE_HEADER_BYTES]) {
    // A snapshot that is still held would keep the pages it shows from being used.
    environment.resetReadTxn();
    await touch();
    await fill(blanks, Buffer.alloc(bytes, ' '), freePages(environment, kept));
    await blanks.clearAsync();
    await touch();
    await touch();
    await environment.flushed;
  }
}

function freePages(environment: RootDatabase, kept: readonly Database[]): number {
  const all = environment.getStats() as Stats & { lastPageNumber: number; free: Stats };
  const used = (stats: Stats) => stats.treeLeafPageCount + stats.treeBranchPageCount + stats.overflowPages;
  const held = kept.reduce((sum, tree) => sum + used(tree.getStats() as Stats), used(all) + used(all.free));
  return Math.max(0, all.lastPageNumber + 1 - held);
}

async function fill(blanks: Database<Buffer, number>, blank: Buffer, count: number): Promise<void> {
  for (let key = 0; key < count; ) {
    await blanks.batch(() => {
      for (let i = 0; i < PAGES_AT_ONCE && key < count; i++) void blanks.put(key++, blank);
    });
  }
}
