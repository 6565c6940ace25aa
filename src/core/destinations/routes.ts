import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { filledText, Storable } from '../../kernel/storable.ts';
import { purposes } from '../privacy/purposes.ts';
import {
  createDestination,
  destinationById,
  listDestinations,
  removeDestination,
  rotateSecret,
  updateDestination,
  verifiersOf,
} from './destination.ts';
import { DestinationReply, shown } from './replies.ts';
import { CONDITION_LIMIT, FilesSettings, Filter, PURPOSES_LIMIT, WebhookSettings } from './settings.ts';

const NAME_LIMIT = 200;

const Name = filledText(NAME_LIMIT);
const Condition = Storable.trim()
  .max(CONDITION_LIMIT)
  .transform((text) => (text === '' ? null : text))
  .nullable()
  .describe('JSONata over the event (the data of the webhook); only where it is true does the event leave.');
const Purposes = z
  .array(z.string().max(100))
  .max(PURPOSES_LIMIT)
  .describe('What the receiver uses the data for; events of people who do not consent to all of them are held back.');
const SecretAccessKey = z.string().min(1).max(500).optional().describe('Of a bucket; it is never shown again.');

/** An id in a path; anything else than digits finds nothing. */
export const destinationParams = z.object({ id: z.string().regex(/^\d{1,9}$/, 'is not an id of a destination') });

export const KeysReply = z.object({
  keys: z.array(
    z.object({
      key: z.string().describe('whsec_… to verify v1 with, whpk_… for v1a.'),
      until: z.string().nullable().describe('Until when it signs beside the newest.'),
    }),
  ),
});
export type KeysReply = z.output<typeof KeysReply>;

export const ChoicesReply = z.object({
  exportsFolder: z.boolean().describe('Whether this server may write files to a folder.'),
  purposes: z.array(z.object({ key: z.string(), name: z.string(), needsConsent: z.boolean() })),
});
export type ChoicesReply = z.output<typeof ChoicesReply>;

export const destinationRoutes = [
  route({
    method: 'GET',
    path: '/api/destinations',
    summary: 'All destinations, in the order of their making, with how they do',
    permission: 'destinations.read',
    query: pageQuery,
    reply: pageOf(DestinationReply),
    run: async ({ context, caller, query }) => {
      const after = decodeCursor(query.cursor, z.number().int().min(0)) ?? 0;
      const found = await listDestinations(context, { after, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      return {
        items: await shown(context, caller, page),
        nextCursor: found.length > page.length && last ? encodeCursor(last.id) : null,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/destinations/choices',
    summary: 'What a destination can be given here: purposes, and whether files may go to a folder',
    permission: 'destinations.read',
    reply: ChoicesReply,
    run: async ({ context }) => ({
      exportsFolder: context.config.exportsDir !== undefined,
      purposes: (await purposes(context))
        .filter((purpose) => !purpose.archived)
        .map(({ key, name, needsConsent }) => ({ key, name, needsConsent })),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/destinations',
    summary: 'Make a destination: a webhook, or files',
    permission: 'destinations.write',
    body: z.object({
      name: Name,
      webhook: WebhookSettings.optional().describe('Of a webhook.'),
      files: FilesSettings.optional().describe('Of files.'),
      secretAccessKey: SecretAccessKey,
      filter: Filter.default({}),
      condition: Condition.default(null),
      purposes: Purposes.default([]),
    }),
    reply: DestinationReply,
    status: 201,
    run: async ({ context, caller, body }) => {
      const settings = body.webhook ?? body.files;
      if (!settings || (body.webhook && body.files)) {
        throw refuse.invalid('A destination is a webhook or files: give one of the two.');
      }
      const made = await createDestination(context, {
        name: body.name,
        kind: body.webhook ? 'webhook' : 'files',
        filter: body.filter,
        condition: body.condition,
        purposes: body.purposes,
        settings,
        notify: caller.email,
        ...(body.secretAccessKey ? { secretAccessKey: body.secretAccessKey } : {}),
      });
      return (await shown(context, caller, [made]))[0]!;
    },
  }),
  route({
    method: 'GET',
    path: '/api/destinations/{id}',
    summary: 'One destination',
    permission: 'destinations.read',
    params: destinationParams,
    reply: DestinationReply,
    run: async ({ context, caller, params }) =>
      (await shown(context, caller, [await destinationById(context, Number(params.id))]))[0]!,
  }),
  route({
    method: 'PATCH',
    path: '/api/destinations/{id}',
    summary: 'Rename a destination, switch it on or off, change what leaves and where to',
    permission: 'destinations.write',
    params: destinationParams,
    body: z.object({
      name: Name.optional(),
      enabled: z.boolean().optional(),
      webhook: WebhookSettings.optional(),
      files: FilesSettings.optional(),
      secretAccessKey: SecretAccessKey,
      filter: Filter.optional(),
      condition: Condition.optional(),
      purposes: Purposes.optional(),
    }),
    reply: DestinationReply,
    run: async ({ context, caller, params, body }) => {
      const { webhook, files, ...rest } = body;
      const before = await destinationById(context, Number(params.id));
      if ((before.kind === 'webhook' && files) || (before.kind === 'files' && webhook)) {
        throw refuse.invalid(`This destination is ${before.kind === 'files' ? 'files' : 'a webhook'}, and stays so.`);
      }
      const changed = await updateDestination(context, before.id, { ...rest, settings: webhook ?? files });
      return (await shown(context, caller, [changed]))[0]!;
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/destinations/{id}',
    summary: 'Remove a destination with its log; whom it got events of stays on record',
    permission: 'destinations.write',
    params: destinationParams,
    reply: z.object({}),
    run: async ({ context, params }) => {
      await removeDestination(context, Number(params.id));
      return {};
    },
  }),
  route({
    method: 'GET',
    path: '/api/destinations/{id}/keys',
    summary: 'What the receiver of a webhook verifies signatures with',
    permission: 'destinations.write',
    params: destinationParams,
    reply: KeysReply,
    run: async ({ context, params }) => ({ keys: verifiersOf(await destinationById(context, Number(params.id))) }),
  }),
  route({
    method: 'POST',
    path: '/api/destinations/{id}/keys',
    summary: 'Give a webhook a new secret; the old one signs beside it for 24 hours',
    permission: 'destinations.write',
    params: destinationParams,
    reply: KeysReply,
    status: 201,
    run: async ({ context, params }) => ({ keys: verifiersOf(await rotateSecret(context, Number(params.id))) }),
  }),
];
