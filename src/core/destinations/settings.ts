import { z } from 'zod';
import type { Config } from '../../kernel/config.ts';
import { checkOutgoingUrl } from '../../kernel/outgoing.ts';
import { refuse } from '../../kernel/refusal.ts';
import { filledText } from '../../kernel/storable.ts';
import { EVENT_TYPES } from '../intake/incoming.ts';
import { CHANNELS } from '../stream/event.ts';

const LIST_LIMIT = 200;
export const CONDITION_LIMIT = 10_000;
export const PURPOSES_LIMIT = 20;
const ROWS_PER_FILE = { least: 1000, most: 500_000, default: 100_000 };

/** Which events leave: each list names what leaves; without a list everything does. */
export const Filter = z.object({
  names: z.array(filledText(500)).max(LIST_LIMIT).optional(),
  types: z.array(z.enum(EVENT_TYPES)).max(EVENT_TYPES.length).optional(),
  channels: z.array(z.enum(CHANNELS)).max(CHANNELS.length).optional(),
  sources: z
    .array(z.string().regex(/^\d{1,10}$/, 'is not an id of a source'))
    .max(LIST_LIMIT)
    .optional(),
});
export type Filter = z.output<typeof Filter>;

export const WebhookSettings = z.object({
  url: z.string().max(2000),
  signature: z.enum(['v1', 'v1a']).default('v1').describe('v1: HMAC-SHA256 with a shared secret; v1a: Ed25519.'),
  concurrency: z.int().min(1).max(50).default(10).describe('Calls at a time.'),
  perSecond: z.int().min(1).max(5000).nullable().default(null).describe('Calls a second at most.'),
  disableAfterDays: z.int().min(1).max(30).default(5).describe('It is switched off after failing for so long.'),
  tellErasures: z.boolean().default(true).describe('Send person.erased when a person it got events of is erased.'),
});
export type WebhookSettings = z.output<typeof WebhookSettings>;

/** A path of plain words: no dots at the beginning of one, so nothing leads upwards. */
const Path = z
  .string()
  .trim()
  .max(300)
  .regex(/^$|^[A-Za-z0-9_=-][A-Za-z0-9._=-]*(\/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*$/, {
    error: 'is a path of plain words with slashes between them, for example crm/events',
  });

export const FilePlace = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('folder'), path: Path }),
  z.object({
    kind: z.literal('s3'),
    endpoint: z.string().max(500).describe('https://s3.eu-central-1.amazonaws.com'),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not a name of a bucket'),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, 'is not a region')
      .default('us-east-1'),
    prefix: Path.default(''),
    accessKeyId: z.string().regex(/^[\x21-\x7e]{1,200}$/, 'is not an access key'),
  }),
]);
export type FilePlace = z.output<typeof FilePlace>;

export const FilesSettings = z.object({
  format: z.enum(['ndjson', 'parquet']),
  every: z.enum(['hour', 'day']),
  zone: z.string().max(100).default('UTC').describe('IANA name of the time zone in which days begin.'),
  rowsPerFile: z.int().min(ROWS_PER_FILE.least).max(ROWS_PER_FILE.most).default(ROWS_PER_FILE.default),
  place: FilePlace,
});
export type FilesSettings = z.output<typeof FilesSettings>;

export type Settings = WebhookSettings | FilesSettings;

export interface Secrets {
  /** The newest first; an older one signs beside it until its time is over. */
  keys?: { secret: string; until: string | null }[];
  secretAccessKey?: string;
}

/** Refuses (400) an address that must not be called. */
export function checkWebhook(config: Config, settings: WebhookSettings): WebhookSettings {
  return { ...settings, url: checkOutgoingUrl(config, settings.url).href };
}

/** Refuses (400) a zone that is none, a folder where none is configured, and a store that must not be called. */
export function checkFiles(config: Config, settings: FilesSettings): FilesSettings {
  try {
    new Intl.DateTimeFormat('en', { timeZone: settings.zone });
  } catch {
    throw refuse.invalid(`"${settings.zone}" is not a time zone. Use an IANA name such as Europe/Warsaw.`);
  }
  const { place } = settings;
  if (place.kind === 'folder') {
    if (!config.exportsDir) {
      throw refuse.invalid(
        'This server may not write files to a folder: set THROUGHLINE_EXPORTS_DIR to the folder below which it may.',
      );
    }
    return settings;
  }
  const endpoint = checkOutgoingUrl(config, place.endpoint);
  if (endpoint.search || endpoint.hash) throw refuse.invalid('The endpoint of a store has no query.');
  return { ...settings, place: { ...place, endpoint: endpoint.href.replace(/\/+$/, '') } };
}
