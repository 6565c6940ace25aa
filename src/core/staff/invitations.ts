import type pg from 'pg';
import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { mailIsSetUp, sendMail } from '../../kernel/mail.ts';
import { decodeCursor, encodeCursor } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { hashKey, newKey } from '../../kernel/secrets.ts';
import { companyName } from './company.ts';
import { invitationMail, type Language } from './mails.ts';
import { openAuth } from './open-auth.ts';
import { checkMayGive, checkMayTouch, roleById } from './role-book.ts';
import { mustUseSso } from './sso/required.ts';

/** How long an invitation can be accepted after it was last sent. */
const OPEN_DAYS = 7;
const OPEN_LIMIT = 1000;

export const InvitationView = z.object({
  id: z.string(),
  email: z.string(),
  role: z.string(),
  roleName: z.string(),
  language: z.string(),
  invitedBy: z.string().describe('The name of who invited.'),
  createdAt: z.string(),
  sentAt: z.string(),
  expiresAt: z.string(),
  expired: z.boolean(),
});
export type InvitationView = z.output<typeof InvitationView>;

export const SentInvitation = InvitationView.extend({
  mailed: z.boolean(),
  link: z.string().nullable().describe('Where mail is not set up: the link to hand over. Shown only now.'),
});

interface Row {
  id: number;
  email: string;
  role: string;
  language: Language;
  invited_by: string;
  invited_by_name: string;
  created_at: Date;
  sent_at: Date;
  expires_at: Date;
}

const COLUMNS = 'id, email, role, language, invited_by, invited_by_name, created_at, sent_at, expires_at';

/** Invitations that nobody has accepted, the newest first. */
export async function listInvitations(
  context: Context,
  query: { cursor?: string | undefined; limit: number },
): Promise<{ items: InvitationView[]; nextCursor: string | null }> {
  const before = decodeCursor(query.cursor, z.number().int().min(0));
  const { rows } = await context.records.pool.query<Row>(
    `SELECT ${COLUMNS} FROM staff_invitations WHERE accepted_at IS NULL AND ($1::bigint IS NULL OR id < $1)
     ORDER BY id DESC LIMIT $2`,
    [before ?? null, query.limit + 1],
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: await Promise.all(page.map((row) => view(context, row))),
    nextCursor: rows.length > page.length && last ? encodeCursor(last.id) : null,
  };
}

async function view(context: Context, row: Row): Promise<InvitationView> {
  return {
    id: String(row.id),
    email: row.email,
    role: row.role,
    roleName: (await roleById(context, row.role))?.name ?? row.role,
    language: row.language,
    invitedBy: row.invited_by_name,
    createdAt: row.created_at.toISOString(),
    sentAt: row.sent_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    expired: row.expires_at.getTime() <= Date.now(),
  };
}

/**
 * Invites somebody by mail. Refuses (403) a role that the caller may not give, (409) an address that is a member's or is
 * invited already.
 */
export async function invite(
  context: Context,
  caller: Caller,
  input: { email: string; role: string; language: Language },
): Promise<z.output<typeof SentInvitation>> {
  await checkMayGive(context, caller, input.role);
  const secret = newKey('join');
  const row = await context.records.transaction(async (client) => {
    await client.query('LOCK TABLE staff_invitations IN SHARE ROW EXCLUSIVE MODE');
    const member = await client.query('SELECT FROM staff_users WHERE email = $1', [input.email]);
    if (member.rowCount) throw refuse.conflict(`${input.email} is a member of staff already.`);
    // One that has run out makes room for a new one.
    await client.query(
      'DELETE FROM staff_invitations WHERE email = $1 AND accepted_at IS NULL AND expires_at < now()',
      [input.email],
    );
    const { rows: open } = await client.query<{ count: number; same: boolean }>(
      `SELECT count(*)::int AS count, coalesce(bool_or(email = $1), false) AS same FROM staff_invitations
       WHERE accepted_at IS NULL`,
      [input.email],
    );
    if (open[0]!.same) throw refuse.conflict(`${input.email} is invited already. Send that invitation again instead.`);
    if (open[0]!.count >= OPEN_LIMIT) {
      throw refuse.invalid(`No more than ${OPEN_LIMIT} invitations can be open. Withdraw some first.`);
    }
    const { rows } = await client.query<Row>(
      `INSERT INTO staff_invitations (email, role, language, hash, invited_by, invited_by_name, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7)) RETURNING ${COLUMNS}`,
      [input.email, input.role, input.language, hashKey(secret), `${caller.kind}:${caller.id}`, caller.name, OPEN_DAYS],
    );
    await send(context, client, rows[0]!, secret);
    return rows[0]!;
  });
  return sent(context, row, secret);
}

