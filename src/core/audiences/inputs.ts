import type { Context } from '../../kernel/context.ts';
import { Bindings } from '../query/bindings.ts';
import type { Environment } from '../query/environment.ts';
import { afterBlock } from '../query/new-rows.ts';
import { fieldsIn } from '../query/personal.ts';
import { meaningOf } from '../query/remembered.ts';
import { Scope } from '../query/scope.ts';
import { spansOf } from './compile.ts';
import { isBehaviour, whatsOf } from './compile-behaviour.ts';
import { type Group, leavesOf } from './definition.ts';

/** People to whom something happened since the last time; of more, everybody is counted anew. */
const AFFECTED_LIMIT = 10_000;
/** Files of the events store that are looked into for what is new. */
const PARTS_LIMIT = 300;
/** Everybody is counted anew at least so often, whatever seems to have changed. */
const FULL_EVERY_MS = 24 * 3_600_000;

/** The tables that grow by what happens to single people: block numbers say what is new in them. */
const GROWING = ['events', 'person_traits', 'people_known'] as const;
type Growing = (typeof GROWING)[number];
/** Those whose changes may concern anybody. */
const ANYBODY = ['person_overrides', 'person_links', 'people_restricted'];
const OF_ACCOUNTS = ['account_traits', 'account_members', 'accounts_known'];

/** What the events store held at a moment. */
export interface StoreState {
  blocks: Record<Growing, number>;
  /** Changes with each file of the table. */
  tables: Record<string, string>;
  /** Changes when rows are removed or rewritten. */
  mutations: string;
  /** The months of events that are there: old ones are removed whole. */
  months: string[];
}

/** What an audience was computed from. */
export interface Basis {
  state: StoreState;
  /** All that its meaning depends on beside the data: equal texts mean the same. */
  meaning: string;
  /** When everybody was counted last: milliseconds since 1970. */
  fullAt: number;
}

/**
 * What has to be looked at: nobody, since nothing that it depends on has changed; these persons as first met; or everybody.
 */
export type Affected = { who: 'nobody' } | { who: 'some'; origins: number[] } | { who: 'everybody'; because: string };

/** Asked before an audience is computed, so that what comes in between is seen the next time. */
export async function storeState({ events }: Pick<Context, 'events'>): Promise<StoreState> {
  const rows = await events.query<{ table: string; block: string; files: string }>(
    `SELECT table, max(max_block_number) AS block, toString(groupBitXor(sipHash64(name))) AS files FROM system.parts
     WHERE active AND database = currentDatabase() AND table IN {tables:Array(String)} GROUP BY table`,
    { tables: [...GROWING, ...ANYBODY, ...OF_ACCOUNTS] },
  );
  const [row] = await events.query<{ mutations: string }>(
    `SELECT toString(groupBitXor(sipHash64(table, mutation_id))) AS mutations FROM system.mutations
     WHERE database = currentDatabase() AND table IN {tables:Array(String)}`,
    { tables: [...GROWING] },
  );
  const months = await events.query<{ month: string }>(
    `SELECT DISTINCT partition_id AS month FROM system.parts
     WHERE active AND database = currentDatabase() AND table = 'events' AND rows > 0 ORDER BY month`,
  );
  const of = new Map(rows.map((one) => [one.table, one]));
  return {
    blocks: Object.fromEntries(GROWING.map((table) => [table, Number(of.get(table)?.block ?? -1)])) as Record<
      Growing,
      number
    >,
    tables: Object.fromEntries([...ANYBODY, ...OF_ACCOUNTS].map((table) => [table, of.get(table)?.files ?? ''])),
    mutations: row?.mutations ?? '',
    months: months.map(({ month }) => month),
  };
}

/** `others`: when the members of the audiences that it names changed last. */
export function meaningNow(group: Group, environment: Environment, others: object): string {
  const { zone, weekStart, renamed, gone, actions } = environment;
  return meaningOf([
    group,
    zone,
    weekStart,
    [...renamed],
    [...gone],
    [...actions],
    spansOf(group, environment),
    others,
  ]);
}

/**
 * Who may have entered or left since a basis. Right because a person's place in an audience follows from that person's
 * own events, traits and parts alone, unless it asks of accounts, other audiences or the present moment; and because
 * every row that is new since then stands in a file with a higher block number.
 */
export async function affectedSince(
  context: Context,
  group: Group,
  environment: Environment,
  was: Basis | null,
  now: StoreState,
  meaning: string,
): Promise<Affected> {
  const everybody = (because: string): Affected => ({ who: 'everybody', because });
  if (!was) return everybody('it was never computed');
  if (was.meaning !== meaning) return everybody('its meaning or its periods changed');
  if (environment.now - was.fullAt >= FULL_EVERY_MS) return everybody('a day has passed');
  const gone = was.state.months.some((month) => !now.months.includes(month));
  if (gone || was.state.mutations !== now.mutations) return everybody('rows were removed or rewritten');
  if (ANYBODY.some((table) => was.state.tables[table] !== now.tables[table]))
    return everybody('people were merged or restricted');
  const asks = whatItAsks(group, environment);
  if (asks.moment) return everybody('it depends on the present moment');
  if (asks.accounts && OF_ACCOUNTS.some((table) => was.state.tables[table] !== now.tables[table]))
    return everybody('accounts changed');
  const found = await newIn(context, asks, was.state, now, environment);
  if (found === null || found.length > AFFECTED_LIMIT) return everybody('much is new');
  if (found.length === 0) return { who: 'nobody' };
  // What the people of an account do may put others of it in.
  if (asks.accountsBehaviour) return everybody('somebody of an account did something');
  const origins = await allParts(context, found);
  return origins.length > AFFECTED_LIMIT ? everybody('much is new') : { who: 'some', origins };
}

