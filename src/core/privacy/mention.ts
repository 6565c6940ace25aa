import type { Subject } from '../../kernel/app.ts';
import type { Records } from '../../kernel/records.ts';
import { type IdentifierKind, loadKinds, normaliseIdentifier } from '../people/identifier.ts';

/** Shorter values are common words and numbers: they name a person only where an identifier belongs. */
const TELLING_LENGTH = 5;
const IDENTIFIER_KEYS = new Set([
  'userId',
  'anonymousId',
  'previousId',
  'user_id',
  'anonymous_id',
  'distinct_id',
  'value',
  'id',
]);
const WORD = /[\p{L}\p{N}]/u;

/**
 * Finds a person's identifiers in text and JSON that other parts keep as it came: written in any way that its kind takes
 * for the same. For quarantine, queues and logs of deliveries, which know people by what is written in them only.
 */
export interface Mentions {
  /** Regular expression of PostgreSQL (`~*`) that finds every text with a mention, and a few without; null: nothing to find. */
  pattern: string | null;
  /** Whether a text mentions the person: JSON by its values, other text by its words. */
  in(text: string): boolean;
  inValue(value: unknown): boolean;
}

export async function mentionsOf(records: Records, subject: Subject): Promise<Mentions> {
  const kinds = await loadKinds(records.pool);
  const wanted = subject.identifiers.map(({ kind, value }) => ({ kind: kinds.get(kind), value }));
  const exact = new Set(wanted.map(({ value }) => value));
  const long = wanted.filter(({ value }) => value.length >= TELLING_LENGTH);

  const isOne = (text: string, key: string): boolean => {
    if (exact.has(text) && (text.length >= TELLING_LENGTH || IDENTIFIER_KEYS.has(key))) return true;
    return long.some(({ kind, value }) => contains(text, value) || (kind !== undefined && sameIn(kind, text, value)));
  };
  const inValue = (value: unknown, key = ''): boolean => {
    if (typeof value === 'string') return isOne(value, key);
    if (typeof value === 'number') return exact.has(String(value)) && IDENTIFIER_KEYS.has(key);
    if (Array.isArray(value)) return value.some((inner) => inValue(inner, key));
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([name, inner]) => isOne(name, '') || inValue(inner, name));
  };
  return {
    pattern: wanted.length === 0 ? null : wanted.map(({ kind, value }) => patternOf(kind, value)).join('|'),
    in: (text) => {
      try {
        return inValue(JSON.parse(text));
      } catch {
        return isOne(text, '');
      }
    },
    inValue: (value) => inValue(value),
  };
}

/** Whether the text has the value as a word of its own, in any case. */
function contains(text: string, value: string): boolean {
  const [where, what] = [text.toLowerCase(), value.toLowerCase()];
  for (let at = where.indexOf(what); at >= 0; at = where.indexOf(what, at + 1)) {
    const [before, after] = [where[at - 1] ?? ' ', where[at + what.length] ?? ' '];
    if (!WORD.test(before) && !WORD.test(after)) return true;
  }
  return false;
}

const sameIn = (kind: IdentifierKind, text: string, value: string) =>
  kind.normalise !== 'none' && text.length <= 600 && normaliseIdentifier(kind, text) === value;

function patternOf(kind: IdentifierKind | undefined, value: string): string {
  if (kind?.normalise === 'phone' || kind?.normalise === 'digits') {
    return [...value.replace(/\D/g, '')].join('[^0-9]{0,3}');
  }
  const inJson = JSON.stringify(value).slice(1, -1);
  const escaped = [...new Set([value, inJson])].map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return escaped.join('|');
}
