import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { type ConsentStatement, consentOf, statementOf } from '../privacy/consent-event.ts';
import type { StreamEvent } from './event.ts';

/** Segment's limit, and a size past which a value is a document, not a trait. */
export const TRAITS_LIMIT = 300;
const TRAIT_BYTES_LIMIT = 8192;
export const TRAIT_NAME_LIMIT = 200;
/** Purposes that a person's consent may be kept for. */
export const PURPOSES_LIMIT = 300;
const REMEMBERED = 100_000;
const LONGEST_REMEMBERED = 200;

/** A value as it is stored: the value, when it was set (milliseconds since 1970), and by which source. */
type Stored = [value: unknown, at: number, sourceId: number];
type StoredSet = Record<string, Stored>;

interface Update {
  traits: Map<string, Stored[]>;
  consent: Map<string, { stored: Stored; statement: ConsentStatement }[]>;
}

export interface TraitChanges {
  updated: { id: number; traits: string; consent: string }[];
  history: { personId: number; name: string; value: string; at: number; sourceId: number }[];
  /** What was said about consent that was not known, or of another text. */
  consents: ConsentStatement[];
  /** How many values were left out because they were too large or too many. */
  left: number;
}

/**
 * Keeps the traits and the consent of persons as events tell them: the value set last, by the event's time, is the
 * current one; those it replaced go to the history. A value told again keeps its first time.
 */
export class Traits {
  /** What each person was last told, in short, so that the same telling again costs nothing. */
  readonly #told = new Map<number, string>();

  forget(): void {
    this.#told.clear();
  }

  async collect(
    client: pg.PoolClient,
    events: readonly StreamEvent[],
    created: ReadonlySet<number>,
  ): Promise<TraitChanges> {
    const changes: TraitChanges = { updated: [], history: [], consents: [], left: 0 };
    const updates = new Map<number, Update>();
    for (const event of events) this.#gather(event, updates, changes);
    if (updates.size === 0) return changes;
    const existing = [...updates.keys()].filter((id) => !created.has(id));
    const current = await loadCurrent(client, existing);
    for (const [id, update] of updates) {
      const stored = current.get(id) ?? { traits: {}, consent: {} };
      const before = changes.history.length;
      let changed = created.has(id);
      for (const [name, values] of update.traits) {
        if (!Object.hasOwn(stored.traits, name) && Object.keys(stored.traits).length >= TRAITS_LIMIT) changes.left++;
        else for (const value of values) changed = applyTrait(stored.traits, name, value, id, changes) || changed;
      }
      for (const [purpose, statements] of update.consent) {
        const isNew = !Object.hasOwn(stored.consent, purpose);
        if (isNew && Object.keys(stored.consent).length >= PURPOSES_LIMIT) {
          changes.left++;
          continue;
        }
        for (const { stored: value, statement } of statements.sort((a, b) => a.stored[1] - b.stored[1])) {
          const says = applyLatest(stored.consent, purpose, value);
          if (says || statement.textVersion !== null) changes.consents.push(statement);
          changed = says || changed;
        }
      }
      if (changed || changes.history.length > before) {
        changes.updated.push({ id, traits: JSON.stringify(stored.traits), consent: JSON.stringify(stored.consent) });
      }
    }
    return changes;
  }

  #gather(event: StreamEvent, updates: Map<number, Update>, changes: TraitChanges): void {
    const told = event.type === 'identify' ? event.traits : objectOf(event.context.traits);
    const consent = consentOf(event);
    if (!told && !consent) return;
    if (event.originId === 0) return;
    const text = shortened(JSON.stringify([told, consent]));
    if (this.#told.get(event.originId) === text) return;
    if (this.#told.size >= REMEMBERED) this.#told.clear();
    this.#told.set(event.originId, text);
    const update = updates.get(event.originId) ?? { traits: new Map(), consent: new Map() };
    updates.set(event.originId, update);
    for (const [name, value] of Object.entries(told ?? {})) {
      if (value === undefined || name === '' || name.length > TRAIT_NAME_LIMIT) continue;
      if (isTooLarge(value)) {
        changes.left++;
        continue;
      }
      const values = update.traits.get(name);
      const stored: Stored = [value, event.timestamp, event.sourceId];
      if (values) values.push(stored);
      else update.traits.set(name, [stored]);
    }
    for (const [purpose, granted] of Object.entries(consent?.purposes ?? {})) {
      if (typeof granted === 'boolean' && purpose.length <= TRAIT_NAME_LIMIT) {
        const stored: Stored = [granted, event.timestamp, event.sourceId];
        const said = { stored, statement: statementOf(event, purpose, granted, consent!) };
        const before = update.consent.get(purpose);
        if (before) before.push(said);
        else update.consent.set(purpose, [said]);
      }
    }
  }
}

/** Whether a value is too large to be kept as a trait. */
export function isTooLarge(value: unknown): boolean {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > TRAIT_BYTES_LIMIT;
}

/** Many are remembered, so a long one only by its hash. */
const shortened = (text: string) => (text.length <= LONGEST_REMEMBERED ? text : hash('sha256', text, 'base64url'));

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

async function loadCurrent(client: pg.PoolClient, ids: number[]) {
  const current = new Map<number, { traits: StoredSet; consent: StoredSet }>();
  if (ids.length === 0) return current;
  const { rows } = await client.query<{ id: number; traits: StoredSet; consent: StoredSet }>({
    name: 'traits-current',
    text: 'SELECT id, traits, consent FROM persons WHERE id = ANY ($1::bigint[])',
    values: [ids],
  });
  for (const { id, traits, consent } of rows) current.set(id, { traits, consent });
  return current;
}

function applyTrait(traits: StoredSet, name: string, value: Stored, personId: number, changes: TraitChanges): boolean {
  const known = Object.hasOwn(traits, name) ? traits[name] : undefined;
  if (known && isDeepStrictEqual(known[0], value[0])) return false;
  if (known) {
    const [older] = known[1] <= value[1] ? [known] : [value];
    changes.history.push({ personId, name, value: JSON.stringify(older[0]), at: older[1], sourceId: older[2] });
    if (older === value) return true;
  }
  Object.defineProperty(traits, name, { value, enumerable: true, writable: true, configurable: true });
  return true;
}

function applyLatest(set: StoredSet, name: string, value: Stored): boolean {
  const known = Object.hasOwn(set, name) ? set[name] : undefined;
  if (known && (known[1] > value[1] || known[0] === value[0])) return false;
  Object.defineProperty(set, name, { value, enumerable: true, writable: true, configurable: true });
  return true;
}
