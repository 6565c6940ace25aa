import type { Context } from '../../kernel/context.ts';
import { mailIsSetUp, sendMail } from '../../kernel/mail.ts';
import { refuse } from '../../kernel/refusal.ts';
import { hashKey, newKey } from '../../kernel/secrets.ts';
import { companyName } from './company.ts';
import { type Language, resetMail } from './mails.ts';
import { openAuth } from './open-auth.ts';
import { mustUseSso } from './sso/required.ts';

const LINK_SECONDS = 60 * 60;

/** What a request for a new password leaves behind, whether there is such an account or not. */
export interface ResetAsked {
  email: string;
  language: Language;
}

/** The job behind a request: mails a link where there is somebody who signs in with a password, and else nothing. */
export async function answerReset(context: Context, asked: ResetAsked): Promise<void> {
  const { rows } = await context.records.pool.query<{ id: string; email: string; role: string }>(
    'SELECT id, email, role FROM staff_users WHERE email = $1 AND disabled_at IS NULL',
    [asked.email],
  );
  const user = rows[0];
  if (!user || (await mustUseSso(context, user))) return;
  await sendResetTo(context, user, asked.language);
}

/** Makes a link and mails it; where mail is not set up, the link is in the answer, for somebody to hand over. */
export async function sendResetTo(
  context: Context,
  user: { id: string; email: string },
  language: Language,
): Promise<{ mailed: boolean; link: string | null; expiresAt: string }> {
  const secret = newKey('reset');
  const link = `${context.url()}/reset-password#${secret}`;
  const company = (await companyName(context)) ?? 'Throughline';
  const mailed = mailIsSetUp(context.config);
  const expiresAt = new Date(Date.now() + LINK_SECONDS * 1000);
  await context.records.transaction(async (client) => {
    await client.query('DELETE FROM staff_password_resets WHERE user_id = $1', [user.id]);
    await client.query('INSERT INTO staff_password_resets (hash, user_id, expires_at) VALUES ($1, $2, $3)', [
      hashKey(secret),
      user.id,
      expiresAt,
    ]);
    if (mailed) await sendMail(client, resetMail(user.email, language, link, { company }));
  });
  return { mailed, link: mailed ? null : link, expiresAt: expiresAt.toISOString() };
}

/**
 * Sets a new password with a link's secret, once. All sessions end, and waits after wrong passwords too. Refuses (400) a
 * link that was used, is too old, or is none.
 */
export async function redeemReset(
  context: Context,
  secret: string,
  password: string,
): Promise<{ id: string; name: string }> {
  const { password: hasher } = await (await openAuth(context)).$context;
  const hash = await hasher.hash(password);
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<{ id: string; name: string; email: string }>(
      `DELETE FROM staff_password_resets r USING staff_users u
       WHERE r.hash = $1 AND r.expires_at > now() AND u.id = r.user_id AND u.disabled_at IS NULL
       RETURNING u.id, u.name, u.email`,
      [hashKey(secret)],
    );
    const user = rows[0];
    if (!user) throw refuse.invalid('This link was used already or is too old. Ask for a new one.');
    await client.query(
      `INSERT INTO staff_logins (id, user_id, account_id, provider_id, password) VALUES ($1, $2, $2, 'credential', $3)
       ON CONFLICT (provider_id, account_id) DO UPDATE SET password = $3, updated_at = now()`,
      [crypto.randomUUID(), user.id, hash],
    );
    await client.query('DELETE FROM staff_sessions WHERE user_id = $1', [user.id]);
    await client.query('DELETE FROM staff_attempts WHERE key = $1', [`account:${hashKey(user.email)}`]);
    return { id: user.id, name: user.name };
  });
}
