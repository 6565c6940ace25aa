import type { Context } from '../../kernel/context.ts';
import type { Params } from '../../kernel/events.ts';
import { heldBack, needingConsent, RESTRICTED, type Standing, standingOf } from './consent.ts';
import type { Files } from './destination.ts';
import type { Period } from './period.ts';
import { conditions } from './select.ts';

/** Persons asked for in one query. */
const PERSONS_AT_ONCE = 5000;

/** Who is in a part of a run: what may leave, as SQL, and how much is held back. */
export interface PartPersons {
  /** SQL after FROM of the events that leave, with its WHERE. */
  from: string;
  params: Params;
  reached: (readonly [origin: number, rows: number])[];
  held: (readonly [purpose: string, rows: number])[];
  release(): Promise<void>;
}

/** Decides by each person's consent and restrictions, and by what each event says, which events of a part leave. */
export async function personsOfPart(
  context: Context,
  files: Files,
  period: Period,
  part: string,
): Promise<PartPersons> {
  const { where, params } = conditions(files.filter, period.from, period.to);
  const all = await context.events.query<{ origin: string; rows: string }>(
    `SELECT origin_id AS origin, count() AS rows FROM events WHERE ${where} GROUP BY origin_id`,
    params,
    { seconds: 120 },
  );
  const needed = await needingConsent(context, files.purposes);
  const standing = await standings(
    context,
    all.map((row) => Number(row.origin)),
  );
  const isBlocked = (one: Standing) => one.restricted || files.purposes.some((purpose) => one.objections.has(purpose));
  if (needed.length === 0 && ![...standing.values()].some(isBlocked)) {
    return {
      from: `events WHERE ${where}`,
      params,
      reached: all.map((row) => [Number(row.origin), Number(row.rows)] as const),
      held: [],
      release: async () => {},
    };
  }
  const key = `${part}/${crypto.randomUUID()}`;
  await writePersons(context, key, files, needed, standing);
  const joined = `(SELECT * FROM events WHERE ${where}) AS e
    LEFT JOIN (SELECT origin_id AS o, blocked, granted, refused, refused_at FROM destinations_people WHERE part = {part:String}) AS p
    ON e.origin_id = p.o`;
  const reason = reasonSql(needed);
  const bound = { ...params, part: key };
  const groups = await context.events.query<{ origin: string; reason: string; rows: string }>(
    `SELECT origin_id AS origin, ${reason} AS reason, count() AS rows FROM ${joined} GROUP BY origin, reason`,
    bound,
    { seconds: 120 },
  );
  const held = new Map<string, number>();
  const reached: (readonly [number, number])[] = [];
  for (const group of groups) {
    if (group.reason === '') reached.push([Number(group.origin), Number(group.rows)]);
    else held.set(group.reason, (held.get(group.reason) ?? 0) + Number(group.rows));
  }
  return {
    from: `${joined} WHERE ${reason} = ''`,
    params: bound,
    reached,
    held: [...held],
    release: () => context.events.command('DELETE FROM destinations_people WHERE part = {part:String}', { part: key }),
  };
}

async function standings(context: Context, origins: readonly number[]): Promise<Map<number, Standing>> {
  const found = new Map<number, Standing>();
  for (let start = 0; start < origins.length; start += PERSONS_AT_ONCE) {
    const some = await standingOf(context.records.pool, origins.slice(start, start + PERSONS_AT_ONCE));
    for (const [origin, one] of some) found.set(origin, one);
  }
  return found;
}

async function writePersons(
  context: Context,
  part: string,
  files: Files,
  needed: readonly string[],
  standing: ReadonlyMap<number, Standing>,
): Promise<void> {
  const lines = Array.from(standing, ([origin, one]) => {
    // An event that says nothing itself and needs no consent is held back only by a restriction or an objection.
    const blocked = heldBack(files.purposes, [], { at: 0, preferences: {} }, one) ?? '';
    const refused = needed.filter((purpose) => one.consent.get(purpose)?.granted === false);
    return JSON.stringify([
      part,
      origin,
      blocked === RESTRICTED ? RESTRICTED : blocked,
      needed.filter((purpose) => one.consent.get(purpose)?.granted === true),
      refused,
      refused.map((purpose) => one.consent.get(purpose)!.at),
    ]);
  });
  if (lines.length === 0) return;
  await context.events.insert({
    table: 'destinations_people',
    columns: ['part', 'origin_id', 'blocked', 'granted', 'refused', 'refused_at'],
    format: 'JSONCompactEachRow',
    bytes: new TextEncoder().encode(lines.join('\n')),
    token: part,
  });
}

/** The same rule as `heldBack`, in the engine's words. Purposes are keys of plain words, quoted all the same. */
function reasonSql(needed: readonly string[]): string {
  const cases = needed.flatMap((purpose) => {
    const name = `'${purpose.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
    const own = `JSONExtractRaw(context, 'consent', 'categoryPreferences', ${name})`;
    const later = `(has(refused, ${name}) AND refused_at[indexOf(refused, ${name})] >= toUnixTimestamp64Milli(timestamp))`;
    return [
      `${own} = 'false' OR (${own} = 'true' AND ${later}) OR (${own} != 'true' AND NOT has(granted, ${name}))`,
      name,
    ];
  });
  return `multiIf(${["blocked != ''", 'toString(blocked)', ...cases, "''"].join(', ')})`;
}
