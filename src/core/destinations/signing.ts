import { createHmac, createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';

/** After a rotation the old secret signs beside the new one for so long. */
const ROTATION_MS = 24 * 60 * 60 * 1000;
/** Secrets that may sign at a time; the specification lets a receiver look at all of them. */
const KEYS_LIMIT = 5;

export type Signature = 'v1' | 'v1a';

export interface SigningKey {
  secret: string;
  /** When it stops signing; null for the newest. */
  until: string | null;
}

/** PKCS #8 of an Ed25519 key, before the 32 bytes of its seed. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A new secret: `whsec_` and 32 bytes for v1, `whsk_` and the seed of an Ed25519 key for v1a. */
export function newSecret(signature: Signature): string {
  return `${signature === 'v1' ? 'whsec' : 'whsk'}_${randomBytes(32).toString('base64')}`;
}

/** What a receiver verifies with: the secret itself for v1, the public key (`whpk_…`) for v1a. */
export function verifierOf(secret: string): string {
  if (secret.startsWith('whsec_')) return secret;
  const raw = createPublicKey(privateKeyOf(secret)).export({ format: 'der', type: 'spki' }).subarray(-32);
  return `whpk_${raw.toString('base64')}`;
}

/** The header `webhook-signature` after the Standard Webhooks specification: one signature for each key, spaces between. */
export function signatureHeader(
  keys: readonly SigningKey[],
  message: { id: string; timestamp: number; body: string },
  now: number,
): string {
  const content = `${message.id}.${message.timestamp}.${message.body}`;
  return keys
    .filter((key) => key.until === null || Date.parse(key.until) > now)
    .map(({ secret }) => {
      if (secret.startsWith('whsk_')) {
        return `v1a,${sign(null, Buffer.from(content), privateKeyOf(secret)).toString('base64')}`;
      }
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
    })
    .join(' ');
}

/** The keys after a rotation: the new one first, what signed so far until ROTATION_MS from now, what is over not at all. */
export function rotated(keys: readonly SigningKey[], signature: Signature, now: number): SigningKey[] {
  const until = new Date(now + ROTATION_MS).toISOString();
  const old = keys
    .filter((key) => key.until === null || Date.parse(key.until) > now)
    .map((key) => ({ secret: key.secret, until: key.until ?? until }));
  return [{ secret: newSecret(signature), until: null }, ...old].slice(0, KEYS_LIMIT);
}

const privateKeyOf = (secret: string) =>
  createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, Buffer.from(secret.slice('whsk_'.length), 'base64')]),
    format: 'der',
    type: 'pkcs8',
  });
