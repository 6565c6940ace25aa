import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { personalFields } from '../catalogue/personal.ts';
import { hideAddresses } from '../people/hide.ts';
import { Field, fieldKey } from './field.ts';

/** Fields of an event that name the person, or may. */
const PERSONAL_EVENT_FIELDS: ReadonlySet<string> = new Set(['user_id']);

/** Names of the only events that a field is of; null where it may be of any. */
type OfEvents = ReadonlySet<string> | null;

/**
 * Says of a field whether its values are personal data. What customers say is that in every report that may look at their
 * events, also where somebody said that it may be read: it is read with what is known of the person taken out, and a report
 * does not know whose a value is.
 */
export async function personalTest(context: Context): Promise<(field: Field, of?: OfEvents) => boolean> {
  const { isPersonalTrait, isPersonalProperty, properties, said } = await personalFields(context);
  // A report's property is of no event in particular: personal where it is that of any.
  const marked = new Set([...properties.values()].flatMap((paths) => [...paths]));
  const isSaid = (path: string, of: OfEvents) =>
    [...said].some(([event, paths]) => paths.has(path) && (of === null || of.has(event)));
  return (field, of = null) =>
    field.of === 'trait' || field.of === 'account'
      ? isPersonalTrait(field.name)
      : field.of === 'property'
        ? marked.has(field.name) || isPersonalProperty('', field.name) || isSaid(field.name, of)
        : field.of === 'event' && PERSONAL_EVENT_FIELDS.has(field.name);
}

/** The first field with personal data that a value (a report, a filter, a dashboard, an audience) names, however deep. */
export async function personalFieldIn(context: Context, value: unknown): Promise<Field | null> {
  const isPersonal = await personalTest(context);
  for (const { field, of } of askedIn(value)) if (isPersonal(field, of)) return field;
  return null;
}

/**
 * Refuses, for whoever is not to see personal data, a value that names a field with personal data anywhere: its values
 * would be shown, or could be guessed one by one. `of`: the events that a single field is of.
 */
export async function refusePersonal(context: Context, value: unknown, of: OfEvents = null): Promise<void> {
  const single = Field.safeParse(value);
  const found = single.success
    ? (await personalTest(context))(single.data, of) && single.data
    : await personalFieldIn(context, value);
  if (found)
    throw refuse.forbidden(
      `Your role does not show personal data, and ${fieldKey(found)} is that. Use another field, or ask an administrator.`,
    );
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
  for (const { field } of askedIn(value)) yield field;
}

/** Every field that a value names, with the events that it is of where that can be told: those of a trend. */
function* askedIn(value: unknown, of: OfEvents = null): Generator<{ field: Field; of: OfEvents }> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value) && 'of' in value) {
    const field = Field.safeParse(value);
    if (field.success) yield { field: field.data, of };
  }
  const own = (value as { kind?: unknown }).kind === 'trend' ? namedEventsIn(value) : of;
  for (const inner of Object.values(value)) yield* askedIn(inner, own);
}

/** The names of all events that are meant in a value; null where some are meant without a name. */
function namedEventsIn(value: object): OfEvents {
  const names = new Set<string>();
  const look = (inner: unknown): boolean => {
    if (typeof inner !== 'object' || inner === null) return true;
    const { events } = inner as { events?: unknown };
    for (const one of Array.isArray(events) ? (events as ({ name?: unknown } | null)[]) : []) {
      if (typeof one?.name !== 'string') return false;
      names.add(one.name);
    }
    return Object.values(inner).every(look);
  };
  return look(value) ? names : null;
}
