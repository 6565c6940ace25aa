import assert from 'node:assert/strict';
import type { App } from '../../kernel/app.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { audit } from '../audit/module.ts';
import { createAuthenticate } from './authenticate.ts';
import { staff } from './module.ts';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
  body: any;
  headers: Headers;
}

/** A browser on one of the server's own pages: it keeps cookies, and says where its requests come from. */
export interface Browser {
  cookies: Map<string, string>;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Follows nothing and reads nothing as JSON. */
  open(path: string, init?: RequestInit): Promise<Response>;
}

export interface Company {
  context: Context & { close(): Promise<void> };
  url: string;
  owner: Browser;
  browser(): Browser;
  /** Invites somebody and accepts for them; their browser is signed in. */
  join(role: string, name: string, by?: Browser): Promise<Browser & { id: string; email: string }>;
  signIn(email: string, password?: string, browser?: Browser): Promise<Answer & { browser: Browser }>;
  /** Forgets wrong passwords and how often the sign-in library was asked. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

export const PASSWORD = 'a long password';
export const OWNER = { company: 'Ökotex', name: 'Ada', email: 'ada@example.com', password: PASSWORD };

/** A server of its own with staff, audit and the given apps, and its owner signed in. */
export async function startCompany(
  options: { apps?: readonly App[]; environment?: Record<string, string> } = {},
): Promise<Company> {
  const apps = [staff, audit, ...(options.apps ?? [])];
  const context = await testContext({ apps, ...(options.environment ? { environment: options.environment } : {}) });
  const server = await serveForTest(buildHttp(context, apps, createAuthenticate(context, apps)));
  context.url = () => server.url;
  const browser = () => newBrowser(server.url);
  const owner = browser();
  const company: Company = {
    context,
    url: server.url,
    owner,
    browser,
    async join(role, name, by = company.owner) {
      const email = `${name.toLowerCase()}@example.com`;
      const invited = await by.call('POST', '/api/invitations', { email, role });
      assert.equal(invited.status, 201, JSON.stringify(invited.body));
      const token = new URL(invited.body.link).hash.slice(1);
      const theirs = browser();
      const joined = await theirs.call('POST', '/api/invitations/accept', { token, name, password: PASSWORD });
      assert.equal(joined.status, 201, JSON.stringify(joined.body));
      return Object.assign(theirs, { id: joined.body.user.id as string, email });
    },
    async signIn(email, password = PASSWORD, at = browser()) {
      const answer = await at.call('POST', '/api/auth/sign-in/email', { email, password });
      return { ...answer, browser: at };
    },
    async forget() {
      await context.records.pool.query('DELETE FROM staff_attempts');
      await context.records.pool.query('DELETE FROM staff_rate_limits');
    },
    async close() {
      await server.close();
      await context.close();
    },
  };
  const made = await owner.call('POST', '/api/setup', OWNER);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return company;
}

export function newBrowser(url: string): Browser {
  const cookies = new Map<string, string>();
  const open = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (cookies.size > 0 && !headers.has('cookie')) {
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    }
    const response = await fetch(new URL(path, url), { redirect: 'manual', ...init, headers });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
      if (value === '' || /max-age=0/i.test(set)) cookies.delete(name!);
      else cookies.set(name!, value!);
    }
    return response;
  };
  return {
    cookies,
    open,
    async call(method, path, body, headers = {}) {
      const response = await open(path, {
        method,
        headers: { 'content-type': 'application/json', origin: url, 'sec-fetch-site': 'same-origin', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
    },
  };
}
