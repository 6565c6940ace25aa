import { createHash, randomBytes } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import type { IPublishPacket } from 'mqtt-packet';
import { acceptOrWait, eventsFrom } from '../arrived.ts';
import { countArrived, saveProgress } from '../connections.ts';
import type { MqttSettings } from '../settings.ts';
import type { Session } from '../supervisor.ts';
import { payloadOf, plainEvent, type TopicMessage } from './message.ts';
import { openMqtt } from './open.ts';

/** Messages given to the log together. */
const BATCH = 250;
/** What is held in memory at most; past it nothing more is read from the broker. */
const HELD_MESSAGES = 1000;
const HELD_BYTES = 16 * 1024 * 1024;
/** Larger payloads are not kept, only counted and named in quarantine. */
const PAYLOAD_BYTES = 256 * 1024;
/** Batches whose packet numbers are remembered, for packets that the broker sends again. */
const BATCHES_KEPT = 200;

/** A packet that waits for its batch; `acknowledge` tells the broker, if it still is the same connection. */
interface Held {
  message: TopicMessage;
  packet: number | null;
  again: boolean;
  hash: string;
  acknowledge: () => void;
}

/**
 * Listens to a broker until it is stopped. A packet is acknowledged only when its events are on disk in the log: what is
 * cut off before that is sent again by the broker, under the same packet number, and gets the same message ID.
 */
export async function runMqtt(session: Session): Promise<void> {
  const { source } = session;
  const settings = session.settings as MqttSettings;
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  const held = new Queue();
  const { client, sessionPresent } = await openMqtt({
    settings,
    password: session.secrets.password,
    clientId: settings.clientId ?? `throughline-${source.id}-${source.writeKey.slice(3, 11)}`,
    prepare: (opened) => take(opened, held),
    signal: session.signal,
  });
  client.on('error', broken.reject);
  client.on('close', () => broken.reject(new Error('The broker closed the connection.')));
  const over = new AbortController();
  const stop = () => broken.reject(session.signal.reason);
  session.signal.addEventListener('abort', stop, { once: true });
  let underWay: Promise<void> = Promise.resolve();
  try {
    session.signal.throwIfAborted();
    if (!client.connected) throw new Error('The broker closed the connection.');
    const earlier = sessionPresent ? await earlierBatches(session) : new Map<number, string>();
    await Promise.race([subscribe(session, client, settings.topics), broken.promise]);
    await session.connected();
    for (;;) {
      await Promise.race([held.filled(), broken.promise]);
      const batch = held.first(BATCH);
      underWay = handle({ ...session, signal: over.signal }, batch, earlier);
      await Promise.race([underWay, broken.promise]);
      for (const one of batch) one.acknowledge();
      held.drop(batch);
    }
  } finally {
    session.signal.removeEventListener('abort', stop);
    over.abort(new Error('the connection is over'));
    // What is on its way to the log ends before the next start reads which packets were given to it.
    await underWay.catch(() => {});
    client.end(!client.connected);
  }
}

/** What came and is not yet in the log, bounded; the client stops reading while it is full. */
class Queue {
  #held: Held[] = [];
  #bytes = 0;
  #wake: () => void = () => {};
  #resume: (() => void) | null = null;

