import { z } from 'zod';

/** Whether PostgreSQL can keep a text: it takes no zero byte, and UTF-8 has no half of a surrogate pair. */
export const isStorable = (text: string) => !text.includes('\0') && text.isWellFormed();

/** Text from outside that can be kept. */
export const Storable = z.string().refine(isStorable, { error: 'has characters that cannot be stored' });

/** Text of so many characters at most; it may be empty. */
export const shortText = (limit: number) => Storable.max(limit);

/** A name or another text that says something: blanks around it are cut off, and then it has 1 character to `limit`. */
export const filledText = (limit: number) => Storable.trim().min(1).max(limit);
