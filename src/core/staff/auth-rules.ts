import type { Context } from '../../kernel/context.ts';

export const PASSWORD_MINIMUM = 8;
export const PASSWORD_MAXIMUM = 128;
/** Sign-ins tried from one address within a minute. */
export const SIGN_INS_A_MINUTE = 10;
/** The header in which auth-endpoints.ts hands over the client's address; what a client sends in it is thrown away. */
export const ADDRESS_HEADER = 'x-throughline-client-address';

/** Whether people open this server by HTTPS; then cookies are for HTTPS only. */
export const usesHttps = (context: Context): boolean => context.config.publicUrl?.startsWith('https:') ?? false;
