/** A merge that stands: the two persons, as first met, that it joins. */
export interface Edge {
  into: number;
  from: number;
}

/**
 * Who is who from the merges that stand, oldest first: each person on its own, then each merge joins two groups, whose
 * root is the one of the side merged into. Merges join what is apart, so they form a forest, and leaving any of them out
 * leaves a forest: that is what makes undoing in any order safe. Returns the root of each person.
 */
export function replayMerges(persons: readonly number[], merges: readonly Edge[]): Map<number, number> {
  const roots = new Map(persons.map((person) => [person, person]));
  const groups = new Map(persons.map((person) => [person, [person]]));
  for (const { into, from } of merges) {
    const root = roots.get(into);
    const other = roots.get(from);
    if (root === undefined || other === undefined || root === other) continue;
    const moved = groups.get(other)!;
    for (const person of moved) roots.set(person, root);
    groups.get(root)!.push(...moved);
    groups.delete(other);
  }
  return roots;
}
