import type { Hono, Context as HonoContext } from 'hono';
import type { Context } from '../../kernel/context.ts';
import { html } from '../../kernel/html.ts';
import { answerError } from '../../kernel/http.ts';
import { refuse } from '../../kernel/refusal.ts';
import { secure } from '../../kernel/security-headers.ts';
import { CONSOLE_DIR, consoleFiles } from './console-files.ts';
import { DOCS_STYLE } from './docs-style.ts';

/**
 * Serves the built console on every path that nothing else answers: its files by their names, and its page for the
 * addresses within it, which browsers ask for as documents.
 */
export function mountConsole(hono: Hono, context: Context, dir: URL = CONSOLE_DIR): void {
  const files = consoleFiles(dir);
  hono.notFound(async (http) => {
    const response = await answer(http);
    secure(response.headers, context);
    return response;
  });

  async function answer(http: HonoContext): Promise<Response> {
    const { method, path } = http.req;
    const nothing = () => answerError(refuse.notFound(`There is nothing at ${path}.`), http);
    if (!context.config.roles.has('console') || (method !== 'GET' && method !== 'HEAD')) return nothing();
    const headers = http.req.raw.headers;
    const file = path === '/' ? null : await files.answer(path, headers);
    if (file) return file;
    if (path !== '/' && !headers.get('accept')?.includes('text/html')) return nothing();
    return (await files.answer('/index.html', headers)) ?? notBuilt();
  }
}

function notBuilt(): Response {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Throughline</title><style>${{ html: DOCS_STYLE }}</style></head>
<body><main><h1>The console is not built yet</h1>
<p>Throughline itself runs: events are accepted, and the <a href="/api/docs">API</a> answers. To build the console, run</p>
<pre>npm run build</pre><p>in the folder of the program, and load this page again.</p></main></body></html>
`;
  return new Response(page.html, {
    status: 503,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  });
}
