import type pg from 'pg';
import { isStorable } from '../../kernel/storable.ts';

export const NORMALISATIONS = ['none', 'lower', 'email', 'phone', 'digits'] as const;
export type Normalisation = (typeof NORMALISATIONS)[number];

/** A kind of identifier: how its values are compared, and how many of them one person may have. */
export interface IdentifierKind {
  id: number;
  /** For example user_id, email, loyalty_card. */
  kind: string;
  /** Whether one value belongs to one person only. A kind that is not unique matches nobody. */
  isUnique: boolean;
  maxPerPerson: number;
  /** Lower numbers are kept when a limit is reached. */
  priority: number;
  normalise: Normalisation;
  /** Values of this kind that name nobody, beside those that do so for every kind. */
  blocked: string[];
}

/** Longest value of an identifier, in UTF-16 code units; longer ones are a mistake of the sender. */
const IDENTIFIER_LIMIT = 512;

/** Fewer digits than any subscriber number has. */
const PHONE_DIGITS_MIN = 5;

/**
 * What programs send when they know nobody, in lower case: the lists of Segment (`^[0-]*$`, which `meansNobody` tests
 * apart, -1, null, anonymous), PostHog (`isDistinctIdIllegal`) and Mixpanel (distinct_id of the import API) together.
 */
const NOBODY = new Set([
  '-1',
  'null',
  '(null)',
  'nil',
  '<nil>',
  'none',
  'nan',
  'n/a',
  'na',
  'undefined',
  'unknown',
  'anon',
  'anonymous',
  'guest',
  'true',
  'false',
  '[]',
  '{}',
  '[object object]',
  'id',
  'distinct_id',
  'distinctid',
  'user_id',
  'userid',
  'anonymous_id',
  'anonymousid',
  'email',
  'not_authenticated',
  'lmy47d',
]);

/**
 * The form of an identifier's value in which it is stored and compared. Null where it names nobody: empty, blocked for
 * every kind or for this one, longer than IDENTIFIER_LIMIT, not text that can be stored (NUL, lone surrogates), or an
 * e-mail address or telephone number that cannot be one.
 */
export function normaliseIdentifier(kind: IdentifierKind, value: string): string | null {
  if (value.length > IDENTIFIER_LIMIT) return null;
  const text = value.trim().normalize('NFC');
  if (text.length > IDENTIFIER_LIMIT || !isStorable(text)) return null;
  if (meansNobody(text) || isBlocked(kind, text)) return null;
  const normal = normalForm(kind.normalise, text);
  if (normal === null || normal.length > IDENTIFIER_LIMIT || meansNobody(normal) || isBlocked(kind, normal))
    return null;
  return normal;
}

/** True for values that stand for "no one" in every kind, in whatever case and quotes. */
function meansNobody(text: string): boolean {
  const bare = text.replace(/^["'`]+|["'`]+$/g, '').trim();
  return /^[0-]*$/.test(bare) || NOBODY.has(bare.toLowerCase());
}

function isBlocked(kind: IdentifierKind, text: string): boolean {
  if (kind.blocked.length === 0) return false;
  const lower = text.toLowerCase();
  return kind.blocked.some((blocked) => blocked.toLowerCase() === lower);
}

function normalForm(normalisation: Normalisation, text: string): string | null {
  switch (normalisation) {
    case 'none':
      return text;
    case 'lower':
      return text.toLowerCase();
    case 'email':
      return email(text);
    case 'phone':
      return phone(text);
    case 'digits':
      return text.normalize('NFKC').replace(/\D/g, '') || null;
  }
}

/** Lower case, without `mailto:` and a display name around it. The part before @ is kept as it is otherwise. */
function email(text: string): string | null {
  const address = (/<([^<>]+)>$/.exec(text)?.[1] ?? text)
    .replace(/^mailto:/i, '')
    .trim()
    .toLowerCase();
  return /^[^\s@]+@[^\s@]+$/.test(address) ? address : null;
}

/** Digits with + in front where the number is an international one: written with + or 00. */
function phone(text: string): string | null {
  const plain = text.normalize('NFKC').replace(/^tel:/i, '').trim();
  const international = /^(\+|00)/.test(plain);
  const digits = plain
    .replace(/^00/, '')
    .replace(international ? /\(0\)/ : /$^/, '')
    .replace(/\D/g, '');
  if (digits.length < PHONE_DIGITS_MIN || /^0*$/.test(digits)) return null;
  return international ? `+${digits}` : digits;
}

export interface IdentifierKindRow {
  id: number;
  kind: string;
  is_unique: boolean;
  max_per_person: number;
  priority: number;
  normalise: Normalisation;
  blocked: string[];
}

/** All kinds of this installation, by name, those of the highest priority (lowest number) first. */
export async function loadKinds(records: pg.Pool | pg.PoolClient): Promise<Map<string, IdentifierKind>> {
  const { rows } = await records.query<IdentifierKindRow>(
    'SELECT id, kind, is_unique, max_per_person, priority, normalise, blocked FROM identifier_kinds ORDER BY priority, kind',
  );
  return new Map(rows.map((row) => [row.kind, kindOf(row)]));
}

export function kindOf(row: IdentifierKindRow): IdentifierKind {
  return {
    id: row.id,
    kind: row.kind,
    isUnique: row.is_unique,
    maxPerPerson: row.max_per_person,
    priority: row.priority,
    normalise: row.normalise,
    blocked: row.blocked,
  };
}
