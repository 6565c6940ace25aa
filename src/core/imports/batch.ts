import type { LogEntry } from '../../kernel/log.ts';
import { type Envelope, hashText, refusedText } from '../intake/incoming.ts';
import type { MappedEvent } from './events.ts';

const BATCH_EVENTS = 500;
const BATCH_CHARACTERS = 1024 * 1024;
/** How much of a refused line is kept. */
const REFUSED_CHARACTERS = 16 * 1024;
const REASON_CHARACTERS = 1000;

/** Where the work on a file stands: what a batch, once in the log, stands for. */
export interface Checkpoint {
  /** Lines that have been dealt with; their events are in the log or they are in quarantine. */
  lines: number;
  events: number;
  refused: number;
  /** With groups: refused while the file was read, before its groups were mapped. */
  refusedReading: number;
  /** With groups: how many have been dealt with. */
  groups: number;
}

export const START: Checkpoint = { lines: 0, events: 0, refused: 0, refusedReading: 0, groups: 0 };

/** A batch as it goes to the thread that has the log: records of the log in one buffer, and where the work then stands. */
export interface Batch {
  entries: { partition: number; events: number; from: number; to: number }[];
  bytes: ArrayBuffer;
  checkpoint: Checkpoint;
  linesTotal: number | null;
  /** From 0 to 1. */
  progress: number;
}

/**
 * Collects events until there are enough for a batch. They are kept as JSON text, not as objects: thousands of objects
 * that live as long as a batch would cost the garbage collector more than the mapping costs.
 */
export class Batcher {
  readonly #sourceId: number;
  readonly #partitions: number;
  #parts = new Map<number, { events: string[]; refused: string[] }>();
  #count = 0;
  #characters = 0;

  constructor(sourceId: number, partitions: number) {
    this.#sourceId = sourceId;
    this.#partitions = partitions;
  }

  /** `key` is the event's partitionKey, `json` the event. */
  add({ key, json }: MappedEvent): void {
    this.#partOf(key).events.push(json);
    this.#count++;
    this.#characters += json.length;
  }

  /** `text` is the line as it stands in the file, or what is left of it. */
  refuse(text: string, reason: string, messageId: string): void {
    const refused = refusedText(text.slice(0, REFUSED_CHARACTERS), reason.slice(0, REASON_CHARACTERS), messageId);
    this.#partOf(messageId).refused.push(JSON.stringify(refused));
    this.#count++;
    this.#characters += refused.event.length;
  }

  full(): boolean {
    return this.#count >= BATCH_EVENTS || this.#characters >= BATCH_CHARACTERS;
  }

  /** The records of the log for what was collected, ready to be handed to another thread. */
  take(): Pick<Batch, 'entries' | 'bytes'> {
    const envelope: Omit<Envelope, 'events' | 'refused'> = {
      sourceId: this.#sourceId,
      receivedAt: Date.now(),
      protocol: 'import',
    };
    const head = JSON.stringify(envelope).slice(0, -1);
    const entries = Array.from(this.#parts, ([partition, { events, refused }]) => ({
      partition,
      events: events.length + refused.length,
      value: Buffer.from(`${head},"events":[${events.join(',')}],"refused":[${refused.join(',')}]}`),
    }));
    this.#parts = new Map();
    this.#count = 0;
    this.#characters = 0;
    return pack(entries);
  }

  #partOf(key: string): { events: string[]; refused: string[] } {
    const partition = hashText(key) % this.#partitions;
    let part = this.#parts.get(partition);
    if (!part) {
      part = { events: [], refused: [] };
      this.#parts.set(partition, part);
    }
    return part;
  }
}

function pack(values: readonly LogEntry[]): Pick<Batch, 'entries' | 'bytes'> {
  const whole = new Uint8Array(values.reduce((sum, { value }) => sum + value.length, 0));
  let at = 0;
  const entries = values.map(({ partition, events, value }) => {
    whole.set(value, at);
    const from = at;
    at += value.length;
    return { partition, events, from, to: at };
  });
  return { entries, bytes: whole.buffer };
}
