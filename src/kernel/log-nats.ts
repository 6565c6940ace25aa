import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos, nuid } from '@nats-io/transport-node';
import type { Log, LogEntry, PartitionState } from './log.ts';
import { connectToNats, type NatsLink } from './log-nats-link.ts';
import { eventsOf, PartitionReader } from './log-nats-reader.ts';
import { type Refusal, refuse } from './refusal.ts';

/** How long an append may wait for the server before it is refused. */
const APPEND_TIMEOUT_MS = 5000;
/** How long one try may take; the connection may have been lost with its answer. */
const TRY_TIMEOUT_MS = 1500;
const RETRY_MS = 100;
/** A message that is sent again within this time, because its acknowledgement did not arrive, is stored once. */
const DUPLICATE_WINDOW_MS = 60_000;
const MEASURE_MS = 1000;
/** How often a reader looks for what others appended without telling it. */
const POLL_MS = 500;
/** Appends of this time are announced to other processes at once. */
const ANNOUNCE_MS = 3;
/** What the server stores beside a value: subject, headers, its own record. */
const OVERHEAD_BYTES = 200;
/** JetStream's error codes. */
const MAXIMUM_BYTES = 10_077;
const STREAM_NOT_FOUND = 10_059;
const WRONG_LAST_SEQUENCE = 10_071;
const NO_ROOM_FOR_REPLICAS = new Set([10_005, 10_074]);

/**
 * The log on NATS JetStream, for several processes and machines. One stream on disk, kept three times where the server
 * is a cluster; subjects `<name>.log.<partition>.<events>`, so that the server can say by itself how many events wait.
 * A second, tiny stream holds the marks: the number of partitions, and how far each is committed.
 *
 * Positions are sequences of the stream. An append is acknowledged when the server has acknowledged each of its
 * entries. Should the server fail in the midst of one, some of its entries may be in the log although it was refused;
 * whoever sends it again is protected by the message IDs of its events.
 *
 * What the server acknowledges it has written to its file, and a killed server loses nothing. Against a loss of power it
 * must be a cluster, or be told `sync_interval: always` in its own settings.
 *
 * The URL is nats://user:password@host:4222/name; the name, `throughline` unless told, is the streams'. Throws an Error
 * with a sentence when the server cannot be reached or has no JetStream.
 */
export async function openNatsLog(options: { url: string; partitions: number; bytes: number }): Promise<Log> {
  const link = await connectToNats(options.url);
  const { nc, name } = link;
  try {
    const jsm = await jetstreamManager(nc).catch((error: Error) => {
      throw new Error(
        `THROUGHLINE_LOG_URL: the NATS server offers no JetStream (${error.message}); start it with -js.`,
      );
    });
    const replicas = nc.info?.cluster ? 3 : 1;
    await ensureStream(jsm, {
      ...{ name, subjects: [`${name}.log.*.*`], storage: StorageType.File, num_replicas: replicas },
      ...{ retention: RetentionPolicy.Limits, discard: DiscardPolicy.New, max_bytes: options.bytes },
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    });
    await ensureStream(jsm, {
      ...{ name: `${name}-marks`, subjects: [`${name}.mark.>`], storage: StorageType.File, num_replicas: replicas },
      ...{ retention: RetentionPolicy.Limits, discard: DiscardPolicy.Old, max_msgs_per_subject: 1 },
    });
    const marks = new Marks(jsm, jetstream(nc), name);
    const partitions = await marks.fix('partitions', options.partitions);
    const log = new NatsLog(link, jsm, marks, partitions, options.bytes);
    await log.begin();
    return log;
  } catch (error) {
    await link.close();
    throw error;
  }
}

class NatsLog implements Log {
  readonly partitions: number;
  readonly #link: NatsLink;
  readonly #jsm: JetStreamManager;
  readonly #js: JetStreamClient;
  readonly #marks: Marks;
  readonly #limit: number;
  readonly #readers: PartitionReader[];
  readonly #committed = new Map<number, number>();
  readonly #listeners = new Set<() => void>();
  readonly #open = new Set<Promise<unknown>>();
  #bytes = 0;
  #fullReason: string | null = null;
  #announcement: NodeJS.Timeout | null = null;
  #listening = false;
  #timers: NodeJS.Timeout[] = [];

