import type { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { looksPersonal, type PersonalFields, personalFields } from '../catalogue/personal.ts';
import { knownTexts } from './known-texts.ts';
import type { PeoplePage, PersonSummary } from './list.ts';
import { masked } from './mask.ts';
import type { Person } from './person.ts';
import type { IdentityReportView } from './reports.ts';
import type { TimelineEvent } from './timeline-event.ts';
import type { TraitValue } from './trait-history.ts';

/** What stands where a value is hidden: that there is one is seen, what it is not. */
export const HIDDEN = '•••';
/** Kinds of identifiers that say how to reach somebody, or are worn on them. */
const PERSONAL_KINDS = new Set(['email', 'phone']);
const DEPTH_LIMIT = 20;
/** An e-mail address inside a longer text, also percent-encoded. Bounded, so that no text makes it slow. */
const ADDRESS = /[^\s@"'<>()[\]{}=&?#;,:/%]{1,64}(?:@|%40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/giu;

/** Whether a field is hidden; or how its text is shown. */
type Hides = (path: string) => boolean | ((text: string) => string);

/** Whether a kind of identifier is hidden from roles that do not see personal data. */
export const isPersonalKind = (kind: string): boolean => PERSONAL_KINDS.has(kind) || looksPersonal(kind);

/** Hides e-mail addresses wherever they stand in a text. */
export const hideAddresses = (text: string): string => text.replaceAll(ADDRESS, HIDDEN);

/**
 * What a customer said in words of their own, for a role that does not see personal data: hidden as a whole, as it may tell
 * anything. Words of an event that somebody said are not personal are shown without what tells who said them, where that
 * is known: `known` are the texts by which that person is (`knownTexts`). See docs/privacy.md.
 */
export function hideSaid(
  text: string,
  at: { event: string; paths: readonly string[] },
  fields: PersonalFields,
  known: readonly string[] | undefined,
): string {
  if (text === '') return text;
  const released = at.paths.length > 0 && at.paths.every((path) => !fields.isPersonalProperty(at.event, path));
  return released && known ? masked(text, known, () => HIDDEN) : HIDDEN;
}

/**
 * A copy of a JSON value with the values of personal fields hidden; `hides` is asked with the path of names, dots
 * between, without places in lists. E-mail addresses are hidden wherever they stand, also in names.
 */
export function hideIn(value: unknown, hides: Hides, path = '', depth = 0): unknown {
  if (typeof value === 'string') return hideAddresses(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEPTH_LIMIT) return HIDDEN;
  if (Array.isArray(value)) return value.map((one) => hideIn(one, hides, path, depth + 1));
  const { kind } = value as { kind?: unknown };
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const full = path === '' ? name : `${path}.${name}`;
      const secret = hides(full) || (name === 'value' && typeof kind === 'string' && isPersonalKind(kind));
      if (typeof secret === 'function' && typeof inner === 'string') return [hideAddresses(name), secret(inner)];
      return [hideAddresses(name), secret ? hidden(inner) : hideIn(inner, hides, full, depth + 1)];
    }),
  );
}

/** Nothing stays nothing: that a field is empty is no secret. */
const hidden = (value: unknown) => (value === null || value === undefined || value === '' ? value : HIDDEN);

export async function hidePeople(page: PeoplePage): Promise<PeoplePage> {
  return { ...page, items: page.items.map(hideSummary) };
}

function hideSummary(person: PersonSummary): PersonSummary {
  return {
    ...person,
    displayName: nameless(person.id),
    email: person.email === null ? null : HIDDEN,
    identifiers: person.identifiers.map(hideIdentifier),
  };
}

type Account = { key: string; name: string; traits: Record<string, unknown>; members?: PersonSummary[] };

export async function hideAccount<T extends Account>(account: T, context: Context): Promise<T> {
  return hideAccountIn(account, await personalFields(context));
}

export async function hideAccounts<T extends { items: Account[] }>(list: T, context: Context): Promise<T> {
  const fields = await personalFields(context);
  return { ...list, items: list.items.map((account) => hideAccountIn(account, fields)) };
}

