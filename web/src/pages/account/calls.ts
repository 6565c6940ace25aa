import type { PasskeyView } from '../../../../src/core/staff/passkeys.ts';
import type { SessionView } from '../../../../src/core/staff/sessions.ts';
import { ask } from '../../api.ts';
import type { ListOf } from '../../wire.ts';

export type Passkey = PasskeyView;
export type Security = {
  password: boolean;
  secondFactor: boolean;
  secondFactorRequired: boolean;
  passkeys: number;
  singleSignOn: string[];
};

const auth = '/api/auth';
const id = encodeURIComponent;

export const accountCalls = {
  security: () => ask<Security>('GET', '/api/me/security'),
  rename: (name: string) => ask<{ name: string }>('PATCH', '/api/me', { name }),
  changePassword: (currentPassword: string, newPassword: string) =>
    ask<unknown>('POST', `${auth}/change-password`, { currentPassword, newPassword }),
  beginApp: (password: string) =>
    ask<{ totpURI: string; backupCodes: string[] }>('POST', `${auth}/two-factor/enable`, { password }),
  verifyApp: (code: string) => ask<unknown>('POST', `${auth}/two-factor/verify-totp`, { code }),
  removeApp: (password: string) => ask<unknown>('POST', `${auth}/two-factor/disable`, { password }),
  newBackupCodes: (password: string) =>
    ask<{ backupCodes: string[] }>('POST', `${auth}/two-factor/generate-backup-codes`, { password }),
  passkeys: () => ask<ListOf<Passkey>>('GET', '/api/passkeys'),
  passkeyOptions: (password: string | undefined) =>
    ask<PublicKeyCredentialCreationOptionsJSON>('POST', '/api/passkeys/options', password ? { password } : {}),
  addPasskey: (name: string, response: unknown) => ask<Passkey>('POST', '/api/passkeys', { name, response }),
  renamePasskey: (passkeyId: string, name: string) => ask<Passkey>('PATCH', `/api/passkeys/${id(passkeyId)}`, { name }),
  removePasskey: (passkeyId: string) => ask<unknown>('DELETE', `/api/passkeys/${id(passkeyId)}`),
  sessions: () => ask<ListOf<SessionView>>('GET', '/api/sessions'),
  endSession: (sessionId: string) => ask<unknown>('DELETE', `/api/sessions/${id(sessionId)}`),
  endOthers: () => ask<{ ended: number }>('DELETE', '/api/sessions'),
};
