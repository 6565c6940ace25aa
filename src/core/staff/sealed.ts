import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { hashKey, keptSecret } from '../../kernel/secrets.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a value so that only this installation can read it, and only for the same purpose (AES-256-GCM). With
 * `seconds` it can be read only that long.
 */
export function seal(context: Context, purpose: string, value: unknown, seconds?: number): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(context, purpose), nonce);
  const until = seconds === undefined ? null : Date.now() + seconds * 1000;
  const text = Buffer.concat([cipher.update(JSON.stringify({ value, until }), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
}

/** Reads what `seal` made; undefined where it is not that, was for something else, or is too old. */
export function unseal<T>(context: Context, purpose: string, sealed: string | undefined): T | undefined {
  if (!sealed) return undefined;
  try {
    const bytes = Buffer.from(sealed, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', keyOf(context, purpose), bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    const { value, until } = JSON.parse(text.toString('utf8')) as { value: T; until: number | null };
    return until === null || until > Date.now() ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Marks something as used; false where it was already. `seconds` is how long it could be used again without this. */
export async function markUsed(context: Context, thing: string, seconds: number): Promise<boolean> {
  const { rowCount } = await context.records.pool.query(
    `INSERT INTO staff_used (hash, expires_at) VALUES ($1, now() + make_interval(secs => $2))
     ON CONFLICT (hash) DO NOTHING`,
    [hashKey(thing), seconds],
  );
  return rowCount !== 0;
}

const keyOf = (context: Context, purpose: string) =>
  createHash('sha256')
    .update(`${keptSecret(context.config.dataDir, 'auth')} ${purpose}`)
    .digest();
