import { type MailServer, startMailServer } from '../../../test/mail-server.ts';
import { core } from '../../core/index.ts';
import { permissionsOf } from '../../core/staff/roles.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { surveys } from './app.ts';

export const surveyApps = [...core, surveys];

export interface SurveysServer<Body> {
  context: Context;
  url: string;
  mails: MailServer;
  /** Calls as an owner; bytes as they are, everything else as JSON. What is no JSON object is the body `{}`. */
  api(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; text: string; body: Body; headers: Headers }>;
  close(): Promise<void>;
}

/** The core and surveys over HTTP, on stores of their own and beside a mail server. */
export async function surveysServer<Body>(environment: Record<string, string> = {}): Promise<SurveysServer<Body>> {
  const mails = await startMailServer();
  const context = await testContext({
    apps: surveyApps,
    environment: {
      ...{ THROUGHLINE_MAIL_URL: mails.url, THROUGHLINE_MAIL_FROM: 'Shop <ask@shop.example>' },
      ...environment,
    },
  });
  const { url, close } = await serveForTest(
    buildHttp(context, surveyApps, async () => ({
      ...{ kind: 'staff', id: 'u1', name: 'Olga', email: 'olga@shop.example', role: 'owner' },
      permissions: new Set(permissionsOf(surveyApps)),
    })),
  );
  return {
    ...{ context, url, mails },
    async api(method, path, body, headers = {}) {
      const bytes = body instanceof Uint8Array;
      const response = await fetch(url + path, {
        method,
        headers: { ...(bytes ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: bytes ? body : JSON.stringify(body) }),
      } as RequestInit);
      const text = await response.text();
      const parsed = (text.startsWith('{') ? JSON.parse(text) : {}) as Body;
      return { status: response.status, text, body: parsed, headers: response.headers };
    },
    async close() {
      await close();
      await context.close();
      await mails.close();
    },
  };
}
