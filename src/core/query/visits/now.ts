import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { environmentOf } from '../environment.ts';
import { ofStore } from '../of-store.ts';
import { Query } from '../query.ts';

const MINUTE_MS = 60_000;
/** Somebody is there who did something in so many minutes; and how far the picture of what was before goes. */
const ACTIVE_MINUTES = 5;
const NOW_MINUTES = 30;
/** Pages and countries shown. */
const TOP = 10;
/** Everybody who looks within so many milliseconds is shown the same: many may look, and each every few seconds. */
const SHARED_MS = 3000;
/** It must not hold up reports: an answer that takes longer comes too late anyway. */
const SECONDS = 10;

const counted = (value: string) => z.array(z.object({ value: z.string(), people: z.number() })).describe(value);

export const WebNow = z.object({
  at: z.iso.datetime(),
  active: z.number().describe(`People with something in a visit in the last ${ACTIVE_MINUTES} minutes.`),
  recent: z.number().describe(`And in the last ${NOW_MINUTES} minutes.`),
  minutes: z
    .array(z.object({ from: z.iso.datetime(), people: z.number() }))
    .describe('By whole minutes, the one under way last.'),
  pages: counted(`Paths of pages, by the people who saw them in the last ${ACTIVE_MINUTES} minutes.`),
  countries: counted(`Where the people of the last ${NOW_MINUTES} minutes are.`),
});
export type WebNow = z.output<typeof WebNow>;

const shared = new WeakMap<object, { at: number; answer: Promise<WebNow> | null }>();

/** Who is on the site at this moment. Asked often by many: an answer is shared for three seconds. */
export function webNow(context: Context, now = Date.now()): Promise<WebNow> {
  const known = ofStore(shared, context, () => ({ at: 0, answer: null as Promise<WebNow> | null }));
  if (known.answer && now - known.at >= 0 && now - known.at < SHARED_MS) return known.answer;
  const answer = computed(context, now);
  known.at = now;
  known.answer = answer;
  answer.catch(() => {
    if (known.answer === answer) known.answer = null;
  });
  return answer;
}

async function computed(context: Context, now: number): Promise<WebNow> {
  const environment = await environmentOf(context, { now });
  const query = new Query(context, environment, { seconds: SECONDS });
  const first = Math.floor(now / MINUTE_MS) - (NOW_MINUTES - 1);
  const span = { from: first * MINUTE_MS, to: now + 1 };
  const scope = query.scope();
  const active = `e.timestamp >= ${scope.bindings.time(now - ACTIVE_MINUTES * MINUTE_MS)}`;
  const where = scope.where(span, "e.session_start > toDateTime64(0, 3, 'UTC')");
  // One reading for all: of each list its rows, told apart by `list`.
  const rows = await query.rows<{ list: string; value: string; people: string }>(
    'now',
    scope.statement(`SELECT pair.1 AS list, pair.2 AS value, uniqExact(person) AS people FROM (
  SELECT ${scope.person} AS person, arrayFilter(one -> one.1 != '', [
    if(${active}, ('active', 'all'), ('', '')),
    ('recent', 'all'),
    ('minute', toString(intDiv(toUnixTimestamp64Milli(e.timestamp), ${MINUTE_MS}))),
    if(${active} AND e.type IN ('page', 'screen') AND e.path != '', ('page', e.path), ('', '')),
    if(e.country != '', ('country', toString(e.country)), ('', ''))
  ]) AS pairs
  ${scope.from()}
  ${where}
) ARRAY JOIN pairs AS pair
GROUP BY list, value ORDER BY people DESC, value LIMIT ${NOW_MINUTES} BY list`),
  );
  const of = (list: string) =>
    rows.filter((row) => row.list === list).map(({ value, people }) => ({ value, people: Number(people) }));
  const minutes = new Map(of('minute').map(({ value, people }) => [Number(value), people]));
  return {
    at: new Date(now).toISOString(),
    active: of('active')[0]?.people ?? 0,
    recent: of('recent')[0]?.people ?? 0,
    minutes: Array.from({ length: NOW_MINUTES }, (_, index) => ({
      from: new Date((first + index) * MINUTE_MS).toISOString(),
      people: minutes.get(first + index) ?? 0,
    })),
    pages: of('page').slice(0, TOP),
    countries: of('country').slice(0, TOP),
  };
}
