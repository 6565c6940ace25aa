import type { Hono, Context as HonoContext } from 'hono';
import type { App } from '../../../kernel/app.ts';
import { auditOf, noteAudit } from '../../../kernel/audit.ts';
import type { Context } from '../../../kernel/context.ts';
import { answerError, readBody } from '../../../kernel/http.ts';
import { Refusal } from '../../../kernel/refusal.ts';
import { resourceTypes, schemas, serviceProviderConfig } from './describe.ts';
import { createGroup, deleteGroup, getGroup, listGroups, patchGroup, replaceGroup } from './groups.ts';
import { errorBody, listOf, parsePaging, parsePatch, ScimError } from './protocol.ts';
import { findScimToken, type ScimToken } from './tokens.ts';
import { createUser, deleteUser, getUser, listUsers, patchUser, replaceUser } from './users.ts';

const BODY_LIMIT = 2 * 1024 * 1024;
const BASE = '/scim/v2';

interface Call {
  context: Context;
  http: HonoContext;
  token: ScimToken;
  /** From the path. */
  id: string;
}

/** Answers a body and a status; a status of 204 has no body. `about` is what the audit log is told. */
type Answer = { status: number; body?: object; about?: string };
type Handler = (call: Call) => Promise<Answer>;

const ok = (body: object): Answer => ({ status: 200, body });

const HANDLERS: Record<string, Handler> = {
  'GET /ServiceProviderConfig': async ({ context }) => ok(serviceProviderConfig(context.url() + BASE)),
  'GET /ResourceTypes': async ({ context }) => all(resourceTypes(context.url() + BASE)),
  'GET /ResourceTypes/:id': async ({ context, id }) => one(resourceTypes(context.url() + BASE), id),
  'GET /Schemas': async ({ context }) => all(schemas(context.url() + BASE)),
  'GET /Schemas/:id': async ({ context, id }) => one(schemas(context.url() + BASE), id),

  'GET /Users': async ({ context, http }) => {
    const paging = parsePaging(http.req.query());
    const { resources, total } = await listUsers(context, http.req.query('filter'), paging);
    return ok(listOf(resources, total, paging.offset));
  },
  'GET /Users/:id': async ({ context, id }) => ok(await getUser(context, context.records.pool, id)),
  'POST /Users': async ({ context, http, token }) => {
    const { id, made } = await createUser(context, token, await readJson(http));
    return { status: 201, body: made, about: `staff/${id}` };
  },
  'PUT /Users/:id': async ({ context, http, token, id }) => ({
    ...ok(await replaceUser(context, token, id, await readJson(http))),
    about: `staff/${id}`,
  }),
  'PATCH /Users/:id': async ({ context, http, token, id }) => ({
    ...ok(await patchUser(context, token, id, parsePatch(await readJson(http)))),
    about: `staff/${id}`,
  }),
  'DELETE /Users/:id': async ({ context, id }) => {
    await deleteUser(context, id);
    return { status: 204, about: `staff/${id}` };
  },

  'GET /Groups': async ({ context, http }) => {
    const paging = parsePaging(http.req.query());
    const { resources, total } = await listGroups(context, http.req.query('filter'), paging, withMembers(http));
    return ok(listOf(resources, total, paging.offset));
  },
  'GET /Groups/:id': async ({ context, http, id }) =>
    ok(await getGroup(context, context.records.pool, id, withMembers(http))),
  'POST /Groups': async ({ context, http, token }) => {
    const { id, made } = await createGroup(context, token, await readJson(http));
    return { status: 201, body: made, about: `groups/${id}` };
  },
  'PUT /Groups/:id': async ({ context, http, token, id }) => ({
    ...ok(await replaceGroup(context, token, id, await readJson(http))),
    about: `groups/${id}`,
  }),
  'PATCH /Groups/:id': async ({ context, http, token, id }) => ({
    ...ok(await patchGroup(context, token, id, parsePatch(await readJson(http)))),
    about: `groups/${id}`,
  }),
  'DELETE /Groups/:id': async ({ context, token, id }) => {
    await deleteGroup(context, token, id);
    return { status: 204, about: `groups/${id}` };
  },
};

/** SCIM 2.0 (RFC 7643, 7644) at /scim/v2: a company's directory makes, changes and switches off the staff. */
export function mountScim(hono: Hono, context: Context, apps: readonly App[]): void {
  const record = auditOf(apps);
  for (const [name, handler] of Object.entries(HANDLERS)) {
    const [method, path] = name.split(' ') as [string, string];
    hono.on(method, BASE + path, (http) =>
      answering(http, async () => {
        const token = await authenticate(http, context);
        const answer = await handler({ context, http, token, id: http.req.param('id') ?? '' });
        if (answer.about) {
          await noteAudit(
            record,
            context,
            http,
            `${method} ${BASE}${path.replace(':id', '{id}')}`,
          )({
            actor: { kind: 'scim', id: String(token.id), name: token.name },
            status: answer.status,
            subjects: [answer.about],
          });
        }
        return reply(answer.status, answer.body);
      }),
    );
  }
  hono.all(`${BASE}/*`, (http) =>
    answering(http, async () => {
      await authenticate(http, context);
      throw new ScimError(404, 'There is no such endpoint.');
    }),
  );
}

async function authenticate(http: HonoContext, context: Context): Promise<ScimToken> {
  const given = /^Bearer +(\S+)$/i.exec(http.req.header('authorization') ?? '')?.[1];
  const token = given?.startsWith('scim_') ? await findScimToken(context, given) : null;
  if (!token) throw new ScimError(401, 'Send the token of this directory as "Authorization: Bearer scim_…".');
  return token;
}

const withMembers = (http: HonoContext) => !/\bmembers\b/i.test(http.req.query('excludedAttributes') ?? '');
const all = (found: readonly object[]): Answer => ok(listOf(found, found.length, 0));

function one(found: readonly { id: string }[], id: string): Answer {
  const hit = found.find((candidate) => candidate.id === id);
  if (!hit) throw new ScimError(404, `There is no ${id}.`);
  return ok(hit);
}

async function readJson(http: HonoContext): Promise<unknown> {
  const text = new TextDecoder().decode(await readBody(http, BODY_LIMIT));
  try {
    return JSON.parse(text);
  } catch {
    throw new ScimError(400, 'The body is not JSON.', 'invalidSyntax');
  }
}

async function answering(http: HonoContext, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ScimError) return reply(error.status, errorBody(error));
    if (error instanceof Refusal) return reply(error.status, errorBody(error));
    const answer = answerError(error, http);
    return reply(answer.status, errorBody({ status: answer.status, message: 'This did not work. Try again later.' }));
  }
}

function reply(status: number, body?: object): Response {
  const headers = new Headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  if (status === 401) headers.set('www-authenticate', 'Bearer');
  if (body === undefined) return new Response(null, { status, headers });
  headers.set('content-type', 'application/scim+json');
  return new Response(JSON.stringify(body), { status, headers });
}
