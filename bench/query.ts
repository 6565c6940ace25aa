import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { audienceSize } from '../src/core/audiences/size.ts';
import { core } from '../src/core/index.ts';
import { PeopleFacts } from '../src/core/people/facts-follow.ts';
import { Report } from '../src/core/query/report.ts';
import { runReport } from '../src/core/query/run.ts';
import type { Context } from '../src/kernel/context.ts';
import { testContext } from '../src/kernel/testing.ts';
import { fillEvents } from './query-data.ts';
import { DUCKDB, openDuckDb } from './query-duckdb.ts';
import { intakeBeside } from './query-intake.ts';
import { fillPostHog, POSTHOG } from './query-posthog.ts';
import { benchAudience, benchDashboard, benchReports } from './query-reports.ts';
import { residentBytes } from './sizes.ts';

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    people: { type: 'string', default: '500000' },
    runs: { type: 'string', default: '9' },
    only: { type: 'string' },
    /** Without PostHog's table and DuckDB. */
    alone: { type: 'boolean', default: false },
    /** Growth from 1 M to 30 M events in place of the table. */
    growth: { type: 'boolean', default: false },
    /** Intake beside reports in place of the table. */
    intake: { type: 'boolean', default: false },
  },
});
const UNTIL = new Date('2026-11-16T00:00:00Z');
const runs = Number(options.runs);
const REACH: Record<string, string> = {
  trend: '≤ 120 ms',
  breakdown: '≤ 350 ms',
  funnel: '≤ 500 ms',
  funnelBreakdown: '≤ 900 ms',
  retention: '≤ 700 ms',
  journey: '≤ 1.2 s',
  audience: '≤ 500 ms',
};
const WORDS: Record<string, string> = {
  trend: 'trend, one event, daily unique people, 90 days',
  breakdown: 'the same, broken down by a property',
  funnel: 'funnel, four steps ordered, 7 days',
  funnelBreakdown: 'the same, by device and with an exclusion',
  retention: 'weekly retention over 12 weeks',
  journey: 'journeys, five steps from a start event',
  audience: 'audience of three conditions, size',
};

const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1]!;
const ms = (time: number | null) => (time === null ? '' : `${time.toFixed(0)} ms`);

/** The median of so many runs; the first, which warms up, is not counted. */
async function timed(run: () => Promise<unknown>, times = runs): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i <= times; i++) {
    const started = performance.now();
    await run();
    if (i > 0) taken.push(performance.now() - started);
  }
  return median(taken);
}

function ours(context: Context): Record<string, () => Promise<unknown>> {
  const reports = benchReports(UNTIL);
  const found = Object.entries(reports).map(([name, report]) => {
    const parsed = Report.parse(report);
    return [name, () => runReport(context, parsed, { fresh: true })] as const;
  });
  return { ...Object.fromEntries(found), audience: () => audienceSize(context, benchAudience(UNTIL)) };
}