  constructor(link: NatsLink, jsm: JetStreamManager, marks: Marks, partitions: number, limit: number) {
    this.partitions = partitions;
    this.#link = link;
    this.#jsm = jsm;
    this.#js = jetstream(link.nc);
    this.#marks = marks;
    this.#limit = limit;
    this.#readers = Array.from(
      { length: partitions },
      (_, partition) => new PartitionReader(link, jsm, this.#subjects(partition)),
    );
    link.onLoss(() => {
      for (const reader of this.#readers) reader.reset();
    });
    link.onReturn(() => this.#notify());
  }

  /** Finishes commits that were cut off between their mark and the removal of what they covered, and starts to measure. */
  async begin(): Promise<void> {
    for (let partition = 0; partition < this.partitions; partition++) {
      const committed = await this.committed(partition);
      if (committed > 0) await this.#forget(partition, committed);
    }
    await this.#measure();
    this.#timers = [
      setInterval(() => void this.#measure().catch(() => {}), MEASURE_MS),
      setInterval(() => this.#listeners.size > 0 && this.#notify(), POLL_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  async append(entries: readonly LogEntry[]): Promise<void> {
    if (entries.length === 0) return;
    this.#refuseLarge(entries);
    const bytes = entries.reduce((sum, entry) => sum + entry.value.byteLength + OVERHEAD_BYTES, 0);
    if (this.#bytes + bytes > this.#limit) throw this.#full();
    this.#bytes += bytes;
    const deadline = Date.now() + APPEND_TIMEOUT_MS;
    const id = nuid.next();
    const published = Promise.allSettled(entries.map((entry, i) => this.#publish(entry, `${id}.${i}`, deadline)));
    this.#open.add(published);
    const outcomes = await published;
    this.#open.delete(published);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    this.#notify();
    this.#announce();
  }

  async read(partition: number, after: number, limit: { events: number; bytes: number }) {
    this.#link.insist();
    return this.#readers[partition]!.read(Math.max(after, this.#committed.get(partition) ?? 0), limit);
  }

  async commit(partition: number, position: number): Promise<void> {
    if (position <= (await this.committed(partition))) return;
    await this.#marks.set(`committed.${partition}`, position);
    this.#committed.set(partition, position);
    await this.#forget(partition, position);
  }

  async committed(partition: number): Promise<number> {
    this.#link.insist();
    const committed = (await this.#marks.get(`committed.${partition}`)) ?? 0;
    this.#committed.set(partition, committed);
    return committed;
  }

  async state(): Promise<PartitionState[]> {
    this.#link.insist();
    const { state } = await this.#jsm.streams.info(this.#link.name, { subjects_filter: `${this.#link.name}.log.>` });
    const waiting = new Array<number>(this.partitions).fill(0);
    for (const [subject, messages] of Object.entries(state.subjects ?? {})) {
      const partition = Number(subject.split('.').at(-2));
      if (partition < this.partitions) waiting[partition]! += messages * eventsOf(subject);
    }
    return Promise.all(
      waiting.map(async (lagEvents, partition) => {
        const oldestAt = lagEvents > 0 ? await this.#oldest(partition) : null;
        const lagSeconds = oldestAt ? Math.max(0, (Date.now() - oldestAt.getTime()) / 1000) : 0;
        return { partition, lagEvents, lagSeconds, oldestAt: oldestAt?.toISOString() ?? null };
      }),
    );
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (!this.#listening) {
      this.#listening = true;
      this.#link.nc.subscribe(`${this.#link.name}.appended`, { callback: () => this.#notify() });
    }
    return () => this.#listeners.delete(listener);
  }

  /** The server decides when the blocks of its files are written anew. */
  async wipe(): Promise<boolean> {
    return false;
  }

  full(): string | null {
    return this.#link.away() ?? this.#fullReason;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#listeners.clear();
    await Promise.allSettled(this.#open);
    for (const reader of this.#readers) reader.reset();
    if (this.#announcement) {
      clearTimeout(this.#announcement);
      if (!this.#link.away()) this.#link.nc.publish(`${this.#link.name}.appended`);
    }
    await this.#link.close();
  }

  /** Sends one entry until it is acknowledged, under one message ID, so that it is stored once however often it is sent. */
  async #publish(entry: LogEntry, id: string, deadline: number): Promise<void> {
    const subject = `${this.#link.name}.log.${entry.partition}.${entry.events}`;
    for (;;) {
      await this.#link.connected(deadline);
      try {
        const timeout = Math.max(1, Math.min(TRY_TIMEOUT_MS, deadline - Date.now()));
        await this.#js.publish(subject, entry.value, { msgID: id, timeout });
        return;
      } catch (error) {
        if (error instanceof JetStreamApiError) {
          if (error.code === MAXIMUM_BYTES) throw this.#full();
          // 5xx: the stream has no leader just now. Anything else will not be better in a moment.
          if (error.status < 500) throw error;
        }
        if (Date.now() + RETRY_MS >= deadline) throw this.#link.refusal();
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  #refuseLarge(entries: readonly LogEntry[]): void {
    const most = this.#link.maxPayload() - OVERHEAD_BYTES;
    const large = entries.find((entry) => entry.value.byteLength > most);
    if (!large) return;
    throw refuse.tooLarge(
      `A part of ${large.value.byteLength} bytes is more than the log server takes in one message; send less at once, or raise max_payload in the server's settings.`,
    );
  }

  #full(): Refusal {
    const megabytes = Math.round(this.#limit / 1024 / 1024);
    this.#fullReason = `the log holds ${megabytes} MB of events that are not processed yet, which is its limit`;
    return refuse.unavailable(`Events cannot be accepted now: ${this.#fullReason}. Send them again later.`, 10);
  }

  async #measure(): Promise<void> {
    if (this.#link.away()) return;
    const { state } = await this.#jsm.streams.info(this.#link.name);
    this.#bytes = state.bytes;
    if (state.bytes < this.#limit * 0.95) this.#fullReason = null;
  }

  async #forget(partition: number, position: number): Promise<void> {
    await this.#jsm.streams.purge(this.#link.name, { filter: this.#subjects(partition), seq: position + 1 });
  }

  async #oldest(partition: number): Promise<Date | null> {
    const query = { seq: 1, next_by_subj: this.#subjects(partition) };
    return (await this.#jsm.streams.getMessage(this.#link.name, query))?.time ?? null;
  }

  #subjects(partition: number): string {
    return `${this.#link.name}.log.${partition}.*`;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #announce(): void {
    this.#announcement ??= setTimeout(() => {
      this.#announcement = null;
      if (!this.#link.away()) this.#link.nc.publish(`${this.#link.name}.appended`);
    }, ANNOUNCE_MS);
  }
}

/** Numbers that outlive the processes: the last message of a subject each. */
class Marks {
  readonly #jsm: JetStreamManager;
  readonly #js: JetStreamClient;
  readonly #name: string;

  constructor(jsm: JetStreamManager, js: JetStreamClient, name: string) {
    this.#jsm = jsm;
    this.#js = js;
    this.#name = name;
  }

  async get(mark: string): Promise<number | null> {
    const query = { last_by_subj: `${this.#name}.mark.${mark}` };
    const message = await this.#jsm.streams.getMessage(`${this.#name}-marks`, query);
    return message ? Number(message.string()) : null;
  }

  async set(mark: string, value: number): Promise<void> {
    await this.#js.publish(`${this.#name}.mark.${mark}`, String(value), { timeout: APPEND_TIMEOUT_MS });
  }

  /** The value of a mark; sets it where there is none yet. Of several processes that try at once, the first decides. */
  async fix(mark: string, value: number): Promise<number> {
    try {
      const expect = { lastSubjectSequence: 0 };
      await this.#js.publish(`${this.#name}.mark.${mark}`, String(value), { expect });
      return value;
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== WRONG_LAST_SEQUENCE) throw error;
      return (await this.get(mark)) ?? value;
    }
  }
}

/** Makes the stream, or brings the limit of the one that is there up to date. */
async function ensureStream(jsm: JetStreamManager, wanted: Partial<StreamConfig> & { name: string }): Promise<void> {
  try {
    const { config } = await jsm.streams.info(wanted.name);
    if (wanted.max_bytes !== undefined && config.max_bytes !== wanted.max_bytes) {
      await jsm.streams.update(wanted.name, { max_bytes: wanted.max_bytes });
    }
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NOT_FOUND) throw error;
    try {
      await jsm.streams.add(wanted);
    } catch (reason) {
      // A cluster of fewer than three servers.
      const few = reason instanceof JetStreamApiError && NO_ROOM_FOR_REPLICAS.has(reason.code);
      if (!few || wanted.num_replicas === 1) throw reason;
      await jsm.streams.add({ ...wanted, num_replicas: 1 });
    }
  }
}
