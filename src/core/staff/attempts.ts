import { createHmac } from 'node:crypto';
import { networkOf } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { hashKey, keptSecret, sameSecret } from '../../kernel/secrets.ts';

/**
 * How often one may be wrong before waiting begins, and how long at most one waits: each further failure doubles the
 * wait, from a second on. The account's limit counts everybody who does not know the password from wherever, so it is
 * short: a stranger can make its holder wait a quarter of an hour at a new device, and not at one they have used.
 */
export const LIMITS = {
  address: { free: 20, longestSeconds: 60 * 60 },
  account: { free: 10, longestSeconds: 15 * 60 },
  device: { free: 10, longestSeconds: 60 * 60 },
  // Mails to one address, asked for by whoever.
  mail: { free: 5, longestSeconds: 60 * 60 },
} as const;
type Kind = keyof typeof LIMITS;

/** Failures are forgotten after a day without one. */
const FORGET = '24 hours';
export const DEVICE_COOKIE = 'throughline.device';
const DEVICE_SECONDS = 400 * 24 * 60 * 60;

/** A try that is counted as a failure until it is said to have succeeded. */
export interface Attempt {
  succeeded(): Promise<void>;
}

/**
 * Counts a try before it is made, so that many at once are counted too. Refuses with 429 and the time to wait while any
 * of the limits holds; a refused try is not counted, so trying on does not make the wait longer.
 */
export async function beginAttempt(
  context: Context,
  who: { address: string | undefined; email: string; deviceCookie: string | undefined },
): Promise<Attempt> {
  const account = hashKey(who.email.trim().toLowerCase());
  const device = knownDevice(context, account, who.deviceCookie);
  const keys = [
    ...(who.address ? [`address:${networkOf(who.address)}`] : []),
    device ? `device:${device}` : `account:${account}`,
  ];
  await count(context, keys);
  return {
    async succeeded() {
      await context.records.pool.query('DELETE FROM staff_attempts WHERE key = $1', [keys.at(-1)]);
      // An address may be a whole office's: its one success takes back its own try, not the failures of others.
      await context.records.pool.query(
        'UPDATE staff_attempts SET failures = greatest(failures - 1, 0), next_at = now() WHERE key = ANY ($1)',
        [keys.slice(0, -1)],
      );
    },
  };
}

/** Counts something that is limited by itself, such as mails to an address. Refuses with 429 past the limit. */
export async function countMail(context: Context, email: string, address: string | undefined): Promise<void> {
  await count(context, [
    ...(address ? [`address:${networkOf(address)}`] : []),
    `mail:${hashKey(email.trim().toLowerCase())}`,
  ]);
}

async function count(context: Context, keys: readonly string[]): Promise<void> {
  await context.records.transaction(async (client) => {
    for (const key of [...keys].sort()) {
      const { free, longestSeconds } = LIMITS[key.slice(0, key.indexOf(':')) as Kind];
      const { rowCount } = await client.query(
        `INSERT INTO staff_attempts AS a (key, failures, last_at, next_at) VALUES ($1, 1, now(), now())
         ON CONFLICT (key) DO UPDATE SET last_at = now(),
           failures = CASE WHEN a.last_at < now() - $4::interval THEN 1 ELSE a.failures + 1 END,
           next_at = now() + CASE WHEN a.last_at < now() - $4::interval OR a.failures + 1 < $2 THEN interval '0'
             ELSE make_interval(secs => least($3::float8, power(2, least(a.failures + 1 - $2, 30)))) END
         WHERE a.next_at <= now()`,
        [key, free, longestSeconds, FORGET],
      );
      if (rowCount) continue;
      const { rows } = await client.query<{ seconds: number }>(
        'SELECT greatest(1, ceil(extract(epoch FROM next_at - now())))::int AS seconds FROM staff_attempts WHERE key = $1',
        [key],
      );
      // Throwing takes back what was counted for the other keys.
      throw refuse.tooMany(
        `Too many tries did not succeed. Wait ${rows[0]?.seconds ?? 1} seconds and try again.`,
        rows[0]?.seconds ?? 1,
      );
    }
  });
}

/** Removes what is forgotten anyway. */
export async function forgetAttempts(context: Context): Promise<void> {
  await context.records.pool.query('DELETE FROM staff_attempts WHERE last_at < now() - $1::interval', [FORGET]);
}

/** A cookie that tells that this browser signed this account in before; it lets nobody in. */
export function deviceCookie(context: Context, email: string, secure: boolean): string {
  const id = crypto.randomUUID();
  const value = `${id}.${deviceMark(context, hashKey(email.trim().toLowerCase()), id)}`;
  return `${DEVICE_COOKIE}=${value}; Path=/api/auth; Max-Age=${DEVICE_SECONDS}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

function knownDevice(context: Context, account: string, cookie: string | undefined): string | null {
  const [id, mark] = cookie?.split('.') ?? [];
  return id && mark && sameSecret(mark, deviceMark(context, account, id)) ? id : null;
}

const deviceMark = (context: Context, account: string, id: string) =>
  createHmac('sha256', keptSecret(context.config.dataDir, 'auth'))
    .update(`device ${account} ${id}`)
    .digest('base64url');
