import type { Hono } from 'hono';
import { type App, defineApp } from '../../kernel/app.ts';
import type { Context } from '../../kernel/context.ts';
import { openapi } from '../../kernel/openapi.ts';
import { mountConsole } from './console.ts';
import { docsPage, type OpenApi } from './docs-page.ts';
import { systemRoutes } from './routes.ts';
import { VERSION } from './version.ts';

export const system = defineApp({
  name: 'system',
  permissions: { 'system.read': 'See how the installation is: its stores, its stream, what is wrong with it.' },
  routes: systemRoutes,
  mount: (hono, context, apps) => {
    mountDocs(hono, context, apps);
    mountConsole(hono, context);
  },
});

/** The API's description, made once from the routes of all apps: for programs, and as a page. */
function mountDocs(hono: Hono, context: Context, apps: readonly App[]): void {
  let document: object | undefined;
  const describe = () => {
    document ??= openapi(apps, VERSION);
    return document;
  };
  hono.get('/api/openapi.json', () => Response.json(describe(), { headers: { 'cache-control': 'no-cache' } }));
  hono.get('/api/docs', (http) => {
    http.header('cache-control', 'no-cache');
    return http.html(docsPage(describe() as OpenApi, context.url()));
  });
}
