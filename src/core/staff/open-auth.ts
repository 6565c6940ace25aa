import type { Context } from '../../kernel/context.ts';

/**
 * Sign-in of staff: e-mail and password, sessions in cookies. One for each set of stores. The library is read when
 * somebody first signs in: it is a good part of what a start would have to read.
 */
export const openAuth = async (context: Context) => (await import('./auth.ts')).createAuth(context);