function hideAccountIn<T extends Account>(account: T, fields: PersonalFields): T {
  return {
    ...account,
    key: hideAddresses(account.key),
    name: hideAddresses(account.name),
    traits: hideIn(account.traits, fields.isPersonalTrait) as Record<string, unknown>,
    ...(account.members ? { members: account.members.map(hideSummary) } : {}),
  };
}

/** For replies that hold a little of many things: by the names of the fields alone. */
export async function hideByName<T>(reply: T): Promise<T> {
  return hideIn(reply, looksPersonal) as T;
}

const nameless = (id: string) => `#${id}`;

function hideIdentifier<T extends { kind: string; value: string }>(identifier: T): T {
  return { ...identifier, value: isPersonalKind(identifier.kind) ? HIDDEN : hideAddresses(identifier.value) };
}

export async function hidePerson(person: Person, context: Context): Promise<Person> {
  const fields = await personalFields(context);
  return {
    ...person,
    displayName: nameless(person.id),
    identifiers: person.identifiers.map(hideIdentifier),
    traits: Object.fromEntries(
      Object.entries(person.traits).map(([name, trait]) => [
        hideAddresses(name),
        { ...trait, value: hideTrait(name, trait.value, fields) },
      ]),
    ),
    accounts: person.accounts.map((account) => hideAccountIn(account, fields)),
    merges: hideIn(person.merges, () => false) as Person['merges'],
  };
}

const hideTrait = (name: string, value: unknown, fields: PersonalFields) =>
  fields.isPersonalTrait(name) ? hidden(value) : hideIn(value, fields.isPersonalTrait, name);

type History = { items: z.input<typeof TraitValue>[] };

/** Every value of one trait is hidden where the trait is personal. */
export async function hideHistory(history: History, context: Context, params: { name: string }): Promise<History> {
  const fields = await personalFields(context);
  return { items: history.items.map((one) => ({ ...one, value: hideTrait(params.name, one.value, fields) })) };
}

type Reports = { items: z.input<typeof IdentityReportView>[]; nextCursor: string | null };

export async function hideReports(reports: Reports): Promise<Reports> {
  return {
    ...reports,
    items: reports.items.map((one) => ({
      ...one,
      identifier: hideIdentifier(one.identifier),
      reason: hideAddresses(one.reason.replaceAll(one.identifier.value, HIDDEN)),
    })),
  };
}

/** Events of a list, of a timeline or of the live feed; what is none (a drop) only loses addresses. */
export async function hideItems<T extends { items: object[] }>(list: T, context: Context): Promise<T> {
  const fields = await personalFields(context);
  const origins = list.items.flatMap((item) => ('originId' in item ? Number(item.originId) : []));
  const known = await knownTexts(context, origins);
  return {
    ...list,
    items: list.items.map((item) =>
      hideItem(item, fields, known.get(Number((item as { originId?: string }).originId))),
    ),
  };
}

/** `known`: the texts by which the event's person is known, where those were looked up. */
export function hideItem(item: object, fields: PersonalFields, known?: readonly string[]): object {
  return 'properties' in item ? hideEvent(item as TimelineEvent, fields, known) : (hideIn(item, () => false) as object);
}

function hideEvent(
  event: TimelineEvent & { personName?: string | null; personId?: string },
  fields: PersonalFields,
  known: readonly string[] | undefined,
) {
  const ofTraits = event.type === 'identify' || event.type === 'group';
  const said = (ofTraits ? undefined : fields.said.get(event.name)) ?? new Set();
  const hides: Hides = ofTraits
    ? fields.isPersonalTrait
    : (path) =>
        said.has(path)
          ? (text) => hideSaid(text, { event: event.name, paths: [path] }, fields, known)
          : fields.isPersonalProperty(event.name, path);
  return {
    ...event,
    name: hideAddresses(event.name),
    properties: hideIn(event.properties, hides) as Record<string, unknown>,
    context: hideIn(event.context, looksPersonal) as Record<string, unknown>,
    page: event.page && (hideIn(event.page, () => false) as TimelineEvent['page']),
    campaign: event.campaign && (hideIn(event.campaign, () => false) as TimelineEvent['campaign']),
    ...('personName' in event ? { personName: event.personId ? nameless(event.personId) : null } : {}),
  };
}
