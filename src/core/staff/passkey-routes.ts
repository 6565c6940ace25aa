import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { getCookie } from 'hono/cookie';
import { z } from 'zod';
import { route } from '../../kernel/route.ts';
import { openSession } from './auth-endpoints.ts';
import { Name, TextId } from './fields.ts';
import { checkFresh } from './fresh.ts';
import { openAuth } from './open-auth.ts';
import { checkOriginIfBrowser } from './origin.ts';
import {
  addPasskey,
  listPasskeys,
  PasskeyView,
  passkeyUser,
  registrationOptions,
  removePasskey,
  renamePasskey,
  signInOptions,
} from './passkeys.ts';
import { signedInUser } from './sessions.ts';
import { noteSignIn } from './sign-in.ts';

const params = z.object({ id: TextId });
const text = z.string().max(20_000);
const password = z.string().max(200).optional().describe('Needed a quarter of an hour after the sign-in.');

/** A credential as browsers write it (`toJSON`); the library checks what is inside. */
const credential = (response: Record<string, z.ZodType>) =>
  z.object({
    id: z.string().max(2000),
    rawId: z.string().max(2000),
    type: z.literal('public-key'),
    authenticatorAttachment: z.string().max(50).nullish(),
    clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
    response: z.looseObject(response),
  });

export const passkeyRoutes = [
  route({
    method: 'GET',
    path: '/api/passkeys',
    summary: 'Your passkeys',
    permission: 'signed-in',
    reply: z.object({ items: z.array(PasskeyView), nextCursor: z.null() }),
    run: async ({ context, caller }) => ({
      items: await listPasskeys(context, signedInUser(caller)),
      nextCursor: null,
    }),
  }),
  route({
    method: 'POST',
    path: '/api/passkeys/options',
    summary:
      'What to give to navigator.credentials.create, as PublicKeyCredential.parseCreationOptionsFromJSON reads it',
    permission: 'signed-in',
    body: z.object({ password }),
    reply: z.looseObject({ challenge: z.string() }),
    run: async ({ context, caller, body, http }) => {
      const id = await checkFresh(context, caller, body.password);
      const { name, email } = caller;
      return (await registrationOptions(context, http, { id, name, email })) as { challenge: string };
    },
  }),
  route({
    method: 'POST',
    path: '/api/passkeys',
    summary: 'Keep a passkey that the browser made',
    permission: 'signed-in',
    body: z.object({
      name: Name,
      response: credential({ clientDataJSON: text, attestationObject: text }).describe('What toJSON() of it gives.'),
    }),
    reply: PasskeyView,
    status: 201,
    run: ({ context, caller, body, http }) =>
      addPasskey(context, http, signedInUser(caller), {
        name: body.name,
        response: body.response as unknown as RegistrationResponseJSON,
      }),
  }),
  route({
    method: 'PATCH',
    path: '/api/passkeys/{id}',
    summary: 'Rename a passkey',
    permission: 'signed-in',
    params,
    body: z.object({ name: Name }),
    reply: PasskeyView,
    run: ({ context, caller, params, body }) => renamePasskey(context, signedInUser(caller), params.id, body.name),
  }),
  route({
    method: 'DELETE',
    path: '/api/passkeys/{id}',
    summary: 'Remove a passkey; it signs nobody in any more',
    permission: 'signed-in',
    params,
    reply: z.object({ id: z.string() }),
    run: async ({ context, caller, params }) => {
      await removePasskey(context, signedInUser(caller), params.id);
      return { id: params.id };
    },
  }),
  route({
    method: 'POST',
    path: '/api/passkeys/sign-in/options',
    summary: 'What to give to navigator.credentials.get, as PublicKeyCredential.parseRequestOptionsFromJSON reads it',
    permission: 'anyone',
    reply: z.looseObject({ challenge: z.string() }),
    run: async ({ context, http }) => (await signInOptions(context, http)) as { challenge: string },
  }),
  route({
    method: 'POST',
    path: '/api/passkeys/sign-in',
    summary: 'Sign in with a passkey',
    permission: 'anyone',
    body: z.object({
      response: credential({ clientDataJSON: text, authenticatorData: text, signature: text }),
    }),
    reply: z.object({ user: z.object({ id: z.string(), name: z.string() }) }),
    run: async ({ context, body, http, note }) => {
      checkOriginIfBrowser(http, context);
      const user = await passkeyUser(context, http, body.response as unknown as AuthenticationResponseJSON);
      const before = getCookie(http)
        ? await (await openAuth(context)).api.getSession({ headers: http.req.raw.headers })
        : null;
      await openSession(http, context, { userId: user.id, method: 'passkey' });
      await noteSignIn(context, note, user, 'passkey', before?.session.id);
      return { user };
    },
  }),
];
