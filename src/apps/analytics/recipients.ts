import { z } from 'zod';
import { languageOfMember } from '../../core/preferences/preferences.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { LANGUAGES, type Language } from '../../kernel/text.ts';
import { callerOf } from './acting.ts';

const RECIPIENTS_LIMIT = 20;

/** Who gets a mail: a member, in the language they chose, or an address. */
export const Recipients = z
  .array(
    z.union([
      z.strictObject({ member: z.string().min(1).max(100) }),
      z.strictObject({
        email: z
          .email()
          .max(254)
          .transform((email) => email.toLowerCase()),
        language: z.enum(Object.keys(LANGUAGES) as [Language, ...Language[]]).default('en'),
      }),
    ]),
  )
  .min(1)
  .max(RECIPIENTS_LIMIT);
export type Recipients = z.output<typeof Recipients>;

export interface Reader {
  email: string;
  language: Language;
  /** Of a member; what is behind a link is the same for all, but only they can open it. */
  member: boolean;
}

/** Refuses with 400 a member who is none, or may see no reports. */
export async function checkRecipients(context: Context, recipients: Recipients): Promise<void> {
  for (const one of recipients) {
    if (!('member' in one)) continue;
    const caller = await callerOf(context, `staff:${one.member}`);
    if (!caller?.permissions.has('reports.read'))
      throw refuse.invalid(
        `${caller?.name ?? 'One of the members'} cannot see reports. Take them out, or change their role.`,
      );
  }
}

/** Those of the recipients who may get it now, each address once: members who left or may see no reports are passed over. */
export async function readersOf(context: Context, recipients: Recipients): Promise<Reader[]> {
  const found = new Map<string, Reader>();
  for (const one of recipients) {
    if ('email' in one) {
      found.set(one.email, { ...one, member: false });
      continue;
    }
    const caller = await callerOf(context, `staff:${one.member}`);
    if (!caller?.email || !caller.permissions.has('reports.read')) continue;
    found.set(caller.email, {
      email: caller.email,
      language: await languageOfMember(context, one.member),
      member: true,
    });
  }
  return [...found.values()];
}
