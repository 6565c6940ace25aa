import type { Events } from '../src/kernel/events.ts';

/**
 * PostHog's table of events (`posthog/models/event/sql.py`): its order, its codecs, properties as JSON text with the one
 * asked for materialised, persons by UUID, merges in a table that each query joins.
 */
const TABLES = [
  `CREATE TABLE IF NOT EXISTS posthog_events (
    uuid UUID, event String, properties String CODEC(ZSTD(3)), timestamp DateTime64(6, 'UTC'), team_id Int64,
    distinct_id String, created_at DateTime64(6, 'UTC'), person_id UUID, mat_category String, mat_device String
  ) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(timestamp)
  ORDER BY (team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid))`,
  `CREATE TABLE IF NOT EXISTS posthog_person_distinct_id_overrides (
    team_id Int64, distinct_id String, person_id UUID, is_deleted Int8, version Int64
  ) ENGINE = ReplacingMergeTree(version) ORDER BY (team_id, distinct_id)`,
];

const PERSON = 'reinterpretAsUUID(toUInt128(person_id))';

/** The same events once more, as PostHog keeps them. */
export async function fillPostHog(events: Events): Promise<void> {
  for (const table of TABLES) await events.command(table);
  const days = await events.query<{ day: string }>(
    'SELECT DISTINCT toString(toDate(timestamp)) AS day FROM events ORDER BY day',
  );
  for (let at = 0; at < days.length; at += 10) {
    const part = days.slice(at, at + 10).map((row) => row.day);
    await events.command(
      `INSERT INTO posthog_events SELECT event_id, name, toJSONString(properties), timestamp, 1, user_id, timestamp,
         ${PERSON}, properties.category.:String, device FROM events WHERE toDate(timestamp) IN {days:Array(Date)}
       SETTINGS max_insert_threads = 1, max_threads = 1`,
      { days: part },
    );
  }
  await events.command(
    `INSERT INTO posthog_person_distinct_id_overrides
     SELECT 1, concat('customer-', toString(origin_id)), ${PERSON}, 0, 1 FROM person_overrides FINAL`,
  );
  await events.command('OPTIMIZE TABLE posthog_events FINAL');
}

const OVERRIDES = `LEFT OUTER JOIN (
  SELECT argMax(person_id, version) AS person_id, distinct_id FROM posthog_person_distinct_id_overrides
  WHERE team_id = 1 GROUP BY distinct_id HAVING argMax(is_deleted, version) = 0
) AS overrides ON e.distinct_id = overrides.distinct_id`;
const WHO = 'if(notEmpty(overrides.distinct_id), overrides.person_id, e.person_id)';
const DURING =
  "team_id = 1 AND timestamp >= toDateTime64({from:String}, 6, 'UTC') AND timestamp < toDateTime64({to:String}, 6, 'UTC')";

/** What its query builder sends for the questions of the bench, in the form that runs without its own binary. */
export const POSTHOG = {
  trend: `SELECT day_start, count(DISTINCT actor) AS total FROM (
      SELECT ${WHO} AS actor, toStartOfDay(timestamp, 'Europe/Warsaw') AS day_start FROM posthog_events AS e ${OVERRIDES}
      WHERE ${DURING} AND event = 'Product Viewed') GROUP BY day_start ORDER BY day_start`,
  breakdown: `SELECT day_start, breakdown_value, count(DISTINCT actor) AS total FROM (
      SELECT ${WHO} AS actor, toStartOfDay(timestamp, 'Europe/Warsaw') AS day_start, ifNull(nullIf(mat_category, ''), '$$_posthog_breakdown_null_$$') AS breakdown_value
      FROM posthog_events AS e ${OVERRIDES} WHERE ${DURING} AND event = 'Product Viewed')
    GROUP BY day_start, breakdown_value ORDER BY day_start, breakdown_value`,
  funnel: funnel(),
  funnelBreakdown: funnel({ breakdown: true }),
  retention: `SELECT start_interval, intervals_from_base, count(DISTINCT actor_id) AS people FROM (
      SELECT actor_id, start_interval, arrayJoin(arrayDistinct(arrayConcat([0], arrayFilter(x -> x > 0 AND x <= 12,
        arrayMap(x -> dateDiff('week', start_interval, x), return_weeks))))) AS intervals_from_base
      FROM (SELECT ${WHO} AS actor_id,
          toStartOfWeek(toTimeZone(minIf(timestamp, event = 'Product Viewed'), 'Europe/Warsaw'), 1) AS start_interval,
          groupUniqArray(toStartOfWeek(timestamp, 1, 'Europe/Warsaw')) AS return_weeks
        FROM posthog_events AS e ${OVERRIDES} WHERE ${DURING} AND event = 'Product Viewed' GROUP BY actor_id))
    GROUP BY start_interval, intervals_from_base ORDER BY start_interval, intervals_from_base`,
  journey: `SELECT source_event, target_event, count() AS event_count, avg(conversion_time) AS average_conversion_time FROM (
      SELECT actor_id, event_index, concat(toString(event_index), '_', path) AS target_event, conversion_time,
        lagInFrame(target_event) OVER (PARTITION BY actor_id, session_index ORDER BY event_index ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS source_event
      FROM (SELECT actor_id, session_index, paths.1 AS path, paths.2 AS conversion_time, event_index FROM (
          SELECT actor_id, session_index,
            arrayFilter((x, y) -> y, session_paths, arrayMap(x -> x.1, session_paths) != [] ? arrayMap((x, i) -> i = 1 OR x.1 != session_paths[i - 1].1, session_paths, arrayEnumerate(session_paths)) : []) AS compact,
            indexOf(arrayMap(x -> x.1, compact), 'Page') AS start_at,
            arraySlice(compact, start_at, 5) AS limited
          FROM (SELECT actor_id, arrayJoin(arrayEnumerate(splits)) AS session_index, splits[session_index] AS session_paths FROM (
              SELECT ${WHO} AS actor_id, arraySort(x -> x.2, groupArray((event, toUnixTimestamp64Milli(timestamp) / 1000))) AS tuples,
                arraySplit(x -> x.3 >= 1800, arrayMap((x, d) -> (x.1, d, d), tuples, arrayDifference(arrayMap(x -> x.2, tuples)))) AS splits
              FROM posthog_events AS e ${OVERRIDES} WHERE ${DURING} GROUP BY actor_id))
          WHERE start_at > 0)
        ARRAY JOIN limited AS paths, arrayEnumerate(limited) AS event_index))
    WHERE source_event != '' GROUP BY source_event, target_event ORDER BY event_count DESC LIMIT 50`,
  audience: `SELECT count() FROM (
      SELECT ${WHO} AS actor_id, countIf(event = 'Order Completed') AS orders,
        countIf(event = 'Product Viewed' AND timestamp > toDateTime64({recent:String}, 6, 'UTC')) AS views,
        countIf(event = 'Signed Up') AS sign_ups
      FROM posthog_events AS e ${OVERRIDES} WHERE ${DURING} AND event IN ('Order Completed', 'Product Viewed', 'Signed Up')
      GROUP BY actor_id HAVING orders >= 1 AND views >= 3 AND sign_ups = 0)`,
} as const;

