import type { Context } from '../../kernel/context.ts';

/** Whether a person is to be left alone now: an open complaint, for example. */
export type Quiet = (context: Context, personId: number) => Promise<boolean>;

const reasons = new Map<string, Quiet>();

/** Lets another app say when somebody is asked nothing: neither in pages nor by mail. */
export const registerQuiet = (name: string, quiet: Quiet): void => void reasons.set(name, quiet);

export async function isQuiet(context: Context, personId: number): Promise<boolean> {
  for (const quiet of reasons.values()) if (await quiet(context, personId)) return true;
  return false;
}