/** Sends an invitation again, with a new link and a new week; the old link ends. */
export async function sendAgain(
  context: Context,
  caller: Caller,
  id: number,
): Promise<z.output<typeof SentInvitation>> {
  const secret = newKey('join');
  const row = await context.records.transaction(async (client) => {
    const open = await openInvitation(client, id);
    await checkMayGive(context, caller, open.role);
    const { rows } = await client.query<Row>(
      `UPDATE staff_invitations SET hash = $2, sent_at = now(), expires_at = now() + make_interval(days => $3),
         invited_by = $4, invited_by_name = $5 WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, hashKey(secret), OPEN_DAYS, `${caller.kind}:${caller.id}`, caller.name],
    );
    await send(context, client, rows[0]!, secret);
    return rows[0]!;
  });
  return sent(context, row, secret);
}

/** Withdraws an invitation: its link ends at once. */
export async function withdraw(context: Context, caller: Caller, id: number): Promise<void> {
  await context.records.transaction(async (client) => {
    await checkMayTouch(context, caller, (await openInvitation(client, id)).role);
    await client.query('DELETE FROM staff_invitations WHERE id = $1', [id]);
  });
}

async function openInvitation(client: pg.ClientBase, id: number): Promise<Row> {
  const { rows } = await client.query<Row>(
    `SELECT ${COLUMNS} FROM staff_invitations WHERE id = $1 AND accepted_at IS NULL FOR UPDATE`,
    [id],
  );
  if (!rows[0]) throw refuse.notFound('There is no such invitation; it may have been accepted or withdrawn.');
  return rows[0];
}

const linkOf = (context: Context, secret: string) => `${context.url()}/join#${secret}`;

async function send(context: Context, client: pg.ClientBase, row: Row, secret: string): Promise<void> {
  if (!mailIsSetUp(context.config)) return;
  const company = (await companyName(context)) ?? 'Throughline';
  const from = row.invited_by_name;
  await sendMail(client, invitationMail(row.email, row.language, linkOf(context, secret), { company, from }));
}

async function sent(context: Context, row: Row, secret: string) {
  const mailed = mailIsSetUp(context.config);
  return { ...(await view(context, row)), mailed, link: mailed ? null : linkOf(context, secret) };
}

/** What an invitation's link opens; refuses (400) a link that was used, withdrawn, is too old, or is none. */
export async function lookAtInvitation(
  context: Context,
  secret: string,
): Promise<{ company: string | null; email: string; roleName: string; invitedBy: string; expiresAt: string }> {
  const row = await bySecret(context.records.pool, secret);
  const { email, roleName, invitedBy, expiresAt } = await view(context, row);
  return { company: await companyName(context), email, roleName, invitedBy, expiresAt };
}

/** Accepts an invitation: makes the member of staff. Works once. */
export async function acceptInvitation(
  context: Context,
  secret: string,
  input: { name: string; password: string },
): Promise<{ id: string; name: string; email: string; role: string }> {
  const { password: hasher } = await (await openAuth(context)).$context;
  const hash = await hasher.hash(input.password);
  return context.records.transaction(async (client) => {
    const row = await bySecret(client, secret);
    await checkStillGiven(context, client, row);
    if (await mustUseSso(context, row)) {
      throw refuse.conflict('Your company asks you to sign in through its own sign-in. Do that, and you are in.');
    }
    const id = await makeMember(client, { ...row, name: input.name });
    await client.query(
      `INSERT INTO staff_logins (id, user_id, account_id, provider_id, password) VALUES ($1, $2, $2, 'credential', $3)`,
      [crypto.randomUUID(), id, hash],
    );
    return { id, name: input.name, email: row.email, role: row.role };
  });
}

/** Makes the member that an open invitation is for; in the caller's transaction. */
async function makeMember(client: pg.ClientBase, row: { id: number; email: string; role: string; name: string }) {
  const id = crypto.randomUUID();
  const { rowCount } = await client.query(
    `INSERT INTO staff_users (id, name, email, email_verified, role) VALUES ($1, $2, $3, true, $4)
     ON CONFLICT (email) DO NOTHING`,
    [id, row.name, row.email, row.role],
  );
  if (!rowCount) throw refuse.conflict(`${row.email} is a member of staff already. Sign in instead.`);
  await client.query('UPDATE staff_invitations SET accepted_at = now(), accepted_user_id = $2 WHERE id = $1', [
    row.id,
    id,
  ]);
  return id;
}

/** Takes up the open invitation of somebody whom a single sign-on vouches for; null where there is none. */
export async function takeUpInvitation(
  context: Context,
  client: pg.ClientBase,
  person: { email: string; name: string },
): Promise<{ id: string; role: string } | null> {
  const { rows } = await client.query<Row>(
    `SELECT ${COLUMNS} FROM staff_invitations WHERE email = $1 AND accepted_at IS NULL AND expires_at > now() FOR UPDATE`,
    [person.email],
  );
  if (!rows[0]) return null;
  await checkStillGiven(context, client, rows[0]);
  return { id: await makeMember(client, { ...rows[0], name: person.name }), role: rows[0].role };
}

async function bySecret(db: pg.ClientBase | pg.Pool, secret: string): Promise<Row> {
  const { rows } = await db.query<Row>(
    `SELECT ${COLUMNS} FROM staff_invitations WHERE hash = $1 AND accepted_at IS NULL AND expires_at > now()`,
    [hashKey(secret)],
  );
  if (!rows[0]) throw refuse.invalid('This invitation was used, withdrawn or is too old. Ask to be invited again.');
  return rows[0];
}

/** Refuses (409) an invitation by somebody who could not give it any more: what they could has ended with their role. */
async function checkStillGiven(context: Context, client: pg.ClientBase, row: Row): Promise<void> {
  const role = await roleById(context, row.role);
  let holds = role !== null;
  if (role && row.invited_by.startsWith('staff:')) {
    const { rows } = await client.query<{ role: string }>(
      'SELECT role FROM staff_users WHERE id = $1 AND disabled_at IS NULL',
      [row.invited_by.slice('staff:'.length)],
    );
    const giver = rows[0] ? await roleById(context, rows[0].role) : null;
    holds =
      giver !== null &&
      (role.id !== 'owner' || giver.id === 'owner') &&
      [...role.permissions].every((name) => giver.permissions.has(name));
  }
  if (!holds) throw refuse.conflict('Who invited you cannot give this role any more. Ask to be invited again.');
}
