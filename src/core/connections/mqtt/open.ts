import type { IClientOptions, IConnackPacket, MqttClient } from 'mqtt';
import type { MqttSettings } from '../settings.ts';

const CONNECT_MS = 10_000;
const KEEP_ALIVE_SECONDS = 30;
/** How long a broker of MQTT 5 shall keep what comes while we are away. */
const SESSION_SECONDS = 7 * 24 * 3600;
/** Unacknowledged messages at a time, where the broker asks. */
const RECEIVE_MAXIMUM = 500;
/** A broker of MQTT 5 is told to keep larger messages; ten times what an event may have. */
const PACKET_BYTES = 4 * 1024 * 1024;

const REASONS: Record<number, string> = {
  1: 'The broker does not speak this version of MQTT.',
  2: 'The broker refuses the client ID.',
  3: 'The broker is not available now.',
  4: 'The broker refuses this name and password.',
  5: 'The broker does not let this user in.',
  134: 'The broker refuses this name and password.',
  135: 'The broker does not let this user in.',
};

/**
 * Connects once, and resolves with the client when the broker has answered. Throws an Error with a sentence, and leaves
 * nothing open, where it does not. The client does not connect again by itself.
 */
export async function openMqtt(to: {
  settings: MqttSettings;
  password: string | undefined;
  clientId: string;
  /** Leaves nothing behind at the broker. */
  forTrial?: boolean;
  /** Called before anything can come: a broker sends what it kept right after its first answer. */
  prepare?: (client: MqttClient) => void;
  signal: AbortSignal;
}): Promise<{ client: MqttClient; sessionPresent: boolean }> {
  const { settings, signal } = to;
  const { connect } = await import('mqtt');
  signal.throwIfAborted();
  const options: IClientOptions = {
    clientId: to.clientId,
    protocolVersion: settings.version,
    clean: to.forTrial ?? false,
    keepalive: KEEP_ALIVE_SECONDS,
    connectTimeout: CONNECT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    rejectUnauthorized: settings.verifyCertificate,
    ...(settings.user ? { username: settings.user } : {}),
    ...(to.password !== undefined ? { password: to.password } : {}),
    ...(settings.version === 5
      ? {
          properties: {
            sessionExpiryInterval: to.forTrial ? 0 : SESSION_SECONDS,
            receiveMaximum: RECEIVE_MAXIMUM,
            maximumPacketSize: PACKET_BYTES,
          },
        }
      : {}),
  };
  const client = connect(settings.url, options);
  // One that nobody else hears must not end the process.
  client.on('error', () => {});
  to.prepare?.(client);
  const answer = Promise.withResolvers<IConnackPacket>();
  const stop = () => answer.reject(signal.reason);
  const onClose = () =>
    answer.reject(
      new Error('The broker closed the connection at once. Check the port, and whether it wants encryption.'),
    );
  signal.addEventListener('abort', stop, { once: true });
  client.once('connect', answer.resolve);
  client.once('error', answer.reject);
  client.once('close', onClose);
  try {
    return { client, sessionPresent: (await answer.promise).sessionPresent };
  } catch (error) {
    client.end(true);
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'number' && REASONS[code]) throw new Error(REASONS[code]);
    if (/connack timeout/.test((error as Error).message)) {
      throw new Error(
        `The broker did not answer in ${CONNECT_MS / 1000} s. Check the address and the firewall between.`,
      );
    }
    throw error;
  } finally {
    client.off('close', onClose);
    client.off('error', answer.reject);
    signal.removeEventListener('abort', stop);
  }
}