  /** Keeps one; `goOn` is called when there is room for the next. */
  add(one: Held, goOn: () => void): void {
    this.#held.push(one);
    this.#bytes += one.message.payload.length;
    this.#wake();
    if (this.#held.length < HELD_MESSAGES && this.#bytes < HELD_BYTES) goOn();
    else this.#resume = goOn;
  }

  /** Resolves when there is something. */
  filled(): Promise<void> {
    if (this.#held.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  first(count: number): Held[] {
    return this.#held.slice(0, count);
  }

  drop(batch: readonly Held[]): void {
    this.#held.splice(0, batch.length);
    for (const one of batch) this.#bytes -= one.message.payload.length;
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }
}

/**
 * Takes each packet off the client without acknowledging it: the client goes on reading when told an error, and sends no
 * PUBACK of its own. Reading stops while the queue is full.
 */
function take(client: MqttClient, held: Queue): void {
  client.handleMessage = (packet: IPublishPacket, done: (error?: Error) => void) => {
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const number = packet.qos === 1 ? (packet.messageId ?? null) : null;
    const { stream } = client;
    const goOn = () => done(number === null ? undefined : new Error('acknowledged later'));
    const one: Held = {
      message: { topic: packet.topic, payload, retained: packet.retain === true, qos: packet.qos },
      packet: number,
      again: packet.dup === true,
      hash: createHash('sha256').update(packet.topic).update('\0').update(payload).digest('base64url').slice(0, 16),
      acknowledge: () => {
        if (number !== null && client.connected && client.stream === stream) stream.write(puback(number));
      },
    };
    held.add(one, goOn);
  };
}

/** The four bytes of a PUBACK without a reason, the same in MQTT 3.1.1 and 5. */
const puback = (packet: number) => Buffer.from([0x40, 0x02, packet >> 8, packet & 0xff]);

/** Asks for the topics, and takes back those that were asked for earlier: the broker remembers them for our client. */
async function subscribe(session: Session, client: MqttClient, topics: readonly string[]): Promise<void> {
  const before = Array.isArray(session.progress.topics) ? (session.progress.topics as string[]) : [];
  const gone = before.filter((topic) => !topics.includes(topic));
  if (gone.length > 0) await client.unsubscribeAsync(gone).catch(() => {});
  await saveProgress(session.context, session.source.id, { topics });
  // A topic that the broker refuses is answered with 128 or an error, by version.
  const granted = await client.subscribeAsync(Object.fromEntries(topics.map((topic) => [topic, { qos: 1 as const }])));
  const refused = granted.filter((one) => one.qos >= 128).map((one) => one.topic);
  if (refused.length > 0) {
    throw new Error(`The broker refuses the topic ${refused.join(', ')}. Check what its user may read.`);
  }
}

async function handle(session: Session, batch: readonly Held[], earlier: Map<number, string>): Promise<void> {
  const { context, source, signal } = session;
  const { pool } = context.records;
  const nonce = randomBytes(9).toString('base64url');
  const fresh = batch.filter((one) => one.packet !== null && !(one.again && earlier.has(one.packet)));
  if (fresh.length > 0) {
    // On record before they are accepted: should we end between that and the acknowledgement, they come again.
    await pool.query('INSERT INTO connection_batches (source_id, nonce, packets) VALUES ($1, $2, $3)', [
      source.id,
      nonce,
      fresh.map((one) => one.packet),
    ]);
  }
  const found = await Promise.all(batch.map((one, index) => mapped(session, one, idOf(one, index))));
  const events = found.flatMap((one) => one.events);
  const refused = found.flatMap((one) => one.refused);
  let waited = false;
  await acceptOrWait(context, { sourceId: source.id, protocol: 'mqtt', events, refused }, signal, (reason, retryAt) => {
    waited = true;
    session.held(reason, retryAt).catch(() => {});
  });
  if (waited) await session.connected();
  for (const one of fresh) earlier.set(one.packet!, nonce);
  await countArrived(pool, source.id, events.length, refused.length);
  if (Math.random() < 0.05) await forgetBatches(session);

  function idOf(one: Held, index: number): string {
    const known = one.again && one.packet !== null ? earlier.get(one.packet) : undefined;
    return `mqtt ${source.id} ${known ?? nonce} ${one.packet ?? `-${index}`} ${one.hash}`;
  }
}

function mapped(session: Session, { message }: Held, messageId: string) {
  if (message.payload.length > PAYLOAD_BYTES) {
    const reason = `the message on ${message.topic.slice(0, 200)} has ${message.payload.length} bytes; the limit is ${PAYLOAD_BYTES}`;
    return { events: [], refused: [{ event: JSON.stringify({ topic: message.topic }), reason, messageId }] };
  }
  const { format } = session.settings as MqttSettings;
  const read = payloadOf(message.payload, format);
  if (read.wrong !== undefined) {
    const event = message.payload.toString('utf8').slice(0, 64 * 1024);
    return { events: [], refused: [{ event, reason: read.wrong, messageId }] };
  }
  const variables = {
    topic: message.topic,
    parts: message.topic.split('/'),
    retained: message.retained,
    qos: message.qos,
  };
  return eventsFrom(session.source, { value: read.value, variables, messageId }, () => plainEvent(message, read.value));
}

/** By packet number, the batch that a packet was given to the log in. */
async function earlierBatches(session: Session): Promise<Map<number, string>> {
  const { rows } = await session.context.records.pool.query<{ nonce: string; packets: number[] }>(
    'SELECT nonce, packets FROM connection_batches WHERE source_id = $1 ORDER BY id',
    [session.source.id],
  );
  return new Map(rows.flatMap(({ nonce, packets }) => packets.map((packet) => [packet, nonce] as const)));
}

async function forgetBatches({ context, source }: Session): Promise<void> {
  await context.records.pool.query(
    `DELETE FROM connection_batches WHERE source_id = $1 AND id <
       (SELECT id FROM connection_batches WHERE source_id = $1 ORDER BY id DESC OFFSET ${BATCHES_KEPT} LIMIT 1)`,
    [source.id],
  );
}
