import bowser from 'bowser';
import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';

/** How exactly it is known when a session was last used. */
export const ACTIVE_MS = 60_000;

export const SessionView = z.object({
  id: z.string(),
  current: z.boolean().describe('The one that asks.'),
  browser: z.string().nullable(),
  system: z.string().nullable(),
  device: z.enum(['desktop', 'mobile', 'tablet', 'other']),
  address: z.string().nullable(),
  method: z.string().describe('password, second-factor, passkey, sso or invitation.'),
  signedInAt: z.string(),
  lastActiveAt: z.string().describe('To the minute.'),
  expiresAt: z.string(),
});
export type SessionView = z.output<typeof SessionView>;

interface Row {
  id: string;
  ip_address: string | null;
  user_agent: string | null;
  method: string;
  created_at: Date;
  last_active_at: Date;
  expires_at: Date;
}

/** The sessions of a member of staff that are open, the last used first. */
export async function listSessions(context: Context, userId: string, currentId?: string): Promise<SessionView[]> {
  const { rows } = await context.records.pool.query<Row>(
    `SELECT id, ip_address, user_agent, method, created_at, last_active_at, expires_at FROM staff_sessions
     WHERE user_id = $1 AND expires_at > now() ORDER BY last_active_at DESC, id LIMIT 200`,
    [userId],
  );
  return rows.map((row) => ({
    id: row.id,
    current: row.id === currentId,
    ...deviceOf(row.user_agent),
    address: row.ip_address || null,
    method: row.method,
    signedInAt: row.created_at.toISOString(),
    lastActiveAt: row.last_active_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }));
}

function deviceOf(userAgent: string | null): Pick<SessionView, 'browser' | 'system' | 'device'> {
  if (!userAgent) return { browser: null, system: null, device: 'other' };
  const { browser, os, platform } = bowser.parse(userAgent);
  const words = (...parts: (string | undefined)[]) => parts.filter(Boolean).join(' ') || null;
  const kind = platform.type;
  return {
    browser: words(browser.name, browser.version?.split('.')[0]),
    system: words(os.name, os.versionName ?? os.version),
    device: kind === 'desktop' || kind === 'mobile' || kind === 'tablet' ? kind : 'other',
  };
}

/** Ends one session; it stops working at once. Refuses with 404 where the member of staff has none such. */
export async function endSession(context: Context, userId: string, id: string): Promise<void> {
  const { rowCount } = await context.records.pool.query('DELETE FROM staff_sessions WHERE id = $1 AND user_id = $2', [
    id,
    userId,
  ]);
  if (!rowCount) throw refuse.notFound('There is no such session; it may have ended by itself.');
}

/** Ends all sessions of a member of staff but the given one. Answers how many. */
export async function endSessions(context: Context, userId: string, exceptId?: string): Promise<number> {
  const { rowCount } = await context.records.pool.query('DELETE FROM staff_sessions WHERE user_id = $1 AND id <> $2', [
    userId,
    exceptId ?? '',
  ]);
  return rowCount ?? 0;
}

export async function noteActive(context: Context, id: string): Promise<void> {
  await context.records.pool.query('UPDATE staff_sessions SET last_active_at = now() WHERE id = $1', [id]);
}

/** Refuses (400) who is no member of staff with a session, but a key or the command line. */
export function signedInUser(caller: Caller): string {
  if (caller.kind !== 'staff') throw refuse.invalid('This is for people who are signed in; a key has none of it.');
  return caller.id;
}
