import type { Hono, Context as HonoContext } from 'hono';
import { defineApp } from '../../kernel/app.ts';
import type { Context } from '../../kernel/context.ts';
import { answerError } from '../../kernel/http.ts';
import { refuse } from '../../kernel/refusal.ts';
import { secure } from '../../kernel/security-headers.ts';
import { consoleFiles } from '../system/console-files.ts';
import { mountSdkConfig } from './config.ts';
import { sdkDocsPage } from './docs-page.ts';

/** Where the build of sdk/ puts what pages load. */
export const SDK_DIR = new URL('../../../sdk/dist/served/', import.meta.url);
const DEMO_DIR = new URL('./demo/', import.meta.url);

/** An hour, then a day in which the old one serves while the new is fetched. */
const SDK_CACHE = 'public, max-age=3600, stale-while-revalidate=86400';
const FOR_EVER = 'public, max-age=31536000, immutable';

/** The browser SDK for pages of any site, its parts, and the page that explains it. */
export const sdk = defineApp({
  name: 'sdk',
  mount: (hono, context) => {
    mountSdk(hono, context);
    mountSdkConfig(hono, context);
  },
});

function mountSdk(hono: Hono, context: Context, dir: URL = SDK_DIR): void {
  const files = consoleFiles(dir);
  const demo = consoleFiles(DEMO_DIR);

  const script = async (http: HonoContext, path: string, cache: string): Promise<Response> => {
    const file = await files.answer(path, http.req.raw.headers);
    const answer = file ?? answerError(missing(path), http);
    if (file) answer.headers.set('cache-control', cache);
    // Any site may load it, also one that isolates itself from others.
    answer.headers.set('access-control-allow-origin', '*');
    answer.headers.set('cross-origin-resource-policy', 'cross-origin');
    answer.headers.set('x-content-type-options', 'nosniff');
    return answer;
  };

  hono.get('/sdk.js', (http) => script(http, '/sdk.js', SDK_CACHE));
  hono.get('/sdk/:file', (http) => {
    const file = http.req.param('file');
    // The loader tells which parts there are now; the parts have a hash of their content in their names.
    return script(
      http,
      `/${file}`,
      file === 'parts.js' ? 'no-cache' : /\.[0-9a-f]{12}\.js$/.test(file) ? FOR_EVER : SDK_CACHE,
    );
  });
  hono.get('/docs/sdk', (http) => {
    http.header('cache-control', 'no-cache');
    secure(http.res.headers, context);
    return http.html(sdkDocsPage(context.url(), http.req.query('key')));
  });
  hono.get('/docs/sdk/:file', async (http) => {
    const path = `/${http.req.param('file')}`;
    return (
      (await demo.answer(path, http.req.raw.headers)) ??
      answerError(refuse.notFound(`There is nothing at ${path}.`), http)
    );
  });
}

const missing = (path: string) =>
  path === '/sdk.js'
    ? refuse.unavailable('The SDK is not built yet. Run "npm run build" in the folder of the program.')
    : refuse.notFound(`The SDK has no part at ${path}.`);
