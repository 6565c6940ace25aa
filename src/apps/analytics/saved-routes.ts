import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { type Route, route } from '../../kernel/route.ts';
import { shortText } from '../../kernel/storable.ts';
import { setFavourite } from './favourites.ts';
import {
  changeSaved,
  createSaved,
  deleteSaved,
  getSaved,
  listSaved,
  restoreVersion,
  type Saved,
  type SavedChange,
  type SavedKind,
  savedVersions,
  undeleteSaved,
} from './saved.ts';

const NAME_LIMIT = 200;
const DESCRIPTION_LIMIT = 2000;
const Q_LIMIT = 200;

export const SavedName = shortText(NAME_LIMIT)
  .transform((name) => name.trim())
  .pipe(z.string().min(1));
const Description = shortText(DESCRIPTION_LIMIT);
export const SavedId = z
  .string()
  .regex(/^\d{1,15}$/, 'is not an id')
  .transform(Number);
const params = z.object({ id: SavedId });

/** What is known of each saved thing beside its content. */
export const SavedAbout = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  ownerName: z.string(),
  mine: z.boolean(),
  shared: z.boolean(),
  favourite: z.boolean().describe("Whether it is one of the caller's favourites."),
  version: z.number(),
  createdAt: z.iso.datetime(),
  changedAt: z.iso.datetime(),
  changedBy: z.string(),
});
export type SavedAbout = z.output<typeof SavedAbout>;

/** A former version, with its content as it would be shown now. */
export const SavedVersionAbout = z.object({
  version: z.number(),
  name: z.string(),
  description: z.string(),
  at: z.iso.datetime(),
  byName: z.string(),
});
export type SavedVersionAbout = z.output<typeof SavedVersionAbout>;

export const about = ({ content: _, ...saved }: Saved) => ({
  ...saved,
  id: String(saved.id),
  createdAt: saved.createdAt.toISOString(),
  changedAt: saved.changedAt.toISOString(),
});

const Place = z.object({ favourite: z.boolean(), at: z.iso.datetime(), id: z.number().int().min(0) });

export interface SavedNoun<In extends z.ZodType, Shown extends z.ZodType, Listed extends z.ZodType> {
  kind: SavedKind;
  /** `/api/reports` */
  path: string;
  /** What may be saved. */
  content: In;
  /** How it is shown, and what the list tells of it. */
  shown: Shown;
  listed: Listed;
  /** Checks what is to be saved beyond its shape. `before` is the content that it replaces. */
  check(context: Context, caller: Caller, content: z.output<In>, before: unknown): Promise<unknown>;
  show(context: Context, caller: Caller, content: unknown): Promise<z.input<Shown>>;
  list(content: unknown): z.input<Listed>;
  /** Refuses a deletion that would break something. */
  mayDelete?(context: Context, caller: Caller, id: number): Promise<void>;
  /** What it is for all to see, whoever made it. */
  alwaysShared?: boolean;
}

interface New<In extends z.ZodType> {
  name: string;
  description: string;
  content: z.output<In>;
  shared: boolean;
}

