import type { Hono, Context as HonoContext } from 'hono';
import { z } from 'zod';
import { answerPreflight, answerRefused, plain, withOrigin } from '../../core/intake/answers.ts';
import { type Call, callOf, readBytes } from '../../core/intake/call.ts';
import { authenticate } from '../../core/intake/write-key.ts';
import { ofStore } from '../../core/query/of-store.ts';
import { Allowance } from '../../kernel/allowance.ts';
import { clientAddress, networkOf } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { answer } from './answering.ts';
import { FieldName, Id, TraitName } from './condition.ts';
import { FILE_LIMIT, storeFile } from './files.ts';
import type { Answers } from './logic.ts';
import { Language } from './question.ts';
import { beginResponse, dismissResponse } from './responses.ts';
import { SurveyChannel } from './shapes.ts';

/** Bytes of a call with answers; files have a limit of their own. */
const CALL_BYTES = 256 * 1024;
/** Calls of one network: at once, and again a minute. A whole office may stand behind one address. */
const A_MINUTE = { begin: 120, answer: 1200, file: 30 };
/** Files that one network may hand in at once, and again within 24 hours; see FILES_A_DAY for what else bounds them. */
export const NETWORK_FILES_A_DAY = 300;
const DAY_SECONDS = 86_400;
const DEPTH_LIMIT = 6;

const limits = new WeakMap<object, Record<keyof typeof A_MINUTE, Allowance>>();
const limitsOf = (context: Context) =>
  ofStore(limits, context, () => ({
    begin: new Allowance(A_MINUTE.begin, 60),
    answer: new Allowance(A_MINUTE.answer, 60),
    file: new Allowance(A_MINUTE.file, 60),
  }));