/** Whether people on a list may count for others now, or be left out. */
export const mayHaveChanged = (was: Basis, now: StoreState, at: number): boolean =>
  at - was.fullAt >= FULL_EVERY_MS || ANYBODY.some((table) => was.state.tables[table] !== now.tables[table]);

interface Asks {
  /** Condition on the events that it looks at; '1' for any; null where it looks at none. */
  events: ((scope: Scope) => string) | null;
  traits: string[];
  accounts: boolean;
  accountsBehaviour: boolean;
  moment: boolean;
}

function whatItAsks(group: Group, environment: Environment): Asks {
  const leaves = [...leavesOf(group)];
  const fields = [...fieldsIn(group)];
  const behaviours = leaves.filter(isBehaviour);
  const whats = behaviours.flatMap(whatsOf);
  const known = leaves.some((leaf) => leaf.is === 'known');
  const any =
    known ||
    fields.some((field) => field.of === 'session') ||
    (whats.length > 0 && new Scope(environment).names(whats) === null);
  const named = [
    ...leaves.flatMap((leaf) => (leaf.is === 'trait' ? [leaf.name] : [])),
    ...fields.flatMap((field) => (field.of === 'trait' ? [field.name] : [])),
    ...(known ? ['email', 'phone'] : []),
  ];
  const accounts = leaves.some((leaf) => leaf.is === 'account') || fields.some((field) => field.of === 'account');
  return {
    events: any ? () => '1' : whats.length > 0 ? (scope) => scope.names(whats) ?? '1' : null,
    traits: [...new Set(named)],
    accounts,
    accountsBehaviour: leaves.some((leaf) => leaf.is === 'account') && behaviours.length > 0,
    moment:
      /"(is|op)":"inLast"/.test(JSON.stringify(group)) ||
      [...environment.actions.values()].some((action) => JSON.stringify(action).includes('"inLast"')),
  };
}

/** Persons, as first met, in what is new; null where that is too much to look at. */
async function newIn(
  { events }: Pick<Context, 'events'>,
  asks: Asks,
  was: StoreState,
  now: StoreState,
  environment: Environment,
): Promise<number[] | null> {
  const grown = GROWING.filter((table) => now.blocks[table] !== was.blocks[table]);
  if (grown.length === 0) return [];
  const [files] = await events.query<{ count: string }>(
    `SELECT count() AS count FROM system.parts WHERE active AND database = currentDatabase()
       AND (${grown.map((table) => `(table = '${table}' AND max_block_number > ${Number(was.blocks[table])})`).join(' OR ')})`,
  );
  if (Number(files?.count) > PARTS_LIMIT) return null;
  const bindings = new Bindings();
  const isNew = (table: Growing) => afterBlock(was.blocks[table]);
  const questions: string[] = [];
  if (grown.includes('events') && asks.events)
    questions.push(
      `SELECT e.origin_id AS origin_id FROM events AS e WHERE ${isNew('events')} AND ${asks.events(new Scope(environment, {}, bindings))}`,
    );
  if (grown.includes('person_traits') && asks.traits.length > 0)
    questions.push(
      `SELECT origin_id FROM person_traits WHERE ${isNew('person_traits')} AND name IN ${bindings.texts(asks.traits)}`,
    );
  if (grown.includes('people_known'))
    questions.push(`SELECT origin_id FROM people_known WHERE ${isNew('people_known')}`);
  if (questions.length === 0) return [];
  const { sql, params } = bindings.statement(
    `SELECT DISTINCT origin_id AS id FROM (${questions.join(' UNION ALL ')}) LIMIT ${AFFECTED_LIMIT + 1}`,
  );
  const rows = await events.query<{ id: string }>(sql, params);
  return rows.map((row) => Number(row.id));
}

/** All that the persons are made of, whom they count for among them. */
async function allParts({ records }: Pick<Context, 'records'>, origins: readonly number[]): Promise<number[]> {
  const { rows } = await records.pool.query<{ id: number }>(
    `WITH roots AS (SELECT DISTINCT root_id FROM persons WHERE id = ANY ($1::bigint[]))
     SELECT root_id AS id FROM roots
     UNION SELECT p.id FROM roots r JOIN persons p ON p.root_id = r.root_id AND p.root_id <> p.id`,
    [origins],
  );
  return [...new Set([...rows.map((row) => row.id), ...origins])];
}
