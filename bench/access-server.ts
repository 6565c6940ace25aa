import { z } from 'zod';
import { core } from '../src/core/index.ts';
import { createAuthenticate } from '../src/core/staff/authenticate.ts';
import { newBrowser, OWNER } from '../src/core/staff/testing.ts';
import { type App, defineApp } from '../src/kernel/app.ts';
import { buildHttp } from '../src/kernel/http.ts';
import { type Route, route } from '../src/kernel/route.ts';
import { testContext } from '../src/kernel/testing.ts';
import { serveForTest } from '../src/kernel/testing-http.ts';

/** The real program with two endpoints more, which differ only in whom they let in. Says by its first line how to call them. */
const same = (path: string, permission: string): Route =>
  route({
    method: 'GET',
    path,
    summary: 'Answers',
    permission,
    reply: z.object({ ok: z.boolean() }),
    run: async () => ({ ok: true }),
  });

const measured = defineApp({
  name: 'measured',
  permissions: { 'measured.read': 'See what is measured.' },
  routes: [same('/api/measured/open', 'anyone'), same('/api/measured/closed', 'measured.read')],
});

const apps: readonly App[] = [...core, measured];
const context = await testContext({ apps });
const server = await serveForTest(buildHttp(context, apps, createAuthenticate(context, apps)));
const owner = newBrowser(server.url);
await owner.call('POST', '/api/setup', OWNER);
const key = await owner.call('POST', '/api/keys', { name: 'measured', role: 'analyst' });
const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
console.log(JSON.stringify({ port: Number(new URL(server.url).port), cookie, apiKey: key.body.apiKey }));

process.once('SIGTERM', async () => {
  await server.close();
  await context.close();
});
