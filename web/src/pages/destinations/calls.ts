import type {
  DeliveryContent,
  DeliveryDetail,
  DeliveryReply,
  DestinationReply,
  RunDetail,
  RunReply,
} from '../../../../src/core/destinations/replies.ts';
import type { ChoicesReply, KeysReply } from '../../../../src/core/destinations/routes.ts';
import type { FilesSettings, Filter, WebhookSettings } from '../../../../src/core/destinations/settings.ts';
import { ask, withQuery } from '../../api.ts';
import type { ListOf } from '../../wire.ts';

export type Destination = DestinationReply;
export type Delivery = DeliveryReply;
export type Run = RunReply;

export const STATUSES = ['waiting', 'delivered', 'failed', 'held', 'left'] as const;

export interface DestinationInput {
  name: string;
  webhook?: Partial<WebhookSettings> & { url: string };
  files?: FilesSettings;
  secretAccessKey?: string;
  filter: Filter;
  condition: string | null;
  purposes: string[];
}

const at = (id: string, rest = '') => `/api/destinations/${encodeURIComponent(id)}${rest}`;

export const calls = {
  list: () => ask<ListOf<Destination>>('GET', withQuery('/api/destinations', { limit: 200 })),
  choices: () => ask<ChoicesReply>('GET', '/api/destinations/choices'),
  one: (id: string) => ask<Destination>('GET', at(id)),
  create: (input: DestinationInput) => ask<Destination>('POST', '/api/destinations', input),
  change: (id: string, change: Partial<DestinationInput> & { enabled?: boolean }) =>
    ask<Destination>('PATCH', at(id), change),
  remove: (id: string) => ask<unknown>('DELETE', at(id)),
  keys: (id: string) => ask<KeysReply>('GET', at(id, '/keys')),
  rotate: (id: string) => ask<KeysReply>('POST', at(id, '/keys'), {}),
  test: (id: string) => ask<{ eventId: string }>('POST', at(id, '/test-messages'), {}),
  deliveries: (id: string, query: { status?: string; q?: string; cursor?: string | null }) =>
    ask<ListOf<Delivery>>('GET', withQuery(at(id, '/deliveries'), { ...query, limit: 50 })),
  delivery: (id: string, eventId: string) =>
    ask<DeliveryDetail>('GET', at(id, `/deliveries/${encodeURIComponent(eventId)}`)),
  content: (id: string, eventId: string) =>
    ask<DeliveryContent>('GET', at(id, `/deliveries/${encodeURIComponent(eventId)}/content`)),
  resend: (id: string, eventId: string) =>
    ask<DeliveryDetail>('POST', at(id, `/deliveries/${encodeURIComponent(eventId)}/resend`), {}),
  resendFailed: (id: string, since: string) => ask<{ count: number }>('POST', at(id, '/resend-failed'), { since }),
  replay: (id: string, from: string, to: string) => ask<{ id: string }>('POST', at(id, '/replays'), { from, to }),
  runs: (id: string, cursor: string | null) =>
    ask<ListOf<Run>>('GET', withQuery(at(id, '/runs'), { cursor, limit: 50 })),
  run: (id: string, runId: string) => ask<RunDetail>('GET', at(id, `/runs/${encodeURIComponent(runId)}`)),
  runAgain: (id: string, from: string, to: string) => ask<{ runs: string[] }>('POST', at(id, '/runs'), { from, to }),
};

/** Where a destination sends to, in a line. */
export function whereOf({ webhook, files }: Destination): string {
  if (webhook) return webhook.url;
  if (!files) return '';
  return files.place.kind === 's3'
    ? `s3://${files.place.bucket}${files.place.prefix ? `/${files.place.prefix}` : ''}`
    : files.place.path || '/';
}
