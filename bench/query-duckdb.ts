import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Events } from '../src/kernel/events.ts';

const ROWS_A_FILE = 1_000_000;

/** The same events in DuckDB, whose persons are already those they count for, in the order of our table. */
export async function openDuckDb(events: Events, dir: string, count: number): Promise<DuckDBConnection> {
  const files: string[] = [];
  const [{ people } = { people: 0 }] = await events.query<{ people: number }>(
    'SELECT toUInt32(max(origin_id)) AS people FROM events',
  );
  const step = Math.ceil(people / Math.ceil(count / ROWS_A_FILE));
  for (let from = 0; from <= people; from += step) {
    const bytes = await events.bytes(
      `SELECT dictGetOrDefault('person_overrides_map', 'person_id', origin_id, person_id) AS person, timestamp AS ts, toString(name) AS name,
         properties.category.:String AS category, toString(device) AS device
       FROM events WHERE origin_id >= ${from} AND origin_id < ${from + step} ORDER BY origin_id, timestamp`,
      'Parquet',
      {},
      { seconds: 300 },
    );
    const file = join(dir, `duckdb-${from}.parquet`);
    writeFileSync(file, bytes);
    files.push(file);
  }
  const instance = await DuckDBInstance.create(join(dir, 'duckdb.db'), { threads: '2', memory_limit: '6GB' });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(
    `CREATE TABLE events AS SELECT * FROM read_parquet([${files.map((file) => `'${file}'`).join(', ')}])`,
  );
  return connection;
}

const DURING = 'ts >= $from::TIMESTAMPTZ AND ts < $to::TIMESTAMPTZ';
const NAMES = "('Page', 'Product Viewed', 'Product Added', 'Order Completed')";
const DAY = "date_trunc('day', ts AT TIME ZONE 'Europe/Warsaw')";
const WEEK = "date_trunc('week', ts AT TIME ZONE 'Europe/Warsaw')";

/** The questions of the bench as one would write them for DuckDB. */
export const DUCKDB = {
  trend: `SELECT ${DAY} AS day, count(DISTINCT person) AS total FROM events WHERE ${DURING} AND name = 'Product Viewed' GROUP BY day ORDER BY day`,
  breakdown: `SELECT ${DAY} AS day, category, count(DISTINCT person) AS total FROM events WHERE ${DURING} AND name = 'Product Viewed' GROUP BY day, category ORDER BY day, category`,
  funnel: funnel(false),
  funnelBreakdown: funnel(true),
  retention: `WITH weeks AS (SELECT DISTINCT person, ${WEEK} AS week FROM events WHERE ${DURING} AND name = 'Product Viewed'),
      firsts AS (SELECT person, min(week) AS start FROM weeks GROUP BY person)
    SELECT start, datediff('week', start, week) AS later, count(*) AS people FROM weeks JOIN firsts USING (person)
    WHERE later <= 12 GROUP BY start, later ORDER BY start, later`,
  journey: `WITH marked AS (SELECT person, ts, name, lag(name) OVER w AS before, lag(ts) OVER w AS before_ts FROM events WHERE ${DURING}
        WINDOW w AS (PARTITION BY person ORDER BY ts)),
      sessions AS (SELECT person, ts, name, before, coalesce(ts - before_ts >= INTERVAL 30 MINUTE, true) AS fresh,
        sum(CASE WHEN before_ts IS NULL OR ts - before_ts >= INTERVAL 30 MINUTE THEN 1 ELSE 0 END) OVER (PARTITION BY person ORDER BY ts) AS visit FROM marked),
      compact AS (SELECT person, visit, ts, name FROM sessions WHERE fresh OR name != before),
      numbered AS (SELECT *, row_number() OVER (PARTITION BY person, visit ORDER BY ts) AS n,
        min(CASE WHEN name = 'Page' THEN ts END) OVER (PARTITION BY person, visit) AS started FROM compact),
      steps AS (SELECT *, row_number() OVER (PARTITION BY person, visit ORDER BY ts) AS step FROM numbered WHERE ts >= started)
    SELECT a.step, a.name AS source, b.name AS target, count(*) AS flows FROM steps a JOIN steps b
      ON a.person = b.person AND a.visit = b.visit AND b.step = a.step + 1 WHERE b.step <= 5
    GROUP BY a.step, source, target ORDER BY flows DESC LIMIT 50`,
  audience: `SELECT count(*) FROM (SELECT person, count(*) FILTER (name = 'Order Completed') AS orders,
      count(*) FILTER (name = 'Product Viewed' AND ts > $recent::TIMESTAMPTZ) AS views, count(*) FILTER (name = 'Signed Up') AS sign_ups
    FROM events WHERE ${DURING} AND name IN ('Order Completed', 'Product Viewed', 'Signed Up') GROUP BY person)
    WHERE orders >= 1 AND views >= 3 AND sign_ups = 0`,
} as const;

/** The latest start of a chain that reached each step, as running maxima: one pass a step. */
function funnel(breakdown: boolean): string {
  const window = '(PARTITION BY person ORDER BY ts ROWS UNBOUNDED PRECEDING)';
  const names = breakdown ? "('Page', 'Product Viewed', 'Product Added', 'Order Completed', 'Product Removed')" : NAMES;
  const carried = breakdown ? ', device, removed' : '';
  const reached = (step: number, name: string) =>
    `max(CASE WHEN name = '${name}' AND ts - e${step - 1} <= INTERVAL 7 DAY${breakdown && step <= 2 ? ` AND (removed IS NULL OR removed < e${step - 1})` : ''} THEN e${step - 1} END) OVER ${window} AS e${step}`;
  const levels = `WITH a AS (SELECT person, ts, name${breakdown ? ", device, max(CASE WHEN name = 'Product Removed' THEN ts END) OVER w AS removed" : ''},
        max(CASE WHEN name = 'Page' THEN ts END) OVER w AS e0 FROM events WHERE ${DURING} AND name IN ${names} WINDOW w AS ${window}),
      b AS (SELECT person, ts, name, e0, ${reached(1, 'Product Viewed')}${carried} FROM a),
      c AS (SELECT person, ts, name, e0, e1, ${reached(2, 'Product Added')}${carried} FROM b),
      d AS (SELECT person, ts, name, e0, e1, e2, ${reached(3, 'Order Completed')}${carried} FROM c)`;
  const people = `SELECT person, count(e0) > 0 AS s1, count(e1) > 0 AS s2, count(e2) > 0 AS s3, count(e3) > 0 AS s4${breakdown ? ", arg_min(device, ts) FILTER (name = 'Page') AS value" : ''} FROM d GROUP BY person`;
  const counts = [1, 2, 3, 4].map((n) => `count(*) FILTER (s${n}) AS step_${n}`).join(', ');
  return breakdown
    ? `${levels} SELECT ${counts}, value FROM (${people}) GROUP BY value ORDER BY value`
    : `${levels} SELECT ${counts} FROM (${people})`;
}
