import type { Context } from '../../../kernel/context.ts';

/** What follows the @ of an address, in lower case. */
export const domainOf = (email: string): string => email.slice(email.lastIndexOf('@') + 1).toLowerCase();

/**
 * Whether somebody may sign in only through the company's own sign-in. Owners may always use their password, so that a
 * sign-in that is set up wrongly locks nobody out for good.
 */
export async function mustUseSso(context: Context, user: { email: string; role: string }): Promise<boolean> {
  if (user.role === 'owner') return false;
  const { rowCount } = await context.records.pool.query(
    'SELECT FROM staff_sso_providers WHERE enabled AND required AND $1 = ANY (domains)',
    [domainOf(user.email)],
  );
  return rowCount !== 0;
}
