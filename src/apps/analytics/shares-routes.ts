import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { shortText } from '../../kernel/storable.ts';
import { refusePersonalOutside } from './outside.ts';
import { getSaved } from './saved.ts';
import { SavedId } from './saved-routes.ts';
import {
  createShare,
  LIFETIME,
  listShares,
  ORIGINS_LIMIT,
  PASSWORD_LENGTH,
  revokeShare,
  type Share,
} from './shares.ts';

const NAME_LIMIT = 200;

const SavedKindShared = z.enum(['report', 'dashboard']);

/** A site as browsers name it, without a path: https://intranet.example.com, or with a port. */
const Origin = z
  .string()
  .max(300)
  .transform((text, issue) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    const isOrigin = url && /^https?:$/.test(url.protocol) && !url.username && /^[^*;,\s']+$/.test(url.host);
    if (isOrigin && ['', '/'].includes(url.pathname) && !url.search && !url.hash) return url.origin;
    issue.addIssue({ code: 'custom', message: 'is not a site like https://intranet.example.com' });
    return z.NEVER;
  });

const NewShare = z.strictObject({
  kind: SavedKindShared,
  savedId: SavedId.in.transform(Number),
  name: shortText(NAME_LIMIT).default('').describe('What the link is for.'),
  expiresInSeconds: z
    .int()
    .min(LIFETIME.min)
    .max(LIFETIME.max)
    .default(30 * 86_400),
  password: shortText(PASSWORD_LENGTH.max).min(PASSWORD_LENGTH.min).nullable().default(null),
  origins: z.array(Origin).max(ORIGINS_LIMIT).default([]).describe('Sites that may show it in a frame.'),
});

export const ShownShare = z.object({
  id: z.string(),
  kind: SavedKindShared,
  savedId: z.string(),
  savedName: z.string(),
  name: z.string(),
  hasPassword: z.boolean(),
  origins: z.array(z.string()),
  ownerName: z.string(),
  mine: z.boolean(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
  uses: z.number(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type ShownShare = z.output<typeof ShownShare>;

export const MadeShare = z.object({
  share: ShownShare,
  link: z.string().describe('The address that shows it. It is not stored and cannot be shown again.'),
  frame: z.string().nullable().describe('HTML for a page of one of the origins; null where there is none.'),
});
export type MadeShare = z.output<typeof MadeShare>;

const shown = ({ id, savedId, uses, ...share }: Share): ShownShare => ({
  ...share,
  id: String(id),
  savedId: String(savedId),
  uses: Number(uses),
  createdAt: share.createdAt.toISOString(),
  expiresAt: share.expiresAt.toISOString(),
  revokedAt: share.revokedAt?.toISOString() ?? null,
  lastUsedAt: share.lastUsedAt?.toISOString() ?? null,
});

export const shareRoutes = [
  route({
    method: 'GET',
    path: '/api/shares',
    summary: 'Links that show reports and dashboards to whoever has them',
    permission: 'reports.read',
    query: pageQuery.extend({ savedId: SavedId.optional().describe('Of this report or dashboard alone.') }),
    reply: pageOf(ShownShare),
    run: async ({ context, caller, query: { savedId, limit, cursor } }) => {
      const before = decodeCursor(cursor, z.int());
      const found = await listShares(context, caller, { savedId, before, limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        items: page.map(shown),
        nextCursor: found.length > page.length && last ? encodeCursor(Number(last.id)) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/shares',
    summary: 'Make a link that shows a saved report or dashboard, without personal data',
    permission: 'reports.write',
    body: NewShare,
    reply: MadeShare,
    status: 201,
    run: async ({ context, caller, body: { kind, savedId, expiresInSeconds, ...input } }) => {
      if (input.password !== null && input.origins.length > 0)
        throw refuse.invalid(
          'Browsers keep no password for a page in a frame of another site. Make two links: one with a password, one to embed.',
        );
      const saved = await getSaved(context, caller, kind, savedId);
      await refusePersonalOutside(context, caller, kind, saved);
      const made = await createShare(context, caller, { ...input, savedId, seconds: expiresInSeconds });
      const link = `${context.url()}/share/${made.token}`;
      const frame = input.origins.length
        ? `<iframe src="${link}" width="100%" height="600" style="border:0" loading="lazy" referrerpolicy="no-referrer" title="Throughline"></iframe>`
        : null;
      return { share: shown(made.share), link, frame };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/shares/{id}',
    summary: 'Revoke a link: it opens nothing from now on',
    permission: 'reports.write',
    params: z.object({ id: SavedId }),
    reply: ShownShare,
    run: async ({ context, caller, params }) => shown(await revokeShare(context, caller, params.id)),
  }),
];
