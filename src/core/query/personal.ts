import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { personalFields } from '../catalogue/personal.ts';
import { hideAddresses } from '../people/hide.ts';
import { Field, fieldKey } from './field.ts';

/** Fields of an event that name the person, or may. */
const PERSONAL_EVENT_FIELDS: ReadonlySet<string> = new Set(['user_id']);

/** Says of a field whether its values are personal data. */
export async function personalTest(context: Context): Promise<(field: Field) => boolean> {
  const { isPersonalTrait, isPersonalProperty, properties } = await personalFields(context);
  // A report's property is of no event in particular: personal where it is that of any.
  const marked = new Set([...properties.values()].flatMap((paths) => [...paths]));
  return (field) =>
    field.of === 'trait' || field.of === 'account'
      ? isPersonalTrait(field.name)
      : field.of === 'property'
        ? marked.has(field.name) || isPersonalProperty('', field.name)
        : field.of === 'event' && PERSONAL_EVENT_FIELDS.has(field.name);
}

/**
 * Refuses, for whoever is not to see personal data, a value (a report, a filter, an audience) that names a field with
 * personal data anywhere: its values would be shown, or could be guessed one by one.
 */
export async function refusePersonal(context: Context, value: unknown): Promise<void> {
  const isPersonal = await personalTest(context);
  for (const field of fieldsIn(value)) {
    if (isPersonal(field))
      throw refuse.forbidden(
        `Your role does not show personal data, and ${fieldKey(field)} is that. Use another field, or ask an administrator.`,
      );
  }
}

/**
 * An answer as a caller may see it: addresses of pages, titles, names and properties may have e-mail addresses in them,
 * and whoever is not to see personal data does not see those.
 */
export const shownTo = <T>(caller: Pick<Caller, 'hidesPersonalData'>, answer: T): T =>
  caller.hidesPersonalData ? hideDeep(answer) : answer;

function hideDeep<T>(value: T): T {
  if (typeof value === 'string') return hideAddresses(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(hideDeep) as T;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [hideAddresses(name), hideDeep(inner)])) as T;
}

/** Every field that a value names, however deep. */
export function* fieldsIn(value: unknown): Generator<Field> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value) && 'of' in value) {
    const field = Field.safeParse(value);
    if (field.success) yield field.data;
  }
  for (const inner of Object.values(value)) yield* fieldsIn(inner);
}
