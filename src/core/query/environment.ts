import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { type FactsState, factsState } from '../people/facts-sql.ts';
import type { What } from './matching.ts';
import type { WeekStart } from './period.ts';

/** What a report's meaning depends on beside the report itself. */
export interface Environment {
  /** Milliseconds since 1970. */
  now: number;
  zone: string;
  weekStart: WeekStart;
  facts: FactsState;
  /** Names that count as another, by the name that they count as. */
  renamed: ReadonlyMap<string, readonly { type: string; name: string }[]>;
  /** Names that are counted as another and so stand for nothing themselves, as type and name joined by a zero. */
  gone: ReadonlySet<string>;
  actions: ReadonlyMap<number, What>;
  /** The audiences that there are. */
  audiences: ReadonlySet<number>;
}

/** Gives the actions of the installation; the app that keeps them registers here. */
export type ActionsOf = (context: Context) => Promise<ReadonlyMap<number, What>>;
const sources: ActionsOf[] = [];
export const registerActions = (source: ActionsOf): void => void (sources.includes(source) || sources.push(source));

/** Gives the ids of the audiences; the module that keeps them registers here. */
export type AudiencesOf = (context: Context) => Promise<ReadonlySet<number>>;
const keepers: AudiencesOf[] = [];
export const registerAudiences = (keeper: AudiencesOf): void => void (keepers.includes(keeper) || keepers.push(keeper));

/** Reads what stands at this moment. */
export async function environmentOf(
  context: Context,
  wanted: { zone?: string | undefined; weekStart?: WeekStart | undefined; now?: number | undefined },
): Promise<Environment> {
  const [facts, names, actions, audiences, defaults] = await Promise.all([
    factsState(context.events),
    renames(context),
    Promise.all(sources.map((source) => source(context))),
    Promise.all(keepers.map((keeper) => keeper(context))),
    installationDefaults(context),
  ]);
  return {
    now: wanted.now ?? Date.now(),
    zone: wanted.zone ?? defaults.zone,
    weekStart: wanted.weekStart ?? defaults.weekStart,
    facts,
    ...names,
    actions: new Map(actions.flatMap((map) => [...map])),
    audiences: new Set(audiences.flatMap((ids) => [...ids])),
  };
}

async function renames({ records }: Context): Promise<Pick<Environment, 'renamed' | 'gone'>> {
  const { rows } = await records.pool.query<{ type: string; name: string; canonical: string }>(
    'SELECT type, name, canonical FROM catalogue_names',
  );
  const renamed = new Map<string, { type: string; name: string }[]>();
  for (const { type, name, canonical } of rows)
    renamed.set(canonical, [...(renamed.get(canonical) ?? []), { type, name }]);
  return { renamed, gone: new Set(rows.map((row) => `${row.type}\0${row.name}`)) };
}

export interface Defaults {
  zone: string;
  weekStart: WeekStart;
}

/** The installation's zone and first day of the week, for reports that name none. */
export async function installationDefaults({ records }: Pick<Context, 'records'>): Promise<Defaults> {
  const { rows } = await records.pool.query<Defaults>('SELECT zone, week_start AS "weekStart" FROM query_settings');
  return rows[0] ?? { zone: 'UTC', weekStart: 'monday' };
}

export const noSuchAction = (id: number) =>
  refuse.invalid(`There is no action ${id}. It may have been removed; choose another.`);

export const noSuchAudience = (id: number) =>
  refuse.invalid(`There is no audience ${id}. It may have been archived; choose another.`);
