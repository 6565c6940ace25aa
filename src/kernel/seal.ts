import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { keptSecret } from './secrets.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

/**
 * Encrypts a secret of somebody else's (a password, a connection URL) for a table, by AES-256-GCM with a key that is
 * kept in the data folder: who has the database alone cannot read it. `place` names the row it belongs to, so that a
 * sealed value moved to another row does not open there.
 */
export function seal(dataDir: string, place: string, text: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(dataDir), iv).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return `${VERSION}.${Buffer.concat([iv, sealed, cipher.getAuthTag()]).toString('base64url')}`;
}

/** Opens what `seal` made for the same place. Throws an Error with a sentence where the key is another or it was altered. */
export function unseal(dataDir: string, place: string, sealed: string): string {
  const bytes = Buffer.from(sealed.slice(VERSION.length + 1), 'base64url');
  try {
    if (!sealed.startsWith(`${VERSION}.`)) throw new Error('another form');
    const tag = bytes.subarray(bytes.length - TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', keyOf(dataDir), bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(place))
      .setAuthTag(tag);
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES)), decipher.final()]);
    return text.toString('utf8');
  } catch {
    throw new Error(
      "A kept secret cannot be opened with this data folder's key (secrets/seal). Enter it again, or give this process the same key file.",
    );
  }
}

const keyOf = (dataDir: string) => Buffer.from(keptSecret(dataDir, 'seal'), 'base64url');
