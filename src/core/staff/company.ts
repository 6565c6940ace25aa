import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { openAuth } from './open-auth.ts';

/** One number for all of Throughline: set-ups of several processes wait for one another on it. */
const SET_UP_LOCK = 7_401_011;

export interface StaffUser {
  id: string;
  name: string;
  email: string;
  role: string;
}

interface SetUp {
  company: string;
  name: string;
  /** In lower case. */
  email: string;
  password: string;
}

/** A set-up never becomes undone, so that it was seen once is known for good; and who is first is settled in turn. */
const done = new WeakSet<object>();
const queues = new WeakMap<object, Promise<unknown>>();

/** Whether nobody has set this installation up yet. */
export async function isSetUpNeeded(context: Context): Promise<boolean> {
  return (await companyName(context)) === null;
}

/** The company's name as given at the set-up; null before. */
export async function companyName(context: Context): Promise<string | null> {
  const { rows } = await context.records.pool.query<{ name: string }>('SELECT name FROM staff_company');
  if (rows[0]) done.add(context.records);
  return rows[0]?.name ?? null;
}

/**
 * Makes the owner and keeps the company's name, in one transaction. Only the first of however many get here, in whatever
 * process; the others are refused with 409.
 */
export function setUp(context: Context, input: SetUp): Promise<StaffUser> {
  if (done.has(context.records)) return Promise.reject(alreadySetUp());
  const before = queues.get(context.records) ?? Promise.resolve();
  const mine = before.then(() => setUpInTurn(context, input));
  queues.set(
    context.records,
    mine.catch(() => {}),
  );
  return mine;
}

async function setUpInTurn(context: Context, input: SetUp): Promise<StaffUser> {
  if (done.has(context.records) || !(await isSetUpNeeded(context))) throw alreadySetUp();
  const { password: hasher } = await (await openAuth(context)).$context;
  const hash = await hasher.hash(input.password);
  const user: StaffUser = { id: crypto.randomUUID(), name: input.name, email: input.email, role: 'owner' };
  await context.records.transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [SET_UP_LOCK]);
    const { rowCount } = await client.query('SELECT FROM staff_company');
    if (rowCount) throw alreadySetUp();
    await client.query('INSERT INTO staff_users (id, name, email, role) VALUES ($1, $2, $3, $4)', [
      user.id,
      user.name,
      user.email,
      user.role,
    ]);
    await client.query(
      `INSERT INTO staff_logins (id, user_id, account_id, provider_id, password) VALUES ($1, $2, $2, 'credential', $3)`,
      [crypto.randomUUID(), user.id, hash],
    );
    await client.query('INSERT INTO staff_company (name, owner_id) VALUES ($1, $2)', [input.company, user.id]);
  });
  done.add(context.records);
  return user;
}

const alreadySetUp = () => refuse.conflict('This installation has its owner already. Sign in instead.');
