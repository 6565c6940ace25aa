import type { Hono, Context as HonoContext } from 'hono';
import type { Context } from '../../kernel/context.ts';
import type { Source } from '../sources/sources.ts';
import { answerPreflight, answerRefused, rudder, segment, withOrigin } from './answers.ts';
import { type Call, callOf } from './call.ts';
import { authenticate } from './write-key.ts';

/**
 * An SDK asks at each start; a change of the address reaches all within this time. Only the browser may keep an answer: the
 * write key may be in a header, so a cache between would give one source's settings to another.
 */
const CACHE_SECONDS = 300;

/** What browsers' and phones' SDKs ask for before they send: which integrations there are, and where to send. */
export function mountSettings(hono: Hono, context: Context): void {
  const settings = async (http: HonoContext) => {
    const call = callOf(http);
    try {
      const source = await authenticate(context, call, http.req.param('writeKey'));
      return answerJson(call, segmentSettings(source, addressOf(context, call)));
    } catch (error) {
      return answerRefused(call, segment, error);
    }
  };
  for (const path of ['/v1/projects/:writeKey/settings', '/projects/:writeKey/settings']) {
    hono.get(path, settings);
    hono.post(path, settings);
    hono.options(path, (http) => answerPreflight(callOf(http)));
  }
  const config = async (http: HonoContext) => {
    const call = callOf(http);
    try {
      return answerJson(call, rudderConfig(await authenticate(context, call)));
    } catch (error) {
      return answerRefused(call, rudder, error);
    }
  };
  hono.get('/sourceConfig', config);
  hono.options('/sourceConfig', (http) => answerPreflight(callOf(http)));
}

function answerJson(call: Call, body: unknown): Response {
  return Response.json(body, { headers: withOrigin(call, { 'cache-control': `private, max-age=${CACHE_SECONDS}` }) });
}

/** Where this request found us: the configured address, or the one it used itself. */
function addressOf(context: Context, call: Call): URL {
  if (context.config.publicUrl) return new URL(context.config.publicUrl);
  const url = new URL(call.http.req.url);
  const forwarded = context.config.proxies > 0 ? call.header('x-forwarded-proto') : undefined;
  if (forwarded === 'https' || forwarded === 'http') url.protocol = `${forwarded}:`;
  return url;
}

function segmentSettings(source: Source, address: URL) {
  return {
    integrations: {
      'Segment.io': {
        apiKey: source.writeKey,
        apiHost: `${address.host}/v1`,
        protocol: address.protocol.slice(0, -1),
        unbundledIntegrations: [],
        addBundledMetadata: true,
        maybeBundledConfigIds: {},
        versionSettings: { version: '4.4.7', componentTypes: ['browser'] },
      },
    },
    plan: {
      track: { __default: { enabled: true, integrations: {} } },
      identify: { __default: { enabled: true } },
      group: { __default: { enabled: true } },
    },
    edgeFunction: {},
    analyticsNextEnabled: true,
    middlewareSettings: {},
    enabledMiddleware: {},
    metrics: { sampleRate: 0 },
    legacyVideoPluginsEnabled: false,
    remotePlugins: [],
  };
}

/** RudderStack's SDKs start only with a source that has an id, a configuration and a list of destinations. */
function rudderConfig(source: Source) {
  return {
    source: {
      id: String(source.id),
      name: source.name,
      writeKey: source.writeKey,
      enabled: source.enabled,
      config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
      connections: [],
      destinations: [],
      dataplanes: {},
      workspaceId: 'throughline',
      updatedAt: source.createdAt.toISOString(),
    },
    updatedAt: source.createdAt.toISOString(),
  };
}
