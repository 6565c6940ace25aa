import type { Config } from '../../kernel/config.ts';
import { type OutgoingOptions, outgoingFetch } from '../../kernel/outgoing.ts';
import { Refusal } from '../../kernel/refusal.ts';
import type { Webhook } from './destination.ts';
import { retryAfterOf } from './schedule.ts';
import { signatureHeader } from './signing.ts';

const TIMEOUT_MS = 15_000;
/** What is kept of a receiver's answer. */
const RESPONSE_BYTES = 2048;

/** One call, as the log keeps it. */
export interface Attempt {
  at: string;
  /** The HTTP status; null where there was no answer. */
  status: number | null;
  ms: number;
  error: string | null;
  response: string | null;
}

export interface Sent {
  attempt: Attempt;
  ok: boolean;
  /** 410: the receiver wants nothing more. */
  gone: boolean;
  /** The receiver asked to be left alone for so long. */
  retryAfterMs: number | null;
}

/** The message's ID: the same each time an event is sent to a destination, so that a receiver knows what it has. */
export const messageId = (destinationId: number, eventId: string) => `msg_${destinationId}_${eventId}`;

/** Calls a webhook once, after the Standard Webhooks specification. Never throws: what went wrong is in the attempt. */
export async function send(
  config: Config,
  webhook: Webhook,
  eventId: string,
  body: string,
  options: Pick<OutgoingOptions, 'lookup' | 'signal' | 'timeoutMs'> = {},
): Promise<Sent> {
  const now = Date.now();
  const started = performance.now();
  const id = messageId(webhook.id, eventId);
  const timestamp = Math.floor(now / 1000);
  const attempt: Attempt = { at: new Date(now).toISOString(), status: null, ms: 0, error: null, response: null };
  try {
    const answer = await outgoingFetch(config, webhook.settings.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signatureHeader(webhook.secrets.keys ?? [], { id, timestamp, body }, now),
      },
      body,
      timeoutMs: TIMEOUT_MS,
      maxBytes: RESPONSE_BYTES,
      ...options,
    });
    attempt.ms = Math.round(performance.now() - started);
    attempt.status = answer.status;
    attempt.response = answer.body.toString('utf8').toWellFormed().replaceAll('\0', '');
    const ok = answer.status >= 200 && answer.status < 300;
    const asked = [429, 503].includes(answer.status) ? retryAfterOf(answer.headers['retry-after'], now) : null;
    if (answer.status >= 300 && answer.status < 400)
      attempt.error = 'It answered with a redirect, which is not followed.';
    return { attempt, ok, gone: answer.status === 410, retryAfterMs: asked };
  } catch (error) {
    attempt.ms = Math.round(performance.now() - started);
    attempt.error = reasonOf(error);
    return { attempt, ok: false, gone: false, retryAfterMs: null };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const { code, message } = error as { code?: string; message?: string };
  const known: Record<string, string> = {
    ECONNREFUSED: 'Nobody listens at this address.',
    ECONNRESET: 'The connection was broken off.',
    ENOTFOUND: 'There is no server of this name.',
    EAI_AGAIN: 'The name of the server could not be looked up.',
    CERT_HAS_EXPIRED: 'The certificate of the server has expired.',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the server is not from a known authority.',
  };
  return known[code ?? ''] ?? (message ?? String(error)).slice(0, 300);
}
