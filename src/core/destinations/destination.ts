import type { Selectable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { compileMapping } from '../intake/mapping/mapping.ts';
import { purposes as allPurposes } from '../privacy/purposes.ts';
import {
  checkFiles,
  checkWebhook,
  type FilesSettings,
  type Filter,
  type Secrets,
  type Settings,
  type WebhookSettings,
} from './settings.ts';
import { newSecret, rotated, verifierOf } from './signing.ts';
import type { DestinationTables } from './tables.ts';

const DESTINATIONS_LIMIT = 200;
const LAST_ID = 2_147_483_647;

interface Common {
  id: number;
  name: string;
  enabled: boolean;
  filter: Filter;
  condition: string | null;
  /** What the receiver uses the data for. */
  purposes: string[];
  secrets: Secrets;
  createdAt: Date;
  notify: string | null;
  stopped: 'failing' | 'gone' | null;
  failingSince: Date | null;
  lastSuccessAt: Date | null;
  lastError: string | null;
  pausedUntil: Date | null;
}
export type Webhook = Common & { kind: 'webhook'; settings: WebhookSettings };
export type Files = Common & { kind: 'files'; settings: FilesSettings };
export type Destination = Webhook | Files;

export interface NewDestination {
  name: string;
  kind: 'webhook' | 'files';
  filter: Filter;
  condition: string | null;
  purposes: string[];
  settings: Settings;
  secretAccessKey?: string;
  notify: string | null;
}

/** Makes a destination. Refuses (400) settings that cannot work, unknown purposes, and with 409 more than DESTINATIONS_LIMIT. */
export async function createDestination(context: Context, input: NewDestination): Promise<Destination> {
  const settings = checked(context, input.kind, input.settings);
  await checkChoice(context, input.kind, input);
  const { count } = await tables(context)
    .selectFrom('destinations')
    .select((select) => select.fn.countAll<number>().as('count'))
    .where('removed_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (Number(count) >= DESTINATIONS_LIMIT) {
    throw refuse.conflict(`There are ${DESTINATIONS_LIMIT} destinations, the most there can be. Remove one first.`);
  }
  const secrets: Secrets =
    input.kind === 'webhook'
      ? { keys: [{ secret: newSecret((settings as WebhookSettings).signature), until: null }] }
      : input.secretAccessKey
        ? { secretAccessKey: input.secretAccessKey }
        : {};
  checkSecret(settings, secrets);
  const row = await tables(context)
    .insertInto('destinations')
    .values({
      name: input.name,
      kind: input.kind,
      filter: JSON.stringify(input.filter),
      condition: input.condition,
      purposes: input.purposes,
      settings: JSON.stringify(settings),
      secrets: JSON.stringify(secrets),
      notify: input.notify,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return destinationOf(row);
}

export interface DestinationChange {
  name?: string | undefined;
  enabled?: boolean | undefined;
  filter?: Filter | undefined;
  condition?: string | null | undefined;
  purposes?: string[] | undefined;
  settings?: Settings | undefined;
  secretAccessKey?: string | undefined;
}

/** Changes what is given. Switching on forgets that it failed. Refuses as createDestination, and with 404. */
export async function updateDestination(context: Context, id: number, change: DestinationChange): Promise<Destination> {
  const before = await destinationById(context, id);
  const settings = change.settings ? checked(context, before.kind, change.settings) : undefined;
  await checkChoice(context, before.kind, change);
  const secrets = { ...before.secrets };
  if (change.secretAccessKey && before.kind === 'files') secrets.secretAccessKey = change.secretAccessKey;
  if (settings && before.kind === 'webhook' && (settings as WebhookSettings).signature !== before.settings.signature) {
    secrets.keys = rotated(secrets.keys ?? [], (settings as WebhookSettings).signature, Date.now());
  }
  checkSecret(settings ?? before.settings, secrets);
  const row = await tables(context)
    .updateTable('destinations')
    .set({
      ...(change.name === undefined ? {} : { name: change.name }),
      ...(change.filter === undefined ? {} : { filter: JSON.stringify(change.filter) }),
      ...(change.condition === undefined ? {} : { condition: change.condition }),
      ...(change.purposes === undefined ? {} : { purposes: change.purposes }),
      ...(settings === undefined ? {} : { settings: JSON.stringify(settings), paused_until: null }),
      ...(change.enabled === undefined ? {} : { enabled: change.enabled }),
      ...(change.enabled ? { stopped: null, stopped_at: null, failing_since: null, paused_until: null } : {}),
      secrets: JSON.stringify(secrets),
    })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw none(id);
  return destinationOf(row);
}

/** Gives a webhook a new secret; the old one signs beside it for a day. Refuses with 400 for files, with 404. */
export async function rotateSecret(context: Context, id: number): Promise<Destination> {
  const before = await destinationById(context, id);
  if (before.kind !== 'webhook') throw refuse.invalid('Only a webhook has a secret that signs.');
  const keys = rotated(before.secrets.keys ?? [], before.settings.signature, Date.now());
  const row = await tables(context)
    .updateTable('destinations')
    .set({ secrets: JSON.stringify({ ...before.secrets, keys }) })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw none(id);
  return destinationOf(row);
}

/** What receivers verify with, the newest first. */
export function verifiersOf(destination: Destination): { key: string; until: string | null }[] {
  const valid = (destination.secrets.keys ?? []).filter((key) => !key.until || Date.parse(key.until) > Date.now());
  return valid.map((key) => ({ key: verifierOf(key.secret), until: key.until }));
}

/** Removes a destination with its log and its secrets; whom it got events of stays on record. Refuses with 404. */
export async function removeDestination(context: Context, id: number): Promise<void> {
  const row = await tables(context)
    .updateTable('destinations')
    .set({ removed_at: new Date(), enabled: false, secrets: '{}' })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (!row) throw none(id);
  await context.records.pool.query('DELETE FROM destinations_deliveries WHERE destination_id = $1', [id]);
}

/** The destination with this id; refuses with 404 where there is none. */
export async function destinationById(context: Context, id: number): Promise<Destination> {
  const row =
    Number.isInteger(id) && id > 0 && id <= LAST_ID
      ? await tables(context)
          .selectFrom('destinations')
          .selectAll()
          .where('id', '=', id)
          .where('removed_at', 'is', null)
          .executeTakeFirst()
      : undefined;
  if (!row) throw none(id);
  return destinationOf(row);
}

/** Destinations in the order of their making, those with an id above `after`. */
export async function listDestinations(
  context: Pick<Context, 'records'>,
  page: { after: number; limit: number },
): Promise<Destination[]> {
  const rows = await tables(context)
    .selectFrom('destinations')
    .selectAll()
    .where('removed_at', 'is', null)
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute();
  return rows.map(destinationOf);
}

function checked(context: Context, kind: 'webhook' | 'files', settings: Settings): Settings {
  return kind === 'webhook'
    ? checkWebhook(context.config, settings as WebhookSettings)
    : checkFiles(context.config, settings as FilesSettings);
}

function checkSecret(settings: Settings, secrets: Secrets): void {
  if ('place' in settings && settings.place.kind === 's3' && !secrets.secretAccessKey) {
    throw refuse.invalid('A bucket needs the secret of its access key: give secretAccessKey.');
  }
}

async function checkChoice(
  context: Context,
  kind: 'webhook' | 'files',
  choice: { condition?: string | null | undefined; purposes?: string[] | undefined },
): Promise<void> {
  if (choice.condition) {
    if (kind === 'files') {
      throw refuse.invalid('Files are chosen by names, types, channels and sources; a condition is for webhooks.');
    }
    compileMapping(choice.condition);
  }
  if (choice.purposes && choice.purposes.length > 0) {
    const known = new Set((await allPurposes(context)).map((purpose) => purpose.key));
    const unknown = choice.purposes.find((purpose) => !known.has(purpose));
    if (unknown) throw refuse.invalid(`There is no purpose "${unknown}". The purposes are ${[...known].join(', ')}.`);
  }
}

const none = (id: number) => refuse.notFound(`There is no destination ${id}.`);

const tables = (context: Pick<Context, 'records'>) => context.records.tables<DestinationTables>();

export function destinationOf(row: Selectable<DestinationTables['destinations']>): Destination {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    enabled: row.enabled,
    filter: row.filter,
    condition: row.condition,
    purposes: row.purposes,
    settings: row.settings,
    secrets: row.secrets,
    createdAt: row.created_at,
    notify: row.notify,
    stopped: row.stopped,
    failingSince: row.failing_since,
    lastSuccessAt: row.last_success_at,
    lastError: row.last_error,
    pausedUntil: row.paused_until,
  } as Destination;
}
