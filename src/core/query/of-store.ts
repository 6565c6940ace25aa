import type { Context } from '../../kernel/context.ts';

/** What belongs to an events store for as long as it is open: made when it is first asked for. */
export function ofStore<T>(kept: WeakMap<object, T>, { events }: Pick<Context, 'events'>, make: () => T): T {
  const known = kept.get(events);
  if (known !== undefined) return known;
  const made = make();
  kept.set(events, made);
  return made;
}
