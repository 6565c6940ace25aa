import type { Context } from '../../../kernel/context.ts';
import { Refusal } from '../../../kernel/refusal.ts';
import { Email } from '../fields.ts';
import { takeUpInvitation } from '../invitations.ts';
import type { Provider } from './providers.ts';
import { domainOf } from './required.ts';

const NAME_LIMIT = 200;
const SUBJECT_LIMIT = 1000;

/** Who a provider says that somebody is. */
export interface Claimed {
  /** The provider's own ID for them. */
  subject: string;
  email: string;
  emailVerified: boolean;
  name: string;
}

class SsoRefusal extends Refusal {
  constructor(code: string, message: string) {
    super(403, code, message);
  }
}

/**
 * The member of staff behind what a provider says: who signed in by it before, who has the address, who was invited, or
 * somebody new where the provider may let people in. Refuses (403) addresses that are not of its domains.
 */
export async function arrive(
  context: Context,
  provider: Provider,
  claimed: Claimed,
): Promise<{ id: string; name: string; created: boolean }> {
  const parsed = Email.safeParse(claimed.email);
  const subject = claimed.subject;
  if (!parsed.success || subject === '' || subject.length > SUBJECT_LIMIT || subject.includes('\0')) {
    throw new SsoRefusal('sso_no_address', 'The single sign-on did not say which e-mail address this is.');
  }
  const email = parsed.data;
  if (!claimed.emailVerified || !provider.domains.includes(domainOf(email))) {
    throw new SsoRefusal('sso_domain', `Addresses such as ${email} may not sign in by ${provider.name}.`);
  }
  const name = claimed.name.replaceAll('\0', '').toWellFormed().trim().slice(0, NAME_LIMIT) || email;
  const loginId = `sso:${provider.id}`;
  return context.records.transaction(async (client) => {
    // Two first sign-ins of one person at the same time make one member.
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`staff ${email}`]);
    const known = await client.query<{ id: string; name: string }>(
      `SELECT u.id, u.name FROM staff_logins l JOIN staff_users u ON u.id = l.user_id
       WHERE l.provider_id = $1 AND l.account_id = $2`,
      [loginId, subject],
    );
    if (known.rows[0]) return { ...known.rows[0], created: false };
    const link = (userId: string) =>
      client.query('INSERT INTO staff_logins (id, user_id, account_id, provider_id) VALUES ($1, $2, $3, $4)', [
        crypto.randomUUID(),
        userId,
        subject,
        loginId,
      ]);
    const same = await client.query<{ id: string; name: string }>('SELECT id, name FROM staff_users WHERE email = $1', [
      email,
    ]);
    if (same.rows[0]) {
      await link(same.rows[0].id);
      return { ...same.rows[0], created: false };
    }
    const invited = await takeUpInvitation(context, client, { email, name });
    if (invited) {
      await link(invited.id);
      return { id: invited.id, name, created: true };
    }
    if (!provider.createsUsers) {
      throw new SsoRefusal('sso_unknown', `${email} is not a member of staff here. Ask to be invited.`);
    }
    const id = crypto.randomUUID();
    await client.query(
      'INSERT INTO staff_users (id, name, email, email_verified, role) VALUES ($1, $2, $3, true, $4)',
      [id, name, email, provider.defaultRole],
    );
    await link(id);
    return { id, name, created: true };
  });
}
