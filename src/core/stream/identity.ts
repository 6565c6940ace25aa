import type pg from 'pg';
import { type IdentifierKind, loadKinds, normaliseIdentifier } from '../people/identifier.ts';
import { keptApart } from '../people/merge.ts';
import type { StreamEvent } from './event.ts';
import { IdentityCache, type Known } from './identity-cache.ts';
import {
  aliasClaims,
  type Claim,
  distinctRoots,
  type IdentityReport,
  inherit,
  newProfile,
  obstacle,
  type Profile,
  report,
} from './identity-rules.ts';

/** Kinds that events may bring into being by themselves. */
const KINDS_LIMIT = 100;
const KIND_NAME = /^[a-z][a-z0-9_.-]{0,63}$/i;
/** Step of the sequence person_ids: each value stands for this many ids from it on. */
const IDS_IN_BLOCK = 500;

export interface NewMerge {
  /** Roots. */
  into: number;
  from: number;
  /** The persons, as first met, whose identifiers came together. */
  intoOrigin: number;
  fromOrigin: number;
  moved: number[];
  cause: object;
}

/** What a batch changed in who is who; written in the batch's transaction. */
export interface IdentityChanges {
  persons: { id: number; sourceId: number; at: number }[];
  identifiers: { kindId: number; value: string; personId: number; at: number; sourceId: number }[];
  merges: NewMerge[];
  reports: IdentityReport[];
  /** Events that name nobody once blocked values are left out. */
  nameless: StreamEvent[];
}

/**
 * Decides whose each event is: an event whose identifiers are all new makes a person, one adds to the person it knows,
 * several merge. If a merge or an addition would break a limit, the identifier of lowest priority is left out of the
 * event, with a report (the rule of Segment's identity resolution). Runs under the identity lock, in the transaction
 * that writes the changes, so nobody else changes who is who meanwhile.
 */
export class Identity {
  readonly #cache = new IdentityCache();
  #kinds = new Map<string, IdentifierKind>();
  #version = -1;
  readonly #freeIds: number[] = [];

  /** Grows when somebody else changed what is known of people. */
  get version(): number {
    return this.#version;
  }

  /** Forgets everything; after a transaction that failed, what was decided in it is not true. */
  forget(): void {
    this.#cache.clear();
    this.#version = -1;
  }

  async resolve(client: pg.PoolClient, events: readonly StreamEvent[]): Promise<IdentityChanges> {
    this.#cache.makeRoom();
    await this.#refresh(client, events);
    const changes: IdentityChanges = { persons: [], identifiers: [], merges: [], reports: [], nameless: [] };
    const claims = events.map((event) => this.#claims(event));
    await this.#lookUp(client, claims);
    const profiles = await this.#profiles(client, claims);
    const apart = await keptApart(client, [...profiles.keys()]);
    await this.#reserveIds(client, events.length);
    for (let i = 0; i < events.length; i++) {
      const event = events[i]!;
      const claim = claims[i]!;
      if (claim.length === 0) changes.nameless.push(event);
      else this.#decide(event, claim, profiles, apart, changes);
    }
    // A merge later in the batch moves the persons of earlier events too.
    if (changes.merges.length > 0) for (const event of events) event.personId = this.#cache.rootOf(event.personId);
    return changes;
  }

  async #refresh(client: pg.PoolClient, events: readonly StreamEvent[]): Promise<void> {
    const { rows } = await client.query<{ version: number }>('SELECT version FROM identity_version');
    const version = rows[0]?.version ?? 0;
    if (version !== this.#version) {
      this.#cache.clear();
      this.#kinds = await loadKinds(client);
      this.#version = version;
    }
    const unknown = new Set<string>();
    for (const event of events) {
      for (const { kind } of event.identifiers) if (!this.#kinds.has(kind) && KIND_NAME.test(kind)) unknown.add(kind);
    }
    for (const kind of unknown) {
      if (this.#kinds.size >= KINDS_LIMIT) break;
      await client.query('INSERT INTO identifier_kinds (kind) VALUES ($1) ON CONFLICT DO NOTHING', [kind]);
    }
    if (unknown.size > 0) this.#kinds = await loadKinds(client);
  }

  /** The event's identifiers that can name a person, most important first, without repetitions. */
  #claims(event: StreamEvent): Claim[] {
    const claims: Claim[] = [];
    for (const { kind: name, value } of event.identifiers) {
      const kind = this.#kinds.get(name);
      if (!kind?.isUnique) continue;
      const claim = this.#claim(kind, value);
      if (claim && !claims.some((other) => other.key === claim.key)) claims.push(claim);
    }
    if (event.type === 'alias') this.#addPrevious(event, claims);
    return claims.length > 1 ? claims.sort((a, b) => a.kind.priority - b.kind.priority) : claims;
  }

  /** A value that is remembered is in its normal form, since only such are stored. */
  #claim(kind: IdentifierKind, value: string): Claim | null {
    const key = `${kind.id}:${value}`;
    const known = this.#cache.get(key);
    if (known) return { kind, value, key, known };
    const normal = normaliseIdentifier(kind, value);
    if (normal === null) return null;
    if (normal === value) return { kind, value, key, known };
    const normalKey = `${kind.id}:${normal}`;
    return { kind, value: normal, key: normalKey, known: this.#cache.get(normalKey) };
  }

  /** An alias names an earlier identifier without its kind: it is the anonymous ID or the user ID that is known. */
  #addPrevious(event: StreamEvent, claims: Claim[]): void {
    for (const name of ['anonymous_id', 'user_id']) {
      const kind = this.#kinds.get(name);
      const claim = kind && this.#claim(kind, event.previousId);
      if (claim) claims.push(claim);
    }
  }

