import type { IdentifierKind } from '../people/identifier.ts';
import { ORIGINS_LIMIT } from '../people/merge.ts';
import type { StreamEvent } from './event.ts';
import type { Known } from './identity-cache.ts';

/** A value that an event carries, in its normal form. */
export interface Claim {
  kind: IdentifierKind;
  value: string;
  key: string;
  /** Whose it is, as far as was known before the batch. */
  known: Known | undefined;
}

/** What is known of a person as a whole, where it may grow in this batch. */
export interface Profile {
  /** How many identifiers of each kind, by the kind's id. */
  counts: Map<number, number>;
  origins: number[];
}

export const newProfile = (origins: number[]): Profile => ({ counts: new Map(), origins });

export interface IdentityReport {
  kind: 'identifier_dropped' | 'merge_stopped';
  identifierKind: string;
  identifierValue: string;
  personId: number | null;
  reason: string;
  messageId: string;
}

/**
 * Why these identifiers must not be of one person, or null. `claim` is the one to leave out; where none is named, the
 * one of lowest priority.
 */
export function obstacle(
  event: StreamEvent,
  claims: readonly Claim[],
  known: Map<Claim, Known>,
  roots: readonly number[],
  profiles: Map<number, Profile>,
  apart: ReadonlySet<string>,
  kinds: ReadonlyMap<string, IdentifierKind>,
): { kind: IdentityReport['kind']; reason: string; claim?: Claim } | null {
  for (const one of roots) {
    for (const other of roots) {
      if (one < other && apart.has(`${one}:${other}`)) {
        return { kind: 'merge_stopped', reason: 'these persons were taken apart by hand and are kept apart' };
      }
    }
  }
  const origins = roots.reduce((sum, root) => sum + (profiles.get(root)?.origins.length ?? 1), 0);
  if (origins > ORIGINS_LIMIT) {
    return {
      kind: 'merge_stopped',
      reason: `the person would be made of ${origins} persons; more than ${ORIGINS_LIMIT} are a shared device or address`,
    };
  }
  // An alias or merge call says outright that the two are one customer; not so with a key that anybody can read.
  if ((event.type === 'alias' || event.type === 'merge') && !event.publicKey) return null;
  for (const kind of kinds.values()) {
    const added = claims.filter((claim) => claim.kind === kind && !known.has(claim));
    if (roots.length === 1 && added.length === 0) continue;
    const count = roots.reduce((sum, root) => sum + (profiles.get(root)?.counts.get(kind.id) ?? 0), added.length);
    if (count <= kind.maxPerPerson) continue;
    const limit = `identifiers of the kind ${kind.kind}, of which ${kind.maxPerPerson} are allowed`;
    if (roots.length > 1)
      return { kind: 'identifier_dropped', reason: `a merge would give the person ${count} ${limit}` };
    // One person is known, by an identifier that matters more than the new one: then the new one is left out.
    const best = claims.find((claim) => known.has(claim))!;
    const claim = best.kind.priority < kind.priority ? added[added.length - 1] : undefined;
    return { kind: 'identifier_dropped', reason: `the person would have ${count} ${limit}`, claim };
  }
  return null;
}

/** An alias names its earlier identifier twice, once for each kind it may be of: what nobody knows is left out. */
export function aliasClaims(event: StreamEvent, claims: readonly Claim[], known: Map<Claim, Known>): Claim[] {
  const previous = claims.filter((claim) => claim.value === event.previousId && event.userId !== claim.value);
  const taken = previous.find((claim) => known.has(claim)) ?? previous.find((c) => c.kind.kind === 'anonymous_id');
  return claims.filter((claim) => claim === taken || !previous.includes(claim));
}

export function distinctRoots(claims: readonly Claim[], known: Map<Claim, Known>): number[] {
  const roots: number[] = [];
  for (const claim of claims) {
    const root = known.get(claim)?.root;
    if (root !== undefined && !roots.includes(root)) roots.push(root);
  }
  return roots;
}

/** Whoever is kept apart from one that was merged is kept apart from the whole. */
export function inherit(apart: Set<string>, from: number, into: number): void {
  for (const pair of [...apart]) {
    const [one, other] = pair.split(':').map(Number) as [number, number];
    const second = one === from ? other : other === from ? one : null;
    if (second !== null) apart.add(`${Math.min(into, second)}:${Math.max(into, second)}`);
  }
}

export function report(
  kind: IdentityReport['kind'],
  claim: Claim,
  personId: number | null,
  reason: string,
  event: StreamEvent,
): IdentityReport {
  return {
    kind,
    identifierKind: claim.kind.kind,
    identifierValue: claim.value,
    personId,
    reason,
    messageId: event.messageId || event.eventId,
  };
}
