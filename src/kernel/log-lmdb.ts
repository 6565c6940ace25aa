import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { Log, LogEntry, LogRecord, PartitionState } from './log.ts';
import { wipeFreePages } from './log-lmdb-wipe.ts';
import { refuse } from './refusal.ts';

/** Each record begins with its number of events (4 bytes) and the time of its append (8 bytes), little endian. */
const HEADER_BYTES = 12;
/** How often a reader looks for what another process or thread appended without telling it. */
const POLL_MILLISECONDS = 500;
/** Appends stop while less than this is free on the disk, so that what waits can still be worked off. */
const RESERVE_BYTES = 64 * 1024 * 1024;
/** How old the figure of the free space may be. */
const DISK_LOOK_MS = 100;
/** An append that takes longer means that the disk takes nothing more. */
const STUCK_MS = 15_000;
const DISK_FULL = 'the disk of the data folder is full';
const DISK_STUCK = 'the disk of the data folder takes no writes';

export const LOG_FILE = 'log.mdb';

/**
 * The log in one LMDB file. LMDB has one writer at a time and readers that never wait; appends that arrive while a
 * commit is being flushed share the next one. One process appends (the data folder's lock sees to that); its threads
 * may open the same folder to read and to commit.
 *
 * Keys are [partition, position]; the position of a record counts the events up to its end.
 */
