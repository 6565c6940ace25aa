import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { Context as HonoContext } from 'hono';
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { isOwnOrigin } from './origin.ts';
import { markUsed, seal, unseal } from './sealed.ts';

const PASSKEYS_LIMIT = 20;
/** How long a browser may take to ask its user. */
const CHALLENGE_SECONDS = 5 * 60;

export const PasskeyView = z.object({
  id: z.string(),
  name: z.string(),
  backedUp: z.boolean().describe('Whether it is on other devices of its owner too.'),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable(),
});
export type PasskeyView = z.output<typeof PasskeyView>;

interface Row {
  id: string;
  name: string;
  backed_up: boolean;
  created_at: Date;
  last_used_at: Date | null;
}

const view = (row: Row): PasskeyView => ({
  id: row.id,
  name: row.name,
  backedUp: row.backed_up,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
});

export async function listPasskeys(context: Context, userId: string): Promise<PasskeyView[]> {
  const { rows } = await context.records.pool.query<Row>(
    'SELECT id, name, backed_up, created_at, last_used_at FROM staff_passkeys WHERE user_id = $1 ORDER BY created_at, id',
    [userId],
  );
  return rows.map(view);
}

/** Some 270 modules: read with the first passkey, not at each start. */
const library = () => import('@simplewebauthn/server');

/** Where the request comes from: passkeys belong to the name under which the page was opened. */
function site(http: HonoContext, context: Context): { origin: string; rpID: string } {
  const origin = http.req.header('origin');
  if (!origin || !isOwnOrigin(http.req.raw, context)) {
    throw refuse.forbidden('Passkeys work only from a page of this server.');
  }
  return { origin, rpID: new URL(origin).hostname };
}

