import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { Log, LogEntry, LogRecord, PartitionState } from './log.ts';
import { refuse } from './refusal.ts';

/** Each record begins with its number of events (4 bytes) and the time of its append (8 bytes), little endian. */
const HEADER_BYTES = 12;
/** How often a reader looks for what another process or thread appended without telling it. */
const POLL_MILLISECONDS = 500;

/**
 * The log in one LMDB file. LMDB has one writer at a time and readers that never wait; appends that arrive while a
 * commit is being flushed share the next one. One process appends (the data folder's lock sees to that); its threads
 * may open the same folder to read and to commit.
 *
 * Keys are [partition, position]; the position of a record counts the events up to its end.
 */
export function openLmdbLog(options: { dir: string; partitions: number; bytes: number }): Log {
  mkdirSync(options.dir, { recursive: true });
  const environment: RootDatabase = open({
    path: join(options.dir, 'log.mdb'),
    noSubdir: true,
    maxDbs: 4,
    encoding: 'binary',
    cache: false,
    // Free pages are reused instead of growing the file; the map size bounds it.
    mapSize: Math.ceil((options.bytes * 1.5) / 65_536) * 65_536 + 64 * 1024 * 1024,
    overlappingSync: false,
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
  let pendingBytes: number | undefined;
  let fullReason: string | null = null;

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
    if (fullReason && usedBytes() < options.bytes * 0.95) fullReason = null;
  }, 1000);
  measure.unref();

  return {
    partitions,

    async append(entries) {
      if (entries.length === 0) return;
      let bytes = 0;
      for (const entry of entries) bytes += entry.value.byteLength + HEADER_BYTES;
      if (usedBytes() + bytes > options.bytes) {
        fullReason = `the log holds ${Math.round(usedBytes() / 1024 / 1024)} MB of events that are not processed yet, which is its limit`;
        throw refuse.unavailable(`Events cannot be accepted now: ${fullReason}. Send them again later.`, 10);
      }
      pendingBytes = usedBytes() + bytes;
      const at = Date.now();
      let flushed: Promise<boolean> | undefined;
      // Writes of one turn of the event loop are one LMDB transaction: all entries are on disk, or none.
      for (const entry of entries) {
        const position = (last[entry.partition] ?? 0) + entry.events;
        last[entry.partition] = position;
        flushed = records.put([entry.partition, position], encode(entry, at));
      }
      try {
        await flushed;
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        fullReason = 'the disk of the data folder is full';
        throw refuse.unavailable(`Events cannot be accepted now: ${fullReason}. Send them again later.`, 30);
      }
      notify();
      channel.postMessage(1);
    },

    async read(partition, after, limit) {
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
      await environment.transaction(() => {
        for (const key of done) records.remove(key);
        marks.put(`committed:${partition}`, position);
      });
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

    full: () => fullReason,

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

function isDiskFull(error: unknown): boolean {
  const text =
    error instanceof Error ? `${error.message} ${(error as NodeJS.ErrnoException).code ?? ''}` : String(error);
  return /ENOSPC|No space left|MDB_MAP_FULL|MAP_FULL/i.test(text);
}
