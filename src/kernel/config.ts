import { resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { parseS3Url } from './s3.ts';

const ROLES = ['intake', 'stream', 'jobs', 'console'] as const;
export type Role = (typeof ROLES)[number];

const whole = (minimum: number, maximum: number) => z.coerce.number().int().min(minimum).max(maximum);
const onOff = z
  .enum(['on', 'off', 'true', 'false', '1', '0'])
  .transform((v) => v === 'on' || v === 'true' || v === '1');
const url = (...protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
  });

/** Every setting the program reads, with its default. Nothing else may read the environment. */
const Environment = z.object({
  PORT: whole(0, 65_535).default(3000),
  HOST: z.string().default('0.0.0.0'),
  THROUGHLINE_DATA: z.string().min(1).default('./data'),
  THROUGHLINE_PUBLIC_URL: url('http:', 'https:').optional(),
  THROUGHLINE_EVENTS_URL: url('http:', 'https:').optional(),
  THROUGHLINE_RECORDS_URL: url('postgres:', 'postgresql:').optional(),
  THROUGHLINE_LOG_URL: url('nats:', 'tls:').optional(),
  THROUGHLINE_BLOBS_URL: url('file:', 's3:')
    .superRefine((value, issues) => {
      if (!value.startsWith('s3:') || !URL.canParse(value)) return;
      try {
        parseS3Url(value);
      } catch (error) {
        issues.addIssue({ code: 'custom', message: (error as Error).message });
      }
    })
    .optional(),
  /** The folder in which destinations of files may write; without it they write to S3-compatible stores only. */
  THROUGHLINE_EXPORTS_DIR: z.string().min(1).optional(),
  /** Log partitions: the order of a person's events is kept within one. Fixed when the log is first made. */
  THROUGHLINE_PARTITIONS: whole(1, 64).default(8),
  /** What the log may hold before intake answers 503, in megabytes. */
  THROUGHLINE_LOG_MEGABYTES: whole(16, 1_000_000).default(4096),
  /** Name of the header in which a trusted proxy gives the country (ISO 3166-1 alpha-2), for example cf-ipcountry. */
  THROUGHLINE_COUNTRY_HEADER: z.string().min(1).optional(),
  /** Path of a MaxMind-format country or city database. */
  THROUGHLINE_GEO_FILE: z.string().min(1).optional(),
  /** How many proxies stand in front and may set X-Forwarded-For. */
  THROUGHLINE_PROXIES: whole(0, 10).default(0),
  THROUGHLINE_STORE_IP: onOff.default(false),
  /** The mail server, smtp://name:password@host:port or smtps://; without it nothing is mailed, and links are shown. */
  THROUGHLINE_MAIL_URL: url('smtp:', 'smtps:').optional(),
  /** Who mails are from: Name <address>. */
  THROUGHLINE_MAIL_FROM: z.string().regex(/@/, { error: 'must hold an e-mail address' }).optional(),
  /** Where mail to sources is listened for, by the process with the jobs role; not at all unless told. */
  THROUGHLINE_SMTP_PORT: whole(0, 65_535).optional(),
  /** Files (PEM) with the certificate and its key for STARTTLS; without them mail comes in as it is sent. */
  THROUGHLINE_SMTP_CERT: z.string().min(1).optional(),
  THROUGHLINE_SMTP_KEY: z.string().min(1).optional(),
  /** Private networks that webhooks and the like may call, as 10.0.0.0/8,192.168.1.5/32; none unless told. */
  THROUGHLINE_OUTGOING_ALLOW: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((ranges) => ranges.every((range) => ipaddr.isValidCIDR(range)), {
      error: 'must be networks with commas between them, like 10.0.0.0/8',
    })
    .optional(),
});

