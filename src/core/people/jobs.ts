import { faultText } from '../../kernel/fault-text.ts';
import { PeopleFacts } from './facts-follow.ts';
import type { Stores } from './overrides.ts';
import { FOLD_AFTER_MS, foldOverrides, publishOverrides } from './overrides.ts';
import { SearchIndex } from './search-index.ts';

/** How long a change of a person may wait before the search knows it. */
const INDEX_EVERY_MS = 500;

/** The same for reports; each time makes files in the events store, so it is not more often. */
const FACTS_EVERY_MS = 1000;

const PUBLISH_CHECK_MS = 30_000;
const FOLD_CHECK_MS = 60_000;

/** Folding rewrites a column of the events concerned, so it is done for many merges at once. */
const FOLD_EVERY_MS = 60 * 60 * 1000;

/** With so many merges waiting, folding does not wait for the hour; those of the last minutes are left. */
const FOLD_AT_ONCE = 200_000;
const FOLD_YOUNGEST_MS = 10 * 60 * 1000;

/** One of several processes does the work of these jobs; the others look again later. */
const JOBS_LOCK = 7_401_003;

/** Keeps up to date the search index, and what the events store knows of people: overrides and facts. Returns how to stop. */
export async function startPeopleJobs(stores: Stores): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const index = new SearchIndex(stores.records);
  const facts = new PeopleFacts(stores);
  let foldedAt = 0;
  const fold = async () => {
    const due = Date.now() - foldedAt >= FOLD_EVERY_MS;
    if (!due && (await waiting(stores)) < FOLD_AT_ONCE) return;
    await foldOverrides(stores, { olderThanMs: due ? FOLD_AFTER_MS : FOLD_YOUNGEST_MS });
    foldedAt = Date.now();
  };
  const loops = [
    // What a crash left undone between the records and the events store is mended at once, what a fault left soon after.
    repeat(PUBLISH_CHECK_MS, stopping.signal, () => publishOverrides(stores)),
    repeat(INDEX_EVERY_MS, stopping.signal, () => index.catchUp({ signal: stopping.signal, gently: true })),
    repeat(FACTS_EVERY_MS, stopping.signal, () => facts.catchUp({ signal: stopping.signal, gently: true })),
    repeat(FOLD_CHECK_MS, stopping.signal, () => alone(stores, fold)),
  ];
  return async () => {
    stopping.abort();
    await Promise.all(loops);
  };
}

async function waiting({ records }: Stores): Promise<number> {
  const { rows } = await records.pool.query<{ count: number }>(
    `SELECT count(*) AS count FROM (SELECT 1 FROM merges WHERE folded_at IS NULL LIMIT ${FOLD_AT_ONCE}) AS unfolded`,
  );
  return rows[0]!.count;
}

/** Does the work unless another process is doing it. */
async function alone({ records }: Stores, work: () => Promise<void>): Promise<void> {
  const client = await records.pool.connect();
  try {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [JOBS_LOCK]);
    if (!rows[0]!.got) return;
    try {
      await work();
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [JOBS_LOCK]);
    }
  } finally {
    client.release();
  }
}

/** Runs `work` again and again with a pause between; a fault is told once and tried again after longer pauses. */
async function repeat(pauseMs: number, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  let faults = 0;
  while (!signal.aborted) {
    try {
      await work();
      faults = 0;
    } catch (error) {
      if (faults++ === 0 && !signal.aborted)
        console.error('A job of people failed and is tried again:', faultText(error));
    }
    await pause(Math.min(pauseMs * 2 ** Math.min(faults, 6), 60_000), signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    timer.unref();
    signal.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
