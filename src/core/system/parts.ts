import type { Context } from '../../kernel/context.ts';

/** Why a part of the program pauses, as a part of a sentence that anybody may read; null where it works. */
type Paused = (context: Context) => Promise<string | null>;

interface Part {
  paused: Paused;
  /** What to do about it. */
  remedy: string;
}

const parts = new Map<string, Part>();
/** A part that does not say so in time is taken to work: what holds it up shows elsewhere. */
const PART_MS = 1000;

/** Lets an app say in the server's health that it pauses, and in the doctor's words what to do about it. */
export const registerPart = (name: string, part: Part): void => void parts.set(name, part);

/** Which parts pause, by name, and why. */
export async function pausedParts(context: Context): Promise<Record<string, string>> {
  const asked = [...parts].map(async ([name, { paused }]) => [name, await within(paused(context))] as const);
  const told = (await Promise.all(asked)).flatMap(([name, reason]) =>
    reason === null ? [] : [[name, reason] as const],
  );
  return Object.fromEntries(told);
}

export const partNames = (): string[] => [...parts.keys()];
export const remedyOf = (name: string): string => parts.get(name)?.remedy ?? '';

async function within(asked: Promise<string | null>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, PART_MS, null);
  });
  const reason = await Promise.race([asked.catch(() => null), late]);
  clearTimeout(timer);
  return reason;
}
