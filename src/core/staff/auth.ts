import { betterAuth } from 'better-auth';
import type { Context } from '../../kernel/context.ts';
import { keptSecret } from '../../kernel/secrets.ts';
import { isOwnOrigin } from './origin.ts';

export const PASSWORD_MINIMUM = 8;
export const PASSWORD_MAXIMUM = 128;
/** A session ends this long after the sign-in, whatever happens in between. */
const SESSION_SECONDS = 30 * 24 * 60 * 60;
/** Sign-ins tried from one address within a minute. */
export const SIGN_INS_A_MINUTE = 10;
/** The header in which auth-endpoints.ts hands over the client's address; what a client sends in it is thrown away. */
export const ADDRESS_HEADER = 'x-throughline-client-address';

const created = { createdAt: 'created_at', updatedAt: 'updated_at' };

function make(context: Context) {
  const { publicUrl, dataDir } = context.config;
  return betterAuth({
    appName: 'Throughline',
    baseURL: publicUrl ? new URL(publicUrl).origin : undefined,
    basePath: '/api/auth',
    secret: keptSecret(dataDir, 'auth'),
    database: context.records.pool,
    telemetry: { enabled: false },
    logger: { level: 'error', disableColors: true },
    trustedOrigins: (request) => {
      const origin = request?.headers.get('origin');
      return origin && request && isOwnOrigin(request, context) ? [origin] : [];
    },
    emailAndPassword: {
      enabled: true,
      // People are added by the first-run set-up and by those who may, never by themselves.
      disableSignUp: true,
      minPasswordLength: PASSWORD_MINIMUM,
      maxPasswordLength: PASSWORD_MAXIMUM,
      revokeSessionsOnPasswordReset: true,
    },
    user: {
      modelName: 'staff_users',
      fields: { emailVerified: 'email_verified', ...created },
      additionalFields: { role: { type: 'string', required: true, input: false } },
    },
    session: {
      modelName: 'staff_sessions',
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        ...created,
      },
      expiresIn: SESSION_SECONDS,
      disableSessionRefresh: true,
    },
    account: {
      modelName: 'staff_logins',
      fields: {
        userId: 'user_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        ...created,
      },
    },
    verification: { modelName: 'staff_verifications', fields: { expiresAt: 'expires_at', ...created } },
    rateLimit: {
      enabled: true,
      storage: 'database',
      modelName: 'staff_rate_limits',
      fields: { lastRequest: 'last_request' },
      window: 60,
      max: 300,
      customRules: {
        '/sign-in/email': { window: 60, max: SIGN_INS_A_MINUTE },
        '/change-password': { window: 60, max: SIGN_INS_A_MINUTE },
      },
    },
    advanced: {
      cookiePrefix: 'throughline',
      useSecureCookies: publicUrl?.startsWith('https:') ?? false,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
      disableCSRFCheck: false,
      disableOriginCheck: false,
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
  });
}

type Auth = ReturnType<typeof make>;
const made = new WeakMap<object, Auth>();

/** Sign-in of staff: e-mail and password, sessions in cookies. One for each set of stores. */
export function createAuth(context: Context): Auth {
  let auth = made.get(context.records);
  if (!auth) {
    auth = make(context);
    made.set(context.records, auth);
  }
  return auth;
}
