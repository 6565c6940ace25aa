import { z } from 'zod';
import { filledText, Storable } from '../../kernel/storable.ts';

/** Kinds of sources that the server itself goes to or listens for. */
const CONNECTION_KINDS = ['mqtt', 'mail', 'postgres'] as const;
export type ConnectionKind = (typeof CONNECTION_KINDS)[number];

export const isConnectionKind = (kind: string): kind is ConnectionKind =>
  (CONNECTION_KINDS as readonly string[]).includes(kind);

const TOPICS_LIMIT = 100;
const ALIASES_LIMIT = 50;
const IDENTIFIERS_LIMIT = 10;

/** A topic filter of MQTT: levels with / between them, + for any one level, # at the end for all below. */
const TopicFilter = filledText(1024).refine(
  (filter) =>
    filter
      .split('/')
      .every((level, index, levels) =>
        level === '#' ? index === levels.length - 1 : level === '+' || !/[+#]/.test(level),
      ),
  { error: 'is not a topic filter: + stands alone between slashes, # alone at the end' },
);

export const MqttSettings = z.object({
  url: z
    .string()
    .trim()
    .max(500)
    .refine((url) => URL.canParse(url) && ['mqtt:', 'mqtts:', 'ws:', 'wss:'].includes(new URL(url).protocol), {
      error: 'must begin with mqtt://, mqtts://, ws:// or wss://',
    })
    .refine((url) => !URL.canParse(url) || (!new URL(url).username && !new URL(url).password), {
      error: 'must not hold a name or password; they have fields of their own',
    }),
  user: Storable.trim().max(200).optional(),
  topics: z.array(TopicFilter).min(1).max(TOPICS_LIMIT),
  /** The version of the protocol: 4 is MQTT 3.1.1. */
  version: z.union([z.literal(4), z.literal(5)]).default(4),
  /** By which the broker keeps what came while we were away; made from the source unless given. */
  clientId: z
    .string()
    .trim()
    .regex(/^[\w.:-]{1,64}$/, { error: 'may have letters, digits, _ . : -, at most 64' })
    .optional(),
  format: z.enum(['auto', 'json', 'text', 'binary']).default('auto'),
  /** Off only for a broker with a certificate that nobody vouches for. */
  verifyCertificate: z.boolean().default(true),
});
export type MqttSettings = z.output<typeof MqttSettings>;

const MailSettings = z.object({
  /** Addresses beside the source's own, as support@shop.example. */
  aliases: z
    .array(
      z
        .string()
        .trim()
        .toLowerCase()
        .max(254)
        .regex(/^[^\s@<>"(),;:\\]+@[a-z0-9.-]+$/, { error: 'is not an e-mail address' }),
    )
    .max(ALIASES_LIMIT)
    .default([]),
});

const Column = filledText(63);

export const PostgresSettings = z.object({
  schema: Column.default('public'),
  table: Column,
  /** Grows with each change: a time, a whole number or a UUID of version 7. */
  cursor: Column,
  /** Tells rows with the same cursor apart: the primary key's columns. */
  key: z.array(Column).min(1).max(8),
  everyMinutes: z.number().int().min(1).max(1440).default(5),
  batch: z.number().int().min(10).max(10_000).default(1000),
  /** How far back each round reads again, for transactions that were committed late. */
  lagSeconds: z.number().int().min(0).max(86_400).default(60),
  /** How a row becomes an event where the source has no mapping of its own. */
  fields: z.object({
    event: filledText(200),
    identifiers: z
      .array(z.object({ kind: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/), column: Column }))
      .min(1)
      .max(IDENTIFIERS_LIMIT),
    /** When it happened; the cursor where that is a time, unless told. */
    time: Column.nullable().default(null),
    /** Columns that become properties; null for all. */
    properties: z.array(Column).max(1000).nullable().default(null),
  }),
});
export type PostgresSettings = z.output<typeof PostgresSettings>;

export const SETTINGS = { mqtt: MqttSettings, mail: MailSettings, postgres: PostgresSettings } as const;

const Password = z
  .string()
  .max(1000)
  .refine((text) => !text.includes('\0'));

/** Parameters of a PostgreSQL URL: the driver's others would let who types it read files and sockets of this machine. */
const PARAMETERS = new Set(['sslmode', 'application_name', 'uselibpqcompat']);

/** What is kept sealed. */
export const Secrets = z.object({
  /** MQTT: the password. */
  password: Password.optional(),
  /** PostgreSQL: the connection URL with name and password. */
  url: z
    .string()
    .trim()
    .max(2000)
    .refine((url) => URL.canParse(url) && ['postgres:', 'postgresql:'].includes(new URL(url).protocol), {
      error: 'must be a URL that begins with postgres://',
    })
    .refine(
      (url) => !URL.canParse(url) || [...new URL(url).searchParams.keys()].every((name) => PARAMETERS.has(name)),
      {
        error: `may have no parameters but ${[...PARAMETERS].join(', ')}`,
      },
    )
    .refine((url) => !URL.canParse(url) || !/^(%2f|\/|$)/i.test(new URL(url).hostname), {
      error: 'must name a host; a socket of this machine is not one',
    })
    .optional(),
});
export type Secrets = z.output<typeof Secrets>;

/** What is sent to set up a connection, by the kind of its source. */
export const ConnectionInput = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('mqtt'), settings: MqttSettings, secrets: Secrets.default({}) }),
  z.object({ kind: z.literal('mail'), settings: MailSettings, secrets: Secrets.default({}) }),
  z.object({ kind: z.literal('postgres'), settings: PostgresSettings, secrets: Secrets.default({}) }),
]);
export type ConnectionInput = z.output<typeof ConnectionInput>;
export type Settings = ConnectionInput['settings'];
