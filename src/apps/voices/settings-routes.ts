import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { route } from '../../kernel/route.ts';
import { askService } from './service.ts';
import { readSettings, SettingsInput, VoicesSettings, writeSettings } from './settings.ts';

export const SettingsReply = VoicesSettings.extend({
  serviceKeyKept: z.boolean(),
  state: z.object({
    following: z.boolean().describe('Whether events were looked at already.'),
    lookingBack: z.boolean().describe('Whether events of before are still looked at.'),
    lookedBack: z.number().describe('Voices found among the events of before.'),
    waiting: z.number().describe('Voices that are not understood yet.'),
    tokensToday: z.number(),
    trouble: z.string().nullable().describe('Why the service could not be asked the last time.'),
    restsUntil: z.string().nullable(),
  }),
});
export type SettingsReply = z.output<typeof SettingsReply>;

async function shown(context: Context): Promise<SettingsReply> {
  const { rows } = await context.records.pool.query<{
    key: boolean;
    following: boolean;
    back: boolean;
    backfilled: number;
    waiting: number;
    tokens: number;
    trouble: string | null;
    rests: Date | null;
  }>(
    `SELECT service_key IS NOT NULL AS key, block IS NOT NULL AS following, backfill_before IS NOT NULL AS back, backfilled,
       (SELECT count(*) FROM voices_voices WHERE understood_at IS NULL OR stale) AS waiting,
       CASE WHEN service_day = current_date THEN service_tokens ELSE 0 END AS tokens, service_trouble AS trouble,
       CASE WHEN service_rest_until > now() THEN service_rest_until END AS rests FROM voices_state`,
  );
  const { key, following, back, backfilled, waiting, tokens, trouble, rests } = rows[0]!;
  return {
    ...(await readSettings(context)),
    serviceKeyKept: key,
    state: {
      following,
      lookingBack: back,
      lookedBack: backfilled,
      waiting,
      tokensToday: tokens,
      trouble,
      restsUntil: rests?.toISOString() ?? null,
    },
  };
}

export const settingsRoutes = [
  route({
    method: 'GET',
    path: '/api/voices/settings',
    summary: 'What is followed, how it is understood, and the feedback widget',
    permission: 'voices.read',
    reply: SettingsReply,
    run: ({ context }) => shown(context),
  }),
  route({
    method: 'PUT',
    path: '/api/voices/settings',
    summary: 'Change these settings; a key that is left out stays',
    permission: 'voiceSettings.write',
    body: SettingsInput,
    reply: SettingsReply,
    async run({ context, body }) {
      await writeSettings(context, body);
      return shown(context);
    },
  }),
  route({
    method: 'POST',
    path: '/api/voices/settings/try',
    summary: 'Ask the configured service about a text',
    permission: 'voiceSettings.write',
    body: z.object({ text: z.string().min(1).max(2000) }),
    reply: z.object({
      said: z
        .object({
          language: z.string(),
          sentiment: z.number(),
          effort: z.number().nullable(),
          topics: z.array(z.number()),
        })
        .nullable(),
      trouble: z.string().nullable(),
    }),
    async run({ context, body, signal }) {
      const settings = await readSettings(context);
      const [said] = (await askService(context, settings, [{ text: body.text, names: [] }], [], { signal })) ?? [];
      const { state } = await shown(context);
      const limit = state.tokensToday > 0 ? 'The tokens of today are used up.' : null;
      const off = settings.service.on ? limit : 'The service is switched off.';
      return { said: said ?? null, trouble: said ? null : (state.trouble ?? off) };
    },
  }),
];
