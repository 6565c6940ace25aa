import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { apps as apps_ } from '../src/apps/index.ts';
import { core } from '../src/core/index.ts';
import { createApiKey } from '../src/core/staff/api-keys.ts';
import { createAuthenticate } from '../src/core/staff/authenticate.ts';
import { permissionsOf, permissionsOfRole, ROLES } from '../src/core/staff/roles.ts';
import type { Context } from '../src/kernel/context.ts';
import { buildHttp } from '../src/kernel/http.ts';
import { openapi } from '../src/kernel/openapi.ts';
import { testContext } from '../src/kernel/testing.ts';
import { serveForTest } from '../src/kernel/testing-http.ts';

/** All that may be called by nobody known, and why that is right. */
const ANYONE: Record<string, string> = {
  'GET /health': 'asked by whatever looks after the process',
  'GET /api/setup': 'asked before there is anybody',
  'POST /api/setup': 'works once; from elsewhere with the token that the server printed',
  'POST /api/invitations/look': 'who holds the link is who is invited',
  'POST /api/invitations/accept': 'who holds the link is who is invited',
  'POST /api/password-resets': 'asked by those who cannot sign in; answers alike for all',
  'POST /api/password-resets/use': 'who holds the link reads the mails of the account',
  'POST /api/passkeys/sign-in/options': 'a sign-in begins with nobody',
  'POST /api/passkeys/sign-in': 'a sign-in begins with nobody',
  'GET /api/sign-in-options': 'the sign-in page shows them',
  'GET /api/sso/{id}/start': 'a sign-in begins with nobody',
  'GET /api/sso/{id}/callback': 'a sign-in begins with nobody',
  'POST /api/sso/{id}/acs': 'a sign-in begins with nobody',
  'GET /api/sso/{id}/finish': 'a sign-in begins with nobody',
  'GET /api/replay/shared/{token}': 'who holds the link may see the recording until it ends',
  'GET /api/replay/shared/{token}/chunks': 'who holds the link may see the recording until it ends',
  'GET /api/replay/shared/{token}/growth': 'who holds the link may see the recording until it ends',
  'GET /api/replay/shared/{token}/assets/{sha256}': 'who holds the link may see the recording until it ends',
  'GET /api/sso/{id}/metadata': 'for the other side, and holds nothing secret',
};

const apps = [...core, ...apps_];
const routes = apps.flatMap((app) => app.routes ?? []);
const name = (route: { method: string; path: string }) => `${route.method} ${route.path}`;

let context: Context & { close(): Promise<void> };
let server: { url: string; close(): Promise<void> };
const keys = new Map<string, string>();

before(async () => {
  context = await testContext({ apps });
  server = await serveForTest(buildHttp(context, apps, createAuthenticate(context, apps)));
  for (const role of ROLES) {
    const made = { name: role, role, permissions: null, expiresAt: null, createdBy: 'local:local' };
    keys.set(role, (await createApiKey(context, made)).apiKey);
  }
});
after(async () => {
  await server.close();
  await context.close();
});

async function call(route: { method: string; path: string }, headers: Record<string, string> = {}) {
  const path = route.path.replaceAll(/\{\w+\}/g, '1');
  const response = await fetch(server.url + path, { method: route.method, headers, redirect: 'manual' });
  await response.body?.cancel();
  return response.status;
}

describe('every endpoint', () => {
  test('that is open to anybody is on the list of those', () => {
    const open = routes.filter((route) => route.permission === 'anyone').map(name);
    assert.deepEqual(open.sort(), Object.keys(ANYONE).sort());
  });

  test('turns nobody known away with 401, before it looks at anything else', async () => {
    for (const route of routes.filter((one) => one.permission !== 'anyone')) {
      assert.equal(await call(route), 401, name(route));
      assert.equal(await call(route, { authorization: 'Bearer tl_wrong' }), 401, name(route));
      assert.equal(await call(route, { cookie: 'throughline.session_token=made.up' }), 401, name(route));
    }
  });

  for (const role of ROLES) {
    test(`turns ${role} away with 403 where the permission is missing`, async () => {
      const has = permissionsOfRole(role, permissionsOf(apps));
      const authorization = `Bearer ${keys.get(role)}`;
      const lacking = routes.filter(
        (route) => !['anyone', 'signed-in'].includes(route.permission) && !has.has(route.permission),
      );
      if (role !== 'owner') assert.ok(lacking.length > 0);
      for (const route of lacking) assert.equal(await call(route, { authorization }), 403, name(route));
    });
  }

  test('of those that are for all who are signed in shows a key what it shows, and is not refused', async () => {
    for (const route of routes.filter((one) => one.permission === 'signed-in' && one.method === 'GET')) {
      const status = await call(route, { authorization: `Bearer ${keys.get('viewer')}` });
      assert.ok(![401, 403].includes(status), `${name(route)}: ${status}`);
    }
  });

  test('and no other stands in the OpenAPI document, each with its permission', () => {
    const { paths } = openapi(apps, '0') as { paths: Record<string, Record<string, { 'x-permission': string }>> };
    const told = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => `${method.toUpperCase()} ${path} ${one['x-permission']}`),
    );
    assert.deepEqual(told.sort(), routes.map((route) => `${name(route)} ${route.permission}`).sort());
  });

  test('names a permission that some role has and that is told in a sentence', () => {
    for (const app of apps) {
      for (const [permission, allows] of Object.entries(app.permissions ?? {})) {
        assert.match(allows, /^[A-Z].*\.$/, permission);
        assert.ok(permissionsOfRole('owner', permissionsOf(apps)).has(permission), permission);
      }
    }
  });
});

test('what was refused to each role is in the audit log', async () => {
  const { rows } = await context.records.pool.query<{ actor_name: string; count: number }>(
    'SELECT actor_name, count(*)::int AS count FROM audit_entries WHERE status = 403 GROUP BY 1',
  );
  const names = rows.map((row) => row.actor_name);
  for (const role of ROLES.filter((one) => one !== 'owner')) assert.ok(names.includes(role), role);
});