const Uuid = z.uuid();
const Given = z.record(Id, z.unknown()).refine((value) => Object.keys(value).length <= 200, 'Too many answers.');
const anyId = z.string().min(1).max(512);
const Url = z
  .string()
  .max(2000)
  .regex(/^https?:\/\//)
  .transform((url) => url.split(/[?#]/)[0]!);

const Begin = z.object({
  version: z.int().positive(),
  language: Language,
  channel: SurveyChannel.default('popover'),
  token: z.string().max(100).optional(),
  writeKey: z.string().max(200).optional(),
  anonymousId: anyId.optional(),
  userId: anyId.optional(),
  fields: z
    .record(FieldName, z.string().max(500))
    .default({})
    .refine((value) => Object.keys(value).length <= 50),
  traits: z
    .record(TraitName, z.union([z.string().max(500), z.number(), z.boolean(), z.null()]))
    .default({})
    .refine((value) => Object.keys(value).length <= 50),
  page: Url.optional(),
  answers: Given.default({}),
  complete: z.boolean().default(false),
});

const Put = z.object({
  secret: z.string().max(100),
  version: z.int().positive(),
  answers: Given.default({}),
  complete: z.boolean().default(false),
  language: Language.optional(),
  page: Url.optional(),
  token: z.string().max(100).optional(),
  anonymousId: anyId.optional(),
});

const daily = new WeakMap<object, Allowance>();
/** What is left to each network today, in this process. */
export const filesOfNetworks = (context: Context) =>
  ofStore(daily, context, () => new Allowance(NETWORK_FILES_A_DAY, DAY_SECONDS));

const networkAt = (http: HonoContext, { config }: Context) =>
  networkOf(clientAddress(http, config.proxies) ?? 'unknown');

type Run = (call: Call, context: Context) => Promise<{ status: number; body?: unknown }>;

/** What the renderer, in whatever page, calls; any site's page may read the answers, and no cookie is looked at. */
export function mountSurveyApi(hono: Hono, context: Context): void {
  const serve = (kind: keyof typeof A_MINUTE, run: Run) => async (http: HonoContext) => {
    const call = callOf(http);
    try {
      const wait = limitsOf(context)[kind].take(networkAt(http, context));
      if (wait > 0) throw refuse.tooMany('Too many calls from this network. Wait a moment, then go on.', wait);
      const { status, body } = await run(call, context);
      const headers = withOrigin(call, { 'cache-control': 'no-store', 'content-type': 'application/json' });
      return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
    } catch (error) {
      return answerRefused(call, plain, error);
    }
  };
  hono.post('/v1/surveys/responses/:id/dismissed', serve('answer', dismiss));
  hono.put('/v1/surveys/responses/:id/answers', serve('answer', put));
  // A page that is being left can only post.
  hono.post('/v1/surveys/responses/:id/answers', serve('answer', put));
  hono.post('/v1/surveys/responses/:id/files', serve('file', file));
  hono.post('/v1/surveys/:id/responses', serve('begin', begin));
  hono.options('/v1/surveys/*', (http) => answerPreflight(callOf(http)));
}

async function begin(call: Call, context: Context) {
  const { answers, complete, writeKey, ...input } = await bodyOf(call, Begin);
  const source = input.token === undefined ? await authenticate(context, call, writeKey) : null;
  if (source && input.anonymousId === undefined && input.userId === undefined)
    throw refuse.invalid('Say who answers: anonymousId or userId.');
  if (input.token !== undefined && input.channel === 'popover')
    throw refuse.invalid('By a link the channel is link, embed or mail.');
  const begun = await beginResponse(context, { ...input, surveyId: idOf(call), sourceId: source?.id });
  if (!complete && Object.keys(answers).length === 0) return { status: 201, body: begun };
  const { secret, version, responseId } = begun;
  const { token, anonymousId } = input;
  const kept = await answer(context, responseId, {
    secret,
    version,
    answers: answers as Answers,
    complete,
    token,
    anonymousId,
  });
  return { status: 201, body: { ...begun, ...kept } };
}

async function put(call: Call, context: Context) {
  const body = await bodyOf(call, Put);
  return { status: 200, body: await answer(context, idOf(call), { ...body, answers: body.answers as Answers }) };
}

async function dismiss(call: Call, context: Context) {
  const { secret } = await bodyOf(call, z.object({ secret: z.string().max(100) }));
  await dismissResponse(context, idOf(call), secret);
  return { status: 204 };
}

async function file(call: Call, context: Context) {
  const network = networkAt(call.http, context);
  const wait = filesOfNetworks(context).take(network);
  if (wait > 0)
    throw refuse.tooMany(
      `One network may hand in ${NETWORK_FILES_A_DAY} files within 24 hours. Answer without this file, or try again later.`,
      wait,
    );
  try {
    return { status: 201, body: await storedFile(call, context) };
  } catch (error) {
    // What is not kept does not count; the limit a minute still holds it.
    filesOfNetworks(context).giveBack(network);
    throw error;
  }
}

async function storedFile(call: Call, context: Context) {
  const content = await readBytes(call, FILE_LIMIT, () =>
    refuse.tooLarge(`A file may have ${(FILE_LIMIT / 1e6).toFixed()} MB.`),
  );
  const asked = (name: string) => call.query(name) ?? '';
  return storeFile(context, {
    responseId: idOf(call),
    secret: asked('secret'),
    question: asked('question'),
    name: asked('name').slice(0, 1000),
    content,
  });
}

function idOf(call: Call): string {
  const id = Uuid.safeParse(call.http.req.param('id'));
  if (!id.success) throw refuse.notFound('There is nothing under this address.');
  return id.data.toLowerCase();
}

async function bodyOf<T>(call: Call, schema: z.ZodType<T>): Promise<T> {
  const bytes = await readBytes(call, CALL_BYTES, () => refuse.tooLarge(`A call may have ${CALL_BYTES / 1024} kB.`));
  let value: unknown;
  try {
    value = clean(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw refuse.invalid('The body is not JSON, or lies too deep.');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw refuse.invalid(`Something in the body is wrong: ${path.length > 0 ? `${path.join('.')}: ` : ''}${message}.`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** Takes out what no database keeps and nobody types: NUL and other controls, halves of characters. */
function clean(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_LIMIT) throw new Error('too deep');
  if (typeof value === 'string') return value.toWellFormed().replaceAll(CONTROLS, '');
  if (Array.isArray(value)) return value.map((one) => clean(one, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner, depth + 1)]));
}
