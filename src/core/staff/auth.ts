import { betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import { twoFactor } from 'better-auth/plugins/two-factor';
import type { Context } from '../../kernel/context.ts';
import { keptSecret } from '../../kernel/secrets.ts';
import { ADDRESS_HEADER, PASSWORD_MAXIMUM, PASSWORD_MINIMUM, SIGN_INS_A_MINUTE, usesHttps } from './auth-rules.ts';
import { openSessionPlugin } from './open-session.ts';
import { isOwnOrigin } from './origin.ts';
import { mustUseSso } from './sso/required.ts';

/** A session ends this long after the sign-in, whatever happens in between. */
const SESSION_SECONDS = 30 * 24 * 60 * 60;

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
      additionalFields: {
        role: { type: 'string', required: true, input: false },
        disabledAt: { type: 'date', required: false, input: false, fieldName: 'disabled_at' },
      },
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
      additionalFields: {
        method: { type: 'string', required: false, input: false, defaultValue: 'password' },
        lastActiveAt: { type: 'date', required: false, input: false, fieldName: 'last_active_at' },
      },
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
    verification: {
      modelName: 'staff_verifications',
      fields: { expiresAt: 'expires_at', ...created },
      storeIdentifier: 'hashed',
    },
    databaseHooks: {
      session: {
        create: {
          // The one door to every session, whatever the way in.
          before: async (session, ctx) => {
            const user = await ctx?.context.internalAdapter.findUserById(session.userId);
            if (!user || (user as { disabledAt?: Date | null }).disabledAt) throw disabled();
            const method = methodOf(ctx?.path) ?? (session as { method?: string }).method;
            const byPassword = ctx?.path === '/sign-in/email';
            if (byPassword && (await mustUseSso(context, user as unknown as { email: string; role: string }))) {
              throw new APIError('FORBIDDEN', {
                code: 'SSO_REQUIRED',
                message: 'Your company asks you to sign in through its own sign-in, not with a password.',
              });
            }
            return { data: { ...session, method, lastActiveAt: new Date() } };
          },
        },
      },
    },
    plugins: [
      twoFactor({
        issuer: 'Throughline',
        schema: {
          user: { fields: { twoFactorEnabled: 'two_factor_enabled' } },
          twoFactor: {
            modelName: 'staff_two_factors',
            fields: {
              userId: 'user_id',
              backupCodes: 'backup_codes',
              failedVerificationCount: 'failed_verification_count',
              lockedUntil: 'locked_until',
            },
          },
        },
      }),
      openSessionPlugin(),
    ],
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
      useSecureCookies: usesHttps(context),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
      disableCSRFCheck: false,
      disableOriginCheck: false,
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
  });
}

const disabled = () =>
  new APIError('FORBIDDEN', {
    code: 'DISABLED',
    message: 'This account is switched off. Ask whoever looks after the staff of your company.',
  });

const METHOD_OF: Record<string, string> = {
  '/sign-in/email': 'password',
  '/two-factor/verify-totp': 'second-factor',
  '/two-factor/verify-backup-code': 'second-factor',
};
const methodOf = (path: string | undefined) => METHOD_OF[path ?? ''];

type Auth = ReturnType<typeof make>;
const made = new WeakMap<object, Auth>();

/** See open-auth.ts. */
export function createAuth(context: Context): Auth {
  let auth = made.get(context.records);
  if (!auth) {
    auth = make(context);
    made.set(context.records, auth);
  }
  return auth;
}
