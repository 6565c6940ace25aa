import type { Hono, Context as HonoContext } from 'hono';
import { z } from 'zod';
import { acceptEvents, assertOpen } from '../../core/intake/accept.ts';
import { answerPreflight, answerRefused, plain, withOrigin } from '../../core/intake/answers.ts';
import { callOf, deliveryOf, readText } from '../../core/intake/call.ts';
import { authenticate } from '../../core/intake/write-key.ts';
import { normalIds } from '../../core/people/visitor.ts';
import { ofStore } from '../../core/query/of-store.ts';
import { registerSdkConfig } from '../../core/sdk/config.ts';
import { Allowance } from '../../kernel/allowance.ts';
import { clientAddress, networkOf } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { isLanguage } from '../../kernel/text.ts';
import { keepPicture, PICTURE_BYTES } from './pictures.ts';
import { readSettings, type VoicesSettings } from './settings.ts';
import { FEEDBACK } from './voice-of.ts';

/** Characters of a feedback: what people type into a small box. */
export const FEEDBACK_LIMIT = 5000;
/** Feedback of one network, at once and a minute. A whole office may stand behind one address. */
export const FEEDBACK_A_MINUTE = 120;

const networks = new WeakMap<object, Allowance>();

const words = (limit: number) =>
  z
    .string()
    .max(limit)
    .transform((text) => text.replaceAll('\0', '').toWellFormed())
    .optional();

const Feedback = z
  .object({
    writeKey: z.string().max(200).optional(),
    feedbackId: z
      .guid()
      .transform((id) => id.toLowerCase())
      .optional(),
    anonymousId: words(512),
    userId: words(512),
    text: words(FEEDBACK_LIMIT),
    score: z.number().min(0).max(100).optional(),
    scale: z.number().min(1).max(100).optional(),
    url: z
      .string()
      .max(2000)
      .regex(/^https?:\/\//i, 'is not an address of a page')
      .optional(),
    path: words(500),
    title: words(500),
    element: words(500),
    email: z.email().max(254).optional(),
    language: z
      .string()
      .max(35)
      .regex(/^[\w-]*$/)
      .optional(),
    picture: z
      .base64()
      .max(Math.ceil((PICTURE_BYTES * 4) / 3) + 4)
      .optional()
      .describe('Recorded events as JSON, packed by gzip, as base64.'),
  })
  .refine((one) => one.anonymousId || one.userId, { error: 'needs anonymousId or userId' })
  .refine((one) => one.text?.trim() || one.score !== undefined, { error: 'needs words in text, or a score' })
  .refine((one) => one.score === undefined || one.score <= (one.scale ?? 5), { error: 'has a score above its scale' });

/** What the widget in a page sends: POST /v1/feedback, by the write key of a source. */
export function mountFeedback(hono: Hono, context: Context): void {
  hono.post('/v1/feedback', async (http: HonoContext) => {
    const call = callOf(http);
    try {
      assertOpen(context);
      const wait = ofStore(networks, context, () => new Allowance(FEEDBACK_A_MINUTE, 60)).take(
        networkOf(clientAddress(http, context.config.proxies) ?? 'unknown'),
      );
      if (wait > 0) throw refuse.tooMany('Too much feedback comes from this network. Wait a moment.', wait);
      const json = parse(await readText(call));
      const source = await authenticate(context, call, json.writeKey);
      const parsed = Feedback.safeParse(json);
      if (!parsed.success) throw refuse.invalid(`This is not feedback: ${z.prettifyError(parsed.error)}`);
      const { settings, feedback } = { settings: await readSettings(context), feedback: parsed.data };
      if (!settings.feedback.on) throw new Refusal(403, 'switched_off', 'Feedback is not asked for here.');
      const id = feedback.feedbackId ?? crypto.randomUUID();
      const { hasPicture, refused } = await tryPicture(context, id, feedback, source.id);
      const { anonymousId, userId, email, url, path, title, language } = feedback;
      await acceptEvents(context, {
        sourceId: source.id,
        ...deliveryOf(call, context.config),
        protocol: 'segment',
        events: [
          {
            type: 'track',
            // The same feedback sent again is the same event.
            messageId: id,
            event: FEEDBACK,
            ...(anonymousId ? { anonymousId } : {}),
            ...(userId ? { userId } : {}),
            properties: {
              text: feedback.text?.trim() ?? '',
              ...(feedback.score === undefined ? {} : { score: feedback.score, scale: feedback.scale ?? 5 }),
              path: path ?? (url ? new URL(url).pathname.slice(0, 500) : ''),
              element: feedback.element ?? '',
              feedbackId: id,
              hasPicture,
              ...(email ? { email } : {}),
              ...(language ? { language } : {}),
            },
            context: {
              page: { ...(url ? { url } : {}), ...(path ? { path } : {}), ...(title ? { title } : {}) },
              ...(language ? { locale: language } : {}),
            },
            channel: 'web',
            timestamp: new Date().toISOString(),
          },
        ],
      });
      const answer = { feedbackId: id, picture: hasPicture, ...(refused ? { pictureRefused: refused } : {}) };
      return Response.json(answer, { headers: withOrigin(call, {}) });
    } catch (error) {
      return answerRefused(call, plain, error);
    }
  });
  hono.options('/v1/feedback', (http) => answerPreflight(callOf(http)));
}

function parse(text: string): { writeKey?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw refuse.invalid('The body is not a JSON object.');
}

/** What customers say is kept even where their picture is one too many, which is told; what is no picture is refused. */
async function tryPicture(
  context: Context,
  id: string,
  feedback: z.output<typeof Feedback>,
  sourceId: number,
): Promise<{ hasPicture: boolean; refused?: string }> {
  if (feedback.picture === undefined) return { hasPicture: false };
  const { anonymousId = '', userId = '' } = await normalIds(context.records.pool, feedback);
  try {
    await keepPicture(context, id, Buffer.from(feedback.picture, 'base64'), { sourceId, anonymousId, userId });
    return { hasPicture: true };
  } catch (error) {
    if (!(error instanceof Refusal)) return { hasPicture: false };
    if (error.status !== 429) throw error;
    return { hasPicture: false, refused: error.message };
  }
}

registerSdkConfig('feedback', async (context, { url, language }) => {
  const { feedback } = await readSettings(context);
  return feedback.on && shownAt(feedback.pages, url) ? widgetConfig(feedback, language) : undefined;
});

function widgetConfig({ on: _, pages: __, texts, ...rest }: VoicesSettings['feedback'], language: string | undefined) {
  const own = language?.toLowerCase().split('-')[0];
  return { ...rest, texts: (isLanguage(own) && texts[own]) || texts.en || {} };
}

/** Whether a page is among the patterns, in which * stands for anything; no patterns mean every page. */
function shownAt(pages: readonly string[], url: string | undefined): boolean {
  if (pages.length === 0) return true;
  const path = url && URL.canParse(url) ? new URL(url).pathname : (url ?? '');
  return pages.some((pattern) => fits(pattern, path));
}

function fits(pattern: string, path: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === path;
  if (!path.startsWith(parts[0]!)) return false;
  let at = parts[0]!.length;
  for (const part of parts.slice(1, -1)) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const last = parts.at(-1)!;
  return path.length - last.length >= at && path.endsWith(last);
}
