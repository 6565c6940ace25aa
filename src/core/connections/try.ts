import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import type { IncomingEvent, Refused } from '../intake/incoming.ts';
import { compileMapping } from '../intake/mapping/mapping.ts';
import { eventsFrom } from './arrived.ts';
import { assertComplete, fullSecrets } from './connections.ts';
import { payloadOf, plainEvent, type TopicMessage } from './mqtt/message.ts';
import { openMqtt } from './mqtt/open.ts';
import { withDatabase } from './postgres/open.ts';
import { readRows } from './postgres/read.ts';
import { rowEvents } from './postgres/run.ts';
import { checkTable } from './postgres/schema.ts';
import type { ConnectionInput, MqttSettings, PostgresSettings, Secrets } from './settings.ts';
import { plainError } from './trouble.ts';

/** What is shown of what came, at most. */
const SAMPLES = 5;
/** How long a trial listens to a broker. */
const LISTEN_MS = 2500;
const TRIAL_MS = 25_000;
const SHOWN_BYTES = 20_000;

export const TryReply = z.object({
  ok: z.literal(true),
  warnings: z.array(z.string()),
  samples: z.array(
    z.object({
      from: z.string().describe('The topic, or the table.'),
      value: z.unknown(),
      events: z.array(z.record(z.string(), z.unknown())),
      refused: z.string().nullable().describe('Why it would go into quarantine.'),
    }),
  ),
});
export type TryReply = z.output<typeof TryReply>;
type Sample = TryReply['samples'][number];

/**
 * Connects for real by these settings and shows what a few messages or rows would become; keeps nothing. Refuses (400)
 * with what is wrong, and with 503 where the peer does not answer.
 */
export async function tryConnection(
  context: Context,
  trial: { sourceId: number | null; connection: ConnectionInput; mapping: string | null },
  signal: AbortSignal,
): Promise<TryReply> {
  const { connection, mapping } = trial;
  if (mapping) compileMapping(mapping);
  const secrets = await fullSecrets(context, trial.sourceId, connection);
  assertComplete(connection, secrets);
  const within = AbortSignal.any([signal, AbortSignal.timeout(TRIAL_MS)]);
  try {
    if (connection.kind === 'mqtt') return await tryMqtt(connection.settings, secrets, mapping, within);
    if (connection.kind === 'postgres') return await tryPostgres(connection.settings, secrets, mapping, within);
    const warnings =
      context.config.smtpPort === undefined
        ? ['This server does not listen for mail (THROUGHLINE_SMTP_PORT); a provider can hand mails over by HTTP.']
        : [];
    return { ok: true, warnings, samples: [] };
  } catch (error) {
    throw refusedTrial(error);
  }
}

/** A peer's fault as a refusal: what is wrong is what was typed, as far as we can tell. */
export function refusedTrial(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const late = (error as Error).name === 'TimeoutError';
  return refuse.invalid(
    late ? 'The server did not answer in time. Check the address and the firewall between.' : plainError(error),
  );
}

async function tryMqtt(
  settings: MqttSettings,
  secrets: Secrets,
  mapping: string | null,
  signal: AbortSignal,
): Promise<TryReply> {
  const heard: TopicMessage[] = [];
  const { client } = await openMqtt({
    settings,
    password: secrets.password,
    clientId: `throughline-trial-${crypto.randomUUID().slice(0, 8)}`,
    forTrial: true,
    signal,
  });
  try {
    client.on('message', (topic, payload, packet) => {
      if (heard.length < SAMPLES) heard.push({ topic, payload, retained: packet.retain, qos: packet.qos });
    });
    const granted = await client.subscribeAsync(
      Object.fromEntries(settings.topics.map((topic) => [topic, { qos: 0 as const }])),
    );
    const refused = granted.filter((one) => one.qos >= 128).map((one) => one.topic);
    if (refused.length > 0) throw refuse.invalid(`The broker refuses the topic ${refused.join(', ')}.`);
    for (let waited = 0; waited < LISTEN_MS && heard.length < SAMPLES; waited += 100)
      await sleep(100, undefined, { signal });
  } finally {
    client.end(!client.connected);
  }
  const samples = await Promise.all(
    heard.map(async (message): Promise<Sample> => {
      const read = payloadOf(message.payload, settings.format);
      if (read.wrong !== undefined) return { from: message.topic, value: null, events: [], refused: read.wrong };
      const { topic, retained, qos } = message;
      const variables = { topic, parts: topic.split('/'), retained, qos };
      const arrived = { value: read.value, variables, messageId: 'trial' };
      return sampleOf(topic, read.value, await eventsFrom({ mapping }, arrived, () => plainEvent(message, read.value)));
    }),
  );
  const silent = heard.length === 0 ? [`Nothing came on these topics within ${LISTEN_MS / 1000} s.`] : [];
  return { ok: true, warnings: silent, samples };
}

async function tryPostgres(
  settings: PostgresSettings,
  secrets: Secrets,
  mapping: string | null,
  signal: AbortSignal,
): Promise<TryReply> {
  return withDatabase(secrets.url ?? '', signal, async (client) => {
    const checked = await checkTable(client, settings);
    const rows = await readRows(client, settings, checked, null, SAMPLES);
    const table = `${settings.schema}.${settings.table}`;
    const samples = await Promise.all(
      rows.map(async (row) => sampleOf(table, row.row, await rowEvents({ id: 0, mapping }, settings, checked, row))),
    );
    return { ok: true as const, warnings: checked.warnings, samples };
  });
}

function sampleOf(from: string, value: unknown, found: { events: IncomingEvent[]; refused: Refused[] }): Sample {
  const short = JSON.stringify(value ?? null).length <= SHOWN_BYTES;
  // Who it names is checked by the stream; here it is told before anything is kept.
  const nobody = found.events.some((event) => !event.userId && !event.anonymousId && !namesSomebody(event.externalIds));
  return {
    from,
    value: short ? (value ?? null) : null,
    events: short ? found.events.map(({ messageId: _, ...event }) => ({ ...event })) : [],
    refused: found.refused[0]?.reason ?? (nobody ? 'it names nobody: neither userId nor another identifier' : null),
  };
}

const namesSomebody = (list: unknown) => Array.isArray(list) && list.length > 0;