export function openLmdbLog(options: {
  dir: string;
  partitions: number;
  /** What may wait in it. */
  bytes: number;
  reserveBytes?: number;
}): Log {
  mkdirSync(options.dir, { recursive: true });
  const environment: RootDatabase = open({
    path: join(options.dir, LOG_FILE),
    noSubdir: true,
    maxDbs: 4,
    encoding: 'binary',
    cache: false,
    // Free pages are reused instead of growing the file; the map size bounds it.
    mapSize: Math.ceil((options.bytes * 1.5) / 65_536) * 65_536 + 64 * 1024 * 1024,
    overlappingSync: false,
    // With it LMDB makes promises of its own that nobody holds; their rejection, when the disk is full, ends the process.
    eventTurnBatching: false,
    pageSize: 4096,
  });
  const records: Database<Buffer, [number, number]> = environment.openDB({ name: 'records', encoding: 'binary' });
  const marks: Database<number, string> = environment.openDB({ name: 'marks', encoding: 'json' });
  const partitions = fixPartitions(environment, marks, options.partitions);
  const last = Array.from({ length: partitions }, (_, partition) => lastPosition(records, marks, partition));
  const listeners = new Set<() => void>();
  const channel = new BroadcastChannel(`throughline-log:${options.dir}`);
  channel.onmessage = () => notify();
  channel.unref();
  const poll = setInterval(() => listeners.size > 0 && notify(), POLL_MILLISECONDS);
  poll.unref();
  const reserve = options.reserveBytes ?? RESERVE_BYTES;
  let pendingBytes: number | undefined;
  let fullReason: string | null = null;
  let lookedAt = 0;
  let diskIsFull = false;
  /** When each append that is not on disk yet began. */
  const underWay = new Set<{ since: number }>();

  function notify() {
    for (const listener of listeners) listener();
  }

  /** Bytes waiting, measured from the pages in use; kept as a running figure between measurements. */
  function usedBytes(): number {
    if (pendingBytes === undefined) {
      const stats = records.getStats() as {
        pageSize: number;
        treeLeafPageCount: number;
        treeBranchPageCount: number;
        overflowPages: number;
      };
      pendingBytes = stats.pageSize * (stats.treeLeafPageCount + stats.treeBranchPageCount + stats.overflowPages);
    }
    return pendingBytes;
  }
  const measure = setInterval(() => {
    pendingBytes = undefined;
    if (fullReason && usedBytes() < options.bytes * 0.95 && !isDiskFull()) fullReason = null;
    for (const { since } of underWay) {
      if (performance.now() - since > STUCK_MS) fullReason = DISK_STUCK;
      break;
    }
  }, 1000);
  measure.unref();

  function isDiskFull(): boolean {
    const now = performance.now();
    if (now - lookedAt > DISK_LOOK_MS) {
      const { bavail, bsize } = statfsSync(options.dir);
      diskIsFull = bavail * bsize < reserve;
      lookedAt = now;
    }
    return diskIsFull;
  }

  function refuseFull(reason: string, seconds: number): never {
    fullReason = reason;
    throw refuse.unavailable(`Events cannot be accepted now: ${reason}. Send them again later.`, seconds);
  }

  return {
    partitions,

    async append(entries) {
      if (entries.length === 0) return;
      let bytes = 0;
      for (const entry of entries) bytes += entry.value.byteLength + HEADER_BYTES;
      if (usedBytes() + bytes > options.bytes) {
        const megabytes = Math.round(usedBytes() / 1024 / 1024);
        refuseFull(`the log holds ${megabytes} MB of events that are not processed yet, which is its limit`, 10);
      }
      if (isDiskFull()) refuseFull(DISK_FULL, 30);
      if (fullReason === DISK_STUCK) refuseFull(DISK_STUCK, 30);
      pendingBytes = usedBytes() + bytes;
      const at = Date.now();
      const own = { since: performance.now() };
      underWay.add(own);
      try {
        // One LMDB transaction: all entries are on disk, or none.
        await records.batch(() => {
          for (const entry of entries) {
            const position = (last[entry.partition] ?? 0) + entry.events;
            last[entry.partition] = position;
            void records.put([entry.partition, position], encode(entry, at));
          }
        });
      } catch (error) {
        const cause = await causeOf(error);
        if (!isNoSpace(cause)) throw cause;
        refuseFull(DISK_FULL, 30);
      } finally {
        underWay.delete(own);
      }
      notify();
      channel.postMessage(1);
    },

    async read(partition, after, limit) {
      // Without it the snapshot may be one from before the append that this read follows.
      environment.resetReadTxn();
      const found: LogRecord[] = [];
      let events = 0;
      let bytes = 0;
      for (const { key, value } of records.getRange({
        start: [partition, after + 1],
        end: [partition, Number.MAX_SAFE_INTEGER],
        snapshot: true,
      })) {
        const record = decode(key[1], value);
        found.push(record);
        events += record.events;
        bytes += value.byteLength;
        if (events >= limit.events || bytes >= limit.bytes) break;
      }
      return found;
    },

    async commit(partition, position) {
      if (position <= (marks.get(`committed:${partition}`) ?? 0)) return;
      const done: [number, number][] = [];
      for (const key of records.getKeys({ start: [partition, 0], end: [partition, position + 1] })) done.push(key);
      try {
        await records.batch(() => {
          for (const key of done) void records.remove(key);
          void marks.put(`committed:${partition}`, position);
        });
      } catch (error) {
        throw await causeOf(error);
      }
    },

    async committed(partition) {
      return marks.get(`committed:${partition}`) ?? 0;
    },

    async state() {
      const states: PartitionState[] = [];
      for (let partition = 0; partition < partitions; partition++) {
        const committed = marks.get(`committed:${partition}`) ?? 0;
        const newest = lastPosition(records, marks, partition);
        let oldestAt: number | undefined;
        for (const { key, value } of records.getRange({
          start: [partition, committed + 1],
          end: [partition, Number.MAX_SAFE_INTEGER],
          limit: 1,
        })) {
          oldestAt = decode(key[1], value).at;
        }
        states.push({
          partition,
          lagEvents: Math.max(0, newest - committed),
          lagSeconds: oldestAt === undefined ? 0 : Math.max(0, (Date.now() - oldestAt) / 1000),
          oldestAt: oldestAt === undefined ? null : new Date(oldestAt).toISOString(),
        });
      }
      return states;
    },

    onAppend(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async wipe() {
      await wipeFreePages(environment, [records, marks], async () => {
        // There is no such partition, so whatever a crash leaves here is read by nobody.
        const nowhere: [number, number] = [partitions, 1];
        await records.batch(() => {
          void records.put(nowhere, Buffer.alloc(1));
          void marks.put('wiping', 1);
        });
        await records.batch(() => {
          void records.remove(nowhere);
          void marks.remove('wiping');
        });
      });
      return true;
    },

    full() {
      if (fullReason === null && isDiskFull()) fullReason = DISK_FULL;
      return fullReason;
    },

    async close() {
      clearInterval(poll);
      clearInterval(measure);
      channel.close();
      listeners.clear();
      await environment.flushed;
      await environment.close();
    },
  };
}

function fixPartitions(environment: RootDatabase, marks: Database<number, string>, wanted: number): number {
  const fixed = marks.get('partitions');
  // A synchronous transaction would cut one under way in another thread in two.
  if (fixed !== undefined) return fixed;
  return environment.transactionSync(() => {
    const known = marks.get('partitions');
    if (known !== undefined) return known;
    marks.putSync('partitions', wanted);
    return wanted;
  });
}

function lastPosition(records: Database<Buffer, [number, number]>, marks: Database<number, string>, partition: number) {
  for (const key of records.getKeys({
    start: [partition, Number.MAX_SAFE_INTEGER],
    end: [partition, 0],
    reverse: true,
    limit: 1,
  })) {
    return key[1];
  }
  return marks.get(`committed:${partition}`) ?? 0;
}

function encode(entry: LogEntry, at: number): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + entry.value.byteLength);
  buffer.writeUInt32LE(entry.events, 0);
  buffer.writeDoubleLE(at, 4);
  buffer.set(entry.value, HEADER_BYTES);
  return buffer;
}

function decode(position: number, value: Buffer): LogRecord {
  return {
    position,
    events: value.readUInt32LE(0),
    at: value.readDoubleLE(4),
    value: value.subarray(HEADER_BYTES),
  };
}

/** LMDB's "Commit failed" has its reason in a promise; whoever does not take it from there leaves it unhandled. */
async function causeOf(error: unknown): Promise<unknown> {
  const cause = (error as { commitError?: Promise<unknown> }).commitError;
  return cause === undefined
    ? error
    : Promise.resolve(cause).then(
        () => error,
        (reason: unknown) => reason,
      );
}

/** A disk that took only a part of what was written is an input/output error (5) to LMDB: it is full as well. */
function isNoSpace(error: unknown): boolean {
  const { message, code } = error as { message?: string; code?: string | number };
  return code === 5 || code === 28 || /ENOSPC|No space left|Input\/output error|MAP_FULL/i.test(`${message} ${code}`);
}
