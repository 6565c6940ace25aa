import { AckPolicy, DeliverPolicy, type JetStreamManager } from '@nats-io/jetstream';
import { createInbox, type Msg, nanos, type Subscription } from '@nats-io/transport-node';
import type { LogRecord } from './log.ts';
import type { NatsLink } from './log-nats-link.ts';

/** How long the server may take to answer, and how long it keeps a reader that does not come back. */
const ANSWER_TIMEOUT_MS = 5000;
const IDLE_READER_MS = 5 * 60_000;
/** Subject, headers and reply of a message: the server counts them as well. */
const OVERHEAD_BYTES = 4096;
/** Messages asked for at once. */
const MOST_MESSAGES = 1000;

/**
 * Reads one partition of the log in order, a portion at a time, each in one round trip. The server's ephemeral consumer
 * holds the place; should anything go missing on the way (consumer sequences tell) or the caller go elsewhere, another
 * one is made there.
 */
export class PartitionReader {
  readonly #link: NatsLink;
  readonly #jsm: JetStreamManager;
  readonly #filter: string;
  #place: Place | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(link: NatsLink, jsm: JetStreamManager, filter: string) {
    this.#link = link;
    this.#jsm = jsm;
    this.#filter = filter;
  }

  read(after: number, limit: { events: number; bytes: number }): Promise<LogRecord[]> {
    const records = this.#turn.then(() => this.#read(after, limit));
    this.#turn = records.catch(() => {});
    return records;
  }

  /** Begins anew at the next read: what was on its way may be lost. */
  reset(): void {
    this.#place?.leave();
    this.#place = null;
  }

  async #read(after: number, limit: { events: number; bytes: number }): Promise<LogRecord[]> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (this.#place && (this.#place.handedOut !== after || this.#place.broken)) this.reset();
        this.#place ??= await this.#begin(after);
        if (this.#place.waiting.length === 0) await this.#place.pull(limit);
        const records = this.#place.take(limit);
        if (records.length > 0 || !this.#place.broken) return records;
        throw new Error('messages of the log were lost on the way');
      } catch (error) {
        this.reset();
        if (attempt > 0) throw error;
      }
    }
  }

  async #begin(after: number): Promise<Place> {
    const consumer = await this.#jsm.consumers.add(this.#link.name, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: after + 1,
      filter_subject: this.#filter,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(IDLE_READER_MS),
    });
    return new Place(this.#link, consumer.name, after);
  }
}

/** A place in a partition: the server's consumer and what it has delivered that nobody has taken yet. */
class Place {
  readonly waiting: LogRecord[] = [];
  handedOut: number;
  broken = false;
  readonly #link: NatsLink;
  readonly #request: string;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  #delivered = 0;
  #pulls = 0;
  #eventsPerMessage = 1;
  #settle: ((error?: Error) => void) | null = null;
  #wanted = 0;

  constructor(link: NatsLink, consumer: string, after: number) {
    this.#link = link;
    this.handedOut = after;
    this.#request = `$JS.API.CONSUMER.MSG.NEXT.${link.name}.${consumer}`;
    this.#subscription = link.nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => this.#hear(error, message),
    });
  }

  /** Asks for what is there. Resolves when some of it has come or nothing is there. */
  pull(limit: { events: number; bytes: number }): Promise<void> {
    const batch = Math.min(MOST_MESSAGES, Math.max(1, Math.ceil(limit.events / this.#eventsPerMessage)));
    // To a request for fewer bytes than its next message has, the server would deliver nothing.
    const bytes = Math.max(limit.bytes, this.#link.maxPayload() + OVERHEAD_BYTES);
    this.#wanted = batch;
    const id = ++this.#pulls;
    return new Promise((resolve, reject) => {
      const timeout = setTimeout(() => this.#settle?.(new Error('the log server did not answer')), ANSWER_TIMEOUT_MS);
      this.#settle = (error) => {
        clearTimeout(timeout);
        this.#settle = null;
        if (error) reject(error);
        else resolve();
      };
      const request = JSON.stringify({ batch, no_wait: true, max_bytes: bytes });
      this.#link.nc.publish(this.#request, request, { reply: `${this.#inbox}.${id}` });
    });
  }

  take(limit: { events: number; bytes: number }): LogRecord[] {
    let events = 0;
    let bytes = 0;
    let count = 0;
    while (count < this.waiting.length && (count === 0 || (events < limit.events && bytes < limit.bytes))) {
      const record = this.waiting[count++]!;
      events += record.events;
      bytes += record.value.byteLength;
    }
    const records = this.waiting.splice(0, count);
    if (records.length > 0) {
      this.handedOut = records.at(-1)!.position;
      this.#eventsPerMessage = events / count;
    }
    return records;
  }

  leave(): void {
    this.broken = true;
    this.#settle?.(new Error('the connection to the log server was lost'));
    this.#subscription.unsubscribe();
  }

  #hear(error: Error | null, message: Msg): void {
    const code = message?.headers?.code ?? 0;
    if (error) this.#settle?.(error);
    else if (code >= 400 && message.data.byteLength === 0) this.#hearEnd(code, message);
    else this.#hearRecord(message);
  }

  #hearEnd(code: number, message: Msg): void {
    // The end of an earlier request may come late; only that of the one under way counts.
    if (message.subject !== `${this.#inbox}.${this.#pulls}`) return;
    const description = message.headers!.description;
    const done = code === 404 || code === 408 || (code === 409 && /MaxBytes/i.test(description));
    this.#settle?.(done ? undefined : new Error(`the log server answered ${code} ${description}`));
  }

  #hearRecord(message: Msg): void {
    const told = deliveryOf(message);
    if (!told || this.broken) return;
    if (told.consumerSequence !== this.#delivered + 1) this.broken = true;
    else {
      this.#delivered = told.consumerSequence;
      this.waiting.push({
        position: told.streamSequence,
        events: eventsOf(message.subject),
        at: told.at,
        value: message.data,
      });
    }
    if (this.broken || told.pending === 0 || this.waiting.length >= this.#wanted) this.#settle?.();
  }
}

/** The number of events that a message holds is the last word of its subject. */
export function eventsOf(subject: string): number {
  return Number(subject.slice(subject.lastIndexOf('.') + 1));
}

/**
 * What the reply subject tells of a delivery: `$JS.ACK.<stream>.<consumer>.<times>.<stream sequence>.<consumer
 * sequence>.<time>.<pending>`, in newer servers with domain and account before the stream (NATS ADR-15).
 */
function deliveryOf(
  message: Msg,
): { streamSequence: number; consumerSequence: number; at: number; pending: number } | null {
  const words = message.reply?.split('.') ?? [];
  if (words.length < 9) return null;
  const from = words.length === 9 ? 5 : 7;
  return {
    streamSequence: Number(words[from]),
    consumerSequence: Number(words[from + 1]),
    // Nanoseconds, beyond what a number holds exactly; the last six digits are below a millisecond.
    at: Number(words[from + 2]!.slice(0, -6)),
    pending: Number(words[from + 3]),
  };
}