/** What the browser is asked to make a passkey from. Refuses with 409 past the limit. */
export async function registrationOptions(
  context: Context,
  http: HonoContext,
  user: { id: string; name: string; email: string | null },
): Promise<object> {
  const { rows } = await context.records.pool.query<{ credential_id: string }>(
    'SELECT credential_id FROM staff_passkeys WHERE user_id = $1',
    [user.id],
  );
  if (rows.length >= PASSKEYS_LIMIT) {
    throw refuse.conflict(`Nobody can have more than ${PASSKEYS_LIMIT} passkeys. Remove one that is not used.`);
  }
  const { generateRegistrationOptions } = await library();
  return generateRegistrationOptions({
    rpName: 'Throughline',
    rpID: site(http, context).rpID,
    userID: new TextEncoder().encode(user.id),
    userName: user.email ?? user.name,
    userDisplayName: user.name,
    challenge: seal(context, 'passkey made', { userId: user.id, once: crypto.randomUUID() }, CHALLENGE_SECONDS),
    attestationType: 'none',
    excludeCredentials: rows.map((row) => ({ id: row.credential_id })),
    // It stands for password and second factor, so it has to be unlocked and to know whose it is.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** Keeps the passkey that a browser made. Refuses with 400 what does not fit what was asked. */
export async function addPasskey(
  context: Context,
  http: HonoContext,
  userId: string,
  input: { name: string; response: RegistrationResponseJSON },
): Promise<PasskeyView> {
  const { origin, rpID } = site(http, context);
  const { verifyRegistrationResponse } = await library();
  const info = await checked(async () => {
    const verified = await verifyRegistrationResponse({
      response: input.response,
      expectedChallenge: (challenge) => {
        const sealed = Buffer.from(challenge, 'base64url').toString('utf8');
        return unseal<{ userId: string }>(context, 'passkey made', sealed)?.userId === userId;
      },
      expectedOrigin: origin,
      expectedRPID: rpID,
      requireUserVerification: true,
    });
    return verified.verified ? verified.registrationInfo : null;
  });
  const { credential } = info;
  const { rows } = await context.records.pool.query<Row>(
    `INSERT INTO staff_passkeys (id, user_id, name, credential_id, public_key, counter, transports, backed_up)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE (SELECT count(*) FROM staff_passkeys WHERE user_id = $2) < $9
     ON CONFLICT (credential_id) DO NOTHING RETURNING id, name, backed_up, created_at, last_used_at`,
    [
      crypto.randomUUID(),
      userId,
      input.name,
      credential.id,
      Buffer.from(credential.publicKey),
      credential.counter,
      credential.transports ?? [],
      info.credentialBackedUp,
      PASSKEYS_LIMIT,
    ],
  );
  if (!rows[0]) throw refuse.conflict('This passkey is known already.');
  return view(rows[0]);
}

export async function renamePasskey(context: Context, userId: string, id: string, name: string): Promise<PasskeyView> {
  const { rows } = await context.records.pool.query<Row>(
    `UPDATE staff_passkeys SET name = $3 WHERE id = $1 AND user_id = $2
     RETURNING id, name, backed_up, created_at, last_used_at`,
    [id, userId, name],
  );
  if (!rows[0]) throw refuse.notFound('There is no such passkey.');
  return view(rows[0]);
}

export async function removePasskey(context: Context, userId: string, id: string): Promise<void> {
  const { rowCount } = await context.records.pool.query('DELETE FROM staff_passkeys WHERE id = $1 AND user_id = $2', [
    id,
    userId,
  ]);
  if (!rowCount) throw refuse.notFound('There is no such passkey.');
}

/** What a browser is asked to sign in with. It names nobody, so it tells nothing of who there is. */
export async function signInOptions(context: Context, http: HonoContext): Promise<object> {
  const { generateAuthenticationOptions } = await library();
  return generateAuthenticationOptions({
    rpID: site(http, context).rpID,
    challenge: seal(context, 'passkey used', { once: crypto.randomUUID() }, CHALLENGE_SECONDS),
    userVerification: 'required',
  });
}

/** Who signs in with a passkey. Refuses with 400 what does not fit what was asked, and what was used before. */
export async function passkeyUser(
  context: Context,
  http: HonoContext,
  response: AuthenticationResponseJSON,
): Promise<{ id: string; name: string }> {
  const { origin, rpID } = site(http, context);
  const { rows } = await context.records.pool.query<{
    id: string;
    user_id: string;
    user_name: string;
    credential_id: string;
    public_key: Buffer;
    counter: number;
  }>(
    `SELECT p.id, p.user_id, u.name AS user_name, p.credential_id, p.public_key, p.counter
     FROM staff_passkeys p JOIN staff_users u ON u.id = p.user_id WHERE p.credential_id = $1`,
    [response.id],
  );
  const passkey = rows[0];
  if (!passkey) throw refuse.invalid('This passkey is not known here. It may have been removed.');
  const { verifyAuthenticationResponse } = await library();
  let challenge = '';
  const info = await checked(async () => {
    const verified = await verifyAuthenticationResponse({
      response,
      expectedChallenge: (given) => {
        challenge = Buffer.from(given, 'base64url').toString('utf8');
        return unseal(context, 'passkey used', challenge) !== undefined;
      },
      expectedOrigin: origin,
      expectedRPID: rpID,
      requireUserVerification: true,
      credential: {
        id: passkey.credential_id,
        publicKey: new Uint8Array(passkey.public_key),
        counter: passkey.counter,
      },
    });
    return verified.verified ? verified.authenticationInfo : null;
  });
  if (!(await markUsed(context, `passkey ${challenge}`, CHALLENGE_SECONDS))) throw notFitting();
  await context.records.pool.query('UPDATE staff_passkeys SET counter = $2, last_used_at = now() WHERE id = $1', [
    passkey.id,
    info.newCounter,
  ]);
  return { id: passkey.user_id, name: passkey.user_name };
}

const notFitting = () => refuse.invalid('The passkey’s answer does not fit what was asked. Try again.');

/** The library throws for whatever is wrong with an answer; all of it is for the browser to do again. */
async function checked<T>(work: () => Promise<T | null>): Promise<T> {
  const done = await work().catch(() => null);
  if (!done) throw notFitting();
  return done;
}
