import { ask } from '../../api.ts';

export type SignInOptions = {
  providers: { id: string; name: string; startUrl: string }[];
  passwordReset: boolean;
};
export type Invitation = {
  company: string | null;
  email: string;
  roleName: string;
  invitedBy: string;
  expiresAt: string;
};

const auth = '/api/auth';

export const entryCalls = {
  options: () => ask<SignInOptions>('GET', '/api/sign-in-options'),
  /** With a second factor set up, the password alone answers `twoFactorRedirect`. */
  signIn: (input: { email: string; password: string }) =>
    ask<{ twoFactorRedirect?: boolean }>('POST', `${auth}/sign-in/email`, input),
  verifyCode: (code: string) => ask<unknown>('POST', `${auth}/two-factor/verify-totp`, { code }),
  verifyBackupCode: (code: string) => ask<unknown>('POST', `${auth}/two-factor/verify-backup-code`, { code }),
  passkeyOptions: () => ask<PublicKeyCredentialRequestOptionsJSON>('POST', '/api/passkeys/sign-in/options', {}),
  passkeySignIn: (response: unknown) => ask<unknown>('POST', '/api/passkeys/sign-in', { response }),
  askReset: (email: string, language: string) =>
    ask<{ email: string }>('POST', '/api/password-resets', { email, language }),
  reset: (token: string, password: string) => ask<unknown>('POST', '/api/password-resets/use', { token, password }),
  invitation: (token: string) => ask<Invitation>('POST', '/api/invitations/look', { token }),
  accept: (input: { token: string; name: string; password: string }) =>
    ask<{ user: unknown }>('POST', '/api/invitations/accept', input),
};
