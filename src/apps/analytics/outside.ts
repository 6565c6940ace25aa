import { fieldKey } from '../../core/query/field.ts';
import { personalFieldIn } from '../../core/query/personal.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { readDashboard } from './dashboards.ts';
import type { Saved } from './saved.ts';

/**
 * Refuses with 400 a saved report or dashboard that asks for personal data anywhere: what leaves the console, by mail or
 * by link, never has any.
 */
export async function refusePersonalOutside(
  context: Context,
  caller: Caller,
  kind: 'report' | 'dashboard',
  saved: Saved,
) {
  const asked = kind === 'report' ? saved.content : await readDashboard(context, caller, saved.content);
  await refusePersonalIn(context, asked);
}

export async function refusePersonalIn(context: Context, asked: unknown): Promise<void> {
  const field = await personalFieldIn(context, asked);
  if (field)
    throw refuse.invalid(
      `${fieldKey(field)} is personal data, which is not sent or shared. Use another field, or mark it otherwise in the catalogue.`,
    );
}
