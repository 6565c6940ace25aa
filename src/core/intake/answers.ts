import { answerError } from '../../kernel/http.ts';
import { isRecordsAway } from '../../kernel/records.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import type { Call } from './call.ts';

/** A day: how long a browser may remember that it may send here. */
const PREFLIGHT_SECONDS = 86_400;

/** How a protocol says that it took what was sent, and that it did not. */
export interface Dialect {
  accepted(events: number): { type: string; body: string };
  refused(refusal: Refusal): { type: string; body: string; status: number };
}

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const ok = { type: JSON_TYPE, body: '{"success":true}' };
const rudderOk = { type: TEXT_TYPE, body: 'OK' };

const json = (status: number, body: unknown) => ({ type: JSON_TYPE, body: JSON.stringify(body), status });

export const segment: Dialect = {
  accepted: () => ok,
  refused: ({ status, code, message }) => json(status, { success: false, error: { code, message } }),
};

/** RudderStack's words where it has some; programs compare them. */
const rudderWords: Record<string, string> = {
  no_write_key: 'Failed to read writeKey from header',
  invalid_write_key: 'Invalid Write Key',
  source_disabled: 'Source is disabled',
};

export const rudder: Dialect = {
  accepted: () => rudderOk,
  refused: ({ status, code, message }) => ({
    type: TEXT_TYPE,
    body: status === 413 ? `Request size exceeds max limit. ${message}` : (rudderWords[code] ?? message),
    status: code === 'source_disabled' ? 404 : status,
  }),
};

export const jitsu: Dialect = {
  accepted: (events) => ({ type: JSON_TYPE, body: `{"ok":true,"receivedEvents":${events},"okEvents":${events}}` }),
  refused: ({ status, message }) => json(status, { ok: false, error: message }),
};

/** CloudEvents and webhooks have no words of their own: ours. */
export const plain: Dialect = {
  accepted: (events) => ({ type: JSON_TYPE, body: `{"accepted":${events}}` }),
  refused: ({ status, code, message, details }) => json(status, { error: { code, message, details } }),
};

export function answerAccepted(call: Call, dialect: Dialect, events: number): Response {
  const { type, body } = dialect.accepted(events);
  return new Response(body, { headers: withOrigin(call, { 'content-type': type }) });
}

/** Answers a Refusal in the dialect's words; anything else is a fault of ours. */
export function answerRefused(call: Call, dialect: Dialect, error: unknown): Response {
  const refusal = isRecordsAway(error)
    ? refuse.unavailable('The database of records cannot be reached now. Send it again in a moment.')
    : error;
  if (!(refusal instanceof Refusal)) return answerError(error, call.http);
  const { type, body, status } = dialect.refused(refusal);
  const headers = withOrigin(call, { 'content-type': type });
  if (refusal.retryAfterSeconds !== undefined) headers['retry-after'] = String(refusal.retryAfterSeconds);
  return new Response(body, { status, headers });
}

/**
 * Adds what lets a page of any site read the answer. The page's own origin is named, not `*`: sendBeacon asks with
 * credentials, and for such a request a browser takes nothing else. No cookie is looked at here, so this opens nothing.
 */
export function withOrigin(call: Call, headers: Record<string, string>): Record<string, string> {
  const origin = call.header('origin');
  if (origin) {
    headers['access-control-allow-origin'] = origin;
    headers['access-control-allow-credentials'] = 'true';
    // So that an SDK can wait as long as it is told.
    headers['access-control-expose-headers'] = 'retry-after';
    headers.vary = 'origin';
  }
  return headers;
}

/** Answers a browser's question whether it may send, and CloudEvents' question whether a webhook may. */
export function answerPreflight(call: Call): Response {
  const headers = withOrigin(call, {
    'access-control-allow-methods': 'GET, POST, PUT, OPTIONS',
    'access-control-allow-headers':
      call.header('access-control-request-headers') ?? 'authorization, content-type, content-encoding, x-write-key',
    'access-control-max-age': String(PREFLIGHT_SECONDS),
  });
  if (call.header('webhook-request-origin')) {
    headers['webhook-allowed-origin'] = '*';
    headers['webhook-allowed-rate'] = '*';
  }
  return new Response(null, { status: 204, headers });
}
