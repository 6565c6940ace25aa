/**
 * What a pure function of a string answered, remembered for at most about `limit` strings. Two generations: when the
 * young one is full it becomes the old one, and what is asked for again is taken over; what is not is forgotten.
 */
export function remembered<T>(limit: number, compute: (text: string) => T): (text: string) => T {
  const half = Math.max(1, limit >> 1);
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const value = old.get(text) ?? compute(text);
    if (young.size >= half) {
      old = young;
      young = new Map();
    }
    young.set(text, value);
    return value;
  };
}

/** A value as text of at most `limit` UTF-16 units, without a broken character at the cut; '' where it is no string. */
export function textOf(value: unknown, limit: number): string {
  if (typeof value !== 'string') return '';
  return value.length <= limit ? value : value.slice(0, limit).toWellFormed();
}

/** A value as an object whose members may be looked at, or null. Arrays are not objects here. */
export function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}