/** The endpoints of a kind of saved thing: list, make, look, change, delete and take that back, favourites, versions. */
export function savedRoutes<In extends z.ZodType, Shown extends z.ZodType, Listed extends z.ZodType>(
  noun: SavedNoun<In, Shown, Listed>,
): Route[] {
  const { kind, path } = noun;
  const reply = SavedAbout.extend({ content: noun.shown });
  const summary = SavedAbout.extend({ about: noun.listed });
  const version = SavedVersionAbout.extend({ content: noun.shown });
  const whole = async (context: Context, caller: Caller, saved: Saved) =>
    ({ ...about(saved), content: await noun.show(context, caller, saved.content) }) as z.input<typeof reply>;
  return [
    route({
      method: 'GET',
      path,
      summary: `The caller's own ${kind}s and the shared ones: favourites first, then the last changed`,
      permission: 'reports.read',
      query: pageQuery.extend({
        q: shortText(Q_LIMIT).optional().describe('A part of the name or the description.'),
        of: shortText(40).optional().describe('Of reports, only those of this kind: funnel, journeyMap.'),
        favourites: z.stringbool().default(false).describe("Only the caller's favourites."),
      }),
      reply: pageOf(summary),
      run: async ({ context, caller, query }) => {
        const after = decodeCursor(query.cursor, Place);
        const found = await listSaved(context, caller, kind, {
          ...query,
          q: query.q,
          of: query.of,
          after,
          limit: query.limit + 1,
        });
        const page = found.slice(0, query.limit);
        const last = page.at(-1);
        const next = last && { favourite: last.favourite, at: last.changedAt.toISOString(), id: last.id };
        return {
          items: page.map((one) => ({ ...about(one), about: noun.list(one.content) })) as z.input<typeof summary>[],
          nextCursor: found.length > page.length ? encodeCursor(next) : null,
        };
      },
    }),
    route({
      method: 'POST',
      path,
      summary: `Save a ${kind}`,
      permission: 'reports.write',
      body: z.object({
        name: SavedName,
        description: Description.default(''),
        content: noun.content,
        shared: z.boolean().default(noun.alwaysShared ?? false),
      }),
      reply,
      status: 201,
      run: async ({ context, caller, body }) => {
        const input = body as New<In>;
        const content = await noun.check(context, caller, input.content, null);
        const shared = noun.alwaysShared ?? input.shared;
        return whole(context, caller, await createSaved(context, caller, kind, { ...input, content, shared }));
      },
    }),
    route({
      method: 'GET',
      path: `${path}/{id}`,
      summary: `A saved ${kind}`,
      permission: 'reports.read',
      params,
      reply,
      run: async ({ context, caller, params }) =>
        whole(context, caller, await getSaved(context, caller, kind, params.id)),
    }),
    route({
      method: 'PATCH',
      path: `${path}/{id}`,
      summary: `Change a ${kind}; what it was is kept as a version`,
      permission: 'reports.write',
      params,
      body: z.object({
        name: SavedName.optional(),
        description: Description.optional(),
        content: noun.content.optional(),
        shared: z.boolean().optional(),
        version: z.number().int().describe('The version that was changed; refused where it is not the present one.'),
      }),
      reply,
      run: async ({ context, caller, params, body }) => {
        const { content, ...rest } = body as Partial<New<In>> & { version: number };
        const change: SavedChange = { ...rest, ...(noun.alwaysShared ? { shared: undefined } : {}) };
        if (content !== undefined) {
          const before = await getSaved(context, caller, kind, params.id);
          change.content = await noun.check(context, caller, content, before.content);
        }
        return whole(context, caller, await changeSaved(context, caller, kind, params.id, change));
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/{id}`,
      summary: `Delete a ${kind}; a restoration brings it back within 30 days`,
      permission: 'reports.write',
      params,
      reply: z.object({ id: z.string() }),
      run: async ({ context, caller, params }) => {
        await noun.mayDelete?.(context, caller, params.id);
        await deleteSaved(context, caller, kind, params.id);
        return { id: String(params.id) };
      },
    }),
    route({
      method: 'POST',
      path: `${path}/{id}/restoration`,
      summary: `Take the deletion of a ${kind} back`,
      permission: 'reports.write',
      params,
      reply,
      run: async ({ context, caller, params }) =>
        whole(context, caller, await undeleteSaved(context, caller, kind, params.id)),
    }),
    route({
      method: 'PUT',
      path: `${path}/{id}/favourite`,
      summary: `Make a ${kind} one of the caller's favourites, or not`,
      permission: 'reports.read',
      params,
      body: z.object({ favourite: z.boolean() }),
      reply: z.object({ id: z.string(), favourite: z.boolean() }),
      run: async ({ context, caller, params, body }) => {
        await setFavourite(context, caller, kind, params.id, body.favourite);
        return { id: String(params.id), favourite: body.favourite };
      },
    }),
    route({
      method: 'GET',
      path: `${path}/{id}/versions`,
      summary: `What a ${kind} was, the latest first: the last 50 versions`,
      permission: 'reports.read',
      params,
      query: pageQuery,
      reply: pageOf(version),
      run: async ({ context, caller, params, query }) => {
        const before = decodeCursor(query.cursor, z.number().int().min(0));
        const found = await savedVersions(context, caller, kind, params.id, { before, limit: query.limit + 1 });
        const page = found.slice(0, query.limit);
        const shown = page.map(async (one) => ({
          ...one,
          at: one.at.toISOString(),
          content: await noun.show(context, caller, one.content),
        }));
        return {
          items: (await Promise.all(shown)) as z.input<typeof version>[],
          nextCursor: found.length > page.length ? encodeCursor(page.at(-1)?.version) : null,
        };
      },
    }),
    route({
      method: 'POST',
      path: `${path}/{id}/versions/{version}/restoration`,
      summary: `Make a former version of a ${kind} the present one`,
      permission: 'reports.write',
      params: params.extend({ version: SavedId }),
      reply,
      run: async ({ context, caller, params }) =>
        whole(context, caller, await restoreVersion(context, caller, kind, params.id, params.version)),
    }),
  ];
}