  async #lookUp(client: pg.PoolClient, claims: readonly Claim[][]): Promise<void> {
    const missing = new Map<string, Claim>();
    for (const claim of claims) for (const one of claim) if (!one.known) missing.set(one.key, one);
    if (missing.size === 0) return;
    const wanted = [...missing.values()];
    const { rows } = await client.query<{ kind_id: number; value: string; person_id: number; root_id: number }>({
      name: 'identity-look-up',
      text: `SELECT i.kind_id, i.value, i.person_id, p.root_id
             FROM unnest($1::smallint[], $2::text[]) AS wanted (kind_id, value)
             JOIN identifiers i ON i.value = wanted.value AND i.kind_id = wanted.kind_id
             JOIN persons p ON p.id = i.person_id`,
      values: [wanted.map((claim) => claim.kind.id), wanted.map((claim) => claim.value)],
    });
    for (const row of rows)
      this.#cache.set(`${row.kind_id}:${row.value}`, { origin: row.person_id, root: row.root_id });
  }

  /** Loads what is known of the persons that this batch may let grow. */
  async #profiles(client: pg.PoolClient, claims: readonly Claim[][]): Promise<Map<number, Profile>> {
    const growing = new Set<number>();
    for (const claim of claims) {
      const roots = new Set<number>();
      let unknown = false;
      for (const one of claim) {
        one.known ??= this.#cache.get(one.key);
        if (one.known) roots.add(one.known.root);
        else unknown = true;
      }
      if (roots.size > 1 || (unknown && roots.size > 0)) for (const root of roots) growing.add(root);
    }
    const profiles = new Map<number, Profile>();
    if (growing.size === 0) return profiles;
    const { rows } = await client.query<{ root_id: number; id: number; kind_id: number | null; count: number }>({
      name: 'identity-profiles',
      text: `SELECT p.root_id, p.id, i.kind_id, count(i.value)::int AS count
             FROM (SELECT id, root_id FROM persons WHERE id = ANY ($1::bigint[]) AND root_id = id
                   UNION ALL
                   SELECT id, root_id FROM persons WHERE root_id = ANY ($1::bigint[]) AND root_id <> id) p
             LEFT JOIN identifiers i ON i.person_id = p.id
             GROUP BY p.root_id, p.id, i.kind_id`,
      values: [[...growing]],
    });
    for (const row of rows) {
      const profile = profiles.get(row.root_id) ?? newProfile([]);
      profiles.set(row.root_id, profile);
      if (!profile.origins.includes(row.id)) profile.origins.push(row.id);
      if (row.kind_id !== null) profile.counts.set(row.kind_id, (profile.counts.get(row.kind_id) ?? 0) + row.count);
    }
    return profiles;
  }

  #decide(
    event: StreamEvent,
    claims: Claim[],
    profiles: Map<number, Profile>,
    apart: Set<string>,
    changes: IdentityChanges,
  ): void {
    const known = new Map<Claim, Known>();
    for (const claim of claims) {
      // Earlier events of the batch may have made it known, or have merged its person into another.
      const found = claim.known ?? this.#cache.get(claim.key);
      if (found) known.set(claim, { origin: found.origin, root: this.#cache.rootOf(found.root) });
    }
    // An alias names its earlier identifier twice, once for each kind; the guess that nobody knows is dropped.
    let left = event.type === 'alias' ? aliasClaims(event, claims, known) : claims;
    let roots = distinctRoots(left, known);
    while (left.length > 1 && roots.length > 0) {
      const found = obstacle(event, left, known, roots, profiles, apart, this.#kinds);
      if (found === null) break;
      const dropped = found.claim ?? left[left.length - 1]!;
      left = left.filter((claim) => claim !== dropped);
      changes.reports.push(report(found.kind, dropped, known.get(dropped)?.root ?? null, found.reason, event));
      roots = distinctRoots(left, known);
    }
    const first = left.find((claim) => known.has(claim));
    let owner: Known;
    if (!first) {
      owner = this.#create(event, profiles, changes);
    } else {
      const root = roots.length > 1 ? this.#merge(event, left, known, roots, profiles, apart, changes) : roots[0]!;
      owner = { origin: known.get(first)!.origin, root };
    }
    for (const claim of left) if (!known.has(claim)) this.#add(claim, owner, event, profiles, changes);
    event.originId = owner.origin;
    event.personId = owner.root;
  }

  #create(event: StreamEvent, profiles: Map<number, Profile>, changes: IdentityChanges): Known {
    const id = this.#freeIds.pop()!;
    changes.persons.push({ id, sourceId: event.sourceId, at: event.timestamp });
    profiles.set(id, newProfile([id]));
    return { origin: id, root: id };
  }

  /** Sees to it that there are ids for as many new persons as the batch can have. */
  async #reserveIds(client: pg.PoolClient, count: number): Promise<void> {
    const blocks = Math.ceil((count - this.#freeIds.length) / IDS_IN_BLOCK);
    if (blocks <= 0) return;
    const { rows } = await client.query<{ first: number }>(
      "SELECT nextval('person_ids') AS first FROM generate_series(1, $1::int)",
      [blocks],
    );
    const fresh = rows.flatMap(({ first }) => Array.from({ length: IDS_IN_BLOCK }, (_, i) => first + i));
    // The smallest are taken first, from the end.
    this.#freeIds.unshift(...fresh.sort((a, b) => b - a));
  }

  /** The person with the most important identifier stays; between equals the one met first. */
  #merge(
    event: StreamEvent,
    claims: readonly Claim[],
    known: Map<Claim, Known>,
    roots: readonly number[],
    profiles: Map<number, Profile>,
    apart: Set<string>,
    changes: IdentityChanges,
  ): number {
    const into = this.#survivor(roots, profiles);
    const target = this.#profile(profiles, into);
    const met = (root: number) => known.get(claims.find((claim) => known.get(claim)?.root === root)!)!.origin;
    for (const from of roots) {
      if (from === into) continue;
      const source = this.#profile(profiles, from);
      changes.merges.push({
        into,
        from,
        intoOrigin: met(into),
        fromOrigin: met(from),
        moved: [...source.origins],
        cause: {
          messageId: event.messageId || event.eventId,
          type: event.type,
          identifiers: claims.map((claim) => ({ kind: claim.kind.kind, value: claim.value })),
        },
      });
      target.origins.push(...source.origins);
      for (const [kind, count] of source.counts) target.counts.set(kind, (target.counts.get(kind) ?? 0) + count);
      profiles.delete(from);
      this.#cache.merge(from, into);
      inherit(apart, from, into);
    }
    return into;
  }

  #survivor(roots: readonly number[], profiles: Map<number, Profile>): number {
    const kinds = [...this.#kinds.values()].sort((a, b) => a.priority - b.priority);
    const rank = (root: number) => {
      const counts = profiles.get(root)?.counts;
      const best = kinds.findIndex((kind) => (counts?.get(kind.id) ?? 0) > 0);
      return best === -1 ? kinds.length : best;
    };
    return [...roots].sort((a, b) => rank(a) - rank(b) || a - b)[0]!;
  }

  #profile(profiles: Map<number, Profile>, root: number): Profile {
    const profile = profiles.get(root) ?? newProfile([root]);
    profiles.set(root, profile);
    return profile;
  }

  #add(claim: Claim, owner: Known, event: StreamEvent, profiles: Map<number, Profile>, changes: IdentityChanges): void {
    const counts = this.#profile(profiles, owner.root).counts;
    const count = counts.get(claim.kind.id) ?? 0;
    if (count >= claim.kind.maxPerPerson) {
      const reason = `the person has ${count} identifiers of the kind ${claim.kind.kind} already, which is its limit`;
      changes.reports.push(report('identifier_dropped', claim, owner.root, reason, event));
      return;
    }
    counts.set(claim.kind.id, count + 1);
    this.#cache.set(claim.key, owner);
    changes.identifiers.push({
      kindId: claim.kind.id,
      value: claim.value,
      personId: owner.origin,
      at: event.timestamp,
      sourceId: event.sourceId,
    });
  }
}
