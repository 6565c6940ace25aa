import { z } from 'zod';
import { filledText } from '../../kernel/storable.ts';
import { PASSWORD_MAXIMUM, PASSWORD_MINIMUM } from './auth-rules.ts';

const NAME_LIMIT = 200;
const EMAIL_LIMIT = 320;

export const Name = filledText(NAME_LIMIT);

export const Email = z
  .string()
  .trim()
  .max(EMAIL_LIMIT)
  .transform((email) => email.toLowerCase())
  .pipe(z.email());

export const Password = z.string().min(PASSWORD_MINIMUM).max(PASSWORD_MAXIMUM);

/** An ID that is a number of ours. */
export const NumberId = z.string().regex(/^\d{1,15}$/, 'is not an ID');

/** An ID of the sign-in library, of ours or of a directory. */
export const TextId = z.string().regex(/^[\w-]{1,100}$/, 'is not an ID');

export const RoleId = z.string().min(1).max(100);