async function table(context: Context): Promise<void> {
  const dir = context.config.dataDir;
  const asked = ours(context);
  const wanted = Object.keys(asked).filter((name) => !options.only || options.only.split(',').includes(name));
  const times: Record<string, { ours: number; posthog: number | null; duckdb: number | null }> = {};
  for (const name of wanted) times[name] = { ours: await timed(asked[name]!), posthog: null, duckdb: null };
  const dashboard = benchDashboard(UNTIL).map((report) => Report.parse(report));
  const view = (fresh: boolean) => Promise.all(dashboard.map((report) => runReport(context, report, { fresh })));
  const first = await timed(() => view(true), Math.min(3, runs));
  const second = await timed(() => view(false));
  if (!options.alone) {
    const period = { from: '2026-08-17 22:00:00', to: '2026-11-15 23:00:00', recent: '2026-10-16 23:00:00' };
    await fillPostHog(context.events);
    for (const name of wanted) {
      const sql = POSTHOG[name as keyof typeof POSTHOG];
      const ask = () => context.events.query(sql, period, { seconds: 300, memoryBytes: 12 * 2 ** 30 });
      times[name]!.posthog = await timed(ask, Math.min(3, runs));
    }
    const duckdb = await openDuckDb(context.events, dir, Number(options.events));
    for (const name of wanted) {
      const sql = DUCKDB[name as keyof typeof DUCKDB];
      const given = {
        from: `${period.from}Z`,
        to: `${period.to}Z`,
        ...(sql.includes('$recent') ? { recent: `${period.recent}Z` } : {}),
      };
      times[name]!.duckdb = await timed(() => duckdb.runAndReadAll(sql, given), Math.min(3, runs));
    }
    duckdb.closeSync();
  }
  const lines = [
    ['report', 'p50', 'reach', 'PostHog’s SQL', 'DuckDB'],
    ...wanted.map((name) => [
      WORDS[name] ?? name,
      ms(times[name]!.ours),
      REACH[name] ?? '',
      ms(times[name]!.posthog),
      ms(times[name]!.duckdb),
    ]),
    ['dashboard of ten reports, first view', ms(first), '≤ 3 s', '', ''],
    ['the same, second view', ms(second), '≤ 200 ms', '', ''],
  ];
  print(lines);
  mkdirSync(join(import.meta.dirname, 'out'), { recursive: true });
  writeFileSync(
    join(import.meta.dirname, 'out', `query-${new Date().toISOString().slice(0, 10)}.json`),
    `${JSON.stringify({ machine, options, times, dashboard: { first, second } }, null, 2)}\n`,
  );
}

function print(lines: string[][]): void {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  for (const line of lines) console.log(line.map((cell, column) => cell.padEnd(widths[column]!)).join('  '));
}

const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;

async function withEvents(events: number, people: number, run: (context: Context) => Promise<void>): Promise<void> {
  const context = await testContext({ apps: core });
  try {
    await fillEvents(context.events, { events, people, until: UNTIL }, context.records);
    await new PeopleFacts(context).catchUp();
    await run(context);
  } finally {
    await context.close();
  }
}

/** Time and memory as events grow, the number of people the same share of them. */
async function growth(): Promise<void> {
  const lines = [['events', ...Object.keys(WORDS), 'memory at its highest']];
  for (const events of [1_000_000, 3_000_000, 10_000_000, 30_000_000]) {
    await withEvents(events, events / 20, async (context) => {
      const line = [events.toLocaleString('en')];
      let highest = 0;
      const watch = setInterval(() => (highest = Math.max(highest, residentBytes(process.pid))), 50);
      for (const ask of Object.values(ours(context))) line.push(ms(await timed(ask, 3)));
      clearInterval(watch);
      lines.push([...line, `${(highest / 2 ** 20).toFixed(0)} MB`]);
    });
  }
  print(lines);
}

async function beside(): Promise<void> {
  const { intake, alone, reports, reportP50, missing } = await intakeBeside({
    events: Number(options.events),
    people: Number(options.people),
    until: UNTIL,
    seconds: 30,
  });
  print([
    ['intake at 5,000 events/s, 30 s', 'p50', 'p99', 'reach'],
    ['alone', `${alone.p50.toFixed(1)} ms`, `${alone.p99.toFixed(1)} ms`, ''],
    [
      `beside ${reports} reports (p50 ${ms(reportP50)})`,
      `${intake.p50.toFixed(1)} ms`,
      `${intake.p99.toFixed(1)} ms`,
      'p99 ≤ 100 ms',
    ],
  ]);
  console.log(`acknowledged and not stored: ${missing}; refused: ${alone.refused + intake.refused}`);
}

console.log(
  `${new Date().toISOString().slice(0, 10)}, ${machine}, ${options.events} events of ${options.people} people\n`,
);
if (options.growth) await growth();
else if (options.intake) await beside();
else await withEvents(Number(options.events), Number(options.people), table);