/**
 * Its funnel of before its own aggregate function (which is a binary beside the server): next times of each step by window
 * functions, a nesting for each further step.
 */
function funnel({ breakdown = false } = {}): string {
  const names = ['Page', 'Product Viewed', 'Product Added', 'Order Completed'];
  const extra = breakdown ? ', prop, exclusion_0_latest' : '';
  const over =
    'OVER (PARTITION BY aggregation_target ORDER BY timestamp DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 0 PRECEDING)';
  let inner = `SELECT ${WHO} AS aggregation_target, timestamp,
      ${names.map((name, i) => `if(event = '${name}', 1, 0) AS step_${i}, if(step_${i} = 1, timestamp, NULL) AS latest_${i}`).join(', ')}
      ${breakdown ? ", mat_device AS prop_basic, argMinIf(prop_basic, timestamp, step_0 = 1) OVER (PARTITION BY aggregation_target) AS prop, if(event = 'Product Removed', timestamp, NULL) AS exclusion_0_latest" : ''}
    FROM posthog_events AS e ${OVERRIDES}
    WHERE ${DURING} AND event IN (${[...names, ...(breakdown ? ['Product Removed'] : [])].map((n) => `'${n}'`).join(', ')})`;
  for (let level = 1; level < names.length; level++) {
    const columns = names.map((_, i) =>
      i < level ? `step_${i}, latest_${i}` : `step_${i}, min(latest_${i}) ${over} AS latest_${i}`,
    );
    inner = `SELECT aggregation_target, timestamp, ${columns.join(', ')}${extra.replace('exclusion_0_latest', level === 1 ? `min(exclusion_0_latest) ${over} AS exclusion_0_latest` : 'exclusion_0_latest')} FROM (${inner})`;
    if (level < names.length - 1) {
      const later = names.map((_, i) =>
        i <= level
          ? `step_${i}, latest_${i}`
          : `step_${i}, if(latest_${i} < latest_${level}, NULL, latest_${i}) AS latest_${i}`,
      );
      inner = `SELECT aggregation_target, timestamp, ${later.join(', ')}${extra} FROM (${inner})`;
    }
  }
  const within = (last: number) =>
    Array.from(
      { length: last },
      (_, i) => `latest_${i} <= latest_${i + 1} AND latest_${i + 1} <= latest_0 + INTERVAL 7 DAY`,
    ).join(' AND ');
  const steps = `multiIf(${[3, 2, 1].map((last) => `${within(last)}, ${last + 1}`).join(', ')}, 1)`;
  const excluded = breakdown
    ? 'WHERE step_0 = 1 AND NOT (isNotNull(exclusion_0_latest) AND exclusion_0_latest > latest_0 AND exclusion_0_latest < if(isNull(latest_2), latest_0 + INTERVAL 7 DAY, latest_2))'
    : 'WHERE step_0 = 1';
  const group = breakdown ? ', prop' : '';
  return `SELECT ${names.map((_, i) => `countIf(max_steps >= ${i + 1}) AS step_${i + 1}`).join(', ')}${group} FROM (
      SELECT aggregation_target${group}, max(steps) AS max_steps FROM (
        SELECT *, ${steps} AS steps FROM (${inner}) ${excluded})
      GROUP BY aggregation_target${group})${breakdown ? ' GROUP BY prop ORDER BY prop' : ''}`;
}
