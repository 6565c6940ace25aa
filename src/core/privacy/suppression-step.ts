import type { Config } from '../../kernel/config.ts';
import type { Records } from '../../kernel/records.ts';
import { type IdentifierKind, loadKinds, normaliseIdentifier } from '../people/identifier.ts';
import type { BadEvent } from '../stream/decode.ts';
import type { EventIdentifier, StreamEvent } from '../stream/event.ts';
import { checkSuppressionKey, identifierHasher } from './suppression.ts';

export const SUPPRESSED = 'erased person';

/** Identifiers of things that several people may share, by turns: on their own they do not make an event the erased person's. */
const SHARED_KINDS = new Set(['anonymous_id', 'device']);

/** Identifiers known not to be on the list; hashing each again would cost more than all the rest of the step. */
const REMEMBERED = 200_000;

/**
 * The stream's step that keeps erased people away: an event with a suppressed identifier is dropped. Where only the device
 * is suppressed, and the event names somebody else, the event stays and loses the device: that person is not erased.
 */
export class Suppression {
  readonly #records: Records;
  readonly #config: Pick<Config, 'dataDir'>;
  #hashes: ReadonlySet<string> = new Set();
  #kinds = new Map<string, IdentifierKind>();
  #version = 0;
  #hash: (kind: string, value: string) => Buffer = () => Buffer.alloc(0);
  readonly #clean = new Set<string>();

  constructor(stores: { records: Records; config: Pick<Config, 'dataDir'> }) {
    this.#records = stores.records;
    this.#config = stores.config;
  }

  /** Called before each batch: an erasure counts on it that no batch begun after it took effect brings the person back. */
  async refresh(): Promise<void> {
    const version = await this.#readVersion();
    if (version === this.#version) return;
    await checkSuppressionKey({ records: this.#records, config: this.#config });
    const { rows } = await this.#records.pool.query<{ hash: Buffer }>('SELECT hash FROM privacy_suppressed');
    this.#hashes = new Set(rows.map((row) => row.hash.toString('latin1')));
    this.#kinds = await loadKinds(this.#records.pool);
    this.#hash = identifierHasher(this.#config.dataDir);
    this.#clean.clear();
    this.#version = version;
  }

  async #readVersion(): Promise<number> {
    try {
      const { rows } = await this.#records.pool.query<{ version: number }>({
        name: 'suppression-version',
        text: 'SELECT version FROM privacy_suppression_version',
      });
      return rows[0]!.version;
    } catch (error) {
      // Without the module of privacy there is no list.
      if ((error as { code?: string }).code === '42P01') return 0;
      throw error;
    }
  }

  /** Why the event is dropped, or null. Takes a suppressed device out of an event that stays. */
  reason(event: StreamEvent): string | null {
    if (this.#hashes.size === 0) return null;
    let out: EventIdentifier[] | null = null;
    let named = false;
    for (const identifier of event.identifiers) {
      if (this.#has(identifier.kind, identifier.value)) {
        if (!SHARED_KINDS.has(identifier.kind)) return SUPPRESSED;
        out = out ? [...out, identifier] : [identifier];
      } else if (!SHARED_KINDS.has(identifier.kind)) named = true;
    }
    if (event.previousId !== '' && this.#hasAnyKind(event.previousId)) return SUPPRESSED;
    if (out === null) return null;
    if (!named) return SUPPRESSED;
    withoutDevices(event, out);
    return null;
  }

  /** Takes out of what is on its way to quarantine the events of erased people; returns them. */
  takeBad(bad: BadEvent[]): BadEvent[] {
    if (this.#hashes.size === 0) return [];
    const taken = bad.filter((one) => named(one.event).some((value) => this.#hasAnyKind(value)));
    if (taken.length > 0) {
      const out = new Set(taken);
      bad.splice(0, bad.length, ...bad.filter((one) => !out.has(one)));
    }
    return taken;
  }

  #hasAnyKind(value: string): boolean {
    for (const kind of this.#kinds.keys()) if (this.#has(kind, value)) return true;
    return false;
  }

  #has(kind: string, value: string): boolean {
    const key = `${kind}\0${value}`;
    if (this.#clean.has(key)) return false;
    const known = this.#kinds.get(kind);
    const normal = known ? normaliseIdentifier(known, value) : value;
    if (normal !== null && this.#hashes.has(this.#hash(kind, normal).toString('latin1'))) return true;
    if (this.#clean.size >= REMEMBERED) this.#clean.clear();
    this.#clean.add(key);
    return false;
  }
}

function withoutDevices(event: StreamEvent, out: readonly EventIdentifier[]): void {
  const values = new Set(out.map((identifier) => identifier.value));
  event.identifiers = event.identifiers.filter((identifier) => !out.includes(identifier));
  if (values.has(event.anonymousId)) event.anonymousId = '';
  const device = event.context.device as Record<string, unknown> | undefined;
  if (typeof device === 'object' && device !== null && values.has(String(device.id))) {
    const { id: _, ...rest } = device;
    event.context = { ...event.context, device: rest };
  }
  if (Array.isArray(event.context.externalIds)) {
    const left = (event.context.externalIds as Record<string, unknown>[]).filter(
      (entry) => !values.has(String(entry?.value ?? entry?.id)),
    );
    event.context = { ...event.context, externalIds: left };
  }
}

/** Values that name somebody in an event that could not be used, as far as it can be read. */
function named(text: string): string[] {
  let event: Record<string, unknown>;
  try {
    event = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return text.split(/[\s,;|"'<>]+/).filter((word) => word.length >= 5 && word.length <= 512);
  }
  if (typeof event !== 'object' || event === null) return [];
  const context = (event.context ?? {}) as Record<string, unknown>;
  const found: unknown[] = [event.userId, event.anonymousId, event.previousId];
  for (const traits of [event.traits, context.traits] as Record<string, unknown>[]) {
    if (typeof traits === 'object' && traits !== null) found.push(traits.email, traits.phone);
  }
  for (const list of [event.externalIds, context.externalIds]) {
    if (!Array.isArray(list)) continue;
    for (const entry of list as Record<string, unknown>[]) found.push(entry?.value ?? entry?.id);
  }
  return found.flatMap((value) => (typeof value === 'string' || typeof value === 'number' ? [String(value)] : []));
}
