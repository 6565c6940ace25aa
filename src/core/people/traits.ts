/** A value as it is stored: the value, when it was set (milliseconds since 1970), and by which source. */
export type Stored = [value: unknown, at: number, sourceId: number];
export type StoredSet = Record<string, Stored>;

/** Of several parts of a person the value set last, by name. */
export function latestOf(sets: Iterable<StoredSet>): Map<string, Stored> {
  const latest = new Map<string, Stored>();
  for (const set of sets) {
    for (const [name, stored] of Object.entries(set)) {
      const known = latest.get(name);
      if (!known || known[1] < stored[1]) latest.set(name, stored);
    }
  }
  return latest;
}

/** What kind of value it is, for whoever shows it. */
export function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?$/.test(value)) return 'date';
  return typeof value;
}

const text = (traits: ReadonlyMap<string, Stored>, ...names: string[]): string | null => {
  for (const name of names) {
    const value = traits.get(name)?.[0];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    if (typeof value === 'number') return String(value);
  }
  return null;
};

export interface Named {
  kind: string;
  value: string;
}

/** The name that its traits give a person, else its address; null where there is neither. */
function givenName(traits: ReadonlyMap<string, Stored>): string | null {
  const whole = text(traits, 'name', 'fullName', 'full_name', 'displayName', 'display_name');
  if (whole) return whole;
  const parts = [
    text(traits, 'firstName', 'first_name', 'firstname', 'givenName'),
    text(traits, 'lastName', 'last_name', 'lastname', 'familyName', 'surname'),
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(' ') : text(traits, 'email', 'username', 'login', 'phone');
}

/** What a person is called: a name or an address, else the most important of its identifiers. */
export function displayName(traits: ReadonlyMap<string, Stored>, identifiers: readonly Named[]): string {
  const name = givenName(traits) ?? emailOf(traits, identifiers);
  if (name) return name;
  const [first] = identifiers;
  if (!first) return 'Visitor';
  return first.kind === 'anonymous_id' ? `Visitor ${shortened(first.value)}` : first.value;
}

/** The end of it: ids that begin with a time begin alike for everyone who came in the same minute. */
const shortened = (id: string): string => (id.length > 12 ? id.slice(-8) : id);

export function emailOf(traits: ReadonlyMap<string, Stored>, identifiers: readonly Named[]): string | null {
  return text(traits, 'email') ?? identifiers.find((identifier) => identifier.kind === 'email')?.value ?? null;
}
