import type { Hono, Context as HonoContext } from 'hono';
import { Allowance } from '../../kernel/allowance.ts';
import { clientAddress, networkOf } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { faultText } from '../../kernel/fault-text.ts';
import { refuse } from '../../kernel/refusal.ts';
import { answerPreflight, answerRefused, segment, withOrigin } from '../intake/answers.ts';
import { callOf } from '../intake/call.ts';
import { authenticate } from '../intake/write-key.ts';
import { normalIds, personOfVisitor } from '../people/visitor.ts';
import { ofStore } from '../query/of-store.ts';

/** Who asks what is switched on: all of it is what the browser says. */
export interface Visitor {
  sourceId: number;
  anonymousId: string;
  userId: string | undefined;
  /** Null for somebody not met yet. */
  personId: number | null;
  /** The page, without query. */
  url: string | undefined;
  /** BCP 47. */
  language: string | undefined;
}

/** Gives the settings of the SDK part of that name for a visitor; undefined where the part is not to be loaded. */
export type SdkConfig = (context: Context, visitor: Visitor) => Promise<object | undefined>;

const parts = new Map<string, SdkConfig>();
/**
 * So long the others wait for a part. The page waits for none of them; but what it is not told now is missing for the whole
 * visit of the page, so a server that is busy for a moment has the time.
 */
const PART_MS = 5000;
/** Questions of one network, at once and a minute: a visitor asks once a minute, and many stand behind one address. */
export const ASKED_A_MINUTE = 3000;
const networks = new WeakMap<object, Allowance>();
const LONGEST = { id: 512, url: 2000, language: 35 };

/** Lets an app switch on a part of the SDK (`sdk/src/parts/<name>.ts`), by visitor. */
export const registerSdkConfig = (name: string, config: SdkConfig): void => void parts.set(name, config);

/** What the SDK asks as a visit goes on: which parts to load, and with which settings. */
export function mountSdkConfig(hono: Hono, context: Context): void {
  hono.get('/v1/sdk/config', async (http) => {
    const call = callOf(http);
    try {
      const wait = ofStore(networks, context, () => new Allowance(ASKED_A_MINUTE, 60)).take(
        networkOf(clientAddress(http, context.config.proxies) ?? 'unknown'),
      );
      if (wait > 0) throw refuse.tooMany('Too many visits from this network. Wait a moment.', wait);
      const source = await authenticate(context, call);
      const text = (name: string, most: number) => call.query(name)?.slice(0, most) || undefined;
      const written = { anonymousId: text('anonymousId', LONGEST.id), userId: text('userId', LONGEST.id) };
      const ids = await normalIds(context.records.pool, written);
      const visitor: Visitor = {
        sourceId: source.id,
        anonymousId: ids.anonymousId ?? '',
        userId: ids.userId,
        personId: parts.size > 0 ? await personOfVisitor(context.records.pool, ids) : null,
        url: text('url', LONGEST.url),
        language: text('language', LONGEST.language),
      };
      const found = await Promise.all(
        [...parts].map(async ([name, of]) => [name, await within(name, of(context, visitor))]),
      );
      const headers = withOrigin(call, { 'cache-control': 'private, no-store' });
      return Response.json(Object.fromEntries(found.filter(([, config]) => config !== undefined)), { headers });
    } catch (error) {
      return answerRefused(call, segment, error);
    }
  });
  hono.options('/v1/sdk/config', (http: HonoContext) => answerPreflight(callOf(http)));
}

/** One part that is slow or fails is left out; the others go on. */
async function within(name: string, asked: Promise<object | undefined>): Promise<object | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      console.error(`The settings of the SDK's part "${name}" took more than ${PART_MS} ms and were left out.`);
      resolve(undefined);
    }, PART_MS);
  });
  try {
    return await Promise.race([asked, late]);
  } catch (error) {
    console.error(`The settings of the SDK's part "${name}" could not be read:`, faultText(error));
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
