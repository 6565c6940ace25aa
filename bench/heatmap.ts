import { click, move } from '../sdk/src/heatmap/points.ts';
import { core } from '../src/core/index.ts';
import { storeEvents, type TestEvent } from '../src/core/query/events.testing.ts';
import { Report } from '../src/core/query/report.ts';
import { runReport } from '../src/core/query/run.ts';
import type { Context } from '../src/kernel/context.ts';
import { testContext } from '../src/kernel/testing.ts';
import { fillEvents } from './query-data.ts';

/** A page view of the bench: so many clicks and moves. */
const CLICKS = 10;
const MOVES = 30;
const UNTIL = new Date('2026-11-16T00:00:00Z');
const DAYS = 30;
const ELEMENTS = Array.from({ length: 60 }, (_, at) => `main>div:nth-of-type(${at + 1})>button\tbutton Choose ${at}`);
const AT_ONCE = 5000;

export interface HeatmapTimes {
  interactions: number;
  events: number;
  clicks: number;
  moves: number;
  scroll: number;
  /** PostHog's query of its table, one row an interaction: of clicks, and of moves. */
  rowsClicks: number;
  rowsMoves: number;
}

/** Random numbers that are the same in each run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function fill(context: Context, interactions: number): Promise<void> {
  const random = randomOf(1);
  const views = Math.round(interactions / (CLICKS + MOVES));
  for (let from = 0; from < views; from += AT_ONCE) {
    const events = Array.from({ length: Math.min(AT_ONCE, views - from) }, (_, index): TestEvent => {
      // As the SDK does: the elements that were clicked, in the order of their first clicks.
      const elements: string[] = [];
      const placed = (line: string) => (elements.includes(line) ? elements.indexOf(line) + 1 : elements.push(line));
      const points = Array.from({ length: CLICKS + MOVES }, (_, at) => {
        // Most of what people do is near the top and the middle.
        const [x, y] = [(random() + random() + random()) / 3, 4000 * random() * random()];
        return at < CLICKS
          ? click(x, y, placed(ELEMENTS[Math.floor(60 * random() * random())]!), random(), random(), 0)
          : move(x, y);
      });
      const wide = random() < 0.7;
      return {
        person: 1 + Math.floor((random() * views) / 2),
        name: 'Page Interacted',
        at: UNTIL.getTime() - Math.floor(random() * DAYS * 86_400_000) - 1,
        path: `/products/sku-${Math.floor(random() * 50)}`,
        device: wide ? 'desktop' : 'mobile',
        properties: {
          view: `view-${from + index}`,
          viewportWidth: wide ? 1440 : 390,
          viewportHeight: wide ? 900 : 700,
          pageHeight: 4000,
          maxScroll: Math.floor(random() * 1000),
          attention: Array.from({ length: 10 }, () => Math.floor(random() * 9000)).join(','),
          elements: elements.join('\n'),
          points: points.join(''),
        },
      };
    });
    await storeEvents(context, events);
  }
}

/** PostHog's table of heatmaps (`posthog/heatmaps/sql.py`), filled with the same interactions. */
async function fillRows(context: Context): Promise<void> {
  await context.events.command(`CREATE TABLE posthog_heatmaps (
    session_id String, team_id Int64, distinct_id String, timestamp DateTime64(6, 'UTC'), x Int16, y Int16,
    scale_factor Int16, viewport_width Int16, viewport_height Int16, pointer_target_fixed Bool, current_url String,
    type LowCardinality(String)
  ) ENGINE = MergeTree PARTITION BY toYYYYMM(timestamp)
  ORDER BY (type, team_id, toDate(timestamp), current_url, viewport_width)`);
  for (const [type, count] of [
    ['click', CLICKS],
    ['mousemove', MOVES],
  ] as const)
    await context.events.command(
      `INSERT INTO posthog_heatmaps SELECT toString(event_id), 1, user_id, timestamp, sipHash64(event_id, n) % 90,
         sipHash64(event_id, n, 1) % 250, 16, 90, 56, 0, concat('https://shop.example', path), '${type}'
       FROM events ARRAY JOIN range(${count}) AS n WHERE name = 'Page Interacted'
       SETTINGS max_insert_threads = 1, max_threads = 1`,
    );
  await context.events.command('OPTIMIZE TABLE posthog_heatmaps FINAL');
}

const ROWS = `SELECT pointer_target_fixed, pointer_relative_x, client_y, count() AS cnt FROM (
    SELECT distinct_id, pointer_target_fixed, round(x / viewport_width, 2) AS pointer_relative_x, y * scale_factor AS client_y
    FROM posthog_heatmaps WHERE team_id = 1 AND type = {type:String} AND timestamp >= {from:String} AND timestamp <= {to:String}
      AND match(current_url, '^https://shop.example/products/.*$'))
  GROUP BY pointer_target_fixed, pointer_relative_x, client_y`;

/** The median of so many runs; the first, which warms up, is not counted. */
async function timed(run: () => Promise<unknown>, runs = 7): Promise<number> {
  const taken: number[] = [];
  for (let index = 0; index <= runs; index++) {
    const started = performance.now();
    await run();
    if (index > 0) taken.push(performance.now() - started);
  }
  return taken.sort((a, b) => a - b)[runs >> 1]!;
}

/** Heatmaps of so many interactions, among as many other events. */
export async function measureHeatmap(interactions: number): Promise<HeatmapTimes> {
  const context = await testContext({ apps: core });
  try {
    await fillEvents(context.events, { events: interactions, people: interactions / 20, until: UNTIL, merge: false });
    await fill(context, interactions);
    await context.events.command('OPTIMIZE TABLE events FINAL');
    const report = (map: string) =>
      Report.parse({ kind: 'heatmap', page: '/products/*', map, period: { from: '2026-10-17', to: '2026-11-15' } });
    const ask = async (map: string) => {
      const { result } = await runReport(context, report(map), { fresh: true, now: UNTIL.getTime() });
      return result as { views: number; points: number };
    };
    const { views, points } = await ask('clicks');
    const { points: moved } = await ask('moves');
    if (points + moved !== views * (CLICKS + MOVES))
      throw new Error(`${points} clicks and ${moved} moves were counted`);
    const times = {
      interactions: points + moved,
      events: interactions + views,
      clicks: await timed(() => ask('clicks')),
      moves: await timed(() => ask('moves')),
      scroll: await timed(() => ask('scroll')),
    };
    await fillRows(context);
    const rows = (type: string) => () =>
      context.events.query(ROWS, { type, from: '2026-10-17 00:00:00', to: '2026-11-16 00:00:00' });
    return { ...times, rowsClicks: await timed(rows('click')), rowsMoves: await timed(rows('mousemove')) };
  } finally {
    await context.close();
  }
}