export interface Config {
  port: number;
  host: string;
  dataDir: string;
  publicUrl: string | undefined;
  eventsUrl: string | undefined;
  recordsUrl: string | undefined;
  logUrl: string | undefined;
  blobsDir: string;
  /** s3://…; then blobsDir is not used. */
  blobsS3: string | undefined;
  exportsDir: string | undefined;
  partitions: number;
  logBytes: number;
  countryHeader: string | undefined;
  geoFile: string | undefined;
  proxies: number;
  storeIp: boolean;
  mailUrl: string | undefined;
  mailFrom: string | undefined;
  smtpPort: number | undefined;
  smtpCert: string | undefined;
  smtpKey: string | undefined;
  /** Networks in CIDR form. */
  outgoingAllow: readonly string[];
  roles: ReadonlySet<Role>;
}

/**
 * Parses the environment and the command line once. Throws an Error with one sentence a wrong setting, each naming the
 * setting, so that the start stops with something to act on.
 */
export function parseConfig(environment: Record<string, string | undefined>, argv: readonly string[] = []): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const unknown = Object.keys(given).filter((name) => name.startsWith('THROUGHLINE_') && !(name in Environment.shape));
  const parsed = Environment.safeParse(given);
  const wrong = [
    ...unknown.map((name) => `${name} is not a setting of Throughline; the settings are listed in the README.`),
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}.`)),
  ];
  const roles = parseRoles(argv, wrong);
  if (!parsed.success || wrong.length > 0) throw new Error(wrong.join('\n'));
  const env = parsed.data;
  const dataDir = resolve(env.THROUGHLINE_DATA);
  return {
    port: env.PORT,
    host: env.HOST,
    dataDir,
    publicUrl: env.THROUGHLINE_PUBLIC_URL?.replace(/\/+$/, ''),
    eventsUrl: env.THROUGHLINE_EVENTS_URL,
    recordsUrl: env.THROUGHLINE_RECORDS_URL,
    logUrl: env.THROUGHLINE_LOG_URL,
    blobsDir: env.THROUGHLINE_BLOBS_URL?.startsWith('file:')
      ? new URL(env.THROUGHLINE_BLOBS_URL).pathname
      : resolve(dataDir, 'blobs'),
    blobsS3: env.THROUGHLINE_BLOBS_URL?.startsWith('s3:') ? env.THROUGHLINE_BLOBS_URL : undefined,
    exportsDir: env.THROUGHLINE_EXPORTS_DIR === undefined ? undefined : resolve(env.THROUGHLINE_EXPORTS_DIR),
    partitions: env.THROUGHLINE_PARTITIONS,
    logBytes: env.THROUGHLINE_LOG_MEGABYTES * 1024 * 1024,
    countryHeader: env.THROUGHLINE_COUNTRY_HEADER?.toLowerCase(),
    geoFile: env.THROUGHLINE_GEO_FILE,
    proxies: env.THROUGHLINE_PROXIES,
    storeIp: env.THROUGHLINE_STORE_IP,
    mailUrl: env.THROUGHLINE_MAIL_URL,
    mailFrom: env.THROUGHLINE_MAIL_FROM,
    smtpPort: env.THROUGHLINE_SMTP_PORT,
    smtpCert: env.THROUGHLINE_SMTP_CERT,
    smtpKey: env.THROUGHLINE_SMTP_KEY,
    outgoingAllow: env.THROUGHLINE_OUTGOING_ALLOW ?? [],
    roles,
  };
}

function parseRoles(argv: readonly string[], wrong: string[]): ReadonlySet<Role> {
  for (const word of argv) {
    if (!word.startsWith('--roles='))
      wrong.push(`${word} is not an option; the only one is --roles=${ROLES.join(',')}.`);
  }
  const argument = argv.find((word) => word.startsWith('--roles='));
  if (!argument) return new Set(ROLES);
  const names = argument.slice('--roles='.length).split(',');
  const bad = names.filter((name) => !(ROLES as readonly string[]).includes(name));
  if (bad.length > 0) wrong.push(`--roles: "${bad.join(', ')}" is not a role; the roles are ${ROLES.join(', ')}.`);
  return new Set(names.filter((name): name is Role => (ROLES as readonly string[]).includes(name)));
}
