import { z } from 'zod';
import { shortText } from '../../../kernel/storable.ts';

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

const PAGE_DEFAULT = 100;
export const PAGE_LIMIT = 200;
const OPERATIONS_LIMIT = 1000;
const VALUE_LIMIT = 500;

/** An error in the protocol's own form (RFC 7644, section 3.12). */
export class ScimError extends Error {
  readonly status: number;
  readonly scimType: string | undefined;

  constructor(status: number, detail: string, scimType?: string) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }
}

export const errorBody = (error: { status: number; message: string; scimType?: string | undefined }) => ({
  schemas: [ERROR],
  status: String(error.status),
  detail: error.message,
  ...(error.scimType ? { scimType: error.scimType } : {}),
});

/** The one comparison that directories send: `userName eq "ada@example.com"`. Others are refused (400 invalidFilter). */
export function parseFilter(
  filter: string | undefined,
  known: Record<string, string>,
): { column: string; value: string } | null {
  if (filter === undefined || filter.trim() === '') return null;
  const parts = /^\s*([\w.:[\] "]+?)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*$/i.exec(filter.slice(0, 2000));
  const column = parts && known[parts[1]!.toLowerCase()];
  if (!parts || !column) {
    throw new ScimError(
      400,
      `This filter is not understood. Use one of: ${Object.keys(known).join(', ')} eq "…".`,
      'invalidFilter',
    );
  }
  return { column, value: parts[2]!.replaceAll(/\\(.)/g, '$1') };
}

export function parsePaging(query: Record<string, string>): { offset: number; limit: number } {
  const whole = (text: string | undefined, otherwise: number) => {
    const number = Number(text ?? otherwise);
    return Number.isSafeInteger(number) ? number : otherwise;
  };
  // The protocol counts from 1, and takes less than that for 1; a negative count is none.
  const offset = Math.min(Math.max(whole(query.startIndex, 1), 1) - 1, 1_000_000);
  return { offset, limit: Math.min(Math.max(whole(query.count, PAGE_DEFAULT), 0), PAGE_LIMIT) };
}

export const listOf = (resources: readonly object[], total: number, offset: number) => ({
  schemas: [LIST],
  totalResults: total,
  startIndex: offset + 1,
  itemsPerPage: resources.length,
  Resources: resources,
});

const text = shortText(VALUE_LIMIT);
/** Entra writes booleans as words. */
const truth = z.union([z.boolean(), z.string().transform((word) => word.toLowerCase() === 'true')]);

export const UserInput = z.looseObject({
  userName: text.min(1),
  externalId: text.nullish(),
  displayName: text.nullish(),
  name: z.looseObject({ formatted: text.nullish(), givenName: text.nullish(), familyName: text.nullish() }).nullish(),
  emails: z
    .array(z.looseObject({ value: text, primary: truth.nullish(), type: text.nullish() }))
    .max(50)
    .nullish(),
  active: truth.default(true),
});
export type UserInput = z.output<typeof UserInput>;

const Member = z.looseObject({ value: text });
const MEMBERS_LIMIT = 20_000;
export const GroupInput = z.looseObject({
  displayName: text.min(1),
  externalId: text.nullish(),
  members: z.array(Member).max(MEMBERS_LIMIT).nullish(),
});
export type GroupInput = z.output<typeof GroupInput>;

const PatchInput = z.object({
  schemas: z.array(z.string()).refine((schemas) => schemas.includes(PATCH), { error: `must hold ${PATCH}` }),
  Operations: z
    .array(
      z.object({
        op: z
          .string()
          .transform((op) => op.toLowerCase())
          .pipe(z.enum(['add', 'replace', 'remove'])),
        path: z.string().max(1000).nullish(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(OPERATIONS_LIMIT),
});

export interface Operation {
  op: 'add' | 'replace' | 'remove';
  /** In lower case, without the schema in front; empty where the value names what it changes. */
  path: string;
  value: unknown;
}

export function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ScimError(400, `${issue?.path.join('.') || 'The body'}: ${issue?.message ?? 'is wrong'}.`, 'invalidValue');
}

/** The changes of a PATCH, each with a path: a value without one is taken apart. */
export function parsePatch(body: unknown): Operation[] {
  return parse(PatchInput, body).Operations.flatMap(({ op, path, value }): Operation[] => {
    if (path) return [{ op, path: plain(path), value }];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ScimError(400, 'An operation without a path needs an object as its value.', 'noTarget');
    }
    return Object.entries(value).map(([name, one]) => ({ op, path: plain(name), value: one }));
  });
}

/** Values keep their case: what stands in quotes is an ID or a kind of address. */
const plain = (path: string) =>
  path
    .replace(/^urn:ietf:params:scim:schemas:[\w:.]*?:(User|Group):/i, '')
    .replaceAll(/"[^"]*"|[^"]+/g, (part) => (part.startsWith('"') ? part : part.toLowerCase()));
