import type { App } from '../../kernel/app.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { HIDING, permissionsOf, permissionsOfRole, ROLES } from './roles.ts';

/** How long another process may go on with roles as they were. */
const REFRESH_MS = 2000;

/** A role as it is asked about with each request. */
export interface KnownRole {
  id: string;
  name: string;
  description: string | null;
  builtIn: boolean;
  permissions: ReadonlySet<string>;
  hidesPersonalData: boolean;
}

interface Book {
  apps: readonly App[];
  all: readonly string[];
  roles: Map<string, KnownRole>;
  secondFactorRequired: boolean;
  readAt: number;
  reading: Promise<void> | null;
}

const books = new WeakMap<object, Book>();

/** Says which apps there are, and so which permissions. Called before requests come. */
export function openRoleBook(context: Context, apps: readonly App[]): void {
  books.set(context.records, {
    apps,
    all: permissionsOf(apps),
    roles: new Map(),
    secondFactorRequired: false,
    readAt: Number.NEGATIVE_INFINITY,
    reading: null,
  });
}

async function bookOf(context: Context): Promise<Book> {
  const book = books.get(context.records);
  if (!book) throw new Error('Roles were asked for before the apps were known.');
  if (performance.now() - book.readAt > REFRESH_MS) {
    book.reading ??= read(context, book).finally(() => {
      book.reading = null;
    });
    await book.reading;
  }
  return book;
}

async function read(context: Context, book: Book): Promise<void> {
  const begun = performance.now();
  const { rows } = await context.records.pool.query<{
    id: string;
    name: string;
    description: string;
    permissions: string[];
    hides: boolean;
  }>('SELECT id, name, description, permissions, hides_personal_data AS hides FROM staff_roles ORDER BY lower(name)');
  const company = await context.records.pool.query<{ required: boolean }>(
    'SELECT second_factor_required AS required FROM staff_company',
  );
  const builtIn = ROLES.map((id) => ({
    id,
    name: id,
    description: null,
    builtIn: true,
    permissions: permissionsOfRole(id, book.all),
    hidesPersonalData: HIDING.has(id),
  }));
  const custom = rows.map(({ permissions, hides, ...row }) => ({
    ...row,
    builtIn: false,
    // A permission that no app names any more is not one.
    permissions: new Set(permissions.filter((name) => book.all.includes(name))),
    hidesPersonalData: hides,
  }));
  book.roles = new Map([...builtIn, ...custom].map((role) => [role.id, role]));
  book.secondFactorRequired = company.rows[0]?.required ?? false;
  book.readAt = begun;
}

/** Forgets what was read: the next request sees the roles as they are now. */
export function rereadRoles(context: Context): void {
  const book = books.get(context.records);
  if (!book) return;
  book.readAt = Number.NEGATIVE_INFINITY;
  // What is being read now may be from before the change.
  book.reading = null;
}

/** A role by its ID; null where there is none, and then nothing is allowed. */
export async function roleById(context: Context, id: string): Promise<KnownRole | null> {
  return (await bookOf(context)).roles.get(id) ?? null;
}

export const allRoles = async (context: Context): Promise<KnownRole[]> => [...(await bookOf(context)).roles.values()];
export const secondFactorRequired = async (context: Context) => (await bookOf(context)).secondFactorRequired;

/** Every permission with what it allows, by app. */
export async function allPermissions(context: Context): Promise<{ app: string; id: string; allows: string }[]> {
  const { apps } = await bookOf(context);
  return apps.flatMap((app) =>
    Object.entries(app.permissions ?? {}).map(([id, allows]) => ({ app: app.name, id, allows })),
  );
}

/** Refuses (400) an ID that is no role's, and (403) a role that may do or see more than who gives it. */
export async function checkMayGive(context: Context, caller: Caller, roleId: string): Promise<KnownRole> {
  const role = await roleById(context, roleId);
  if (!role) throw refuse.invalid(`There is no role "${roleId}".`);
  if (role.id === 'owner' && caller.role !== 'owner') {
    throw refuse.forbidden('Only an owner can give the role of an owner.');
  }
  checkCovers(caller, role.permissions, 'give');
  if (caller.hidesPersonalData && !role.hidesPersonalData) {
    throw refuse.forbidden('A role that shows personal data can be given only by those who see it.');
  }
  return role;
}

/** Refuses (403) to change somebody, or a key, whose role may do more than who changes it. */
export async function checkMayTouch(context: Context, caller: Caller, roleId: string): Promise<void> {
  if (roleId === 'owner' && caller.role !== 'owner')
    throw refuse.forbidden('Only an owner can change what is an owner’s.');
  const role = await roleById(context, roleId);
  if (role) checkCovers(caller, role.permissions, 'change');
}

/** Refuses (403) permissions out of those of somebody else that the caller does not have. */
export function checkCovers(caller: Caller, permissions: Iterable<string>, verb: 'give' | 'change'): void {
  const missing = [...permissions].filter((name) => !caller.permissions.has(name));
  if (missing.length === 0) return;
  const names = missing.slice(0, 5).join(', ') + (missing.length > 5 ? ' …' : '');
  throw refuse.forbidden(
    verb === 'give'
      ? `Nobody can give what they may not do themselves: ${names}.`
      : `This belongs to somebody who may do more than you: ${names}.`,
  );
}
