import type { NoteAudit } from '../../kernel/audit.ts';
import type { Context } from '../../kernel/context.ts';
import type { Method } from './open-session.ts';
import { markUsed } from './sealed.ts';

/** A code of an authenticator app is good for its half minute, and the library lets the ones beside it pass. */
const CODE_SECONDS = 120;

/** Notes that somebody is in. The session that this browser had before ends: nobody goes on with what another opened. */
export async function noteSignIn(
  context: Context,
  note: NoteAudit,
  user: { id: string; name: string },
  method: Method,
  sessionBefore?: string,
): Promise<void> {
  await context.records.pool.query('UPDATE staff_users SET last_signed_in_at = now() WHERE id = $1', [user.id]);
  if (sessionBefore) await context.records.pool.query('DELETE FROM staff_sessions WHERE id = $1', [sessionBefore]);
  await note({ actor: { kind: 'staff', id: user.id, name: user.name }, action: 'sign-in', fields: [method] });
}

/** The member of staff with an address, as the audit log names people; null where there is none. */
export async function userByEmail(
  context: Context,
  email: string,
): Promise<{ kind: string; id: string; name: string } | null> {
  if (email.includes('\0')) return null;
  const { rows } = await context.records.pool.query<{ id: string; name: string }>(
    'SELECT id, name FROM staff_users WHERE email = $1',
    [email.trim().toLowerCase()],
  );
  return rows[0] ? { kind: 'staff', ...rows[0] } : null;
}

/** Notes a code as used; true where it was already, so that one read over a shoulder opens nothing. */
export async function isCodeUsed(context: Context, userId: string, code: string): Promise<boolean> {
  return !(await markUsed(context, `code ${userId} ${code.replaceAll(/\s/g, '')}`, CODE_SECONDS));
}
